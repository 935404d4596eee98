"""A real server on loopback with fake inference, and real aiortc candidates."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest

from bench.clip import EncodedClip, encode, encode_opus
from bench.peer import Peer
from gateway.server import Server
from gateway.settings import Settings
from gateway.spoken_settings import SpokenSettings
from interviews.events import Event
from media.settings import MediaSettings
from tests.gateway.fakes import FakeInference

API_TOKEN = "operator-token-for-tests"
MEDIA = MediaSettings(ice_hosts=("127.0.0.1",), watchdog_s=1.5, connect_s=5.0)
# Questions are not read aloud: that is a process of its own, and the tests have a few hundred servers.
SILENT = SpokenSettings(enabled=False)
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("VIVA_") and name not in ("VIVA_HOME", "VIVA_EVAL"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def clip() -> EncodedClip:
    """Human speech and an astronaut's face, five seconds."""
    return encode(None, seconds=5.0)


@pytest.fixture(scope="session")
def hum() -> EncodedClip:
    """A second of hum and no picture: quick to connect, no words."""
    wave = (1000 * np.sin(np.arange(48_000) * 0.05)).astype(np.int16)
    return EncodedClip(encode_opus([wave]), (), "hum")


class Running:
    """One started server, its fake inference, and an HTTP client with the API token."""

    def __init__(
        self, server: Server, inference: Callable[[], FakeInference], http: aiohttp.ClientSession
    ) -> None:
        self.server = server
        self.http = http
        self._inference = inference

    @property
    def inference(self) -> FakeInference:
        return self._inference()

    async def call(
        self, method: str, path: str, body: Any = None, *, token: str | None = API_TOKEN, **more: Any
    ) -> tuple[int, Any, aiohttp.ClientResponse]:
        """(status, decoded JSON or text, response)."""
        headers = dict(more.pop("headers", {}))
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None and "data" not in more:
            more["json"] = body
        async with self.http.request(method, self.server.url + path, headers=headers, **more) as answer:
            text = await answer.text()
            is_json = answer.content_type.endswith("json")
            return answer.status, json.loads(text) if is_json else text, answer

    async def create(self, **more: Any) -> Json:
        body = {"candidate": "Li Lei", "language": "en", **more}
        status, made, _ = await self.call("POST", "/api/v1/sessions", body)
        assert status == 201, made
        return dict(made)

    async def post_offer(self, session: str, token: str | None, sdp: str, **more: Any) -> Any:
        headers = {"Content-Type": "application/sdp", **more.pop("headers", {})}
        return await self.call("POST", f"/whip/{session}", token=token, data=sdp, headers=headers, **more)

    def peer(self, session: Json, clip: EncodedClip, **options: bool) -> Peer:
        return Peer(self.http, session["whip_url"], session["candidate_token"], clip, **options)

    async def log(self, session: str) -> list[Event]:
        return await self.server.service.shared.events.read_all(session)

    async def until(self, session: str, type_: str, count: int = 1, timeout_s: float = 60.0) -> list[Event]:
        """The log, once it holds that many events of the type."""
        events: list[Event] = []
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    events = await self.log(session)
                    if sum(event.data.type == type_ for event in events) >= count:
                        return events
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pytest.fail(f"no {type_} among {[event.data.type for event in events]}")


Start = Callable[..., Any]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """`await start(grace_s=1)`: a `Running` server; stopped after the test if it still runs."""
    running: list[Server] = []
    async with aiohttp.ClientSession() as http:

        async def make(*, ready: bool = True, gate: bool = True, **settings: Any) -> Running:
            given = {
                "data": tmp_path / "data",
                "port": 0,
                "api_token": API_TOKEN,
                "media": MEDIA,
                "spoken": SILENT,
                **settings,
            }
            made: list[FakeInference] = []

            def inference(on_gap: Any) -> FakeInference:
                made.append(FakeInference(on_gap))
                if not gate:
                    made[0].gate.clear()
                return made[0]

            server = Server(Settings(**given), inference=inference)
            running.append(server)
            await server.start()
            if ready:
                await server.ready(20)
            return Running(server, lambda: made[0], http)

        yield make
        for server in running:
            await server.stop()


@pytest.fixture
async def running(start: Start) -> Running:
    made = await start()
    assert isinstance(made, Running)
    return made
