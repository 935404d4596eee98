"""ICE restarts (RFC 8445 section 9) below a connection that goes on: another way for the same DTLS and RTP.

aiortc 1.16.0 has none. Here the ICE transport is given a second `aioice` connection beside its first. Both
hand what they receive to the same queue, so that DTLS reads on whichever way it comes; what is sent changes
over once the new one is connected. The first is closed a little later, for what is still on its way, and
nobody is told: its queue and whoever waits for its end belong to the second by then. The private names are
listed in `media.aiortc_adapter`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aioice import Candidate, ice
from aiortc.rtcdtlstransport import RTCDtlsTransport

from media.errors import OfferError

LINGER_S = 1.0


@dataclass(frozen=True, slots=True)
class LocalWay:
    """The server's side of a new way: credentials, and the values of its `a=candidate` lines."""

    ufrag: str
    password: str
    candidates: tuple[str, ...]


class Rerouting:
    """The ways of one DTLS transport. At most one change is under way: a newer restart takes its place.

    `prepare` hooks a connection before it gathers, `listen` takes media from its sockets; `settled` is told
    whether the new way is used, or was given up after `patience_s` while the old one stays.
    """

    def __init__(
        self,
        transport: RTCDtlsTransport,
        prepare: Callable[[ice.Connection], None],
        listen: Callable[[ice.Connection], None],
        patience_s: float,
        settled: Callable[[bool], None],
    ) -> None:
        self._dtls, self._ice = transport, transport.transport
        self._prepare, self._listen, self._settled = prepare, listen, settled
        self._patience_s = patience_s
        self._next: ice.Connection | None = None
        self._change: asyncio.Task[None] | None = None
        self._lingering: dict[ice.Connection, asyncio.Task[None]] = {}
        self._closed = False

    @property
    def current(self) -> ice.Connection:
        """The connection that media is sent on."""
        return self._ice._connection

    async def restart(self, ufrag: str, password: str) -> LocalWay:
        """Begins to look for a new way to a client of these new credentials; not to be called twice at once.

        Raises `OfferError`: `ice.not-connected`, `ice.no-address`, `ingest.closed`; nothing changes then.
        """
        if self._dtls.state != "connected" or self._ice.state != "completed":
            raise OfferError("ice.not-connected", "there is no connection yet whose way could change")
        fresh = _like(self.current)
        self._prepare(fresh)
        await fresh.gather_candidates()
        if self._closed or not fresh.local_candidates:
            await fresh.close()
            if self._closed:
                raise OfferError("ingest.closed", "the session was closed meanwhile")
            raise OfferError("ice.no-address", "the server has no address to receive media at")
        await self._give_up()
        fresh.remote_username, fresh.remote_password = ufrag, password
        fresh._queue = self.current._queue
        self._listen(fresh)
        self._next = fresh
        self._change = asyncio.create_task(self._change_to(fresh))
        candidates = tuple(candidate.to_sdp() for candidate in fresh.local_candidates)
        return LocalWay(fresh.local_username, fresh.local_password, candidates)

    async def add_candidate(self, value: str) -> bool:
        """Whether a change is under way, which the client's candidate belongs to then."""
        if self._next is None:
            return False
        await self._next.add_remote_candidate(Candidate.from_sdp(value))
        return True

    async def settle(self) -> None:
        """Waits until no change is under way."""
        while self._change is not None and not self._change.done():
            await asyncio.wait({self._change})

    async def close(self) -> None:
        """Ends whatever is under way; the current connection is the transport's to close."""
        self._closed = True
        await self._give_up()
        for old, task in list(self._lingering.items()):
            task.cancel()
            await _discard(old)
        self._lingering.clear()

    async def _give_up(self) -> None:
        task, self._change = self._change, None
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait({task})
        abandoned, self._next = self._next, None
        if abandoned is not None:
            await _discard(abandoned)

    async def _change_to(self, fresh: ice.Connection) -> None:
        try:
            async with asyncio.timeout(self._patience_s):
                await fresh.connect()
        except (TimeoutError, ConnectionError):
            self._next = None
            await _discard(fresh)
            self._settled(False)
            return
        old, self._next = self.current, None
        if self._ice.state != "completed":  # closed meanwhile
            await _discard(fresh)
            return
        self._ice._connection = self._ice.iceGatherer._connection = fresh
        self._ice._recv, self._ice._send = fresh.recv, fresh.send
        fresh._event_waiter, old._event_waiter = old._event_waiter, None
        if old._query_consent_task is not None:
            old._query_consent_task.cancel()
        self._lingering[old] = asyncio.create_task(self._let_go(old))
        self._settled(True)

    async def _let_go(self, old: ice.Connection) -> None:
        await asyncio.sleep(LINGER_S)
        await _discard(old)
        self._lingering.pop(old, None)


def _like(old: ice.Connection) -> ice.Connection:
    """A connection of the same role and servers, with credentials of its own."""
    fresh = ice.Connection(
        ice_controlling=old.ice_controlling,
        stun_server=old.stun_server,
        turn_server=old.turn_server,
        turn_username=old.turn_username,
        turn_password=old.turn_password,
        turn_ssl=old.turn_ssl,
        turn_transport=old.turn_transport,
    )
    fresh.remote_is_lite = old.remote_is_lite
    return fresh


async def _discard(connection: ice.Connection) -> None:
    """Closes it without the end that `close` puts into the queue, which others read on."""
    connection._queue = asyncio.Queue()
    await connection.close()
