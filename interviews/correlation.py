"""Correlations with their uncertainty, and what they would be had the people not been selected first."""

from __future__ import annotations

from collections.abc import Callable
from math import atanh, sqrt, tanh

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from interviews.parts import Interval, Part

Array = NDArray[np.float64]
Z95 = 1.959964
RESAMPLES = 2000
AT_ONCE = 200  # resamples in memory together
SEED = 1904  # fixed: the same table gives the same figures


class Correlation(Part):
    """Of one score with one performance figure, over `n` people who have both.

    `fisher`: the interval by Fisher's z, of Spearman's by Bonett and Wright (2000, Psychometrika 65).
    `bootstrap`: the percentiles of 2000 resamples of people, which assumes no normal distribution.
    `corrected`: Pearson's for all who were scored, by Thorndike's case II (1949; AERA Standards 2014, 1.19),
    its interval by the same step from Fisher's limits. It holds where people were selected by this very
    score, the relation is linear and its error alike everywhere; the spread of all is taken as known.
    """

    n: int
    pearson: float = Field(ge=-1, le=1)
    fisher: Interval
    bootstrap: Interval
    spearman: float = Field(ge=-1, le=1)
    spearman_fisher: Interval
    spearman_bootstrap: Interval
    sd: float = Field(description="of the score among those with performance")
    sd_unrestricted: float = Field(description="of the score among all who were scored")
    n_unrestricted: int
    corrected: float = Field(ge=-1, le=1)
    corrected_interval: Interval


def correlate(score: Array, performance: Array, everybody: Array) -> Correlation:
    """`everybody`: the score of all who were scored, those with a performance figure among them.

    Raises ValueError where there are fewer than four pairs or one side does not vary.
    """
    n = len(score)
    if n < 4 or not (varies(score) and varies(performance)):
        raise ValueError("four pairs that vary are needed")
    ranks = ranked(score[None])[0], ranked(performance[None])[0]
    r, rho = pearson(score, performance), pearson(*ranks)
    fisher = fisher_interval(r, 1 / sqrt(n - 3))
    sd, unrestricted = float(np.std(score, ddof=1)), float(np.std(everybody, ddof=1))
    ratio = unrestricted / sd
    rng = np.random.default_rng(SEED)

    def resampled(of: Callable[[Array], Array]) -> Interval:
        return percentiles(
            resample(n, rng, lambda rows: rows_pearson(of(score[rows]), of(performance[rows])))
        )

    return Correlation(
        n=n,
        pearson=r,
        fisher=fisher,
        bootstrap=resampled(lambda values: values),
        spearman=rho,
        spearman_fisher=fisher_interval(rho, sqrt((1 + rho * rho / 2) / (n - 3))),
        spearman_bootstrap=resampled(ranked),
        sd=sd,
        sd_unrestricted=unrestricted,
        n_unrestricted=len(everybody),
        corrected=unrestricted_r(r, ratio),
        corrected_interval=Interval(
            low=unrestricted_r(fisher.low, ratio), high=unrestricted_r(fisher.high, ratio)
        ),
    )


def unrestricted_r(r: float, ratio: float) -> float:
    """Thorndike's case II; `ratio` is the spread of all over the spread of those selected."""
    return r * ratio / sqrt(1 + r * r * (ratio * ratio - 1))


def pearson(a: Array, b: Array) -> float:
    """0 where one side does not vary: nothing is told by it."""
    if not (varies(a) and varies(b)):
        return 0.0
    return float(np.clip(np.corrcoef(a, b)[0, 1], -1.0, 1.0))


def rows_pearson(a: Array, b: Array) -> Array:
    """Row by row; NaN where a row does not vary."""
    a, b = a - a.mean(-1, keepdims=True), b - b.mean(-1, keepdims=True)
    product = np.sqrt((a * a).sum(-1) * (b * b).sum(-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(product > 1e-12, (a * b).sum(-1) / product, np.nan), np.float64)


def resample(
    n: int, rng: np.random.Generator, of: Callable[[NDArray[np.int64]], Array], times: int = RESAMPLES
) -> Array:
    """A figure of each of `times` draws of n people, with replacement; `of` takes draws × n indices."""
    draws = (min(AT_ONCE, times - at) for at in range(0, times, AT_ONCE))
    return np.concatenate([of(rng.integers(n, size=(count, n))) for count in draws])


def percentiles(values: Array) -> Interval:
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return Interval(low=float(low), high=float(high))


def ranked(rows: Array) -> Array:
    """Ranks along each row, ties sharing their mean."""
    from scipy.stats import rankdata  # a second and 60 MB, for those alone who ask

    return np.asarray(rankdata(rows, axis=-1), np.float64)


def varies(values: Array) -> bool:
    return len(values) > 1 and float(np.ptp(values)) > 1e-9


def fisher_interval(r: float, error: float) -> Interval:
    """By Fisher's z, whose standard error is `error`."""
    z = atanh(float(np.clip(r, -0.999999, 0.999999)))
    return Interval(low=tanh(z - Z95 * error), high=tanh(z + Z95 * error))
