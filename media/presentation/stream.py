"""Cues of injection from one session's video stream: loops, missing noise, timing (`injection.py`).

Frames give their timestamps, pictures four times a second a hash; what costs more is asked only now and then,
each cue in its own turn, so that no look pays for two.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from media.items import CueChanged
from media.presentation.cues import Cue, Outcome
from media.presentation.injection import (
    Grey,
    Hash,
    clock_mismatch,
    difference_hash,
    missing_noise,
    regular_timing,
    repeated_frames,
)

SAMPLE_S = 0.25
HISTORY = 160  # hashes: a loop is found once it was seen twice within 40 s
TIMES = 300  # frames: ten to twenty seconds
NOISE_PICTURES = 6
TURN = 5  # samples between two questions: each of the four cues is asked every five seconds
BLOCKS = 500  # of 8 × 8 pixels, spread over the picture, are enough to judge its noise
HOLD = 2  # answers in a row before an outcome is told


def luma(picture: av.VideoFrame) -> Grey:
    """The brightness of a decoded picture, uint8 height × width; the decoder's own plane where it has one."""
    if picture.format.name in ("yuv420p", "yuvj420p", "nv12"):
        plane: Any = picture.planes[0]
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        return rows[: picture.height, : picture.width]
    return np.asarray(picture.to_ndarray(format="gray"), np.uint8)


def spread_blocks(grey: Grey) -> Grey:
    """A smaller picture of about `BLOCKS` blocks of 8 × 8 pixels, taken evenly from all of it."""
    rows, columns = grey.shape[0] // 8, grey.shape[1] // 8
    step = max(1, round((rows * columns / BLOCKS) ** 0.5))
    blocks = grey[: rows * 8, : columns * 8].reshape(rows, 8, columns, 8)[::step, :, ::step]
    return blocks.reshape(blocks.shape[0] * 8, blocks.shape[2] * 8)


class StreamWatch:
    """`frame` for every encoded frame, `look` for decoded pictures; one thread at a time."""

    def __init__(self) -> None:
        self._stamps: deque[int] = deque(maxlen=TIMES)
        self._arrivals: deque[float] = deque(maxlen=TIMES)
        self._hashes: deque[Hash] = deque(maxlen=HISTORY)
        self._times: deque[float] = deque(maxlen=HISTORY)
        self._blocks: deque[Grey] = deque(maxlen=NOISE_PICTURES)
        self._looked = float("-inf")
        self._count = 0
        self._held: dict[str, tuple[Outcome, int]] = {}
        self._told: dict[str, Outcome] = {}
        self._cues: tuple[Callable[[], Cue], ...] = (
            lambda: repeated_frames(list(self._hashes), list(self._times)),
            lambda: missing_noise(list(self._blocks)),
            lambda: regular_timing(list(self._stamps)),
            lambda: clock_mismatch(list(self._stamps), list(self._arrivals)),
        )

    def frame(self, timestamp: int, arrival: float, *, restarted: bool = False) -> None:
        """RTP timestamp (90 kHz) and arrival (s) of one frame; `restarted`: another source took over."""
        if restarted:
            self._stamps.clear()
            self._arrivals.clear()
        self._stamps.append(timestamp)
        self._arrivals.append(arrival)

    def look(self, grey: Grey, time: float) -> list[CueChanged]:
        """What changed with this picture; those in between samples are passed over."""
        if self._looked <= time < self._looked + 0.9 * SAMPLE_S:
            return []
        if time < self._looked:
            self._hashes.clear()
            self._times.clear()
        self._looked = time
        self._hashes.append(difference_hash(np.ascontiguousarray(grey[::4, ::4])))
        self._times.append(time)
        turn, due = divmod(self._count, TURN)
        cue = turn % len(self._cues)
        self._count += 1
        # Neighbouring pictures alone, just before they are asked about.
        if cue == 1 or (cue == 0 and due == TURN - 1):
            self._keep(spread_blocks(grey))
        if due != TURN - 1:
            return []
        changed = self._changed(self._cues[cue](), time)
        if cue == 1:
            self._blocks.clear()
        return changed

    def _keep(self, blocks: NDArray[np.uint8]) -> None:
        if self._blocks and self._blocks[-1].shape != blocks.shape:  # the sender changed its resolution
            self._blocks.clear()
        self._blocks.append(blocks.copy())

    def _changed(self, cue: Cue, time: float) -> list[CueChanged]:
        """What was told stands while there is not enough to measure."""
        if cue.outcome == "insufficient":
            return []
        outcome, times = self._held.get(cue.name, (cue.outcome, 0))
        times = times + 1 if outcome == cue.outcome else 1
        self._held[cue.name] = (cue.outcome, times)
        if times < HOLD or self._told.get(cue.name) == cue.outcome:
            return []
        self._told[cue.name] = cue.outcome
        return [CueChanged(time, cue.name, cue.value, cue.threshold, cue.outcome, cue.detail)]
