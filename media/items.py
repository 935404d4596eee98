"""What one candidate's media turns into: the items an `Ingest` hands on, all on the session's media clock.

Sound is int16 mono at 16 kHz; crops are uint8 RGB, height × width × 3; times are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]
Crop = NDArray[np.uint8]
Points = NDArray[np.float64]
Kind = Literal["audio", "video"]
Hint = Literal[
    "brighter", "backlight", "further", "whole", "closer", "focus", "centre", "steady"
]  # the most useful first
Fault = Literal["too-dark", "backlit", "cut-off", "too-small", "blurred", "turned-away", "covered"]
Unusable = Literal["too-small", "too-dark", "blurred", "turned-away", "cut-off", "covered"]


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """`connected`: media flows. `lost`: ICE failed, the peer closed, or no packet for the watchdog's time."""

    media_time: float
    state: Literal["connected", "lost"]
    reason: Literal["", "left", "ice-failed", "no-media"] = ""


@dataclass(frozen=True, slots=True)
class ConnectionRerouted:
    """The same streams come another way (ICE restart); `gap_s`: the longest time without a frame."""

    media_time: float
    gap_s: float


@dataclass(frozen=True, slots=True)
class UtteranceStarted:
    """`media_time` is that of the utterance's first sample, pre-roll included: about half a second ago."""

    media_time: float
    utterance: int


@dataclass(frozen=True, slots=True)
class UtteranceSound:
    """The next samples of an utterance. `offset` counts samples from its first, pre-roll included."""

    media_time: float
    utterance: int
    offset: int
    pcm: Pcm


@dataclass(frozen=True, slots=True)
class SignalMeasures:
    """What the sound of an utterance shows by itself; how each is taken stands in `media.voice`.

    None where it cannot be had: too little speech, too much noise, nothing to compare with.
    """

    loudness_range_db: float | None = None
    pitch_hz: float | None = None
    pitch_range_semitones: float | None = None
    snr_db: float | None = None
    clipping: float | None = None  # share of the samples of speech
    bandwidth_hz: float | None = None


@dataclass(frozen=True, slots=True)
class UtteranceEnded:
    """The pause after the utterance is long enough. `start` and `end` bound the samples handed on."""

    media_time: float
    utterance: int
    start: float
    end: float
    dbfs: float  # loudness while speaking
    signal: SignalMeasures = SignalMeasures()


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """Nobody has spoken for `silence_s` since `utterance`: its speaker seems to have finished.

    Told after `turn_silence_s`, and once more, `sure`, after `turn_sure_s`: whoever knows that the words
    break off waits for that. Speech that goes on (`UtteranceStarted`) takes it back.
    """

    media_time: float
    utterance: int
    silence_s: float
    sure: bool


@dataclass(frozen=True, slots=True)
class SoundLevel:
    media_time: float
    dbfs: float
    speaking: bool


@dataclass(frozen=True, slots=True)
class SoundChanged:
    media_time: float
    state: Literal["ok", "silent", "missing"]


@dataclass(frozen=True, slots=True)
class PictureChanged:
    media_time: float
    state: Literal["ok", "black", "missing"]


@dataclass(frozen=True, slots=True)
class FacesChanged:
    """With hysteresis: the count must hold for half a second before it is told.

    `confidence`: the detector's score, 0..1, of the face it is least sure of, the mean of the looks that the
    count rests on; None where there is no face.
    """

    media_time: float
    faces: int
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class HintChanged:
    """The most useful thing to change about the picture; None: nothing need change."""

    media_time: float
    hint: Hint | None


@dataclass(frozen=True, slots=True)
class FaultChanged:
    """One fault of the main face's picture begins (`present`) or ends; several may stand at a time."""

    media_time: float
    fault: Fault
    present: bool


@dataclass(frozen=True, slots=True)
class Usable:
    """Why a face cannot be judged, None where it can: crops that cannot tell are not asked."""

    affect: Unusable | None = None
    liveness: Unusable | None = None
    identity: Unusable | None = None
    eyes: Unusable | None = None


@dataclass(frozen=True, slots=True)
class FaceSample:
    """The main face in one sampled frame. Units as in `interviews.events.FaceMeasured`.

    `points` is float32 (5, 2) in pixels of the picture, in ArcFace's order: the eye at the left of the
    picture, the other, tip of the nose, corner of the mouth at the left, the other. `identity_crop` is made
    every `identity_every_s` per track, where `usable.identity` allows it, and on request.
    """

    media_time: float
    track: int
    box: tuple[float, float, float, float]
    yaw: float
    pitch: float
    roll: float
    eyes_open: float
    brightness: float
    sharpness: float
    affect_crop: Crop  # 112 × 112
    liveness_crop: Crop  # 128 × 128
    usable: Usable = Usable()
    gaze: tuple[float, float] | None = None  # models.faces.eyes.Gaze
    points: Points | None = None
    identity_crop: Crop | None = None  # 112 × 112, aligned
    border: float | None = None  # `media.presentation.border`, face widths
    motion_within: float | None = None  # `media.presentation.stillness`, face widths since the sample before

    @property
    def affect_usable(self) -> bool:
        return self.usable.affect is None

    @property
    def liveness_usable(self) -> bool:
        return self.usable.liveness is None

    @property
    def identity_usable(self) -> bool:
        return self.usable.identity is None

    @property
    def eyes_usable(self) -> bool:
        return self.usable.eyes is None


@dataclass(frozen=True, slots=True)
class FaceUnclear:
    """The main face in a sampled frame that no mesh fits: seen from the side, covered, too small or dark."""

    media_time: float
    track: int
    box: tuple[float, float, float, float]
    reason: Unusable


@dataclass(frozen=True, slots=True)
class FaceGlance:
    """The main face between two samples, while eyes are watched (`Ingest.watch_eyes`): no crops."""

    media_time: float
    track: int
    yaw: float
    pitch: float
    roll: float
    eyes_open: float
    gaze: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Blinked:
    """The eyes were shut from `start` to `media_time`; told only while eyes are watched."""

    media_time: float
    track: int
    start: float


@dataclass(frozen=True, slots=True)
class FaceColours:
    """Mean RGB (0..255) of the main face's skin and of what is behind it, while colours are watched."""

    media_time: float
    track: int
    skin: tuple[float, float, float]
    background: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class CueChanged:
    """One cue of injection (`media.presentation.stream`) came to another outcome; fields as in `Cue`."""

    media_time: float
    name: str
    value: float | None
    threshold: float
    outcome: Literal["suspicious", "clear", "insufficient"]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LinkSample:
    """One interval of the link, received side; sound, dropped frames and freezes count from the start."""

    media_time: float
    loss: float
    jitter_ms: float
    rtt_ms: float | None
    kbps: float
    fps: float
    sound_lost_ms: float
    sound_heard_ms: float
    frames_dropped: int
    freezes: int = 0
    frozen_ms: float = 0.0


MediaItem = (
    ConnectionChanged
    | ConnectionRerouted
    | UtteranceStarted
    | UtteranceSound
    | UtteranceEnded
    | TurnEnded
    | SoundLevel
    | SoundChanged
    | PictureChanged
    | FacesChanged
    | HintChanged
    | FaultChanged
    | FaceSample
    | FaceUnclear
    | FaceGlance
    | Blinked
    | FaceColours
    | CueChanged
    | LinkSample
)
