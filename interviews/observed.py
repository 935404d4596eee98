"""What was observed and is not scored: speech rate, facial affect, presence, liveness. All of weight 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import log10
from typing import Literal

from pydantic import Field

from interviews.events import (
    AffectObserved,
    Event,
    FaceState,
    LivenessObserved,
    Policy,
    SessionDisconnected,
    SpeechMeasured,
)
from interviews.parts import Part
from interviews.presence import (
    ChallengeEnded,
    DevicesNoted,
    FlashEnded,
    HumanCheckRequested,
    LivenessConcluded,
    WeighedCue,
)
from interviews.spans import spans, total
from interviews.speech import Band, band, delivery
from interviews.state import Answer, SessionState

# EU AI Act, Article 5(1)(f): no emotion recognition in recruitment, whatever the candidate agrees to.
NO_AFFECT: frozenset[Policy] = frozenset({"EU", "strict"})


class ObservedSpeech(Part):
    """How one answer was delivered. The band is what a reader is shown; the rates explain it.

    What was measured on the sound is gathered over the answer's utterances, each weighing as long as it
    lasts: medians, but the mean of clipping and of loudness (as power).
    """

    question: str
    band: Band | None = Field(description="slow, usual or fast; null when there is too little speech")
    words_per_minute: float | None
    syllables_per_minute: float | None
    articulation_rate: float | None = Field(description="syllables a minute, pauses left out")
    pauses: int
    pause_ratio: float
    fillers: int
    filler_ratio: float | None
    latency_s: float | None = Field(description="from the question to the first word; null: interrupted")
    seconds: float
    dbfs: float | None
    loudness_range_db: float | None
    pitch_hz: float | None
    pitch_range_semitones: float | None
    snr_db: float | None
    clipping: float | None
    bandwidth_hz: float | None


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


class ObservedCues(Part):
    """The last account of all liveness cues, and what was asked of the candidate. Advises, decides nothing.

    `score` -1 (attack) to 1 (bona fide); `certainty`: share of the weight that is known.
    """

    score: float
    certainty: float
    cues: tuple[WeighedCue, ...]
    challenges: tuple[ChallengeEnded, ...]
    flashes: tuple[FlashEnded, ...]
    devices: DevicesNoted | None
    human_check_requested: bool


class Observed(Part):
    """None of this enters a score."""

    weight: Literal[0] = 0
    speech: tuple[ObservedSpeech, ...]
    affect: ObservedAffect | None
    affect_forbidden: bool = Field(description="the session's policy forbids observing affect")
    face: ObservedFace
    liveness: ObservedLiveness | None
    liveness_cues: ObservedCues | None = None


def observed(events: Sequence[Event], state: SessionState) -> Observed:
    # A log without its beginning does not say what is allowed, so nothing is.
    forbidden = state.created is None or state.created.policy in NO_AFFECT
    return Observed(
        speech=_speech(events, state),
        affect=None if forbidden else _affect(events),
        affect_forbidden=forbidden,
        face=_face(events, state.media_time),
        liveness=_liveness(events),
        liveness_cues=_cues(events),
    )


def _speech(events: Sequence[Event], state: SessionState) -> tuple[ObservedSpeech, ...]:
    measured = {e.data.utterance: e.data for e in events if isinstance(e.data, SpeechMeasured)}
    lost = [event.media_time for event in events if isinstance(event.data, SessionDisconnected)]
    found = []
    for answer in state.answers:
        words = [word for utterance in answer.utterances for word in utterance.words]
        if not words:
            continue
        language = answer.utterances[0].language
        rates = delivery(words, language)
        voice = _Weighed([measured[u.utterance] for u in answer.utterances if u.utterance in measured])
        found.append(
            ObservedSpeech(
                question=answer.question.id,
                band=band(rates, language),
                words_per_minute=rates.words_per_minute,
                syllables_per_minute=rates.syllables_per_minute,
                articulation_rate=rates.articulation_rate,
                pauses=rates.pauses,
                pause_ratio=rates.pause_ratio,
                fillers=rates.fillers,
                filler_ratio=rates.filler_ratio,
                latency_s=_latency(answer, words[0].start, lost),
                seconds=rates.seconds,
                dbfs=voice.loudness(),
                loudness_range_db=voice.median(lambda m: m.loudness_range_db, 1),
                pitch_hz=voice.median(lambda m: m.pitch_hz, 1),
                pitch_range_semitones=voice.median(lambda m: m.pitch_range_semitones, 1),
                snr_db=voice.median(lambda m: m.snr_db, 1),
                clipping=voice.mean(lambda m: m.clipping, 5),
                bandwidth_hz=voice.median(lambda m: m.bandwidth_hz, 0),
            )
        )
    return tuple(found)


def _latency(answer: Answer, first_word: float, lost: Sequence[float]) -> float | None:
    if answer.started is None or any(answer.started <= at <= first_word for at in lost):
        return None
    return round(max(0.0, first_word - answer.started), 2)


class _Weighed:
    """Figures of several utterances as one, each weighing as long as it lasts; None where none has it."""

    def __init__(self, measured: Sequence[SpeechMeasured]) -> None:
        self._measured = measured

    def _known(self, of: Callable[[SpeechMeasured], float | None]) -> list[tuple[float, float]]:
        known = ((of(one), one.end - one.start) for one in self._measured)
        return sorted((value, weight) for value, weight in known if value is not None and weight > 0)

    def median(self, of: Callable[[SpeechMeasured], float | None], digits: int) -> float | None:
        known = self._known(of)
        half = sum(weight for _, weight in known) / 2
        for value, weight in known:
            half -= weight
            if half <= 0:
                return round(value, digits)
        return None

    def mean(self, of: Callable[[SpeechMeasured], float | None], digits: int) -> float | None:
        known = self._known(of)
        total_s = sum(weight for _, weight in known)
        return round(sum(value * weight for value, weight in known) / total_s, digits) if known else None

    def loudness(self) -> float | None:
        power = self.mean(lambda m: 10 ** (m.dbfs / 10), 15)
        return round(10 * log10(power), 1) if power else None


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


def _cues(events: Sequence[Event]) -> ObservedCues | None:
    accounts = [event.data for event in events if isinstance(event.data, LivenessConcluded)]
    asked = any(isinstance(event.data, HumanCheckRequested) for event in events)
    if not accounts and not asked:
        return None
    last = accounts[-1] if accounts else LivenessConcluded(score=0.0, certainty=0.0, cues=())
    devices = [event.data for event in events if isinstance(event.data, DevicesNoted)]
    return ObservedCues(
        score=last.score,
        certainty=last.certainty,
        cues=last.cues,
        challenges=tuple(event.data for event in events if isinstance(event.data, ChallengeEnded)),
        flashes=tuple(event.data for event in events if isinstance(event.data, FlashEnded)),
        devices=devices[-1] if devices else None,
        human_check_requested=asked,
    )
