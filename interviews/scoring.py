"""Scores: a mechanical combination of the measures of each answer, every number with what it rests on.

Content alone is scored. Measures without enough data drop out and the weights of the others are renormalised;
an answer whose relevance cannot be judged has no score at all, because nothing else says whether it answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import BaseModel, ConfigDict, Field

from interviews.answers import Measure
from interviews.events import Event
from interviews.state import Answer, SessionState, State
from interviews.wording import Message, message, note

WEIGHTS: dict[str, float] = {"relevance": 0.5, "coverage": 0.2, "coherence": 0.15, "lexical_richness": 0.15}
WEIGHTS_VERSION = "weights-1"
MIN_SHARE_SCORED = 0.5
MIN_WORD_PROBABILITY = 0.4  # mean over an answer's words; below it the transcript cannot be trusted


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Quote(Part):
    """Evidence: words of the transcript and where they are in the recording, seconds on the media clock."""

    quote: str
    start: float
    end: float
    note: Message


class ScoredMeasure(Part):
    """`weight`: its share of the answer's score after renormalisation; 0 when insufficient."""

    name: str
    label: Message
    value: float | None = Field(ge=0, le=100)
    weight: float = Field(ge=0, le=1)
    insufficient: Message | None
    evidence: tuple[Quote, ...]
    detail: dict[str, float]
    model: str
    rubric: str


class AnswerScore(Part):
    """The score of one answer, 0–100, or why there is none. `weight` is its share of the overall score."""

    question: str
    score: float | None = Field(ge=0, le=100)
    weight: float = Field(ge=0, le=1)
    insufficient: Message | None
    measures: tuple[ScoredMeasure, ...]


class Scores(Part):
    """Scores so far; final once `state` is `scored`."""

    session: str
    state: State
    overall: float | None = Field(ge=0, le=100)
    insufficient: Message | None
    answers: tuple[AnswerScore, ...]
    weights: dict[str, float]
    weights_version: str

    @classmethod
    def of(cls, events: Sequence[Event]) -> Scores:
        return scores(SessionState.of(events), events[0].session if events else "")


def scores(state: SessionState, session: str) -> Scores:
    """Combine the ratings in `state`. The overall score is the plain mean of the answers that have one."""
    refused = None if state.journey.allows("scoring") else "scoring-refused"
    reasons = {answer.question.id: refused or _without_score(answer) for answer in state.answers}
    asked = [answer for answer in state.answers if answer.started is not None]
    scored = [answer for answer in asked if reasons[answer.question.id] is None]
    share = 1 / len(scored) if scored else 0.0
    answers = tuple(
        _answer_score(
            replace(answer, rating=None) if refused else answer,
            reasons[answer.question.id],
            share if answer in scored else 0.0,
        )
        for answer in state.answers
    )
    values = [answer.score for answer in answers if answer.score is not None]
    enough = bool(values) and len(values) >= MIN_SHARE_SCORED * len(asked)
    return Scores(
        session=session,
        state=state.state,
        overall=round(sum(values) / len(values), 1) if enough else None,
        insufficient=None if enough else message(refused or "too-few-answers"),
        answers=answers,
        weights=dict(WEIGHTS),
        weights_version=WEIGHTS_VERSION,
    )


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


def _answer_score(answer: Answer, reason: str | None, share: float) -> AnswerScore:
    measures = answer.rating.measures if answer.rating else ()
    counted = {
        m.name: WEIGHTS[m.name]
        for m in measures
        if reason is None and m.value is not None and m.name in WEIGHTS
    }
    total = sum(counted.values())
    score = sum(m.value * counted[m.name] for m in measures if m.value is not None and m.name in counted)
    return AnswerScore(
        question=answer.question.id,
        score=round(score / total, 1) if total else None,
        weight=round(share, 4),
        insufficient=message(reason) if reason else None,
        measures=tuple(
            _scored_measure(m, counted.get(m.name, 0.0) / total if total else 0.0, answer) for m in measures
        ),
    )


def _scored_measure(measure: Measure, weight: float, answer: Answer) -> ScoredMeasure:
    rating = answer.rating
    return ScoredMeasure(
        name=measure.name,
        label=message(measure.name),
        value=measure.value,
        weight=round(weight, 4),
        insufficient=message(measure.insufficient) if measure.insufficient else None,
        evidence=tuple(
            Quote(quote=e.quote, start=e.start, end=e.end, note=note(e.note)) for e in measure.evidence
        ),
        detail=measure.detail,
        model=rating.model if rating else "",
        rubric=rating.rubric if rating else "",
    )
