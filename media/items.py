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
Kind = Literal["audio", "video"]


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """`connected`: media flows. `lost`: ICE failed, the peer closed, or no packet for the watchdog's time."""

    media_time: float
    state: Literal["connected", "lost"]
    reason: Literal["", "left", "ice-failed", "no-media"] = ""


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
    """With hysteresis: the count must hold for half a second before it is told."""

    media_time: float
    faces: int


@dataclass(frozen=True, slots=True)
class HintChanged:
    media_time: float
    hint: Literal["closer", "further", "centre", "brighter", "steady"] | None


@dataclass(frozen=True, slots=True)
class FaceSample:
    """The main face in one sampled frame. Units as in `interviews.events.FaceMeasured`."""

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
    border: float | None = None  # `media.presentation.border`, face widths
    motion_within: float | None = None  # `media.presentation.stillness`, face widths since the sample before


@dataclass(frozen=True, slots=True)
class LinkSample:
    """One interval of the link, received side; sound and dropped frames count from the start."""

    media_time: float
    loss: float
    jitter_ms: float
    rtt_ms: float | None
    kbps: float
    fps: float
    sound_lost_ms: float
    sound_heard_ms: float
    frames_dropped: int


MediaItem = (
    ConnectionChanged
    | UtteranceStarted
    | UtteranceSound
    | UtteranceEnded
    | TurnEnded
    | SoundLevel
    | SoundChanged
    | PictureChanged
    | FacesChanged
    | HintChanged
    | FaceSample
    | LinkSample
)
