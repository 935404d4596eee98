"""Sound in which nobody speaks: silence, noise, music, and recordings of noise, as long as asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.core.manifest import SAMPLE_RATE, ManifestError, read_rows
from bench.sound import read_clip

Wave = NDArray[np.float64]
Pcm = NDArray[np.int16]

_CHORDS = ((57, 60, 64), (53, 57, 60), (48, 52, 55), (55, 59, 62))  # A minor, F, C, G as MIDI notes
_CHORD_S = 1.2
_MELODY = ((69,), (72,), (76,), (72,), (69,), (67,), (64,), (67,))


def synthesised(seconds: float) -> dict[str, Pcm]:
    """By name: silence, a microphone's own noise, white noise, hum, chords, chords with a tune."""
    count = round(seconds * SAMPLE_RATE)
    rng = np.random.default_rng(0)
    times = np.arange(count) / SAMPLE_RATE
    hum: Wave = np.sum([0.05 / n * np.sin(2 * np.pi * 50 * n * times) for n in range(1, 9)], axis=0)
    return {
        "silence": np.zeros(count, np.int16),
        "microphone noise": _pcm(rng.normal(0, 10 ** (-65 / 20), count)),
        "white noise": _pcm(rng.normal(0, 10 ** (-30 / 20), count)),
        "mains hum": _pcm(hum + rng.normal(0, 10 ** (-60 / 20), count)),
        "chords": _pcm(chords(count)),
        "chords with a tune": _pcm(0.6 * chords(count) + 0.6 * tune(count)),
    }


def recorded(manifest: Path, seconds: float) -> dict[str, Pcm]:
    """Each recording of a CSV with the column `path`, over and over. Raises `ManifestError`."""
    found = {}
    for line, row in read_rows(manifest, ("path",)):
        path = manifest.parent / row["path"]
        if not path.is_file():
            raise ManifestError(f"{manifest} line {line}: no file {path}")
        found[row["path"]] = _pcm(np.resize(read_clip(path).astype(np.float64), round(seconds * SAMPLE_RATE)))
    return found


def chords(count: int) -> Wave:
    """A minor, F, C, G: three plucked notes each, over and over."""
    return _played(_CHORDS, _CHORD_S, count)


def tune(count: int) -> Wave:
    """Eight notes in the range of a voice."""
    return _played(_MELODY, _CHORD_S / 4, count)


def _played(chords: tuple[tuple[int, ...], ...], each_s: float, count: int) -> Wave:
    times = np.arange(round(each_s * SAMPLE_RATE)) / SAMPLE_RATE
    envelope = np.minimum(times / 0.01, 1) * np.exp(-2.5 * times / each_s)
    bars = []
    for notes in chords:
        wave = np.zeros_like(times)
        for note in notes:
            hertz = 440 * 2 ** ((note - 69) / 12)
            for harmonic in range(1, 7):
                wave += np.sin(2 * np.pi * hertz * harmonic * times) / harmonic**1.5
        bars.append(0.12 * envelope * wave)
    return np.resize(np.concatenate(bars), count)


def _pcm(wave: Wave) -> Pcm:
    return (np.clip(wave, -1, 1) * 32767).astype(np.int16)
