"""Any gateway takes any request: one for a session that another gateway has is passed on to that one.

Status, headers and bodies go through unchanged, streams and WebSockets as they come. A request is passed on
at most once: the header `Viva-Gateway` names whom it is meant for, and whoever gets it answers it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable

import aiohttp
import structlog
from aiohttp import WSMsgType, web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from gateway.membership import Membership
from gateway.problems import Problem
from gateway.registry import Registry
from gateway.shared import Shared
from storage.gateways import GatewayRow

FOR = "Viva-Gateway"
SCHEME = "Viva-Scheme"
MISDIRECTED = 421
TRIES = 3
CONNECT_S = 2.0
MAX_MESSAGE = 64 * 1024  # of a WebSocket, from a client
REQUEST_ID = web.RequestKey("request_id", str)
RETRY_AFTER = {"Retry-After": "1"}
# RFC 9110 section 7.6.1, and what each side writes for itself.
HOP_BY_HOP = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "date",
        "server",
        "content-length",
        "expect",
    ]
)
log = structlog.get_logger("viva.proxy")


class Gone(Exception):
    """Nobody answers there, and nothing of the request was taken."""


class Proxy:
    """`await elsewhere(…)` for each request that names a session. Lives on one event loop."""

    def __init__(self, shared: Shared, registry: Registry, membership: Membership) -> None:
        settings = shared.settings.gateways
        self._shared, self._registry, self._membership = shared, registry, membership
        self._timeout = aiohttp.ClientTimeout(
            total=None,
            connect=2 * CONNECT_S,
            sock_connect=CONNECT_S,
            sock_read=max(settings.proxy_timeout_s, 4 * shared.settings.ping_s),
        )
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=settings.proxied, limit_per_host=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=self._timeout,
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        )

    async def close(self) -> None:
        await self._http.close()

    async def session(self, request: web.Request, id_: str, body: bytes | None) -> web.StreamResponse | None:
        """The owner's answer, or None where this gateway has the session: by now, if its owner is dead.

        Raises Problem: session.unknown, gateway.moving; StorageError.
        """
        self._check(request)
        if self._registry.resident(id_) is not None and self._membership.sure:
            return None
        for _ in range(TRIES):
            row = await self._registry.row(id_)
            owner = await self._membership.holder(row)
            if owner is None and row.owner != self._membership.id and self._membership.draining:
                owner = next(iter(await self._membership.others(taking=True)), None)
            if owner is None:
                if row.owner == self._membership.id:
                    return None
                if await self._membership.claim(row):
                    self._shared.metrics.takeovers.inc()
                    await self._registry.find(id_)  # whoever has it brings it to its end, asked again or not
                    return None
                continue  # somebody was faster
            if FOR in request.headers:
                break
            with contextlib.suppress(Gone):
                return await self.pass_on(request, owner, body)
            if not await self._membership.bury(owner):
                break
        raise Problem("gateway.moving", headers=RETRY_AFTER)

    async def named(self, request: web.Request, gateway: str) -> web.StreamResponse | None:
        """The answer of that gateway; None where it is this one. Raises Problem gateway.unknown, …moving."""
        self._check(request)
        if gateway == self._membership.id:
            return None
        row = next((row for row in await self._membership.others() if row.id == gateway), None)
        if row is None or FOR in request.headers:
            raise Problem("gateway.unknown")
        try:
            return await self.pass_on(request, row, None)
        except Gone:
            raise Problem("gateway.moving", headers=RETRY_AFTER) from None

    async def anybody(self, request: web.Request, body: bytes | None) -> web.StreamResponse | None:
        """The answer of one that takes new sessions, where this one does not; None where there is none."""
        self._check(request)
        if not self._membership.draining or FOR in request.headers:
            return None
        for row in await self._membership.others(taking=True):
            with contextlib.suppress(Gone):
                return await self.pass_on(request, row, body)
        return None

    def _check(self, request: web.Request) -> None:
        if request.headers.get(FOR, self._membership.id) != self._membership.id:
            raise Problem("gateway.moving", status=MISDIRECTED, headers=RETRY_AFTER)

    async def pass_on(self, request: web.Request, to: GatewayRow, body: bytes | None) -> web.StreamResponse:
        """Raises Gone; Problem gateway.moving where the answer does not come."""
        self._shared.metrics.proxied.inc()
        headers = _through(request.headers)
        headers[FOR], headers[SCHEME] = to.id, request.scheme
        headers["X-Request-ID"] = request[REQUEST_ID]
        url = to.url + request.raw_path
        try:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await self._websocket(request, url, headers)
            return await self._plain(request, url, headers, body, to)
        except aiohttp.ClientConnectorError as error:
            log.warning("gateway does not answer", gateway=to.id, error=str(error))
            raise Gone from error
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("request not passed on", gateway=to.id, error=repr(error))
            raise Problem("gateway.moving", headers=RETRY_AFTER) from error

    async def _plain(
        self, request: web.Request, url: str, headers: CIMultiDict[str], body: bytes | None, to: GatewayRow
    ) -> web.StreamResponse:
        target = URL(url, encoded=True)
        sending = self._http.request(
            request.method, target, headers=headers, data=body, allow_redirects=False
        )
        async with await self._answer(sending, to) as answer:
            if answer.status == MISDIRECTED:
                raise Gone
            given = _through(answer.headers)
            if answer.status in (204, 304) or answer.content_length == 0:
                return web.Response(status=answer.status, reason=answer.reason, headers=given)
            response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=given)
            response.content_length = answer.content_length
            await response.prepare(request)
            try:
                async for piece in answer.content.iter_any():
                    await response.write(piece)
                await response.write_eof()
            except ConnectionError:
                pass  # the client went away
            except (aiohttp.ClientError, TimeoutError):
                # Half an answer must not look like a whole one: the client sees a broken connection.
                if request.transport:
                    request.transport.abort()
            return response

    async def _answer(
        self, sending: Awaitable[aiohttp.ClientResponse], to: GatewayRow
    ) -> aiohttp.ClientResponse:
        """Its head. A gateway that hangs takes connections still: its heart says when to wait no longer."""
        task = asyncio.ensure_future(sending)
        try:
            while not (await asyncio.wait({task}, timeout=1.0))[0]:
                if all(row.id != to.id for row in await self._membership.others()):
                    raise Problem("gateway.moving", headers=RETRY_AFTER)
            return task.result()
        finally:
            task.cancel()

    async def _websocket(
        self, request: web.Request, url: str, headers: CIMultiDict[str]
    ) -> web.StreamResponse:
        offered = [name.strip() for name in headers.pop("Sec-WebSocket-Protocol", "").split(",")]
        for name in [name for name in headers if name.lower().startswith("sec-websocket-")]:
            headers.popall(name, None)
        try:
            upstream = await self._http.ws_connect(
                URL(url, encoded=True),
                headers=headers,
                protocols=[name for name in offered if name],
                heartbeat=20.0,
                max_msg_size=0,
            )
        except aiohttp.WSServerHandshakeError as error:
            if error.status == MISDIRECTED:
                raise Gone from error
            raise
        async with upstream:
            chosen = (upstream.protocol,) if upstream.protocol else ()
            response = web.WebSocketResponse(protocols=chosen, heartbeat=20.0, max_msg_size=MAX_MESSAGE)
            await response.prepare(request)
            tasks = {
                asyncio.create_task(_down(upstream, response)),
                asyncio.create_task(_up(response, upstream)),
            }
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await response.close(code=upstream.close_code or 1000)
            return response


async def _down(source: aiohttp.ClientWebSocketResponse, sink: web.WebSocketResponse) -> None:
    async for message in source:
        if message.type == WSMsgType.TEXT:
            await sink.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            await sink.send_bytes(message.data)


async def _up(source: web.WebSocketResponse, sink: aiohttp.ClientWebSocketResponse) -> None:
    async for message in source:
        if message.type == WSMsgType.TEXT:
            await sink.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            await sink.send_bytes(message.data)


def _through(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """The headers that belong to the message, not to one connection."""
    given: CIMultiDict[str] = CIMultiDict(headers)
    named = {name.strip().lower() for value in given.getall("Connection", []) for name in value.split(",")}
    own = HOP_BY_HOP | named | {FOR.lower(), SCHEME.lower()}
    return CIMultiDict((name, value) for name, value in given.items() if name.lower() not in own)
