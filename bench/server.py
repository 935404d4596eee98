"""A running server as other programs see it: its HTTP API, and its refusals in its own words."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import aiohttp

Json = dict[str, Any]
STREAM = aiohttp.ClientTimeout(sock_connect=30, sock_read=60)  # of events, which are never so far apart


class ServerError(Exception):
    """The server cannot be reached or refused; the message holds its own words."""


@dataclass(frozen=True, slots=True)
class Received:
    """One event and when it came, in seconds of `time.time()`."""

    at: float
    event: Json

    @property
    def type(self) -> str:
        return str(self.event["data"]["type"])


class Server:
    """The API of one server with full rights (an API token). Close `http` yourself: it may be shared."""

    def __init__(self, http: aiohttp.ClientSession, url: str, token: str) -> None:
        self.http = http
        self.url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}

    async def get(self, path: str, **query: str | float) -> Json:
        return await self._call("GET", path, params=query)

    async def read(self, path: str, **query: str | float) -> bytes:
        """The whole body, as it is."""
        async with self._request("GET", path, headers=self._headers, params=query) as answer:
            await _check(answer)
            return bytes(await answer.read())

    async def post(self, path: str, body: Json | None = None) -> Json:
        return await self._call("POST", path, json=body or {})

    async def create_session(self, candidate: str, language: str, **more: Any) -> Json:
        body = {"candidate": candidate, "language": language, **more}
        return await self.post("/api/v1/sessions", {k: v for k, v in body.items() if v is not None})

    async def watch(self, session: str, offer: str) -> str:
        """The answer to a viewer's SDP offer (WHEP)."""
        headers = {**self._headers, "Content-Type": "application/sdp"}
        async with self._request("POST", f"/whep/{session}", headers=headers, data=offer) as answer:
            await _check(answer)
            return str(await answer.text())

    async def wait_ready(self, timeout_s: float) -> None:
        """Until /readyz says yes. Raises ServerError when nothing answers or the time is over."""
        deadline = time.monotonic() + timeout_s
        while True:
            async with self._request("GET", "/readyz") as answer:
                if answer.status == 200:
                    return
            if time.monotonic() > deadline:
                raise ServerError(f"{self.url} is still starting: /readyz answers {answer.status}")
            await asyncio.sleep(0.5)

    async def events(self, session: str) -> AsyncIterator[Received]:
        """Every event of a session over server-sent events, until its result is ready.

        A cut connection is taken up again with `Last-Event-ID`, so that nothing is missed or told twice.
        """
        last = 0
        while True:
            headers = {**self._headers, "Accept": "text/event-stream", "Last-Event-ID": str(last)}
            path = f"/api/v1/sessions/{session}/events"
            try:
                async with self._request("GET", path, headers=headers, timeout=STREAM) as answer:
                    await _check(answer)
                    async for event in _server_sent(answer.content):
                        last = max(last, int(event["seq"]))
                        received = Received(time.time(), event)
                        yield received
                        if received.type == "result.ready":
                            return
            except aiohttp.ClientPayloadError:
                pass
            await asyncio.sleep(0.2)

    async def _call(self, method: str, path: str, **options: Any) -> Json:
        async with self._request(method, path, headers=self._headers, **options) as answer:
            await _check(answer)
            return dict(await answer.json())

    def _request(self, method: str, path: str, **options: Any) -> _Answer:
        return _Answer(self.http, self.url, method, urljoin(self.url + "/", path.lstrip("/")), options)


class _Answer:
    """aiohttp's request, with its connection errors in words."""

    def __init__(
        self, http: aiohttp.ClientSession, server: str, method: str, url: str, options: Json
    ) -> None:
        self._server = server
        self._request = http.request(method, url, **options)

    async def __aenter__(self) -> aiohttp.ClientResponse:
        try:
            return await self._request.__aenter__()
        except aiohttp.ClientConnectionError as error:
            raise ServerError(
                f"no server answers at {self._server} ({error}); start one: make serve"
            ) from error

    async def __aexit__(self, *error: Any) -> None:
        await self._request.__aexit__(*error)


async def _check(answer: aiohttp.ClientResponse) -> None:
    if answer.status < 400:
        return
    text = await answer.text()
    try:
        problem = json.loads(text)
        text = f"{problem['code']}: {problem['detail']}"
    except (ValueError, KeyError, TypeError):
        text = text[:200]
    raise ServerError(f"{answer.method} {answer.url.path}: {answer.status} {text}")


async def _server_sent(lines: aiohttp.StreamReader) -> AsyncIterator[Json]:
    """The `data:` of each event (WHATWG HTML, server-sent events); comments only keep the line open."""
    data: list[str] = []
    async for raw in lines:
        line = raw.decode().rstrip("\r\n")
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            yield json.loads("\n".join(data))
            data = []
