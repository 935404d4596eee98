"""Gateway processes on one data folder, with fake inference: `python -m tests.gateway.processes` is one."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console

from gateway import logs
from gateway.cli import serve
from gateway.settings import Settings
from tests.gateway.fakes import FakeInference

API_TOKEN = "operator-token-for-tests"
COMMAND = [sys.executable, "-m", "tests.gateway.processes"]
ROOT = Path(__file__).parent.parent.parent


def environment(data: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VIVA_")}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "VIVA_HOME": os.environ.get("VIVA_HOME", str(Path.home() / ".cache" / "viva")),
        "VIVA_DATA": str(data),
        "VIVA_PORT": "0",
        "VIVA_API_TOKEN": API_TOKEN,
        "VIVA_MEDIA__ICE_HOSTS": '["127.0.0.1"]',
        "VIVA_MEDIA__WATCHDOG_S": "1.5",
        "VIVA_SPOKEN__ENABLED": "false",
        "VIVA_GATEWAYS__DEAD_S": "3",
        "VIVA_GATEWAYS__HEARTBEAT_S": "0.5",
        **more,
    }


class Process:
    """One gateway process; `url` once it listens."""

    def __init__(self, data: Path, **more: str) -> None:
        self._environment = environment(data, **more)
        self.url = ""
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Process:
        self.process = await asyncio.create_subprocess_exec(
            *COMMAND,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self.process.stdout
        async with asyncio.timeout(30):
            line = (await self.process.stdout.readline()).decode()
        self.url = line.split("/hr#")[0].split()[-1]
        self._reading = asyncio.create_task(self._read())
        return self

    async def _read(self) -> None:
        assert self.process.stdout
        while await self.process.stdout.readline():
            pass

    async def __aexit__(self, *_: Any) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        if self._reading:
            await self._reading


if __name__ == "__main__":
    settings = Settings.load()
    logs.configure(settings.log, "debug" if "-v" in sys.argv else settings.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(serve(settings, Console(stderr=True), inference=FakeInference)))
