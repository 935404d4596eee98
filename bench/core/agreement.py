"""Agreement of two series of grades: Pearson, Spearman, quadratic weighted kappa (QWK)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Grades = NDArray[np.float64]


def pearson(one: Grades, other: Grades) -> float | None:
    """None where either series does not vary."""
    if len(one) < 2 or not np.ptp(one) or not np.ptp(other):
        return None
    return float(np.corrcoef(one, other)[0, 1])


def spearman(one: Grades, other: Grades) -> float | None:
    """Pearson's coefficient of the ranks, ties at their mean."""
    return pearson(np.asarray(rankdata(one)), np.asarray(rankdata(other)))


def kappa(one: Grades, other: Grades) -> float | None:
    """Cohen's kappa with quadratic weights (Cohen 1968): 1 - E(a - b)² / E(a - b')², b' any other's grade.

    Both in points of one scale, equally spaced. None where there is only one grade altogether.
    """
    by_chance = one.var() + other.var() + (one.mean() - other.mean()) ** 2
    return float(1 - ((one - other) ** 2).mean() / by_chance) if by_chance else None
