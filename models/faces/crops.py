"""Cutting a face out for the networks that look at it.

The affect and liveness networks were trained and measured with boxes of MTCNN (Zhang et al. 2016,
arXiv:1604.02878): hairline to chin. `face_box` maps what we find onto that convention. Its constants are the
medians over 380 faces (labelled affect, spoof and identity pictures, talking faces) where MTCNN and the mesh
met. The boxes then overlap MTCNN's by .89 (median intersection over union; .84 from a detection without a
mesh); before the mapping by .80 and .71. Sideways the median offset is .016 of the width, taken as zero.
"""

from __future__ import annotations

import cv2
import numpy as np

from models.faces.detector import Box, Detection, Rgb
from models.faces.mesh import Mesh

AFFECT_SIDE = 112
LIVENESS_SIDE = 128
LIVENESS_MARGIN = 1.5

# (centre moved by this share of the height, width times, height times)
_FROM_MESH = (-0.064, 1.014, 1.166)
_FROM_DETECTION = (-0.111, 0.929, 1.248)


def face_box(face: Mesh | Detection) -> Box:
    """Hairline to chin, ear to ear: x1, y1, x2, y2 in pixels. It may reach over the edge of the picture."""
    down, wide, high = _FROM_MESH if isinstance(face, Mesh) else _FROM_DETECTION
    x1, y1, x2, y2 = face.box
    x, y = (x1 + x2) / 2, (y1 + y2) / 2 + down * (y2 - y1)
    half_width, half_height = (x2 - x1) * wide / 2, (y2 - y1) * high / 2
    return x - half_width, y - half_height, x + half_width, y + half_height


def affect_crop(rgb: Rgb, box: Box) -> Rgb:
    """The square around a `face_box`, 112 × 112 × 3 RGB; beyond the picture its edge is repeated."""
    x1, y1, x2, y2 = box
    side = max(2, round(max(x2 - x1, y2 - y1)))
    left, top = round((x1 + x2 - side) / 2), round((y1 + y2 - side) / 2)
    height, width = rgb.shape[:2]
    inside = rgb[
        min(max(top, 0), height - 1) : max(min(top + side, height), 1),
        min(max(left, 0), width - 1) : max(min(left + side, width), 1),
    ]
    over = (max(0, -top), max(0, top + side - height), max(0, -left), max(0, left + side - width))
    if any(over):
        inside = cv2.copyMakeBorder(inside, *over, cv2.BORDER_REPLICATE)
    return _resize(inside, AFFECT_SIDE)


def liveness_crop(rgb: Rgb, box: Box) -> Rgb:
    """One and a half times a `face_box`, 128 × 128 × 3 RGB, moved and if need be shrunk to lie inside.

    The aspect is not kept, as in Silent-Face-Anti-Spoofing, whose network this is.
    """
    height, width = rgb.shape[:2]
    x1, y1, x2, y2 = box
    box_width, box_height = max(x2 - x1, 1.0), max(y2 - y1, 1.0)
    margin = min((height - 1) / box_height, (width - 1) / box_width, LIVENESS_MARGIN)
    left, right = _inside((x1 + x2) / 2, box_width * margin, width)
    top, bottom = _inside((y1 + y2) / 2, box_height * margin, height)
    return _resize(rgb[top:bottom, left:right], LIVENESS_SIDE)


def _inside(centre: float, length: float, limit: int) -> tuple[int, int]:
    """Where a stretch of this length around `centre` lies when pushed into 0..limit."""
    start = min(max(centre - length / 2, 0.0), limit - 1 - length)
    start = max(start, 0.0)
    return int(start), min(int(start + length) + 1, limit)


def _resize(image: Rgb, side: int) -> Rgb:
    shrink = image.shape[0] > side
    out = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA if shrink else cv2.INTER_LINEAR)
    return np.asarray(out, np.uint8)
