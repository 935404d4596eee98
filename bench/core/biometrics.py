"""Error rates of biometric comparison (ISO/IEC 19795-1) and of attack detection (ISO/IEC 30107-3).

Scores are float arrays, higher is more genuine; labels are bool arrays of the same length, True is genuine
(mated, bona fide, the class that is looked for). A score at the threshold is accepted. Rates are shares of 1.
Functions raise `ValueError` where lengths differ, a score is not finite or one of the two classes is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, rankdata

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Roc:
    """Receiver operating characteristic: one point per distinct score, from accepting none to accepting all.

    `far`, `tar`, `thresholds`: float64 (n,); the first threshold is +inf. `far` is the false match rate of
    19795-1 where scores are of comparisons, `tar` is one minus the false non-match rate.
    """

    far: Floats
    tar: Floats
    thresholds: Floats

    @property
    def frr(self) -> Floats:
        """False rejection, or false non-match, rate."""
        return 1 - self.tar


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """At one threshold. `fmr`: impostors accepted; `fnmr`: genuine rejected; `accuracy`: of all rows."""

    fmr: float
    fnmr: float
    accuracy: float

    @property
    def hter(self) -> float:
        """Half total error rate (Bengio and Mariéthoz 2004): the mean of both."""
        return (self.fmr + self.fnmr) / 2


@dataclass(frozen=True, slots=True)
class Presentation:
    """ISO/IEC 30107-3. `apcer`: attacks taken for bona fide, per species; `worst`: the highest of them.

    `pooled` is over all attacks alike, `hter` the mean of it and of `bpcer` (bona fide taken for attacks).
    """

    apcer: dict[str, float]
    worst: float
    pooled: float
    bpcer: float
    hter: float


def roc(scores: ArrayLike, labels: ArrayLike) -> Roc:
    """The curve of all thresholds."""
    values, genuine = _checked(scores, labels)
    order = np.argsort(-values, kind="stable")
    values, genuine = values[order], genuine[order]
    last = np.append(np.flatnonzero(np.diff(values)), len(values) - 1)  # of each distinct score
    accepted = np.cumsum(genuine)[last]
    return Roc(
        far=np.append(0.0, (last + 1 - accepted) / np.count_nonzero(~genuine)),
        tar=np.append(0.0, accepted / np.count_nonzero(genuine)),
        thresholds=np.append(np.inf, values[last]),
    )


def det(scores: ArrayLike, labels: ArrayLike, least: float = 1e-4) -> tuple[Floats, Floats]:
    """Detection error trade-off (Martin et al. 1997): normal deviates of FAR and FRR, float64 (n,) each.

    Rates are kept `least` away from 0 and 1, whose deviates are infinite.
    """
    curve = roc(scores, labels)
    return deviate(curve.far, least), deviate(curve.frr, least)


def deviate(rates: ArrayLike, least: float = 1e-4) -> Floats:
    """Φ⁻¹ of rates: the scale of a DET plot's axes."""
    return np.asarray(norm.ppf(np.clip(rates, least, 1 - least)), np.float64)


def auc(scores: ArrayLike, labels: ArrayLike) -> float:
    """Area under the ROC: the share of (genuine, impostor) pairs in order, ties by half (Mann, Whitney)."""
    values, genuine = _checked(scores, labels)
    n, m = int(np.count_nonzero(genuine)), int(np.count_nonzero(~genuine))
    return float((rankdata(values)[genuine].sum() - n * (n + 1) / 2) / (n * m))


def eer(scores: ArrayLike, labels: ArrayLike) -> float:
    """Equal error rate: where the ROC, straight between its points, crosses FAR = FRR."""
    curve = roc(scores, labels)
    gap = curve.far - curve.frr  # rises from -1 to 1
    i = int(np.flatnonzero(gap >= 0)[0])
    share = -gap[i - 1] / (gap[i] - gap[i - 1])
    return float(curve.far[i - 1] + share * (curve.far[i] - curve.far[i - 1]))


def tar_at_far(scores: ArrayLike, labels: ArrayLike, far: float) -> float:
    """The highest true acceptance rate of any threshold whose false acceptance rate is at most `far`.

    Nothing is interpolated: with fewer than 1 / `far` impostors it is the rate at which none is accepted.
    """
    if not 0 <= far <= 1:
        raise ValueError(f"a rate lies in 0..1, not {far}")
    curve = roc(scores, labels)
    return float(curve.tar[curve.far <= far].max())


