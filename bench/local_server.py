"""A whole server of its own on loopback: a process and a data folder that are both gone afterwards."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import aiohttp
import psutil

from bench.server import Server, ServerError

START_S = 180.0
STOP_S = 60.0


class LocalServer:
    """`viva serve` on a free port. Leaving the block stops it and everything it started, and checks that.

    `module` is run in place of `gateway.cli` with the same arguments; `settings` are environment variables.
    """

    def __init__(self, module: str = "gateway.cli", settings: Mapping[str, str] | None = None) -> None:
        self._module, self._settings = module, dict(settings or {})
        self._folder = tempfile.TemporaryDirectory(prefix="viva-")
        self.data = Path(self._folder.name)
        self.token = secrets.token_urlsafe(32)
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the gateway; whatever else runs is below it. Only inside the block."""
        if self._process is None:
            raise ServerError("the server has not been started")
        return self._process.pid

    @property
    def log(self) -> Path:
        return self.data / "server.log"

    def __enter__(self) -> LocalServer:
        command = [
            sys.executable,
            "-m",
            self._module,
            "serve",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
        ]
        own = {"VIVA_DATA": str(self.data), "VIVA_API_TOKEN": self.token}
        environment = os.environ | self._settings | own
        with self.log.open("wb") as log:
            # A session of its own: an interrupt at the keyboard is ours to pass on, in order.
            self._process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, env=environment, start_new_session=True
            )
        return self

    async def ready(self, http: aiohttp.ClientSession, start_s: float = START_S) -> Server:
        """Until it takes candidates. Raises ServerError with the end of its log when it does not come up."""
        deadline = time.monotonic() + start_s
        server = Server(http, self.url, self.token)
        while time.monotonic() < deadline:
            if self._process and self._process.poll() is not None:
                break
            try:
                await server.wait_ready(timeout_s=2)
            except ServerError:
                await asyncio.sleep(0.2)
            else:
                return server
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-25:])
        raise ServerError(f"the server did not become ready; the end of its log:\n{tail}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            left = self._stop()
        finally:
            self._folder.cleanup()
        if left and error is None:
            raise ServerError(f"the server left processes behind (ended now): {', '.join(left)}")

    def _stop(self) -> list[str]:
        """Asks it to stop; names of the processes that did not go with it, which are then ended."""
        if self._process is None:
            return []
        tree = _descendants(self._process.pid)
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _, alive = psutil.wait_procs(tree, timeout=5)
        left = []
        for process in alive:
            try:
                left.append(process.name())
                process.kill()
            except psutil.NoSuchProcess:
                continue
        return left


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
