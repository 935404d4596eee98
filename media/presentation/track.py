"""All that one face's samples say about it, as one sequential test.

Log-likelihood ratios (bona fide over attack) of the frame model, the border and the stillness are added: the
cues are taken as independent within each class. The two coarse cues are tables of a few bins. Figures and
how they were had: docs/liveness.md.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from media.presentation.sequential import Decision, Densities, SequentialTest, Targets


@dataclass(frozen=True, slots=True)
class Bins:
    """A coarse cue: `edges` rise, a value counts to the bin it reaches; the share of each class in the
    `len(edges) + 1` bins."""

    edges: tuple[float, ...]
    bona_fide: tuple[float, ...]
    attack: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.bona_fide) == len(self.attack) == len(self.edges) + 1:
            raise ValueError("want one share more than edges, for each class")

    def ratio(self, value: float) -> float:
        """Log-likelihood ratio, bona fide over attack."""
        index = bisect_right(self.edges, value)
        return math.log(self.bona_fide[index] / self.attack[index])


@dataclass(frozen=True, slots=True)
class Cues:
    """What is known of each cue: fitted by `python -m bench.presentation`."""

    frames: Densities
    border: Bins
    stillness: Bins


CUES = Cues(
    # Logits of models.liveness on generated presentations.
    frames=Densities(bona_fide=5.02, attack=1.57, between=2.98, within=1.15, rho=0.10),
    border=Bins(
        (0.3, 1.1, 1.6, 2.3),
        bona_fide=(0.771, 0.157, 0.026, 0.029, 0.017),
        attack=(0.151, 0.067, 0.027, 0.170, 0.585),
    ),
    # Prints alone are still: one species of three, all of it, and no bona fide clip.
    stillness=Bins((0.003, 0.006), bona_fide=(0.023, 0.017, 0.960), attack=(0.333, 0.018, 0.649)),
)
LEAST, MOST = 8, 120  # samples: two seconds, half a minute
MIN_VALUES = 6
STILL_VALUES = 11  # who keeps still is watched for three seconds before anything is decided


@dataclass(slots=True)
class TrackTest:
    """Give it each sample with its score. `decision` is that of the last test that ended; tests follow one
    another, so that a face which is exchanged for a picture later is tested again."""

    targets: Targets = field(default_factory=Targets)
    cues: Cues = CUES
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
            self._test = SequentialTest(self.cues.frames, self.targets, least=LEAST, most=MOST)
            self._border.clear()
            self._within.clear()
        if border is not None:
            self._border.append(border)
        if motion_within is not None:
            self._within.append(motion_within)
        beside, wait = {}, False
        if self._border:
            beside["border"] = self.cues.border.ratio(float(np.mean(self._border)))
        if len(self._within) >= MIN_VALUES:
            # Most of the time a listener keeps still: what counts is whether the face ever moved.
            ratio = self.cues.stillness.ratio(float(np.percentile(self._within, 80)))
            wait = ratio < 0 and len(self._within) < STILL_VALUES
            if not wait:
                beside["stillness"] = ratio
        self._test.add(score, media_time, beside=sum(beside.values()), wait=wait)
        self._ratios = {"frames": self._test.log_likelihood_ratio - sum(beside.values()), **beside}
        if self._test.done:
            self.decision = self._test.decision
        return self.decision
