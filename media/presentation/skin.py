"""The colours of a face's skin and of what is behind it, for `media.presentation.flash`."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
Points = NDArray[np.float32]
# MediaPipe's points around both cheeks and the forehead; no eyes, lips or nostrils, which move.
_PATCHES = (
    (116, 117, 118, 101, 36, 205, 187, 123),
    (345, 346, 347, 330, 266, 425, 411, 352),
    (109, 10, 338, 337, 151, 108),
)


def skin_colour(rgb: Rgb, points: Points) -> NDArray[np.float64] | None:
    """Mean RGB (3,) 0..255 of cheeks and forehead; `points` float32 (468, 2 or more), pixels of uint8 `rgb`.
    None when none of it is inside the picture."""
    mask = np.zeros(rgb.shape[:2], np.uint8)
    for patch in _PATCHES:
        cv2.fillConvexPoly(mask, cv2.convexHull(points[list(patch), :2].round().astype(np.int32)), 1)
    chosen = rgb[mask > 0]
    return chosen.astype(np.float64).mean(0) if len(chosen) else None


def background_colour(rgb: Rgb, points: Points) -> NDArray[np.float64] | None:
    """Mean RGB (3,) of what lies beside and above the head, a face width and more from its middle.

    None when less than a hundredth of the picture is left of it.
    """
    x1, y1 = points[:, :2].min(0)
    x2, y2 = points[:, :2].max(0)
    wide = x2 - x1
    away = np.ones(rgb.shape[:2], bool)
    left, right = max(0, int((x1 + x2) / 2 - wide)), int((x1 + x2) / 2 + wide)
    away[max(0, int(y1 - 0.6 * wide)) :, left : max(right, 0)] = False
    away[max(0, int(y2)) :] = False  # shoulders reflect the screen as the face does
    chosen = rgb[away]
    return chosen.astype(np.float64).mean(0) if len(chosen) * 100 >= away.size else None
