"""The process that carries the models of several gateways: one Ray cluster, until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from gateway import logs
from gateway.background import in_daemon
from gateway.server import permitted
from gateway.settings import Settings
from inference import runtime


async def main(config: Path | None) -> int:
    """Prints the address of the cluster as its first line, before the models have started."""
    settings = permitted(Settings.load(config))
    logs.configure(settings.log, settings.log_level)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not come before the address
    joined: list[str] = []
    await in_daemon(lambda: joined.append(runtime.join(settings.inference)), stays=True)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    out.write(f"{joined[0]}\n")
    out.close()
    serving = in_daemon(lambda: runtime.deploy(settings.inference), stays=True)
    serving.add_done_callback(lambda done: stop.set() if done.exception() else None)
    await stop.wait()
    failed = serving.done() and serving.exception() is not None
    await in_daemon(runtime.stop)
    return int(failed)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)))
