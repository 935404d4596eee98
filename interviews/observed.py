"""What was observed and is not scored: speech rate, facial affect, presence, liveness. All of weight 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from interviews.events import AffectObserved, Event, FaceState, LivenessObserved, Policy
from interviews.scoring import Part
from interviews.spans import spans, total
from interviews.speech import Band, band, delivery
from interviews.state import SessionState

# EU AI Act, Article 5(1)(f): no emotion recognition in recruitment, whatever the candidate agrees to.
NO_AFFECT: frozenset[Policy] = frozenset({"EU", "strict"})


class ObservedSpeech(Part):
    """How one answer was delivered. The band is what a reader is shown; the rates explain it."""

    question: str
    band: Band | None = Field(description="slow, usual or fast; null when there is too little speech")
    words_per_minute: float | None
    syllables_per_minute: float | None
    pause_ratio: float
    seconds: float


class ObservedAffect(Part):
    """Facial expression over the session, as shares of the observations, with their mean confidence."""

    observations: int
    positive: float
    neutral: float
    negative: float
    confidence: float
    models: tuple[str, ...]


class ObservedFace(Part):
    """Seconds with nobody, one person and several people in the picture; `presence` is the share with one."""

    presence: float | None
    none_s: float
    one_s: float
    several_s: float


class ObservedLiveness(Part):
    """ISO/IEC 30107-3 terms: `score` is the last mean probability of a bona fide presentation."""

    decision: Literal["bona-fide", "attack", "undecided"]
    score: float
    frames: int
    threshold: float
    decisions: dict[str, int]
    model: str


class Observed(Part):
    """None of this enters a score."""

    weight: Literal[0] = 0
    speech: tuple[ObservedSpeech, ...]
    affect: ObservedAffect | None
    affect_forbidden: bool = Field(description="the session's policy forbids observing affect")
    face: ObservedFace
    liveness: ObservedLiveness | None


def observed(events: Sequence[Event], state: SessionState) -> Observed:
    # A log without its beginning does not say what is allowed, so nothing is.
    forbidden = state.created is None or state.created.policy in NO_AFFECT
    return Observed(
        speech=_speech(state),
        affect=None if forbidden else _affect(events),
        affect_forbidden=forbidden,
        face=_face(events, state.media_time),
        liveness=_liveness(events),
    )


def _speech(state: SessionState) -> tuple[ObservedSpeech, ...]:
    found = []
    for answer in state.answers:
        words = [word for utterance in answer.utterances for word in utterance.words]
        if not words:
            continue
        language = answer.utterances[0].language
        rates = delivery(words, language)
        found.append(
            ObservedSpeech(
                question=answer.question.id,
                band=band(rates, language),
                words_per_minute=rates.words_per_minute,
                syllables_per_minute=rates.syllables_per_minute,
                pause_ratio=rates.pause_ratio,
                seconds=rates.seconds,
            )
        )
    return tuple(found)


def _affect(events: Sequence[Event]) -> ObservedAffect | None:
    seen = [event.data for event in events if isinstance(event.data, AffectObserved)]
    if not seen:
        return None
    share = Counter(observation.valence for observation in seen)
    return ObservedAffect(
        observations=len(seen),
        positive=round(share["positive"] / len(seen), 3),
        neutral=round(share["neutral"] / len(seen), 3),
        negative=round(share["negative"] / len(seen), 3),
        confidence=round(sum(observation.confidence for observation in seen) / len(seen), 3),
        models=tuple(dict.fromkeys(observation.model for observation in seen)),
    )


def _face(events: Sequence[Event], end: float) -> ObservedFace:
    held = spans(events, lambda e: e.data.state if isinstance(e.data, FaceState) else None, end)
    none, one, several = (total(held, state) for state in ("none", "one", "several"))
    known = none + one + several
    return ObservedFace(
        presence=round(one / known, 3) if known > 0 else None,
        none_s=round(none, 3),
        one_s=round(one, 3),
        several_s=round(several, 3),
    )


def _liveness(events: Sequence[Event]) -> ObservedLiveness | None:
    seen = [event.data for event in events if isinstance(event.data, LivenessObserved)]
    if not seen:
        return None
    last = seen[-1]
    return ObservedLiveness(
        decision=last.decision,
        score=last.score,
        frames=last.frames,
        threshold=last.threshold,
        decisions=dict(sorted(Counter(observation.decision for observation in seen).items())),
        model=last.model,
    )
