"""All that one face's samples say about it, as one sequential test.

Log-likelihood ratios (bona fide over attack) of the frame model, the border and the stillness are added: the
cues are taken as independent within each class. The two coarse cues are tables of three bins. Figures and
how they were had: docs/liveness.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from media.presentation.sequential import Decision, Densities, SequentialTest, Targets

# Logits of models.liveness on generated presentations (bench.presentation, calibration clips of seed 1).
FRAMES = Densities(bona_fide=4.81, attack=2.07, between=2.98, within=1.10, rho=0.20)


@dataclass(frozen=True, slots=True)
class Bins:
    """A coarse cue: values up to `edges[0]`, between, and from `edges[1]`; the share of each class in the
    three."""

    edges: tuple[float, float]
    bona_fide: tuple[float, float, float]
    attack: tuple[float, float, float]

    def ratio(self, value: float) -> float:
        """Log-likelihood ratio, bona fide over attack."""
        index = 0 if value <= self.edges[0] else 1 if value < self.edges[1] else 2
        return math.log(self.bona_fide[index] / self.attack[index])


# Bona fide: 106 photographs of people (.88, .04, .08). Attacks: .06, .29 and .65 of the generated ones, but
# the generator chose how many borders are in the picture, so less is claimed of them.
BORDER = Bins((0.1, 0.8), bona_fide=(0.86, 0.05, 0.09), attack=(0.25, 0.15, 0.60))
# Prints alone are still: one species of three, all of it, and no bona fide clip.
STILLNESS = Bins((0.002, 0.003), bona_fide=(0.02, 0.02, 0.96), attack=(0.32, 0.02, 0.66))
LEAST, MOST = 12, 120  # samples: three seconds, half a minute
MIN_VALUES = 6
MIN_BORDERS = 4  # they are looked for in every other sample


@dataclass(slots=True)
class TrackTest:
    """Give it each sample with its score. `decision` is that of the last test that ended; tests follow one
    another, so that a face which is exchanged for a picture later is tested again."""

    targets: Targets = field(default_factory=Targets)
    decision: Decision = "undecided"
    _test: SequentialTest | None = None
    _border: list[float] = field(default_factory=list)
    _within: list[float] = field(default_factory=list)
    _ratios: dict[str, float] = field(default_factory=dict)

    @property
    def ratios(self) -> Mapping[str, float]:
        """Log-likelihood ratio by cue, in the running test; a cue without enough values is absent."""
        return dict(self._ratios)

    @property
    def log_likelihood_ratio(self) -> float:
        return sum(self._ratios.values())

    def add(
        self, score: float, media_time: float, border: float | None = None, motion_within: float | None = None
    ) -> Decision:
        """`score`: the frame model's, 0..1; the others as in `media.items.FaceSample`.

        Raises `ValueError` for another score.
        """
        if self._test is None or self._test.done:
            self._test = SequentialTest(FRAMES, self.targets, least=LEAST, most=MOST)
            self._border.clear()
            self._within.clear()
        if border is not None:
            self._border.append(border)
        if motion_within is not None:
            self._within.append(motion_within)
        beside = {}
        if len(self._border) >= MIN_BORDERS:
            beside["border"] = BORDER.ratio(float(np.mean(self._border)))
        if len(self._within) >= MIN_VALUES:
            # Most of the time a listener keeps still: what counts is whether the face ever moved.
            beside["stillness"] = STILLNESS.ratio(float(np.percentile(self._within, 80)))
        self._test.add(score, media_time, beside=sum(beside.values()))
        self._ratios = {"frames": self._test.log_likelihood_ratio - sum(beside.values()), **beside}
        if self._test.done:
            self.decision = self._test.decision
        return self.decision
