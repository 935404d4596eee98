"""What travels between a gateway process and the deployments: small, typed, picklable.

Sound is int16 mono at 16 kHz. Pictures are uint8 RGB crops, height × width × 3. Times are seconds on the
session's media clock unless a name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.llm.scales import DimensionAsked
from models.streaming import SAMPLE_RATE, Language, Pcm, Said, Spoken, TimedWord

__all__ = [
    "AFFECT_CROP",
    "IDENTITY_CROP",
    "LIVENESS_CROP",
    "SAMPLE_RATE",
    "AffectResult",
    "AnswerRequest",
    "AnswerResult",
    "Caption",
    "Crop",
    "Deployment",
    "DimensionAsked",
    "FaceEmbeddings",
    "Known",
    "Language",
    "LivenessResult",
    "Marker",
    "MeasureResult",
    "Pcm",
    "Said",
    "Sentence",
    "SpeechBatch",
    "SpeechReply",
    "Spoken",
    "TimedWord",
    "UtteranceChunk",
]

AFFECT_CROP = 112
LIVENESS_CROP = 128
IDENTITY_CROP = 112

Deployment = Literal["SpeechRecognition", "FacialAffect", "Liveness", "FaceIdentity", "AnswerQuality"]
Crop = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class UtteranceChunk:
    """The next samples of one utterance. Addressed by `offset`, so sending twice is harmless.

    A replica that does not hold the samples before `offset` asks for them by naming the utterance in
    `SpeechReply.resend`; the gateway keeps every sample of an utterance until its final text has come.
    What cannot be heard (another `rate` than 16 kHz, samples that are no sound, a language that the model
    does not know) ends its utterance with an empty final, and counts as an error.
    """

    session: str
    utterance: int
    language: Spoken
    offset: int
    pcm: Pcm
    final: bool
    rate: int = SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Known:
    """An utterance whose final the gateway has, for a replica that has not heard it: context alone."""

    session: str
    utterance: int
    said: Said


@dataclass(frozen=True, slots=True)
class Marker:
    """Comes back once the device has worked through what the session had said before it.

    `utterances`: those without a final yet, each with its samples so far. One that has ended counts as
    worked through when its final is there.
    """

    session: str
    number: int
    utterances: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SpeechBatch:
    """One message per tick: all that the sessions of one gateway process have heard since the last.

    `tick` grows with every message of one gateway; one that arrives after a newer one is ignored.
    """

    gateway: str
    tick: int
    chunks: tuple[UtteranceChunk, ...]
    closed: tuple[str, ...] = ()  # sessions that are over, or elsewhere: free their slots
    markers: tuple[Marker, ...] = ()
    known: tuple[Known, ...] = ()  # of sessions that were elsewhere, or whose slot was lost


@dataclass(frozen=True, slots=True)
class Caption:
    """Partial or final text of one utterance. `text[:stable]` will not change; a final is all stable."""

    session: str
    utterance: int
    final: bool
    text: str
    stable: int
    language: Language
    words: tuple[TimedWord, ...]
    heard: int  # samples of the utterance that the text rests on
    compute_ms: float


@dataclass(frozen=True, slots=True)
class SpeechReply:
    """What became ready. `refused`: utterances for which no slot is free; send them again later.

    A marker whose session is named in `resend` or `refused` is forgotten: send it again after the sound.
    `errors` counts clips on which the recognizer failed since the replica started; their finals are empty.
    """

    captions: tuple[Caption, ...]
    resend: tuple[tuple[str, int], ...]
    refused: tuple[tuple[str, int], ...]
    partial_interval_s: float  # how often each speaking session gets a partial at present
    model: str
    engine: str  # changes when the replica was started anew: it knows nothing of what was told before
    errors: int = 0
    markers: tuple[tuple[str, int], ...] = ()  # (session, number) of those that came through


@dataclass(frozen=True, slots=True)
class AffectResult:
    """Class probabilities that sum to 1, and the valence band they add up to."""

    probabilities: dict[str, float]
    valence: Literal["positive", "neutral", "negative"]
    confidence: float
    model: str


@dataclass(frozen=True, slots=True)
class LivenessResult:
    """Probability that the crop is a bona fide presentation (ISO/IEC 30107-3), for one frame."""

    score: float
    model: str


@dataclass(frozen=True, slots=True)
class FaceEmbeddings:
    """`vectors`: float32 n × 512 of unit length; the dot product of two is their similarity (cosine)."""

    vectors: NDArray[np.float32]
    model: str


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """One whole answer to one question.

    `behaviours`: the question's anchors, to tell who recites them. `dimensions`: what it is scored on, with
    anchors in `language`.
    """

    session: str
    question: str
    language: Language
    question_text: str
    key_points: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    behaviours: tuple[str, ...] = ()
    dimensions: tuple[DimensionAsked, ...] = ()


@dataclass(frozen=True, slots=True)
class MeasureResult:
    """See `interviews.answers.Measure`; `evidence` holds (index of the sentence, note).

    `quotes`: of each of the evidence the words that count, where that is less than the sentence; or none.
    """

    name: str
    value: float | None
    insufficient: str | None
    evidence: tuple[tuple[int, str], ...]
    detail: dict[str, float] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlagResult:
    """See `interviews.answers.Flag`; `sentences` by index."""

    name: str
    sentences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AnswerResult:
    measures: tuple[MeasureResult, ...]
    tokens: int
    model: str
    rubric: str
    flags: tuple[FlagResult, ...] = ()
