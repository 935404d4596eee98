"""What the sound of an utterance shows by itself: its loudness and pitch, and how well it was captured.

Observed, never scored. Taken on the sound thread in steps of 32 ms as the utterance is handed on, pitch in
pieces of two seconds, so that nothing is left to do at its end that would keep its words waiting.

- loudness range: 10th to 95th percentile of the level (dB) while speaking.
- pitch: median (Hz) and 5th to 95th percentile (semitones) of the voiced frames, octave jumps left out.
- SNR: mean power while speaking, less the noise, against the median power of the pauses of the last seconds.
- clipping: share of the samples of speech that lie at full scale.
- bandwidth: up to where the mean spectrum of speech is above the noise and within 55 dB of its peak. It tells
  a telephone from a studio; from its pitch or timbre nobody is judged.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from media.contour import median_and_range, trusted
from media.items import Pcm, SignalMeasures

Float32 = NDArray[np.float32]

CHUNK = 512  # samples, 32 ms
CHUNK_S = CHUNK / 16_000
HOP = 256  # samples a frame of pitch
PIECE = 125  # frames of pitch taken at a time, 2 s
CONTEXT = 11  # frames around a frame that its pitch depends on
VOICED = 0.5
MIN_SPEECH = round(0.5 / CHUNK_S)
MIN_SPEECH_RANGE = round(1.0 / CHUNK_S)
MIN_NOISE = round(0.3 / CHUNK_S)
NOISE_MEMORY = round(5.0 / CHUNK_S)
QUIETEST = 1.0  # power: below the last bit nothing was sent, which says nothing about the room
BEST_SNR = 60.0  # dB: more is told as this, nobody hears the difference
SNR_FOR_PITCH, SNR_FOR_RANGE = 3.0, 10.0  # dB: in more noise they would measure the noise
FULL_SCALE = 32_700
WITHIN = 10.0**-5.5
SMOOTH = 8  # bins of 31.25 Hz
BIN_HZ = 16_000 / CHUNK
_WINDOW = np.hanning(CHUNK).astype(np.float32)


class PitchModel(Protocol):
    """`models.pitch.Pitch`: float32[n] in -1..1 at 16 kHz to pitch (Hz) and confidence, each [n // 256]."""

    def __call__(self, wave: Float32, /) -> tuple[Float32, Float32]: ...


class PitchTrack:
    """Pitch of an utterance that is still growing: each frame is computed once, with its surroundings."""

    def __init__(self, model: PitchModel) -> None:
        self._model = model
        self._waiting: list[Float32] = []
        self._size = 0  # samples that wait
        self._done = 0  # frames at their beginning that are there as surroundings alone
        self._found: list[tuple[Float32, Float32]] = []

    def add(self, wave: Float32) -> None:
        self._waiting.append(wave)
        self._size += wave.size
        if self._size >= (self._done + PIECE + CONTEXT) * HOP:
            self._take(self._done + PIECE)

    def end(self) -> tuple[Float32, Float32]:
        """Pitch and confidence of every frame."""
        if self._size // HOP > self._done:
            self._take(self._size // HOP)
        if not self._found:
            return np.zeros(0, np.float32), np.zeros(0, np.float32)
        return np.concatenate([p for p, _ in self._found]), np.concatenate([c for _, c in self._found])

    def _take(self, until: int) -> None:
        wave = np.concatenate(self._waiting)
        pitch, confidence = self._model(wave)
        self._found.append((pitch[self._done : until], confidence[self._done : until]))
        first = max(0, until - CONTEXT)
        self._done = until - first
        self._waiting = [wave[first * HOP :]]
        self._size = self._waiting[0].size


class VoiceMeter:
    """Measures one session's utterances. `pause` is told of every chunk without speech, wherever it lies."""

    def __init__(self, pitch: PitchModel | None = None) -> None:
        self._pitch = pitch
        self._noise: deque[tuple[float, Float32]] = deque(maxlen=NOISE_MEMORY)  # power and samples
        self.begin()

    def pause(self, wave: Float32, power: float) -> None:
        """512 samples without speech, in -1..1, and their mean square on int16's scale."""
        if power > QUIETEST:
            self._noise.append((power, wave))

    def begin(self) -> None:
        """The next utterance begins."""
        self._track = PitchTrack(self._pitch) if self._pitch else None
        self._speech: list[bool] = []
        self._powers: list[float] = []
        self._spectrum = np.zeros(CHUNK // 2 + 1, np.float32)
        self._clipped = 0

    def add(self, pcm: Pcm, power: float, *, speech: bool) -> None:
        """The next 512 samples of the utterance; the last ones may be fewer."""
        wave = pcm.astype(np.float32) * np.float32(1 / 32768)
        self._speech.append(speech)
        if self._track:
            self._track.add(wave)
        if speech and pcm.size == CHUNK:
            self._powers.append(power)
            self._spectrum += _spectrum(wave)
            self._clipped += int(np.count_nonzero((pcm >= FULL_SCALE) | (pcm <= -FULL_SCALE)))

    def end(self) -> SignalMeasures:
        """The utterance is over."""
        if len(self._powers) < MIN_SPEECH:
            return SignalMeasures()
        snr = self._snr()
        pitch, spread = self._pitches() if snr is None or snr >= SNR_FOR_PITCH else (None, None)
        return SignalMeasures(
            loudness_range_db=self._loudness_range() if snr is None or snr >= SNR_FOR_RANGE else None,
            pitch_hz=pitch,
            pitch_range_semitones=spread,
            snr_db=None if snr is not None and snr == -np.inf else snr,
            clipping=self._clipped / (len(self._powers) * CHUNK),
            bandwidth_hz=self._bandwidth(),
        )

    def _snr(self) -> float | None:
        if len(self._noise) < MIN_NOISE:
            return None
        noise = float(np.median([power for power, _ in self._noise]))
        speech = float(np.mean(self._powers)) - noise
        return min(BEST_SNR, 10 * float(np.log10(speech / noise))) if speech > 0 else -np.inf

    def _loudness_range(self) -> float | None:
        if len(self._powers) < MIN_SPEECH_RANGE:
            return None
        low, high = np.percentile(10 * np.log10(np.maximum(self._powers, QUIETEST)), [10, 95])
        return float(high - low)

    def _pitches(self) -> tuple[float | None, float | None]:
        if not self._track:
            return None, None
        pitch, confidence = self._track.end()
        speech = np.repeat(np.array(self._speech), CHUNK // HOP)[: pitch.size]
        return median_and_range(trusted(pitch, (confidence >= VOICED) & speech))

    def _bandwidth(self) -> float | None:
        speech = _smooth(self._spectrum / len(self._powers))
        heard = speech > speech.max() * WITHIN
        if len(self._noise) >= MIN_NOISE:
            noise = _spectrum(np.stack([wave for _, wave in self._noise])).mean(0)
            heard &= speech > 2 * _smooth(noise)
        bins = np.flatnonzero(heard)
        return float(min((bins[-1] + 1) * BIN_HZ, 8_000.0)) if bins.size else None


def _spectrum(wave: Float32) -> Float32:
    """Power of 257 bins of 31.25 Hz, of 512 samples in the last axis."""
    bins = np.fft.rfft(wave * _WINDOW)
    return (bins.real**2 + bins.imag**2).astype(np.float32)


def _smooth(spectrum: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    return np.convolve(spectrum, np.full(SMOOTH, 1 / SMOOTH, np.float32), "same")
