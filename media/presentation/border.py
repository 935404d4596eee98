"""Straight edges around a face: the border of a print, the bezel of a phone or a tablet.

Canny edges and the probabilistic Hough transform (Matas et al. 2000). Rooms have straight edges too: door
frames and shelves show on two sides of about one face in fourteen, so this is evidence and no verdict.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Box = tuple[float, float, float, float]  # x1, y1, x2, y2 in pixels: `models.faces.crops.face_box`
SLANT = 0.4  # across over along: how far from upright or level an edge may lean
LONGEST = 3.0


def second_side(grey: Grey, face: Box) -> float:
    """Length, in face widths (0..3), of the second longest of the edges left, right, above and below a face.

    Each edge lies outside the face and passes it: it crosses the face's middle row or column. `grey` is
    uint8, height × width, its face about 60 pixels wide and more. About 4 ms at 640 × 480.
    """
    wide = face[2] - face[0]
    if wide < 8:
        return 0.0
    edges = cv2.Canny(cv2.GaussianBlur(grey, (0, 0), 1.0), 40, 110)
    lines = cv2.HoughLinesP(edges, 1, np.pi / 180, 40, minLineLength=int(0.6 * wide), maxLineGap=8)
    if lines is None:
        return 0.0
    sides = {"left": 0.0, "right": 0.0, "above": 0.0, "below": 0.0}
    for line in lines.reshape(-1, 4).astype(np.float64):
        side = _side(line, face)
        if side is not None:
            length = float(np.hypot(line[2] - line[0], line[3] - line[1])) / wide
            sides[side] = max(sides[side], min(LONGEST, length))
    return sorted(sides.values())[-2]


def _side(line: NDArray[np.float64], face: Box) -> str | None:
    x1, y1, x2, y2 = face
    ax, ay, bx, by = line
    across, down = bx - ax, by - ay
    middle_x, middle_y = (x1 + x2) / 2, (y1 + y2) / 2
    if abs(across) < SLANT * abs(down) and min(ay, by) <= middle_y <= max(ay, by):
        x = ax + across * (middle_y - ay) / down
        if x < x1 - 0.05 * (x2 - x1):
            return "left"
        return "right" if x > x2 + 0.05 * (x2 - x1) else None
    if abs(down) < SLANT * abs(across) and min(ax, bx) <= middle_x <= max(ax, bx):
        y = ay + down * (middle_x - ax) / across
        if y < y1 - 0.1 * (y2 - y1):
            return "above"
        return "below" if y > y2 + 0.1 * (y2 - y1) else None
    return None