def threshold_at_far(scores: ArrayLike, labels: ArrayLike, far: float) -> float:
    """The threshold of `tar_at_far`; +inf where only accepting nobody keeps the rate."""
    curve = roc(scores, labels)
    allowed = np.flatnonzero(curve.far <= far)
    # Of thresholds with the same true acceptance the strictest: it leaves impostors the most room.
    best = allowed[curve.tar[allowed] == curve.tar[allowed].max()][0]
    return float(curve.thresholds[best])


def rates_at(scores: ArrayLike, labels: ArrayLike, threshold: float) -> ErrorRates:
    """Error rates at a threshold that was fixed beforehand."""
    values, genuine = _checked(scores, labels)
    accepted = values >= threshold
    return ErrorRates(
        fmr=float(accepted[~genuine].mean()),
        fnmr=float((~accepted[genuine]).mean()),
        accuracy=float((accepted == genuine).mean()),
    )


def presentation(
    scores: ArrayLike, bona_fide: ArrayLike, species: Sequence[str], threshold: float
) -> Presentation:
    """Rates of attack detection at a fixed threshold. `species`: the attack type of each row."""
    values, genuine = _checked(scores, bona_fide)
    if len(species) != len(values):
        raise ValueError(f"{len(values)} scores, but {len(species)} attack types")
    passed = values >= threshold
    attacks = {kind for kind, real in zip(species, genuine, strict=True) if not real}
    of = np.array(species, object)
    apcer = {kind: float(passed[(of == kind) & ~genuine].mean()) for kind in sorted(attacks)}
    pooled, bpcer = float(passed[~genuine].mean()), float((~passed[genuine]).mean())
    return Presentation(apcer, max(apcer.values()), pooled, bpcer, (pooled + bpcer) / 2)


def balanced_accuracy(predicted: Sequence[str], actual: Sequence[str]) -> float:
    """Mean recall over the classes that occur. Raises `ValueError` for nothing or differing lengths."""
    if not actual or len(predicted) != len(actual):
        raise ValueError(f"{len(predicted)} predictions of {len(actual)} labels")
    want, got = np.array(actual, object), np.array(predicted, object)
    return float(np.mean([(got[want == kind] == kind).mean() for kind in sorted(set(actual))]))


def calibration(
    confidence: ArrayLike, right: ArrayLike, bins: int = 10
) -> tuple[list[tuple[float, float, int]], float]:
    """Reliability (Guo et al. 2017): (mean confidence, share right, rows) of each bin that has rows, and the
    expected calibration error. Confidence lies in 0..1.
    """
    sure, correct = np.asarray(confidence, np.float64), np.asarray(right, bool)
    if sure.shape != correct.shape or sure.ndim != 1 or not sure.size:
        raise ValueError(f"want two lists of one length, got {sure.shape} and {correct.shape}")
    place = np.minimum((sure * bins).astype(int), bins - 1)
    rows = [
        (float(sure[place == n].mean()), float(correct[place == n].mean()), int((place == n).sum()))
        for n in np.unique(place)
    ]
    return rows, sum(abs(a - b) * n for a, b, n in rows) / sure.size


def pair_draws(
    first: Sequence[str], second: Sequence[str], count: int, seed: int = 0
) -> list[NDArray[np.intp]]:
    """Bootstrap samples of comparisons: identities are drawn with replacement, and a comparison of two of
    them comes as often as the product of their draws (of one identity: as often as it was drawn).

    Comparisons that share a person are not independent; drawing them singly gives intervals that are too
    narrow (Bolle et al., "Error analysis of pattern recognition systems — the subsets bootstrap", 2004).
    """
    people = {name: n for n, name in enumerate(dict.fromkeys([*first, *second]))}
    a, b = (np.array([people[name] for name in names], np.intp) for names in (first, second))
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        drawn = np.bincount(rng.integers(len(people), size=len(people)), minlength=len(people))
        found.append(np.repeat(np.arange(len(a)), np.where(a == b, drawn[a], drawn[a] * drawn[b])))
    return found


def _checked(scores: ArrayLike, labels: ArrayLike) -> tuple[Floats, Bools]:
    values, genuine = np.asarray(scores, np.float64), np.asarray(labels, bool)
    if values.ndim != 1 or values.shape != genuine.shape:
        raise ValueError(f"want two lists of one length, got {values.shape} and {genuine.shape}")
    if not np.isfinite(values).all():
        raise ValueError("a score is not finite")
    if genuine.all() or not genuine.any():
        raise ValueError("needs genuine and impostor scores, got one kind alone")
    return values, genuine
