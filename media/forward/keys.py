"""Key frames asked of the candidate: seldom enough that many viewers cost no more than one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

LEAST_S = 0.5  # between two requests
TRIES = 20


class KeyFrames:
    """`wanted` may be called at will. A request that brings nothing within `LEAST_S` is repeated."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._asked_at: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._tries = 0
        self.requests = 0

    def wanted(self) -> None:
        self._tries = TRIES
        if self._timer is None:
            self._next()

    def arrived(self) -> None:
        """A key frame came: whoever waited has it."""
        self.close()

    def close(self) -> None:
        self._tries = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _next(self) -> None:
        self._timer = None
        if self._tries <= 0:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        wait = 0.0 if self._asked_at is None else self._asked_at + LEAST_S - now
        if wait <= 0:
            self._asked_at, wait = now, LEAST_S
            self._tries -= 1
            self.requests += 1
            self._ask()
        self._timer = loop.call_later(wait, self._next)
