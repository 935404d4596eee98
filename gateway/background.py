"""Blocking work that must not keep the process alive: unlike an executor's thread, nobody joins this one."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable


def in_daemon(work: Callable[[], None]) -> asyncio.Future[None]:
    """Run `work` in a daemon thread; the future, on the running loop, has its end or its exception."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()

    def finish(error: Exception | None) -> None:
        if not future.done():
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)
                future.exception()  # whoever still waits gets it; nobody needs to

    def run() -> None:
        error: Exception | None = None
        try:
            work()
        except Exception as raised:
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(finish, error)

    threading.Thread(target=run, name="viva-background", daemon=True).start()
    return future
