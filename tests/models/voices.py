"""Voices of known pitch: harmonics through the resonances of an open vowel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

RATE = 16_000
FORMANTS = ((700, 80), (1220, 90), (2600, 120))  # Hz, bandwidth


def voice(hz: float | NDArray[np.float64], seconds: float, level: float = 0.3) -> NDArray[np.float32]:
    """`hz` is one pitch, or one for each sample; `level` is the peak."""
    course = np.broadcast_to(np.asarray(hz, np.float64), round(seconds * RATE))
    phase = 2 * np.pi * np.cumsum(course) / RATE
    highest = int(7000 / course.max())
    wave = np.sum([np.cos(k * phase) / k for k in range(1, highest + 1)], axis=0)
    for centre, width in FORMANTS:
        radius = np.exp(-np.pi * width / RATE)
        wave = lfilter([1 - radius], [1, -2 * radius * np.cos(2 * np.pi * centre / RATE), radius**2], wave)
    return np.asarray(level * wave / np.abs(wave).max(), np.float32)
