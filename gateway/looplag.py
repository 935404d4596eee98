"""How late the event loop runs: the first sign that a gateway process carries too many candidates."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

INTERVAL_S = 0.02
KEEP_S = 600.0


@dataclass(frozen=True, slots=True)
class Lag:
    """Milliseconds over one window."""

    p50: float
    p99: float
    max: float


class LoopLag:
    """Sleeps 20 ms at a time and notes by how much each sleep overran; keeps the last ten minutes."""

    def __init__(self, observe: Callable[[float], None]) -> None:
        self._observe = observe
        self._samples: deque[tuple[float, float]] = deque(maxlen=int(KEEP_S / INTERVAL_S))
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="loop-lag")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            asleep = time.perf_counter()
            await asyncio.sleep(INTERVAL_S)
            now = time.perf_counter()
            lag = max(0.0, now - asleep - INTERVAL_S)
            self._samples.append((now, lag))
            self._observe(lag)

    def over(self, window_s: float) -> Lag:
        since = time.perf_counter() - window_s
        lags = sorted(lag for at, lag in self._samples if at >= since)
        if not lags:
            return Lag(0.0, 0.0, 0.0)
        return Lag(
            *(round(1000 * x, 2) for x in (lags[len(lags) // 2], lags[len(lags) * 99 // 100], lags[-1]))
        )
