"""Everything that happens in a session, as events on its media clock.

The event log is the truth: state, results and reports are folds over it. `media_time` is in seconds; zero is
the arrival of the session's first media packet, and the clock runs on while the candidate is disconnected.
Partials and sound levels (`Transient`) are superseded within a second and are shown without being logged.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from interviews.answers import AnswerRating
from interviews.coding_events import CANDIDATE_CODING, CodingPayload
from interviews.identity_events import (
    IdentityChecked as IdentityChecked,
)
from interviews.identity_events import (
    IdentityEnrolled as IdentityEnrolled,
)
from interviews.identity_events import (
    IdentityHuman as IdentityHuman,
)
from interviews.identity_events import (
    IdentityVerified as IdentityVerified,
)
from interviews.identity_events import (
    IdentityWithdrawn as IdentityWithdrawn,
)
from interviews.journey_events import CANDIDATE_JOURNEY, JourneyPayload
from interviews.link_events import LinkReported
from interviews.live_events import CANDIDATE_LIVE, Commanded, LivePayload
from interviews.payload import Acted
from interviews.payload import Payload as Payload
from interviews.plan import Question
from interviews.presence import CANDIDATE_PRESENCE, PresencePayload
from interviews.recording_events import (
    RecordingConsent as RecordingConsent,
)
from interviews.recording_events import (
    RecordingDeleted as RecordingDeleted,
)
from interviews.recording_events import (
    RecordingRead as RecordingRead,
)
from interviews.recording_events import (
    RecordingState as RecordingState,
)
from interviews.review_events import ReviewPayload
from interviews.rubric import RubricDimension, WeightsChanged

Language = Literal["en", "zh"]
Spoken = Literal["auto", "en", "zh"]
Hint = Literal["brighter", "backlight", "further", "whole", "closer", "focus", "centre", "steady"]
Fault = Literal["too-dark", "backlit", "cut-off", "too-small", "blurred", "turned-away", "covered"]
Unusable = Literal["too-small", "too-dark", "blurred", "turned-away", "cut-off", "covered"]
Policy = Literal["CN", "EU", "US-IL", "US-NYC", "strict"]


class Word(Payload):
    """One recognised word (Mandarin: one character or short word); times in seconds on the media clock."""

    text: str
    start: float
    end: float
    probability: float = Field(ge=0, le=1)


# --- the session itself ------------------------------------------------------------------------------


class SessionCreated(Payload):
    type: Literal["session.created"] = "session.created"
    candidate: str
    language: Language
    spoken: Spoken = Field(
        default="auto", description="what the candidate speaks; auto: found in the first words and kept"
    )
    policy: Policy
    questions: tuple[Question, ...]
    dimensions: tuple[RubricDimension, ...] = Field(default=(), description="empty: no plan says what counts")
    record: bool = Field(
        default=False, description="sound and picture are to be kept, if the candidate agrees"
    )
    practice: bool = Field(default=True, description="a question to practise with comes first")
    survey: bool = Field(default=True, description="the candidate is asked afterwards how it was")


class SessionConnected(Payload):
    """Media flows (again). `gap_s` is how long the session was without it; 0 the first time."""

    type: Literal["session.connected"] = "session.connected"
    gap_s: float = 0.0


class SessionDisconnected(Payload):
    type: Literal["session.disconnected"] = "session.disconnected"
    reason: Literal["left", "ice-failed", "no-media"]


class ConnectionRerouted(Payload):
    """The same streams come another way (ICE restart, a phone that changes networks); the session goes on.

    `gap_s` is the longest time without sound or picture while it changed.
    """

    type: Literal["connection.rerouted"] = "connection.rerouted"
    gap_s: float = Field(ge=0)


EndReason = Literal["candidate", "hr", "grace-expired", "server-stopped"]
CUT_OFF: frozenset[EndReason] = frozenset({"grace-expired", "server-stopped"})  # nobody ended it


class SessionEnded(Acted, Commanded):
    type: Literal["session.ended"] = "session.ended"
    reason: EndReason


class QuestionStarted(Acted, Commanded):
    type: Literal["question.started"] = "question.started"
    question: str = Field(description="id of the question; speech from here on answers it")


class AnswerScored(Payload):
    """One answer rated by AnswerQuality; every later score is a mechanical combination of these.

    `utterances`: those that were rated; None in old logs. An answer that has others by the end is rated anew,
    and the last rating holds.
    """

    type: Literal["answer.scored"] = "answer.scored"
    question: str
    rating: AnswerRating
    utterances: tuple[int, ...] | None = Field(default=None, exclude_if=lambda known: known is None)


class ResultReady(Payload):
    """All answers are rated; `overall` is the weighted score, None when too little could be scored."""

    type: Literal["result.ready"] = "result.ready"
    overall: float | None


# --- sound and words ---------------------------------------------------------------------------------


class SoundState(Payload):
    """`silent`: packets arrive but hold no sound. `missing`: the offer had no audio, or packets stopped."""

    type: Literal["sound.state"] = "sound.state"
    state: Literal["ok", "silent", "missing"]


class SoundLevel(Payload):
    """Once a second, transient: loudness of the last second, dB relative to full scale."""

    type: Literal["sound.level"] = "sound.level"
    dbfs: float
    speaking: bool


class UtteranceStarted(Payload):
    type: Literal["utterance.started"] = "utterance.started"
    utterance: int


class TranscriptPartial(Payload):
    """Transient. `text[:stable]` will not change any more."""

    type: Literal["transcript.partial"] = "transcript.partial"
    utterance: int
    text: str
    stable: int
    language: Language
    start: float
    end: float


class TranscriptFinal(Payload):
    """What the utterance said. Scoring reads this alone. `text` may be empty: a noise, no words."""

    type: Literal["transcript.final"] = "transcript.final"
    utterance: int
    text: str
    language: Language
    start: float
    end: float
    words: tuple[Word, ...]
    model: str


class TurnEnded(Payload):
    """The candidate seems to have finished; `utterance.started` after it takes it back.

    Told after `silence_s` of silence: the longer kind where the words so far break off (`broken_off`) or have
    not come.
    """

    type: Literal["turn.ended"] = "turn.ended"
    utterance: int
    silence_s: float
    broken_off: bool


class SpeechMeasured(Payload):
    """Observed delivery of one utterance; shown, never scored. None: it could not be had, or too few words.

    How each is taken: `interviews.speech` (from the words), `media.voice` (from the sound).
    """

    type: Literal["speech.measured"] = "speech.measured"
    utterance: int
    start: float
    end: float
    words_per_minute: float | None
    syllables_per_minute: float | None
    articulation_rate: float | None = Field(None, description="syllables a minute, pauses left out")
    pauses: int = Field(0, ge=0, description="pauses of 0.25 s and more")
    pause_ratio: float = Field(ge=0, le=1)
    fillers: int = Field(0, ge=0, description="um, you know; 嗯, 那个: those that were recognised")
    filler_ratio: float | None = Field(None, ge=0, le=1, description="fillers among the words")
    dbfs: float
    loudness_range_db: float | None = None
    pitch_hz: float | None = Field(None, description="median")
    pitch_range_semitones: float | None = None
    snr_db: float | None = None
    clipping: float | None = Field(None, ge=0, le=1, description="share of samples at full scale")
    bandwidth_hz: float | None = None


# --- picture and face --------------------------------------------------------------------------------


class PictureState(Payload):
    type: Literal["picture.state"] = "picture.state"
    state: Literal["ok", "black", "missing"]


class FaceState(Payload):
    """How many people the picture shows; `several` means somebody else may be in the room.

    `confidence`: the face detector's score of the face it is least sure of, the mean of the looks that the
    number rests on. Not a probability. None where there is no face.
    """

    type: Literal["face.state"] = "face.state"
    state: Literal["one", "none", "several"]
    faces: int
    confidence: float | None = Field(None, ge=0, le=1)


class FramingHint(Payload):
    """What the candidate can do about the picture; None when nothing need change."""

    type: Literal["face.hint"] = "face.hint"
    hint: Hint | None


class FaceFault(Payload):
    """Something about the picture of the main face that spoils what is measured of it begins, or ends."""

    type: Literal["face.fault"] = "face.fault"
    fault: Fault
    present: bool


class FaceBlinked(Payload):
    """Told only while eyes are watched, as during a liveness challenge; `start` on the media clock."""

    type: Literal["face.blinked"] = "face.blinked"
    track: int
    start: float


class FaceUnclear(Payload):
    """In place of `face.measured` where the face can be seen but not measured, and why."""

    type: Literal["face.unclear"] = "face.unclear"
    track: int
    box: tuple[float, float, float, float]
    insufficient: Unusable


class FaceMeasured(Payload):
    """About once a second. `box` is x, y, width, height as shares of the picture; angles in degrees
    (yaw > 0: turned to the candidate's left, pitch > 0: up, roll > 0: tilted to the candidate's left).

    `insufficient` names what this face cannot be used for now, and why: affect and liveness are not asked
    then. `eyes_open` and `gaze` are None where the eyes cannot be told. `gaze` is where the eyes look in the
    head, as shares of half an eye's width (x > 0: to the candidate's left, y > 0: up): a rough proxy.
    """

    type: Literal["face.measured"] = "face.measured"
    track: int
    box: tuple[float, float, float, float]
    yaw: float
    pitch: float
    roll: float
    eyes_open: float | None = Field(None, ge=0, le=1)
    gaze: tuple[float, float] | None = None
    insufficient: dict[Literal["affect", "liveness", "identity", "eyes"], Unusable] = Field(
        default_factory=dict
    )
    brightness: float = Field(ge=0, le=1)
    sharpness: float = Field(ge=0)


class AffectObserved(Payload):
    """Observed, weight 0: never scored. Confidence is that of the valence band."""

    type: Literal["affect.observed"] = "affect.observed"
    track: int
    valence: Literal["positive", "neutral", "negative"]
    confidence: float = Field(ge=0, le=1)
    probabilities: dict[str, float]
    frames: int
    model: str


class LivenessObserved(Payload):
    """ISO/IEC 30107-3 terms: `score` is the mean probability of a bona fide presentation over `frames`.

    `decision` is a sequential test's with the target error rates `bpcer` and `apcer`; `ratios` are its
    natural log-likelihood ratios (bona fide over attack) by cue, so far. `threshold` is the frame model's
    alone.
    """

    type: Literal["liveness.observed"] = "liveness.observed"
    track: int
    score: float = Field(ge=0, le=1)
    decision: Literal["bona-fide", "attack", "undecided"]
    frames: int
    threshold: float
    model: str
    ratios: dict[str, float] = Field(default_factory=dict)
    bpcer: float | None = None
    apcer: float | None = None


# --- how well it all runs ----------------------------------------------------------------------------


class LinkMeasured(Payload):
    """Receiver's side of the link over the last interval; sound and frames count since the start.

    `sound_heard_ms` was decoded from packets that came, `sound_lost_ms` never came. `freezes` and `frozen_ms`
    count since the start too: see `media.link.Freezes`.
    """

    type: Literal["link.measured"] = "link.measured"
    loss: float = Field(ge=0, le=1)
    jitter_ms: float
    rtt_ms: float | None
    kbps: float
    fps: float
    sound_lost_ms: float
    sound_heard_ms: float = 0.0
    frames_dropped: int
    freezes: int = 0
    frozen_ms: float = 0.0


class CaptionsPaced(Payload):
    """Partials became rarer (or quicker again) because the machine is busy; finals are never dropped."""

    type: Literal["captions.paced"] = "captions.paced"
    interval_s: float
    slower: bool


class InferenceGap(Payload):
    """A deployment was lost or came back; what it owed is sent again."""

    type: Literal["inference.gap"] = "inference.gap"
    deployment: Literal["SpeechRecognition", "FacialAffect", "Liveness", "FaceIdentity", "AnswerQuality"]
    state: Literal["lost", "recovered"]
    gap_s: float = 0.0


class Alarm(Payload):
    """Something a person should act on; `code` is one of the codes in docs/errors.md."""

    type: Literal["alarm"] = "alarm"
    code: str
    detail: str


Logged = (
    SessionCreated
    | SessionConnected
    | SessionDisconnected
    | ConnectionRerouted
    | SessionEnded
    | QuestionStarted
    | AnswerScored
    | ResultReady
    | SoundState
    | UtteranceStarted
    | TranscriptFinal
    | TurnEnded
    | SpeechMeasured
    | PictureState
    | FaceState
    | FramingHint
    | FaceFault
    | FaceBlinked
    | FaceUnclear
    | FaceMeasured
    | AffectObserved
    | LivenessObserved
    | IdentityEnrolled
    | IdentityVerified
    | IdentityChecked
    | IdentityHuman
    | IdentityWithdrawn
    | PresencePayload
    | LinkMeasured
    | LinkReported
    | RecordingConsent
    | RecordingState
    | RecordingRead
    | RecordingDeleted
    | CaptionsPaced
    | InferenceGap
    | JourneyPayload
    | WeightsChanged
    | ReviewPayload
    | LivePayload
    | CodingPayload
    | Alarm
)
Transient = TranscriptPartial | SoundLevel
AnyPayload = Annotated[Logged | Transient, Field(discriminator="type")]

# What the candidate's own page may see: nothing that scores, nothing that measures the person.
CANDIDATE_TYPES = frozenset(
    {
        "session.created",
        "session.connected",
        "session.disconnected",
        "connection.rerouted",
        "session.ended",
        "question.started",
        "sound.state",
        "sound.level",
        "transcript.partial",
        "transcript.final",
        "turn.ended",
        "picture.state",
        "face.state",
        "face.hint",
        "identity.enrolled",
        "identity.human",
        "identity.withdrawn",
        "captions.paced",
        *CANDIDATE_PRESENCE,
        *CANDIDATE_JOURNEY,
        *CANDIDATE_LIVE,
        *CANDIDATE_CODING,
        "recording.consent",
        "recording.state",
    }
)


class Event(BaseModel):
    """One line of a session's log. `seq` counts from 1 without holes; a transient event has seq 0."""

    model_config = ConfigDict(frozen=True)

    session: str
    seq: int = Field(ge=0)
    media_time: float = Field(ge=0)
    at: datetime = Field(description="wall time, UTC")
    data: AnyPayload
