"""Weights of the dimensions that would have told performance best, and whether they do so for new people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from interviews.correlation import SEED, Array, pearson, percentiles, resample, rows_pearson, varies
from interviews.parts import Interval, Part

FOLDS = 5
REPEATS = 10
PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)  # in shares of the scores' summed variance
Rows = NDArray[np.int64]


class Weight(Part):
    """Whole percent, today and as proposed; each column sums to 100."""

    dimension: str
    today: int
    proposed: int


class Proposal(Part):
    """Weights that may be put in place of today's, of `n` people.

    `r_proposed`: correlation with performance of people who had no part in finding the weights (five folds,
    ten times). `r_today`: today's weights, same people. `gain` is their difference, its interval from
    resampled people; `better` where it lies above 0. `r_groups`: what knowing only the group would give, in
    the same way; None without groups. Where it reaches the scores' own figure (`groups_suffice`), both may
    measure who people are and not what they can do.
    """

    n: int
    weights: tuple[Weight, ...]
    r_proposed: float
    r_today: float
    gain: float
    gain_interval: Interval
    better: bool
    r_groups: float | None
    groups_suffice: bool


def propose(
    scores: Array,
    performance: Array,
    today: Mapping[str, float],
    groups: Sequence[Sequence[str]] = (),
) -> Proposal | None:
    """Non-negative ridge regression, its penalty chosen within each fold; weights are scaled to sum 100 %.

    `scores`: people × dimensions, 0–100, in the order of `today`, whose weights sum to 1. `groups`: for each
    column of groups everybody's. None: no dimension goes together with performance.
    """
    now = np.array(list(today.values()))
    found = _fit(scores, performance, np.random.default_rng(SEED))
    if found is None:
        return None
    folds = [*_repeated(len(performance))]
    unseen = np.stack([_unseen(scores, performance, now, split, SEED + i) for i, split in enumerate(folds)])
    current = scores @ now
    r_proposed, r_today = _mean_r(unseen, performance), pearson(current, performance)
    gains = resample(
        len(performance),
        np.random.default_rng(SEED),
        lambda rows: (
            np.mean([rows_pearson(one[rows], performance[rows]) for one in unseen], axis=0)
            - rows_pearson(current[rows], performance[rows])
        ),
    )
    interval = percentiles(gains)
    r_groups = None
    if groups:
        kinds = _indicators(groups)
        r_groups = _mean_r(np.stack([_by_group(kinds, performance, split) for split in folds]), performance)
    percent = zip(today, whole_percent(now), whole_percent(found), strict=True)
    return Proposal(
        n=len(performance),
        weights=tuple(Weight(dimension=id_, today=a, proposed=b) for id_, a, b in percent),
        r_proposed=r_proposed,
        r_today=r_today,
        gain=r_proposed - r_today,
        gain_interval=interval,
        better=interval.low > 0,
        r_groups=r_groups,
        groups_suffice=r_groups is not None and r_groups >= max(r_proposed, r_today),
    )


def whole_percent(weights: Array) -> list[int]:
    """Whole numbers that sum to 100, by the largest remainders. Raises ValueError where nothing weighs."""
    if not weights.sum() > 0:
        raise ValueError("nothing weighs anything")
    shares = 100 * weights / weights.sum()
    whole = np.floor(shares + 1e-9)
    for at in np.argsort(whole - shares, kind="stable")[: round(100 - float(whole.sum()))]:
        whole[at] += 1
    return [int(value) for value in whole]


def _fit(scores: Array, performance: Array, rng: np.random.Generator) -> Array | None:
    """Weights that sum to 1, the penalty being the one that tells unseen people best."""
    folds = [*_folds(len(performance), rng)]

    def told(penalty: float) -> float:
        composite = np.zeros(len(performance))
        for train, test in folds:
            weights = _ridge(scores[train], performance[train], penalty)
            composite[test] = scores[test] @ weights if weights is not None else 0.0
        return pearson(composite, performance)

    return _ridge(scores, performance, max(PENALTIES, key=told))


def _ridge(scores: Array, performance: Array, penalty: float) -> Array | None:
    """Non-negative least squares on the normal equations: min |Xw − y|² + λ|w|², w ≥ 0, scaled to sum 1."""
    from scipy.optimize import nnls

    x, y = scores - scores.mean(0), performance - performance.mean()
    gram = x.T @ x
    ridge = penalty * np.trace(gram) / len(gram)
    if ridge <= 0 or not varies(y):
        return None
    lower = np.linalg.cholesky(gram + ridge * np.eye(len(gram)))
    weights = np.asarray(nnls(lower.T, np.linalg.solve(lower, x.T @ y))[0], np.float64)
    return weights / weights.sum() if weights.sum() > 0 else None


def _unseen(
    scores: Array, performance: Array, now: Array, split: Sequence[tuple[Rows, Rows]], seed: int
) -> Array:
    """Everybody's weighted score, by weights found without them; by today's where none were found."""
    composite = np.zeros(len(performance))
    for train, test in split:
        weights = _fit(scores[train], performance[train], np.random.default_rng(seed))
        composite[test] = scores[test] @ (now if weights is None else weights)
    return composite


def _by_group(kinds: Array, performance: Array, split: Sequence[tuple[Rows, Rows]]) -> Array:
    """What the means of the groups say of those left out, drawn to the whole mean as by one more person."""
    told = np.zeros(len(performance))
    for train, test in split:
        x, y = kinds[train], performance[train] - performance[train].mean()
        told[test] = kinds[test] @ np.linalg.solve(x.T @ x + np.eye(x.shape[1]), x.T @ y)
    return told


def _indicators(groups: Sequence[Sequence[str]]) -> Array:
    columns = [
        np.array([one == name for one in column], np.float64)
        for column in groups
        for name in sorted(set(column))
    ]
    return np.stack(columns, axis=1)


def _mean_r(composites: Array, performance: Array) -> float:
    return float(np.mean([pearson(one, performance) for one in composites]))


def _repeated(n: int) -> Iterator[list[tuple[Rows, Rows]]]:
    rng = np.random.default_rng(SEED)
    return ([*_folds(n, rng)] for _ in range(REPEATS))


def _folds(n: int, rng: np.random.Generator) -> Iterator[tuple[Rows, Rows]]:
    """Who the weights are found by, and whom they are tried on."""
    order = rng.permutation(n)
    for at in range(FOLDS):
        yield np.delete(order, slice(at, None, FOLDS)), order[at::FOLDS]
