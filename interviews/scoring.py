"""Scores: a mechanical combination of the measures of each answer, every number with what it rests on.

Content alone is scored. Measures without enough data drop out and the weights of the others are renormalised;
an answer whose relevance cannot be judged has no score at all, because nothing else says whether it answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import Field

from interviews.answer_evidence import KeyPoint, key_points, quotes, quotes_of
from interviews.answers import Measure
from interviews.coding_scores import MEASURE, RUBRIC, Correctness, correctness
from interviews.dimension_scores import (
    DimensionScore,
    ScoredAnswer,
    Weighing,
    dimension_score,
    interval_of,
    moved_by_levels,
    shares_of,
    sigma_of,
)
from interviews.events import Event
from interviews.parts import Interval, Part, Quote
from interviews.rubric import RubricDimension, WeightsChanged
from interviews.state import Answer, SessionState, State
from interviews.wording import Message, message, note

# Of the measures, by the version of the rubric that an answer was rated by: an old log gives its old result.
FIRST_WEIGHTS: dict[str, float] = {
    "relevance": 0.5,
    "coverage": 0.2,
    "coherence": 0.15,
    "lexical_richness": 0.15,
}
WEIGHTS: dict[str, float] = {
    "relevance": 0.4,
    "coverage": 0.2,
    "structure": 0.15,
    "specificity": 0.1,
    "coherence": 0.1,
    "lexical_richness": 0.05,
}
FIRST_RUBRICS = frozenset({"content-1", "content-2"})
FIRST_WEIGHTS_VERSION, WEIGHTS_VERSION = "weights-1", "weights-2"
MIN_SHARE_SCORED = 0.5
_DIMENSION = "dimension:"  # a measure of its own where the rater judged the answer by a dimension's anchors
MIN_WORD_PROBABILITY = 0.4  # mean over an answer's words; below it the transcript cannot be trusted


class ScoredMeasure(Part):
    """`weight`: its share of the answer's score after renormalisation; 0 when insufficient."""

    name: str
    label: Message
    value: float | None = Field(ge=0, le=100)
    weight: float = Field(ge=0, le=1)
    insufficient: Message | None
    evidence: tuple[Quote, ...]
    missing: tuple[Message, ...]
    detail: dict[str, float]
    model: str
    rubric: str


class AnswerFlag(Part):
    """What a person should look at; it carries no weight."""

    flag: Message
    evidence: tuple[Quote, ...]
    detail: dict[str, float]


class AnswerScore(Part):
    """The score of one answer, 0–100, or why there is none. `weight` is its share of the overall score.

    `evidence`: the words that its relevance rests on, the closest first.
    """

    question: str
    score: float | None = Field(ge=0, le=100)
    interval: Interval | None
    weight: float = Field(ge=0, le=1)
    insufficient: Message | None
    evidence: tuple[Quote, ...]
    key_points: tuple[KeyPoint, ...]
    measures: tuple[ScoredMeasure, ...]
    flags: tuple[AnswerFlag, ...]


class Scores(Part):
    """Scores so far; final once `state` is `scored`.

    `weights`: of the measures within an answer, by the rubric that the last answer was rated by.
    `dimensions` are empty where no plan says what counts; then `overall` is the plain mean of the answers.
    `history`: by each version of the dimensions' weights, the one in force last.
    `evidence`: of each answer that counts towards `overall` the closest words.
    """

    session: str
    state: State
    overall: float | None = Field(ge=0, le=100)
    interval: Interval | None
    insufficient: Message | None
    evidence: tuple[Quote, ...]
    dimensions: tuple[DimensionScore, ...]
    answers: tuple[AnswerScore, ...]
    history: tuple[Weighing, ...]
    weights: dict[str, float]
    weights_version: str

    @classmethod
    def of(cls, events: Sequence[Event]) -> Scores:
        return scores(SessionState.of(events), events[0].session if events else "")


@dataclass(frozen=True, slots=True)
class _Whole:
    """By one version of the weights; `shares`: of each answer, summing to 1."""

    overall: float | None
    shares: dict[str, float]
    insufficient: str | None


