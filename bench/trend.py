"""Whether something grows: its slope over time with an interval, and its level late against early."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 1000
BLOCK_S = 60.0


@dataclass(frozen=True, slots=True)
class Slope:
    """Per hour; `low` and `high` bound 95 %."""

    per_hour: float
    low: float
    high: float


def slope(readings: Sequence[tuple[float, float]], after_s: float, block_s: float = BLOCK_S) -> Slope | None:
    """Least squares over (seconds, value) from `after_s` on; None where fewer than three blocks are left.

    The interval is by moving blocks of the residuals (Künsch, "The Jackknife and the Bootstrap for General
    Stationary Observations", Annals of Statistics 17, 1989): neighbouring readings are alike, and drawing
    them one by one would make the interval too narrow.
    """
    kept = np.array([reading for reading in readings if reading[0] >= after_s], float)
    if len(kept) < 6 or kept[-1, 0] - kept[0, 0] < 3 * block_s:
        return None
    hours, values = kept[:, 0] / 3600, kept[:, 1]
    fitted = np.polyfit(hours, values, 1)
    line = np.polyval(fitted, hours)
    residuals = values - line
    length = max(1, round(len(kept) * block_s / (kept[-1, 0] - kept[0, 0])))
    rng = np.random.default_rng(0)
    blocks = -(-len(kept) // length)
    drawn = []
    for _ in range(DRAWS):
        starts = rng.integers(len(kept) - length + 1, size=blocks)
        noise = np.concatenate([residuals[start : start + length] for start in starts])[: len(kept)]
        drawn.append(np.polyfit(hours, line + noise, 1)[0])
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Slope(float(fitted[0]), float(low), float(high))


def grows(readings: Sequence[tuple[float, float]], room: float) -> bool:
    """Whether the last third is on average more than twice the first, and `room` above it."""
    values = [value for _, value in readings]
    third = len(values) // 3
    if not third:
        return False
    first, last = float(np.mean(values[:third])), float(np.mean(values[-third:]))
    return last > 2 * first and last > first + room
