"""The one thread of a replica that runs its model, at a lower priority than everything that moves packets."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")

_STUCK_S = 120.0


def lower_priority(nice: int) -> None:
    """Makes the calling thread yield. On Linux a nice value belongs to a thread; its children inherit it."""
    thread = threading.get_native_id()
    os.setpriority(os.PRIO_PROCESS, thread, max(nice, os.getpriority(os.PRIO_PROCESS, thread)))


class ModelThread:
    """Runs calls one after the other, so that the event loop keeps answering health checks."""

    def __init__(self, nice: int) -> None:
        self._executor = ThreadPoolExecutor(1, "model", initializer=lower_priority, initargs=(nice,))
        self._busy_since: float | None = None

    async def run(self, call: Callable[[], Result]) -> Result:
        """Raises what the call raises."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._timed, call)

    def now(self, call: Callable[[], Result]) -> Result:
        """The same for the time before there is a loop: loading and warming up."""
        return self._executor.submit(call).result()

    def _timed(self, call: Callable[[], Result]) -> Result:
        self._busy_since = time.monotonic()
        try:
            return call()
        finally:
            self._busy_since = None

    def check(self) -> None:
        """Raises RuntimeError when one call has lasted far too long, so that the replica is replaced."""
        since = self._busy_since
        if since is not None and time.monotonic() - since > _STUCK_S:
            raise RuntimeError(f"one call has lasted more than {_STUCK_S:.0f} s")