def scores(state: SessionState, session: str) -> Scores:
    """Combine the ratings in `state`."""
    refused = None if state.journey.allows("scoring") else "scoring-refused"
    reasons = {answer.question.id: refused or _without_score(answer) for answer in state.answers}
    rated = {
        answer.question.id: _answer_score(
            replace(answer, rating=None) if refused else answer, reasons[answer.question.id]
        )
        for answer in state.answers
    }
    for answer in state.answers:
        code = correctness(answer, state.code.of(answer.question.id))
        if code is not None and not refused:
            rated[answer.question.id] = _coded(rated[answer.question.id], code, answer)
    asked = sum(answer.started is not None for answer in state.answers)
    points = {id_: one.score for id_, one in rated.items() if one.score is not None}
    sigma = sigma_of([*points.values()], [_between_samples(rated[id_]) for id_ in points])
    weighings, dimensions, whole = _weighed(state, rated, points, sigma, asked)
    reason = None if whole.overall is not None else refused or whole.insufficient
    weights, version = weights_in_force(state)
    return Scores(
        session=session,
        state=state.state,
        overall=whole.overall,
        interval=_interval(whole, sigma),
        insufficient=message(reason) if reason else None,
        evidence=tuple(
            quote for id_, one in rated.items() if whole.shares.get(id_) for quote in one.evidence[:1]
        ),
        dimensions=dimensions,
        answers=tuple(
            one.model_copy(
                update={
                    "weight": round(whole.shares.get(id_, 0.0), 4),
                    "measures": _named(one.measures, state.created.dimensions if state.created else ()),
                    "interval": None if one.score is None else interval_of(one.score, [1.0], sigma),
                }
            )
            for id_, one in rated.items()
        ),
        history=weighings,
        weights=dict(weights),
        weights_version=version,
    )


def weights_of(rubric: str) -> dict[str, float]:
    """Of the measures of an answer that was rated by this version of the rubric; they sum to 1."""
    return FIRST_WEIGHTS if rubric in FIRST_RUBRICS else WEIGHTS


def weights_in_force(state: SessionState) -> tuple[dict[str, float], str]:
    """The weights of the last answer that was rated, today's where none was; and their version."""
    rubrics = [answer.rating.rubric for answer in state.answers if answer.rating]
    weights = weights_of(rubrics[-1]) if rubrics else WEIGHTS
    return weights, FIRST_WEIGHTS_VERSION if weights is FIRST_WEIGHTS else WEIGHTS_VERSION


def _weighed(
    state: SessionState, rated: dict[str, AnswerScore], points: dict[str, float], sigma: float, asked: int
) -> tuple[tuple[Weighing, ...], tuple[DimensionScore, ...], _Whole]:
    """By each version of the weights, and the dimensions and the whole by the last of them."""
    rubric = state.created.dimensions if state.created else ()
    if not rubric:
        shares = dict.fromkeys(points, 1 / len(points)) if points else {}
        return (), (), _whole(points, shares, asked)
    known = {id_: _known(score, rated[id_]) for id_, score in points.items()}
    asking = {
        one.id: [id_ for id_, question in state.questions.items() if one.id in question.dimensions]
        for one in rubric
    }
    plan = {one.id: one.weight for one in rubric}
    versions: list[tuple[datetime | None, WeightsChanged | None, dict[str, float]]] = [(None, None, plan)]
    versions += [(at, changed, changed.weights) for at, changed in state.weights]
    history: list[Weighing] = []
    for number, (at, changed, weights) in enumerate(versions, start=1):
        dimensions = tuple(
            dimension_score(one, weights[one.id], known, asking[one.id], sigma) for one in rubric
        )
        moved_by = moved_by_levels(dimensions, weights, known)
        whole = _whole(points, shares_of(dimensions, weights), asked, moved_by)
        before = history[-1].overall if history else None
        moved = None if before is None or whole.overall is None else round(whole.overall - before, 1)
        history.append(
            Weighing(
                version=number,
                at=at,
                by=changed.by if changed else "",
                reason=changed.reason if changed else "",
                weights=dict(weights),
                overall=whole.overall,
                interval=_interval(whole, sigma),
                difference=moved,
            )
        )
    return tuple(history), dimensions, whole


def _whole(points: dict[str, float], shares: dict[str, float], asked: int, moved_by: float = 0.0) -> _Whole:
    if not points or len(points) < MIN_SHARE_SCORED * asked:
        return _Whole(None, {}, "too-few-answers")
    if not shares:
        return _Whole(None, {}, "too-little-weight")
    overall = sum(points[question] * share for question, share in shares.items()) + moved_by
    return _Whole(round(overall, 1), shares, None)


def _interval(whole: _Whole, sigma: float) -> Interval | None:
    if whole.overall is None:
        return None
    return interval_of(whole.overall, [*whole.shares.values()], sigma)


