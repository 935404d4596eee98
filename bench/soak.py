"""Whether a long recording stays as quick and as small as it began."""

from __future__ import annotations

import numpy as np
import psutil

from bench.core.metrics import Item

_MINUTE_S = 60.0


class Memory:
    """This process's resident memory, read once a second."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self.readings: list[tuple[float, float]] = []  # (seconds since the start, MB)

    def look(self, elapsed: float) -> None:
        if not self.readings or elapsed - self.readings[-1][0] >= 1:
            self.readings.append((elapsed, self._process.memory_info().rss / 1e6))

    def by_minute(self) -> list[float]:
        """Mean MB of each minute."""
        minutes = range(int(self.readings[-1][0] // _MINUTE_S) + 1) if self.readings else ()
        return [round(self.mean(n * _MINUTE_S, (n + 1) * _MINUTE_S) or 0.0, 1) for n in minutes]

    def mean(self, begin: float, end: float) -> float | None:
        found = [mb for at, mb in self.readings if begin <= at < end]
        return float(np.mean(found)) if found else None


def figures(item: Item, memory: Memory) -> dict[str, float | None]:
    """Word latency (p95) of the words said in the first and in the last minute, and memory in the two.

    Memory is compared with the second minute: buffers have grown to the longest utterance by then.
    """
    ends = np.array(item.samples.get("word_end_s", []))
    latencies = np.array(item.samples.get("partial_latency", []))
    last = float((item.model_extra or {})["sound_s"])

    def p95(begin: float, end: float) -> float | None:
        chosen = latencies[(ends >= begin) & (ends < end)]
        return float(np.quantile(chosen, 0.95)) if chosen.size else None

    first_p95, last_p95 = p95(0, _MINUTE_S), p95(last - _MINUTE_S, last + 1)
    over = memory.readings[-1][0] if memory.readings else 0.0
    return {
        "first_minute_p95_ms": first_p95,
        "last_minute_p95_ms": last_p95,
        "last_to_first_p95": last_p95 / first_p95 if first_p95 and last_p95 else None,
        "second_minute_memory_mb": memory.mean(_MINUTE_S, 2 * _MINUTE_S),
        "last_minute_memory_mb": memory.mean(over - _MINUTE_S, over + 1),
    }
