"""What the sampled pictures of one session show of a presentation attack, beside the frame model."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from media.presentation.border import framed
from media.presentation.stillness import motion_within
from models.faces.mesh import Mesh

FOLLOWED_S = 0.6  # points of an older sample are no longer where optical flow looks for them
BORDER_EVERY_S = 0.4  # a frame around the face stays: every other sample is enough

Box = tuple[float, float, float, float]  # x1, y1, x2, y2 in pixels
Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Sample:
    grey: Grey
    mesh: Mesh
    track: int
    time: float


class CueWatch:
    """Give it every sampled picture of the main face. One thread at a time."""

    def __init__(self) -> None:
        self._before: _Sample | None = None
        self._border_at = float("-inf")

    def look(
        self, rgb: NDArray[np.uint8], box: Box, mesh: Mesh, track: int, time: float
    ) -> tuple[float | None, float | None]:
        """(`border.framed`, `stillness.motion_within`) of a uint8 RGB picture; None: not measured."""
        grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
        border = None
        if not self._border_at <= time < self._border_at + BORDER_EVERY_S:
            self._border_at = time
            border = framed(grey, box)
        before, self._before = self._before, _Sample(grey, mesh, track, time)
        if before is None or before.track != track or not 0 < time - before.time <= FOLLOWED_S:
            return border, None
        return border, motion_within(before.grey, grey, before.mesh.points)
