"""How far people and the machine agree on the candidates of a job, dimension by dimension."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt

import numpy as np
from pydantic import Field

from interviews.candidate_scores import CandidateScores
from interviews.correlation import (
    SEED,
    Array,
    fisher_interval,
    pearson,
    percentiles,
    resample,
    varies,
)
from interviews.dimension_scores import level_of
from interviews.parts import Interval, Part
from interviews.wording import Message

MIN_PAIRS = 20  # with fewer, an interval of r spans half of what is possible


class Agreement(Part):
    """Over `n` candidates whom both scored; None below `MIN_PAIRS`, `refused` says so.

    `pearson` of the scores, its interval by Fisher's z. `qwk`: quadratic weighted kappa (Cohen 1968) of the
    levels 1 to 5, its interval from 2000 resamples of candidates. `difference`: mean of human − machine, in
    points. Where several people rated a candidate their mean counts.
    """

    dimension: str
    n: int
    pearson: float | None = Field(default=None, ge=-1, le=1)
    pearson_interval: Interval | None = None
    qwk: float | None = Field(default=None, ge=-1, le=1)
    qwk_interval: Interval | None = None
    difference: float | None = None
    refused: Message | None = None


def agreement(everybody: Iterable[CandidateScores]) -> tuple[Agreement, ...]:
    """Of each dimension that a person has rated, by its id."""
    people = [*everybody]
    rated = sorted({id_ for one in people for id_ in one.human})
    return tuple(
        _agreement(
            id_,
            [
                (one.dimensions[id_], one.human[id_])
                for one in people
                if {id_} <= one.dimensions.keys() & one.human.keys()
            ],
        )
        for id_ in rated
    )


def _agreement(dimension: str, pairs: Sequence[tuple[float, float]]) -> Agreement:
    n = len(pairs)
    machine, human = (
        (np.array(side, np.float64) for side in zip(*pairs, strict=True)) if n else (np.zeros(0),) * 2
    )
    if n < MIN_PAIRS:
        return Agreement(dimension=dimension, n=n, refused=_refused(n))
    if not (varies(machine) and varies(human)):
        zh, en = "所有分数都一样，无法比较。", "All scores are alike; there is nothing to compare."
        return Agreement(dimension=dimension, n=n, refused=Message(code="no-spread", zh=zh, en=en))
    r = pearson(machine, human)
    levels = _levels(machine), _levels(human)
    kappas = resample(n, np.random.default_rng(SEED), lambda rows: qwk(levels[0][rows], levels[1][rows]))
    kappa = float(qwk(*levels))
    known = np.isfinite(kappa)
    fisher, boot = fisher_interval(r, 1 / sqrt(n - 3)), percentiles(kappas) if known else None
    return Agreement(
        dimension=dimension,
        n=n,
        pearson=round(r, 3),
        pearson_interval=_rounded(fisher),
        qwk=round(kappa, 3) if known else None,
        qwk_interval=_rounded(boot) if boot else None,
        difference=round(float(np.mean(human - machine)), 1),
    )


def qwk(a: Array, b: Array) -> Array:
    """Along the last axis; NaN where both are one and the same level throughout.

    1 − E(a−b)² / (var a + var b + (mean a − mean b)²): the quadratic weights make the sums over the table of
    levels means of squared differences, observed and of independent draws.
    """
    observed = np.mean((a - b) ** 2, axis=-1)
    expected = a.var(-1) + b.var(-1) + (a.mean(-1) - b.mean(-1)) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(expected > 1e-12, 1 - observed / expected, np.nan), np.float64)


def _levels(scores: Array) -> Array:
    return np.array([level_of(float(score)) for score in scores], np.float64)


def _refused(n: int) -> Message:
    return Message(
        code="few-ratings",
        zh=f"只有 {n} 位候选人同时有人工评分和系统评分，至少需要 {MIN_PAIRS} 位才能计算一致性。",
        en=f"{n} candidates have both a human and a machine score; at least {MIN_PAIRS} are needed.",
    )


def _rounded(interval: Interval) -> Interval:
    return Interval(low=round(interval.low, 3), high=round(interval.high, 3))
