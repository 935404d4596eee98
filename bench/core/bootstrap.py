"""Intervals by the bootstrap: what a figure would be with other speakers of the same kind.

Whole clusters (speakers) are drawn with replacement, since clips of one speaker are alike (Bisani and Ney,
"Bootstrap Estimates for Confidence Intervals in ASR Performance Evaluation", ICASSP 2004). Intervals are the
2.5th to 97.5th percentile of the draws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

DRAWS = 1000

Interval = tuple[float, float]
Rows = NDArray[np.intp]


def draws(clusters: Sequence[str], count: int = DRAWS, seed: int = 0) -> list[Rows]:
    """`count` samples of row indices: as many clusters as there are, drawn with replacement."""
    rows: dict[str, list[int]] = {}
    for row, cluster in enumerate(clusters):
        rows.setdefault(cluster, []).append(row)
    members = [np.array(of_one, np.intp) for of_one in rows.values()]
    rng = np.random.default_rng(seed)
    return [
        np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])
        for _ in range(count)
    ]


def interval(
    clusters: Sequence[str],
    statistic: Callable[[Rows], float | None],
    count: int = DRAWS,
    seed: int = 0,
) -> Interval | None:
    """95 % interval of `statistic` of row indices; None for fewer than two clusters.

    Draws in which the statistic has no value (None) are left out. The same clusters and seed give the same
    draws, so two statistics over the same rows are paired.
    """
    if len(set(clusters)) < 2:
        return None
    found = [value for rows in draws(clusters, count, seed) if (value := statistic(rows)) is not None]
    if len(found) < count / 2:
        return None
    low, high = np.quantile(found, (0.025, 0.975))
    return float(low), float(high)
