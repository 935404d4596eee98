"""What one interview says of a candidate, as the analyses over many interviews need it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Literal

from interviews.events import Event
from interviews.reviews import human_score
from interviews.rubric import RubricDimension
from interviews.scoring import Scores, scores
from interviews.state import SessionState
from interviews.wording import Message

# Measured every second or so, and without a part in any score: left out, a log is a hundredth as long.
UNSCORED = (
    "sound.state", "picture.state", "speech.measured", "face.state", "face.hint", "face.fault",
    "face.blinked", "face.unclear", "face.measured", "affect.observed", "liveness.observed",
    "liveness.concluded", "link.measured", "link.reported", "captions.paced", "utterance.started",
    "turn.ended", "identity.checked", "injection.observed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CandidateScores:
    """Scores 0–100, once the result is there; `dimensions` by id, those that could be scored."""

    session: str
    overall: float | None
    dimensions: Mapping[str, float]
    decision: Literal["passed", "failed", "pending"] | None
    candidate: str = ""
    over: bool = False
    insufficient: Message | None = None  # why there is no overall score
    answers: Mapping[str, float] = field(default_factory=dict)  # by question
    # How many answers of equal share would tell as much as those of the overall score (Kish 1965).
    equal_answers: float = 0.0
    by_dimension: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    human: Mapping[str, float] = field(default_factory=dict)  # by dimension, where a person rated it

    @classmethod
    def of(cls, events: Iterable[Event]) -> CandidateScores:
        log = [*events]
        state = SessionState.of(log)
        made = state.journey.decision
        result = scores(state, log[0].session if log else "")
        done = state.state == "scored"
        by_dimension = _by_dimension(state, result) if done else {}
        return cls(
            session=result.session,
            overall=result.overall if done else None,
            dimensions={dimension: round(fmean(found), 2) for dimension, found in by_dimension.items()},
            decision=made.decision if made else None,
            candidate=state.created.candidate if state.created else "",
            over=state.over,
            insufficient=result.insufficient,
            answers={one.question: one.score for one in result.answers if one.score is not None},
            equal_answers=_equal_answers(result),
            by_dimension=by_dimension,
            human=_human(state),
        )


def _human(state: SessionState) -> dict[str, float]:
    known = ((one.id, human_score(state.reviews, one.id)) for one in _rubric(state))
    return {id_: score for id_, score in known if score is not None}


def _rubric(state: SessionState) -> tuple[RubricDimension, ...]:
    return state.created.dimensions if state.created else ()


def _equal_answers(result: Scores) -> float:
    squares = sum(one.weight**2 for one in result.answers)
    return 1 / squares if squares else 0.0


def _by_dimension(state: SessionState, result: Scores) -> dict[str, tuple[float, ...]]:
    """The scores of the answers to the questions that ask for a dimension; it is their plain mean."""
    values: dict[str, list[float]] = defaultdict(list)
    by_question = {answer.question: answer.score for answer in result.answers}
    for id_, question in state.questions.items():
        score = by_question.get(id_)
        if score is not None:
            for dimension in question.dimensions:
                values[dimension].append(score)
    return {dimension: tuple(found) for dimension, found in values.items()}
