"""Blocking work that must not keep the process alive: unlike an executor's thread, nobody joins this one."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable


def in_daemon(work: Callable[[], None], *, stays: bool = False) -> asyncio.Future[None]:
    """Run `work` in a daemon thread; the future, on the running loop, has its end or its exception.

    `stays` keeps the thread afterwards, for work that starts processes which end with their parent: on Linux
    the parent is the thread (PR_SET_PDEATHSIG), and Ray's processes ask to end with it.
    """
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
        if stays:
            threading.Event().wait()

    threading.Thread(target=run, name="viva-background", daemon=True).start()
    return future
