"""When a face's frame scores have said enough: a sequential probability ratio test (Wald 1945).

A. Wald, Sequential Tests of Statistical Hypotheses, Annals of Mathematical Statistics 16 (1945) 117-186.

Neighbouring frames of one face are far from independent, in two ways. The same face, light and camera shift
all scores of a track alike, and what disturbs one frame lasts into the next. So the logit of a score is
modelled as class mean + track's own shift (normal, `between`) + noise (normal, `within`, first-order
autocorrelation `rho` at `step_s`). Under equal variances the likelihood ratio of all scores so far depends on
their mean alone, taken as `n (1 - rho) / (1 + rho)` independent ones. It is the ratio of the whole sequence,
not a sum of single frames, so Wald's bounds hold for it: more frames of the same kind do not add up to any
certainty one likes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Decision = Literal["bona-fide", "attack", "undecided"]


@dataclass(frozen=True, slots=True)
class Densities:
    """The two hypotheses about a track's logit scores; `between` and `within` are standard deviations.

    Raises `ValueError` unless bona fide scores are the higher ones and the rest lies in its range.
    """

    bona_fide: float
    attack: float
    between: float
    within: float
    rho: float
    step_s: float = 0.25

    def __post_init__(self) -> None:
        if not (self.bona_fide > self.attack and self.between > 0 and self.within > 0):
            raise ValueError("want bona_fide > attack and positive deviations")
        if not (0 <= self.rho < 1 and self.step_s > 0):
            raise ValueError("want 0 <= rho < 1 and step_s > 0")

    def independent(self, spacing_s: float) -> float:
        """What one more frame, `spacing_s` after the last, counts in independent ones (0..1)."""
        rho = self.rho ** (max(spacing_s, 0.0) / self.step_s) if self.rho else 0.0
        return (1 - rho) / (1 + rho)

    def ratio(self, mean: float, effective: float) -> float:
        """Log-likelihood ratio, bona fide over attack, of a mean logit over that many independent frames."""
        variance = self.between**2 + self.within**2 / effective
        return (self.bona_fide - self.attack) * (mean - (self.bona_fide + self.attack) / 2) / variance


@dataclass(frozen=True, slots=True)
class Targets:
    """`bpcer`: bona fide taken for an attack (Wald's alpha); `apcer`: an attack taken for bona fide
    (beta)."""

    bpcer: float = 0.05
    apcer: float = 0.10

    def __post_init__(self) -> None:
        if not (0 < self.bpcer < 0.5 and 0 < self.apcer < 0.5):
            raise ValueError("target error rates lie between 0 and one half")

    @property
    def accept(self) -> float:
        """Log-likelihood ratio from which a track is bona fide."""
        return math.log((1 - self.bpcer) / self.apcer)

    @property
    def reject(self) -> float:
        """Log-likelihood ratio (negative) down to which it is an attack."""
        return math.log(self.bpcer / (1 - self.apcer))


def logit(score: float, limit: float = 6.0) -> float:
    """Log odds of a probability, cut at ±`limit`: a saturated network is not that sure."""
    inside = min(max(score, 1e-9), 1 - 1e-9)
    return min(max(math.log(inside / (1 - inside)), -limit), limit)


class SequentialTest:
    """One test over one track: `add` scores until `done`. Decides at `least` frames at the earliest.

    After `most` frames without a decision it is over and `undecided`: a person should look. A test that is
    done ignores further scores; whoever watches on starts a new one.
    """

    def __init__(self, densities: Densities, targets: Targets, *, least: int = 8, most: int = 120) -> None:
        if not 1 <= least <= most:
            raise ValueError("want 1 <= least <= most")
        self._densities = densities
        self._targets = targets
        self._least = least
        self._most = most
        self._sum = 0.0
        self._beside = 0.0
        self._last: float | None = None
        self.frames = 0
        self.effective = 0.0
        self.decision: Decision = "undecided"
        self.done = False

    @property
    def log_likelihood_ratio(self) -> float:
        """Bona fide over attack, natural logarithm; 0 before the first frame."""
        if not self.frames:
            return 0.0
        return self._densities.ratio(self._sum / self.frames, self.effective) + self._beside

    def add(self, score: float, media_time: float, *, beside: float = 0.0, wait: bool = False) -> Decision:
        """`score`: probability of bona fide, 0..1; `media_time`: seconds, rising; `beside`: log-likelihood
        ratio of whatever else is known of the track by now, independent of the scores; `wait`: decide
        nothing yet. Raises `ValueError`."""
        if not 0 <= score <= 1:
            raise ValueError(f"a score lies between 0 and 1, not {score}")
        if self.done:
            return self.decision
        since = math.inf if self._last is None else media_time - self._last
        self.effective += 1.0 if math.isinf(since) else self._densities.independent(since)
        self._last, self._beside = media_time, beside
        self._sum += logit(score)
        self.frames += 1
        if self.frames >= self._least and not wait:
            ratio = self.log_likelihood_ratio
            if ratio >= self._targets.accept:
                self.decision, self.done = "bona-fide", True
            elif ratio <= self._targets.reject:
                self.decision, self.done = "attack", True
        self.done = self.done or self.frames >= self._most
        return self.decision
