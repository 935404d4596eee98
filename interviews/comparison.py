"""Candidates of one job side by side, those without enough data apart from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from pydantic import Field

from interviews.agreement import Agreement, agreement
from interviews.candidate_scores import CandidateScores
from interviews.parts import Interval, Part
from interviews.wording import Message

ROUNDS = 20
MIN_FREEDOM = 10  # fewer degrees of freedom tell too little of the spread


class ComparedScore(Part):
    """0–100, the mean of `answers` answers; `interval` as of `Comparison`, None where that has no spread."""

    value: float = Field(ge=0, le=100)
    interval: Interval | None
    answers: int


class Compared(Part):
    session: str
    candidate: str
    overall: ComparedScore
    dimensions: dict[str, ComparedScore]
    decision: Literal["passed", "failed", "pending"] | None
    like_first: bool = Field(description="the difference to the first is within its own 95 %: no clear order")


class Apart(Part):
    """An interview that is over and has no overall score; `reason` says why."""

    session: str
    candidate: str
    reason: Message | None
    decision: Literal["passed", "failed", "pending"] | None


class Comparison(Part):
    """`candidates`: the highest overall score first. `unfinished`: interviews that are not over.

    `spread`: standard deviation of single answers once each candidate's own level and each question's
    difficulty are taken off, over all candidates of the job. Intervals (95 %) come from it: how far other
    questions of the same kind might have led (relative error; Brennan 2001, Generalizability Theory). What
    the rater gets wrong in every answer of a candidate alike is not in them. None: too few answers to tell.
    `agreement`: of people with the machine, for each dimension that people rated.
    """

    candidates: tuple[Compared, ...]
    insufficient: tuple[Apart, ...]
    unfinished: int
    spread: float | None
    agreement: tuple[Agreement, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """Of single answers, in points, and how many degrees of freedom tell it."""

    deviation: float
    freedom: int

    def half(self, *answers: float) -> float:
        """Half a 95 % interval: of the mean of so many answers, or of a difference of two means."""
        from scipy.special import stdtrit  # for those alone who ask

        return float(stdtrit(self.freedom, 0.975)) * self.deviation * sqrt(sum(1 / n for n in answers))


def comparison(everybody: Iterable[CandidateScores]) -> Comparison:
    people = sorted(everybody, key=lambda one: (one.candidate, one.session))
    spread = spread_of([one.answers for one in people])
    scored = [
        (one, _score(one.overall, len(one.answers), spread, one.equal_answers))
        for one in people
        if one.overall is not None
    ]
    scored.sort(key=lambda pair: -pair[1].value)
    return Comparison(
        candidates=tuple(
            Compared(
                session=one.session,
                candidate=one.candidate,
                overall=overall,
                dimensions={
                    id_: _score(one.dimensions[id_], len(answers), spread)
                    for id_, answers in sorted(one.by_dimension.items())
                },
                decision=one.decision,
                like_first=_alike(overall, scored[0][1], spread),
            )
            for one, overall in scored
        ),
        insufficient=tuple(
            Apart(
                session=one.session, candidate=one.candidate, reason=one.insufficient, decision=one.decision
            )
            for one in people
            if one.over and one.overall is None
        ),
        unfinished=sum(not one.over for one in people),
        spread=spread and round(spread.deviation, 2),
        agreement=agreement(people),
    )


def spread_of(answers: Sequence[Mapping[str, float]]) -> Spread | None:
    """Of the answers of each candidate by question; None where they leave too few degrees of freedom."""
    people = [one for one in answers if len(one) > 1]
    questions = sorted({question for one in people for question in one})
    n = sum(map(len, people))
    freedom = n - len(people) - len(questions) + 1
    if freedom < MIN_FREEDOM:
        return None
    rest = np.full((len(people), len(questions)), np.nan)
    for at, one in enumerate(people):
        for question, score in one.items():
            rest[at, questions.index(question)] = score
    # Where all were asked the same one round is exact; else the two means settle within a few.
    for _ in range(ROUNDS):
        rest -= np.nanmean(rest, axis=1, keepdims=True)
        rest -= np.nanmean(rest, axis=0, keepdims=True)
    return Spread(float(np.sqrt(np.nansum(rest**2) / freedom)), freedom)


def _score(value: float, answers: int, spread: Spread | None, equal_answers: float = 0.0) -> ComparedScore:
    """`equal_answers`: in place of `answers` where their shares differ."""
    interval = None
    if spread is not None:
        half = spread.half(equal_answers or answers)
        interval = Interval(low=max(0.0, round(value - half, 1)), high=min(100.0, round(value + half, 1)))
    return ComparedScore(value=value, interval=interval, answers=answers)


def _alike(one: ComparedScore, first: ComparedScore, spread: Spread | None) -> bool:
    if spread is None or one is first:
        return one.value == first.value
    return first.value - one.value <= spread.half(one.answers, first.answers)
