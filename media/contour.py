"""From a pitch track to what may be said of it: which frames to trust, their median, their range."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FRAME_S = 0.016
MIN_VOICED_S = 0.3  # less voice has no pitch worth telling
_GLIDE = 4.0  # semitones from frame to frame: no voice moves faster, a mistaken octave does
_SHORTEST = 3  # frames: a shorter stretch is mostly a mistake
_OCTAVE = 12.0
_NEAR = 2.5  # semitones around an octave
_BRIEF = 15  # frames: a stretch an octave away that lasts longer is the voice itself


def semitones(a: Any, b: Any) -> Any:
    """How far `a` is above `b`, both in Hz."""
    return _OCTAVE * np.log2(a / b)


def trusted(pitch: NDArray[np.float32], voiced: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The pitches (Hz) of the frames that hold a voice and no octave jump.

    A jump leaves an island: voiced frames that the track reaches, or leaves, faster than a voice can glide.
    Islands under 48 ms are dropped, and those under 0.24 s that lie about an octave from the median.
    """
    index = np.flatnonzero(voiced)
    if not index.size:
        return pitch[:0]
    moved = np.abs(semitones(pitch[index[1:]], pitch[index[:-1]]))
    islands = [
        pitch[island]
        for island in np.split(index, np.flatnonzero((np.diff(index) > 1) | (moved > _GLIDE)) + 1)
        if island.size >= _SHORTEST
    ]
    if not islands:
        return pitch[:0]
    middle = np.median(np.concatenate(islands))
    kept = [
        island
        for island in islands
        if island.size > _BRIEF or abs(abs(semitones(np.median(island), middle)) - _OCTAVE) > _NEAR
    ]
    return np.concatenate(kept)


def median_and_range(pitches: NDArray[np.float32]) -> tuple[float | None, float | None]:
    """Median in Hz, and the 5th to the 95th percentile in semitones; None for too little voice."""
    if pitches.size * FRAME_S < MIN_VOICED_S:
        return None, None
    low, middle, high = np.percentile(pitches, [5, 50, 95])
    return float(middle), float(semitones(high, low))