def _known(score: float, answer: AnswerScore) -> ScoredAnswer:
    relevance = next((one for one in answer.measures if one.name in (MEASURE, "relevance")), None)
    if relevance is None:
        return ScoredAnswer(score, (), "", "")
    levels = {
        one.name.removeprefix(_DIMENSION): (one.value, one.evidence)
        for one in answer.measures
        if one.name.startswith(_DIMENSION) and one.value is not None
    }
    return ScoredAnswer(score, answer.evidence, relevance.model, relevance.rubric, levels)


def _between_samples(answer: AnswerScore) -> float:
    """Standard deviation between the samples of a rating, points; 0 where it was made once."""
    return sum(one.weight * one.detail.get("sd", 0.0) for one in answer.measures)


def _without_score(answer: Answer) -> str | None:
    """The reason why an answer gets no score, or None."""
    if answer.started is None:
        return "not-asked"
    if not any(utterance.text.strip() for utterance in answer.utterances):
        return "no-answer"
    heard = [word.probability for utterance in answer.utterances for word in utterance.words]
    if heard and sum(heard) / len(heard) < MIN_WORD_PROBABILITY:
        return "unclear-speech"
    if answer.rating is None:
        return "not-rated"
    relevance = next((m for m in answer.rating.measures if m.name == "relevance"), None)
    if relevance is None or relevance.value is None:
        return relevance.insufficient if relevance and relevance.insufficient else "too-short"
    return None


def _answer_score(answer: Answer, reason: str | None) -> AnswerScore:
    measures = answer.rating.measures if answer.rating else ()
    weights = weights_of(answer.rating.rubric) if answer.rating else WEIGHTS
    counted = {
        m.name: weights[m.name]
        for m in measures
        if reason is None and m.value is not None and m.name in weights
    }
    total = sum(counted.values())
    score = sum(m.value * counted[m.name] for m in measures if m.value is not None and m.name in counted)
    relevance = next((m for m in measures if m.name == "relevance" and m.value is not None), None)
    return AnswerScore(
        question=answer.question.id,
        score=round(score / total, 1) if total else None,
        interval=None,  # as `weight`: known only once all are rated
        weight=0.0,
        insufficient=message(reason) if reason else None,
        evidence=quotes_of(relevance, answer) if relevance else (),
        key_points=key_points(answer),
        measures=tuple(
            _scored_measure(m, counted.get(m.name, 0.0) / total if total else 0.0, answer) for m in measures
        ),
        flags=tuple(
            AnswerFlag(flag=message(flag.name), evidence=quotes(flag.evidence), detail=flag.detail)
            for flag in (answer.rating.flags if answer.rating else ())
        ),
    )


def _named(
    measures: tuple[ScoredMeasure, ...], rubric: Sequence[RubricDimension]
) -> tuple[ScoredMeasure, ...]:
    """Levels of dimensions under the names that the plan gives these."""
    names = {f"{_DIMENSION}{one.id}": one.name for one in rubric}
    return tuple(
        one.model_copy(
            update={
                "label": one.label.model_copy(
                    update={str(key): text for key, text in names[one.name].items()}
                )
            }
        )
        if one.name in names
        else one
        for one in measures
    )


def _coded(said: AnswerScore, code: Correctness, answer: Answer) -> AnswerScore:
    """The score of code is its correctness alone; what was said stands beside it with weight 0."""
    value = code.measure.value
    first = _scored_measure(code.measure, float(value is not None), answer)
    first = first.model_copy(update={"model": code.runner, "rubric": RUBRIC})
    beside = tuple(one.model_copy(update={"weight": 0.0}) for one in said.measures)
    return said.model_copy(
        update={
            "score": value,
            "insufficient": message(code.reason) if code.reason else None,
            "evidence": first.evidence,
            "measures": (first, *beside),
        }
    )


def _scored_measure(measure: Measure, weight: float, answer: Answer) -> ScoredMeasure:
    rating = answer.rating
    return ScoredMeasure(
        name=measure.name,
        label=message(measure.name),
        value=measure.value,
        weight=round(weight, 4),
        insufficient=message(measure.insufficient) if measure.insufficient else None,
        evidence=quotes_of(measure, answer),
        missing=tuple(note(one) for one in measure.missing),
        detail=measure.detail,
        model=rating.model if rating else "",
        rubric=rating.rubric if rating else "",
    )
