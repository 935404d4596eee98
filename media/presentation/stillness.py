"""Whether a face moves within itself: a printed one does not, whatever the hand does that holds it.

Optical flow (Lucas and Kanade 1981, pyramids by Bouguet) follows points of the mesh from one sample to the
next; an affine map (least median of squares) takes away what a moving or tilting plane does. Lids, lips and
brows, and the nose before a turning head, remain.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Points = NDArray[np.float32]
EVERY = 4  # of 468 points
MIN_POINTS = 30
AROUND = 64  # pixels around the points that are looked at: the coarsest level's window, and some motion


def motion_within(before: Grey, after: Grey, points: Points) -> float | None:
    """Root mean square of what no affine map explains, in face widths; None when too few points can be
    followed.

    `before`, `after`: uint8 pictures of one size, about a quarter of a second apart; `points`: float32
    (468, 2 or more), pixels of `before`. About 2 ms.
    """
    if before.shape != after.shape:
        return None
    height, width = before.shape
    start = np.ascontiguousarray(points[::EVERY, :2], np.float32)
    inside = (start > 4).all(1) & (start[:, 0] < width - 4) & (start[:, 1] < height - 4)
    start = start[inside]
    if len(start) < MIN_POINTS:
        return None
    wide = float(np.ptp(points[:, 0]))
    # The pyramids of the face alone: most of the cost is in them.
    left, top = np.maximum(0, start.min(0).astype(int) - AROUND)
    right, bottom = start.max(0).astype(int) + AROUND
    before, after = before[top:bottom, left:right], after[top:bottom, left:right]
    start -= np.array([left, top], np.float32)
    flow = cv2.calcOpticalFlowPyrLK(
        before, after, start[:, None], None, winSize=(15, 15), maxLevel=3, minEigThreshold=1e-3
    )
    followed = flow[1][:, 0] > 0
    start, end = start[followed], flow[0][followed, 0]
    if len(start) < MIN_POINTS:
        return None
    plane, _ = cv2.estimateAffine2D(start, end, method=cv2.LMEDS)
    if plane is None:
        return None
    rest = end - (start @ plane[:, :2].T + plane[:, 2])
    return float(np.sqrt((rest**2).sum(1).mean())) / max(wide, 1.0)
