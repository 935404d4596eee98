"""The report of a session: a pure function of its events, so the same log gives the same bytes.

`Transcript.of(events)`, `Scores.of(events)` and `Report.of(events)` may be asked at any time; before the end
they hold what there is, and `state` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from interviews.coding_scores import CodeReport, code_reports
from interviews.conclusions import Conclusion, conclusions
from interviews.decisions import Decided, ReviewAsked, decisions, reviews
from interviews.events import Event, Language, Policy
from interviews.integrity import Fact, LinkQuality, integrity, link_quality
from interviews.journey_events import SurveyAnswered
from interviews.moments import Moment, moments
from interviews.observed import NO_AFFECT, Observed, observed
from interviews.parts import Part
from interviews.reviews import Reviewed, reviewed
from interviews.scoring import Scores, scores, weights_in_force
from interviews.state import SessionState, State
from interviews.transcript import Transcript, transcript
from interviews.wording import Message, message

REPORT_VERSION = "report-4"

__all__ = ["Report", "Scores", "Sufficiency", "Transcript", "Versions"]


class Sufficiency(Part):
    """Whether there was enough to judge; `missing` says for each question without a score why."""

    verdict: Message
    asked: int
    scored: int
    missing: dict[str, Message]


class Versions(Part):
    """Everything that had a part in the report."""

    report: str
    weights: str
    models: tuple[str, ...]
    rubrics: tuple[str, ...]


class Report(Part):
    """What HR decides from: scores with evidence, and apart from them what was merely observed."""

    session: str
    candidate: str
    language: Language
    policy: Policy
    state: State
    created_at: datetime
    ended_at: datetime | None
    media_time: float
    overall: float | None
    scores: Scores
    conclusions: tuple[Conclusion, ...]
    reviewed: Reviewed
    decision: Decided | None = Field(description="the last of them")
    decisions: tuple[Decided, ...]
    review_requested: bool = Field(description="the candidate asked for a person, and nobody decided since")
    reviews: tuple[ReviewAsked, ...]
    survey: SurveyAnswered | None = Field(description="of the interview itself: no part of the result")
    transcript: Transcript
    programs: tuple[CodeReport, ...]
    timeline: tuple[Moment, ...]
    observed: Observed
    integrity: tuple[Fact, ...]
    link: LinkQuality
    sufficiency: Sufficiency
    versions: Versions

    @classmethod
    def of(cls, events: Sequence[Event]) -> Report:
        """Raises ValueError for a log that does not begin with the creation of its session."""
        state = SessionState.of(events)
        if state.created is None:
            raise ValueError("the log holds no session.created")
        session = events[0].session
        scored = scores(state, session)
        facts = integrity(events, state.media_time)
        decided = decisions(state.journey)
        return cls(
            session=session,
            candidate=state.created.candidate,
            language=state.created.language,
            policy=state.created.policy,
            state=state.state,
            created_at=events[0].at,
            ended_at=next((e.at for e in events if e.data.type == "session.ended"), None),
            media_time=round(state.media_time, 3),
            overall=scored.overall,
            scores=scored,
            conclusions=conclusions(scored, state),
            reviewed=reviewed(state.reviews, scored.dimensions, state.created.dimensions),
            decision=decided[-1] if decided else None,
            decisions=decided,
            review_requested=state.journey.review_open,
            reviews=reviews(state.journey),
            survey=state.journey.survey,
            transcript=transcript(state, session),
            programs=code_reports(state),
            timeline=moments(events, state, facts),
            observed=observed(events, state),
            integrity=facts,
            link=link_quality(events, state.media_time),
            sufficiency=_sufficiency(scored, state),
            versions=_versions(events, state),
        )


def _sufficiency(scored: Scores, state: SessionState) -> Sufficiency:
    asked = sum(answer.started is not None for answer in state.answers)
    with_score = sum(answer.score is not None for answer in scored.answers)
    verdict: Literal["sufficient", "partly", "insufficient"] = "sufficient"
    if scored.overall is None:
        verdict = "insufficient"
    elif with_score < asked:
        verdict = "partly"
    return Sufficiency(
        verdict=message(verdict),
        asked=asked,
        scored=with_score,
        missing={a.question: a.insufficient for a in scored.answers if a.insufficient is not None},
    )


def _versions(events: Sequence[Event], state: SessionState) -> Versions:
    no_affect = state.created is None or state.created.policy in NO_AFFECT
    used = (
        getattr(event.data, "model", None)
        for event in events
        if not (no_affect and event.data.type == "affect.observed")
    )
    ratings = state.ratings.values()
    return Versions(
        report=REPORT_VERSION,
        weights=weights_in_force(state)[1],
        models=_distinct([*used, *(rating.model for rating in ratings)]),
        rubrics=_distinct(rating.rubric for rating in ratings),
    )


def _distinct(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name}))
