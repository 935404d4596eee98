"""A client that restarts ICE: what a browser does on `restartIce()`, for an aiortc peer, which cannot."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from aioice import Candidate, ice
from aiortc import RTCPeerConnection


def ice_transport(pc: RTCPeerConnection) -> Any:
    return pc.getTransceivers()[0].sender.transport.transport


def deafen(pc: RTCPeerConnection) -> None:
    """The network is gone without a word: nothing comes and nothing leaves on the present way."""
    transport = ice_transport(pc)
    for protocol in transport._connection._protocols:
        protocol.datagram_received = lambda *given: None
        protocol.send_stun = lambda *given: None

    async def lost(data: bytes) -> None:
        pass

    transport._send = lost


class Restart:
    """A client's new way. `fragment` goes to the server by PATCH; `take` uses what it answers."""

    def __init__(self, pc: RTCPeerConnection) -> None:
        self.transport = ice_transport(pc)
        self.connection = ice.Connection(ice_controlling=True)

    async def fragment(self, *, candidates: bool = True) -> str:
        await self.connection.gather_candidates()
        lines = ["m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0"]
        lines += [f"a=ice-ufrag:{self.connection.local_username}"]
        lines += [f"a=ice-pwd:{self.connection.local_password}"]
        if candidates:
            lines += [f"a=candidate:{one.to_sdp()}" for one in self.connection.local_candidates]
        return "\r\n".join([*lines, ""])

    async def take(self, answer: str) -> None:
        found = dict(re.findall(r"a=(ice-ufrag|ice-pwd):(\S+)", answer))
        old, new = self.transport._connection, self.connection
        new.remote_username, new.remote_password = found["ice-ufrag"], found["ice-pwd"]
        new._queue = old._queue
        for value in re.findall(r"a=candidate:(.*\S)", answer):
            await new.add_remote_candidate(Candidate.from_sdp(value))
        await new.add_remote_candidate(None)
        await new.connect()
        self.transport._connection = new
        self.transport._send, self.transport._recv = new.send, new.recv
        new._event_waiter, old._event_waiter = old._event_waiter, None
        old._queue = type(old._queue)()
        await old.close()


async def reroute(pc: RTCPeerConnection, ask: Callable[[str], Awaitable[str]]) -> None:
    restart = Restart(pc)
    await restart.take(await ask(await restart.fragment()))


async def ask_in_vain(pc: RTCPeerConnection, ask: Callable[[str], Awaitable[str]]) -> None:
    """Asks for a restart and then makes no check: the client's new network is of no use."""
    restart = Restart(pc)
    try:
        await ask(await restart.fragment())
    finally:
        await restart.connection.close()
