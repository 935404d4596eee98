"""What the cues of a track show of each class, from tracks whose class is known; and how well that does.

Fitted to some people's tracks, tried on others': `python -m bench.presentation`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media.presentation.sequential import Decision, Densities, Targets, logit
from media.presentation.track import CUES, Bins, Cues, TrackTest

SPECIES = ("print", "phone", "tablet")
# Life has more kinds of either than the material: of so many attacks (some show no border) and so many people
# (some sit before a window, or listen without a blink), nothing is assumed but what the other class shows.
ODD_ATTACKS, ODD_PEOPLE = 0.15, 0.02


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of a track: seconds, the frame model's score, the others as in `media.items.FaceSample`."""

    time: float
    score: float
    border: float | None
    within: float | None


@dataclass(frozen=True, slots=True)
class Track:
    """The longest track of one presentation. `species`: "" for bona fide."""

    video: str
    seed: str
    identity: str
    species: str
    samples: tuple[Sample, ...]

    @property
    def logits(self) -> NDArray[np.float64]:
        return np.array([logit(sample.score) for sample in self.samples])

    @property
    def border(self) -> float:
        """Mean of `framed`, face widths."""
        return float(np.mean([s.border for s in self.samples if s.border is not None] or [0.0]))

    @property
    def within(self) -> float | None:
        """As `TrackTest` takes it."""
        found = [s.within for s in self.samples if s.within is not None]
        return float(np.percentile(found, 80)) if found else None


@dataclass(frozen=True, slots=True)
class Judged:
    """What the test made of one track: its decision after `after` seconds, else the ratios at the end."""

    track: Track
    decision: Decision
    ratios: dict[str, float]
    after: float

    @property
    def side(self) -> float:
        """Log-likelihood ratio of all cues, bona fide over attack."""
        return sum(self.ratios.values())


def judged(track: Track, cues: Cues, targets: Targets) -> Judged:
    """Up to the first decision, or to the end."""
    test = TrackTest(targets, cues)
    ratios: dict[str, float] = {}
    for sample in track.samples:
        decision = test.add(sample.score, sample.time, sample.border, sample.within)
        ratios = dict(test.ratios)
        if decision != "undecided":
            break
    return Judged(track, test.decision, ratios, sample.time - track.samples[0].time)


def fit(tracks: Sequence[Track], photographs: Sequence[float] = ()) -> Cues:
    """`photographs`: `framed` of pictures of people in rooms, who are bona fide, too.

    Raises `ValueError` unless there are tracks of both classes.
    """
    real = [track for track in tracks if not track.species]
    fake = [track for track in tracks if track.species]
    if not real or not fake:
        raise ValueError("want tracks of both classes")
    borders, motions = CUES.border.edges, CUES.stillness.edges
    moving = [value for track in real if (value := track.within) is not None]
    return Cues(
        frames=_densities(real, fake),
        border=_bins(
            borders,
            _shares([*(track.border for track in real), *photographs], borders),
            _by_species(fake, "border", borders),
            ODD_ATTACKS,
        ),
        # Screens move as people do, which is in the shares: no kind of attack is missing from them.
        stillness=_bins(motions, _shares(moving, motions), _by_species(fake, "within", motions), 0.0),
    )


def _bins(
    edges: tuple[float, ...], people: NDArray[np.float64], attacks: NDArray[np.float64], odd_attacks: float
) -> Bins:
    mixed = (1 - odd_attacks) * attacks + odd_attacks * people
    people = (1 - ODD_PEOPLE) * people + ODD_PEOPLE * attacks
    return Bins(edges, _told(people), _told(mixed))


def _densities(real: Sequence[Track], fake: Sequence[Track]) -> Densities:
    means = [np.array([track.logits.mean() for track in kind]) for kind in (real, fake)]
    rests = [logits - logits.mean() for track in (*real, *fake) if len(logits := track.logits) > 4]
    squares = sum(float((rest**2).sum()) for rest in rests)
    rho = sum(float((rest[1:] * rest[:-1]).sum()) for rest in rests) / max(squares, 1e-9)
    return Densities(
        bona_fide=round(float(means[0].mean()), 2),
        attack=round(float(means[1].mean()), 2),
        between=round(float(np.sqrt(np.mean([mean.var(ddof=1) for mean in means]))), 2),
        within=round(float(np.sqrt(squares / max(1, sum(map(len, rests))))), 2),
        rho=round(min(0.95, max(0.0, rho)), 2),
    )


def _by_species(fake: Sequence[Track], cue: str, edges: Sequence[float]) -> NDArray[np.float64]:
    """Every species counts alike, however many of its tracks there are."""
    species = sorted({track.species for track in fake})
    found = [[v for t in fake if t.species == one and (v := getattr(t, cue)) is not None] for one in species]
    return np.asarray(np.mean([_shares(values, edges) for values in found], axis=0), np.float64)


def _shares(values: Sequence[float], edges: Sequence[float]) -> NDArray[np.float64]:
    """Half a value more in every bin: what was not seen may yet be (Jeffreys)."""
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    return np.asarray((counts + 0.5) / (counts + 0.5).sum())


def _told(shares: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(share), 3) for share in shares)


def point(found: Sequence[Judged], apcer: float) -> float:
    """The least threshold on `side` at which no species' APCER is above `apcer` (ISO/IEC 30107-3, 13.3)."""
    worst = -math.inf
    for species in {one.track.species for one in found} - {""}:
        sides = sorted((one.side for one in found if one.track.species == species), reverse=True)
        allowed = math.floor(apcer * len(sides))
        worst = max(worst, sides[allowed] if allowed < len(sides) else -math.inf)
    return math.nextafter(worst, math.inf)


def wrong_at(threshold: float, found: Sequence[Judged], species: Collection[str]) -> tuple[int, int]:
    """(wrong, all) presentations of these species ("" for bona fide) where this threshold decides all."""
    sides = [
        (one.side >= threshold) != (one.track.species == "") for one in found if one.track.species in species
    ]
    return sum(sides), len(sides)
