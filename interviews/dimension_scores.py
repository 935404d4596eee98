"""Scores of the dimensions and of the whole interview: weighed means of answers, with their intervals.

A rater that judges an answer by a dimension's own levels gives a measure `dimension:ID`; for that dimension
it stands in place of the answer's score.

Every score here is a sum of answer scores times fixed shares, so its standard error follows from that of one
answer: sigma · sqrt(sum of squared shares). Sigma is the spread between this candidate's own answers where
there are at least three, and never below `SIGMA_FLOOR`: the same words would not get the same points from
another question or another rater (two people who rate separately agree at r = .44, Conway et al. 1995).
Where one rating is the median of several samples, the variance between them is added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt
from statistics import stdev

from pydantic import Field

from interviews.dimensions import ByLanguage
from interviews.parts import Interval, Part, Quote
from interviews.rubric import RubricDimension
from interviews.wording import Message, message

SIGMA_FLOOR = 12.0  # points; a convention, not an estimate: no set of graded interviews is public
MIN_ANSWERS_SPREAD = 3
MIN_WEIGHT_SCORED = 0.5
LEVELS = 5
Z95 = 1.959964


class DimensionScore(Part):
    """0–100 as the plain mean of the answers to the questions that ask for it, or why there is none.

    `level`: 1–5 in steps of 20 points, `anchor` its behaviour (BARS). `weight`: percent by the weights in
    force. `evidence`: for each answer the words that its relevance rests on most. `models`, `rubrics`: who
    rated those answers, and by what.
    """

    dimension: str
    name: ByLanguage
    score: float | None = Field(ge=0, le=100)
    interval: Interval | None
    level: int | None = Field(ge=1, le=LEVELS)
    anchor: ByLanguage
    weight: float = Field(ge=0, le=100)
    questions: tuple[str, ...]
    insufficient: Message | None
    evidence: tuple[Quote, ...]
    models: tuple[str, ...]
    rubrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """An answer that has a score; `evidence`: the words that its relevance rests on, the closest first.

    `levels`: by id of dimension, the points and the words they rest on, where the rater judged it by itself.
    """

    score: float
    evidence: Sequence[Quote]
    model: str
    rubric: str
    levels: Mapping[str, tuple[float, Sequence[Quote]]] = field(default_factory=dict)

    def on(self, dimension: str) -> tuple[float, Sequence[Quote]]:
        return self.levels.get(dimension, (self.score, self.evidence))


class Weighing(Part):
    """The overall score by one version of the weights. `difference`: to the version before.

    Version 1 is the plan's: nobody changed it, so `at`, `by` and `reason` are empty.
    """

    version: int
    at: datetime | None
    by: str
    reason: str
    weights: dict[str, float]
    overall: float | None = Field(ge=0, le=100)
    interval: Interval | None
    difference: float | None


def sigma_of(answers: Sequence[float], between_samples: Sequence[float] = ()) -> float:
    """Standard deviation of one answer's score, points; `between_samples`: of each rated several times."""
    spread = stdev(answers) if len(answers) >= MIN_ANSWERS_SPREAD else 0.0
    sigma = max(SIGMA_FLOOR, spread)
    if not any(between_samples):
        return sigma
    return sqrt(sigma**2 + sum(sd**2 for sd in between_samples) / len(answers))


def interval_of(score: float, shares: Sequence[float], sigma: float) -> Interval:
    half = Z95 * sigma * sqrt(sum(share * share for share in shares))
    return Interval(low=round(max(0.0, score - half), 1), high=round(min(100.0, score + half), 1))


def level_of(score: float) -> int:
    return min(LEVELS, 1 + int(score // (100 / LEVELS)))


def dimension_score(
    one: RubricDimension,
    weight: float,
    answers: Mapping[str, ScoredAnswer],
    asked: Sequence[str],
    sigma: float,
) -> DimensionScore:
    """`answers`: by question; `asked`: which questions ask for it."""
    found = [id_ for id_ in asked if id_ in answers]
    score = sum(answers[id_].on(one.id)[0] for id_ in found) / len(found) if found else None
    level = None if score is None else level_of(score)
    return DimensionScore(
        dimension=one.id,
        name=one.name,
        score=None if score is None else round(score, 1),
        interval=None if score is None else interval_of(score, [1 / len(found)] * len(found), sigma),
        level=level,
        anchor={} if level is None else _anchor(one, level),
        weight=weight,
        questions=tuple(found),
        insufficient=None if found else message("no-scored-answer" if asked else "dimension-not-asked"),
        evidence=tuple(quote for id_ in found for quote in answers[id_].on(one.id)[1][:1]),
        models=tuple(sorted({answers[id_].model for id_ in found} - {""})),
        rubrics=tuple(sorted({answers[id_].rubric for id_ in found} - {""})),
    )


def shares_of(dimensions: Sequence[DimensionScore], weights: Mapping[str, float]) -> dict[str, float]:
    """Each answer's share of the overall score; empty where too little of the weight is scored."""
    scored = [one for one in dimensions if one.score is not None]
    covered, total = sum(weights[one.dimension] for one in scored), sum(weights.values())
    if covered <= 0 or covered < MIN_WEIGHT_SCORED * total:
        return {}
    shares: dict[str, float] = {}
    for one in scored:
        for question in one.questions:
            part = weights[one.dimension] / covered / len(one.questions)
            shares[question] = shares.get(question, 0.0) + part
    return {question: share for question, share in shares.items() if share > 0}


def moved_by_levels(
    dimensions: Sequence[DimensionScore], weights: Mapping[str, float], answers: Mapping[str, ScoredAnswer]
) -> float:
    """Points of the overall score by which levels of dimensions differ from their answers' scores."""
    scored = [one for one in dimensions if one.score is not None and weights[one.dimension] > 0]
    covered = sum(weights[one.dimension] for one in scored)
    return sum(
        weights[one.dimension]
        / covered
        / len(one.questions)
        * (answers[id_].on(one.dimension)[0] - answers[id_].score)
        for one in scored
        for id_ in one.questions
        if one.dimension in answers[id_].levels
    )


def _anchor(one: RubricDimension, level: int) -> ByLanguage:
    return {language: texts[level - 1] for language, texts in one.anchors.items() if len(texts) == LEVELS}
