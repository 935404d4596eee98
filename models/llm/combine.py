"""Several samples of one rating into one: the median, how far they lie apart, and the words they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, pstdev

from models.answers import Measure
from models.llm.judgement import Judgement, Judgements
from models.llm.scales import DIMENSION, KEY_POINT, points_of

UNQUOTED = "no-valid-quote"
_QUOTED = "rests-on"


@dataclass(frozen=True, slots=True)
class Median:
    """Of one scale. `levels`: of the samples; `quotes` those of a sample at the median."""

    level: float
    levels: tuple[int, ...]
    quotes: tuple[tuple[int, str], ...]

    @property
    def sd(self) -> float:
        """Between the samples, points."""
        return pstdev([points_of(level) for level in self.levels])


def medians(samples: Sequence[Judgements], keys: Sequence[str]) -> dict[str, Median]:
    """Only of scales that more than half of the samples judged validly."""
    found = {}
    for key in keys:
        judged = [sample.by_scale[key] for sample in samples if key in sample.by_scale]
        if 2 * len(judged) > len(samples):
            found[key] = _median(judged)
    return found


def _median(judged: Sequence[Judgement]) -> Median:
    levels = tuple(one.level for one in judged)
    middle = median(levels)
    nearest = min(judged, key=lambda one: (abs(one.level - middle), one.level))
    return Median(float(middle), levels, nearest.quotes)


def lower(one: dict[str, Median], other: dict[str, Median]) -> dict[str, Median]:
    """By scale the lower of both, `other` where they are equal; what either lacks is lacking."""
    both = one.keys() & other.keys()
    return {key: one[key] if one[key].level < other[key].level else other[key] for key in both}


def agreed_asides(samples: Sequence[Judgements]) -> frozenset[int]:
    """Sentences that more than half of the samples take for words to the rater."""
    every = {index for sample in samples for index in sample.asides}
    return frozenset(i for i in every if 2 * sum(i in sample.asides for sample in samples) > len(samples))


def measure(name: str, found: Median | None) -> Measure:
    """`detail`: level, samples, the levels' range, and their standard deviation in points."""
    if found is None:
        return Measure(name, None, UNQUOTED)
    return Measure(
        name,
        round(points_of(found.level), 1),
        None,
        tuple((index, _QUOTED) for index, _ in found.quotes),
        detail=_detail(found),
        quotes=tuple(words for _, words in found.quotes),
    )


def coverage(key_points: Sequence[str], found: dict[str, Median]) -> Measure:
    """The mean of the key points that could be judged, where those are at least half of them."""
    judged = {
        number: found[f"{KEY_POINT}{number}"]
        for number in range(1, len(key_points) + 1)
        if f"{KEY_POINT}{number}" in found
    }
    if 2 * len(judged) < len(key_points):
        return Measure("coverage", None, UNQUOTED)
    quotes = [
        (index, f"key-point:{key_points[number - 1]}", words)
        for number, one in judged.items()
        for index, words in one.quotes[:1]
    ]
    points = {number: points_of(one.level) for number, one in judged.items()}
    detail = {f"key_point_{number}": round(value, 1) for number, value in points.items()}
    detail["samples"] = float(min(len(one.levels) for one in judged.values()))
    detail["sd"] = round(sum(one.sd for one in judged.values()) / len(judged), 2)
    return Measure(
        "coverage",
        round(sum(points.values()) / len(points), 1),
        None,
        tuple((index, note) for index, note, _ in quotes),
        tuple(f"key-point:{key_points[number - 1]}" for number, value in points.items() if value == 0),
        detail,
        tuple(words for _, _, words in quotes),
    )


def dimension(id_: str, found: Median | None) -> Measure:
    return measure(f"{DIMENSION}{id_}", found)


def _detail(found: Median) -> dict[str, float]:
    return {
        "level": found.level,
        "samples": float(len(found.levels)),
        "range": float(max(found.levels) - min(found.levels)),
        "sd": round(found.sd, 2),
    }
