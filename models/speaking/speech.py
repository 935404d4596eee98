"""What a voice is, and what it gives: the nouns of speaking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Language = Literal["en", "zh"]
# Engine, its version, voice, and a number that rises when our own rules change how a text sounds: caches are
# keyed by it.
NAMES: Mapping[Language, str] = {
    "en": "hibari@0.2.1/heart/1",
    "zh": "kokoro-82m@1.0-int8/zf_xiaoxiao/1",
}

SPEECH_RMS = 0.08  # of full scale, about -22 dB: what people's voices come in at
PEAK = 0.89  # -1 dB: lossy coding overshoots
LEAD_S, TAIL_S = 0.15, 0.3  # wireless headphones swallow the first instant of a sound


class SpeechError(ValueError):
    """The text holds nothing that this voice could say."""


class Sound(NamedTuple):
    """`samples`: int16, one channel; `rate` in Hz."""

    samples: NDArray[np.int16]
    rate: int

    @property
    def seconds(self) -> float:
        return self.samples.size / self.rate


class Voice(Protocol):
    """One voice, called by one thread at a time. `name`: as in `NAMES`."""

    name: str

    def speak(self, text: str, language: Language) -> Sound:
        """The text read aloud. Raises SpeechError where nothing of it can be said in that language."""


def levelled(wave: NDArray[np.float32], rate: int) -> Sound:
    """Samples in -1..1 at the loudness that all voices have, with a little silence on both sides.

    Raises SpeechError for a wave without sound.
    """
    loud = np.abs(wave) > 0.02 * np.abs(wave).max(initial=0)  # pauses do not count
    if not np.isfinite(wave).all() or not loud.any():
        raise SpeechError("the voice said nothing")
    gain = min(SPEECH_RMS / float(np.sqrt(np.mean(wave[loud] ** 2))), PEAK / float(np.abs(wave).max()))
    padded = np.pad(wave * gain, (round(LEAD_S * rate), round(TAIL_S * rate)))
    return Sound(np.round(padded * 32767).astype(np.int16), rate)
