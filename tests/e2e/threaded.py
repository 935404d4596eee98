"""A whole gateway on its own event loop in a thread, with the real deployments behind it or fakes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import uvloop

from gateway.ports import Inference, OnGap
from gateway.server import Server
from gateway.settings import Settings
from inference.client import InferenceClient
from inference.settings import InferenceSettings
from tests.gateway.conftest import SILENT
from tests.gateway.fakes import FakeInference

API_TOKEN = "operator-token-of-the-end-to-end-tests"


class ThreadedServer:
    """`with` it: started and ready inside, stopped after. `url` and `token` are what clients need.

    Without `serving`, `inference` makes the client; without either inference is faked.
    """

    def __init__(
        self,
        serving: InferenceSettings | None,
        data: Path,
        *,
        inference: Callable[[OnGap], Inference] | None = None,
        **settings: Any,
    ) -> None:
        self.token = API_TOKEN
        settings.setdefault("spoken", SILENT)
        settings.setdefault("host", "127.0.0.1")
        self._settings = Settings(port=0, data=data, api_token=API_TOKEN, **settings)
        self._serving = serving
        self._inference = inference
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gateway")
        self._server: Server | None = None

    @property
    def server(self) -> Server | None:
        return self._server

    @property
    def url(self) -> str:
        assert self._server
        return self._server.url

    def __enter__(self) -> ThreadedServer:
        self._thread.start()
        try:
            self._call(self._start())
        except BaseException:
            self._finish()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            assert self._server
            self._call(self._server.stop())
        finally:
            self._finish()

    async def _start(self) -> None:
        self._server = Server(self._settings, inference=self._inference or self._client)
        await self._server.start()
        await self._server.ready(60)

    def _client(self, gap: OnGap) -> Inference:
        return InferenceClient(self._serving, gap) if self._serving else FakeInference(gap)

    def _call(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(120)

    def _finish(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
