"""What light, focus and covering do to a face: measures taken from the picture around a mesh or box."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.faces.detector import Box, Rgb
from models.faces.litert import Float32
from models.faces.mesh import Mesh

# Skin that a mask leaves bare (forehead, between the eyes) and that it covers (below and beside the nose,
# beside the mouth, chin). No lips: their colour is their own.
_BARE = [9, 151, 8, 168, 107, 336, 108, 337, 6]
_COVERED = [164, 205, 425, 206, 426, 186, 410, 199, 200, 201, 421, 2]
_USUAL = -6.0  # lightness of the lower face against the upper: median over talking faces
_LIGHTNESS = (
    0.4  # what a step of lightness counts for against one of colour: beards and shadows are dark, too
)


def brightness(rgb: Rgb, box: Box) -> float:
    """Mean of the middle of a face (x1, y1, x2, y2 in pixels), 0–1: no hair, no background."""
    x1, y1, x2, y2 = box
    across, down = (x2 - x1) / 4, (y2 - y1) / 4
    inner = _cut(rgb, (x1 + across, y1 + down, x2 - across, y2 - down))[::2, ::2]
    return float(inner.mean()) / 255 if inner.size else 0.0


def backlight(rgb: Rgb, box: Box, face: float) -> float:
    """How much brighter than the face (its `brightness`) is what is beside and above it; 0 where it is not.

    Only what lies within two face widths and not below the chin: what is behind a head, not the shirt.
    """
    x1, y1, x2, y2 = box
    width, height = x2 - x1, y2 - y1
    around = _cut(rgb, (x1 - 2 * width, y1 - height, x2 + 2 * width, y2))
    if not around.size:
        return 0.0
    small = cv2.resize(around, (32, 32), interpolation=cv2.INTER_NEAREST).mean(2) / 255
    return max(0.0, float(np.percentile(small, 75)) - face)


def focus(sharpness: float, face: float) -> float:
    """`geometry.sharpness` freed of the light: contrast falls with the square of brightness.

    Talking faces in focus have 500 and more; blurred by a fortieth of the face's height (Gaussian, standard
    deviation) below 150.
    """
    return sharpness / max(face, 0.03) ** 2


def covered(rgb: Rgb, mesh: Mesh) -> float:
    """How far the colour of the lower face is from that of the upper, in units of 100 CIE Lab steps.

    Talking faces have up to .15, one in twenty bare faces of mixed photographs over .16 (make-up, beards,
    coloured light), drawn masks from .17 unless they have the colour of the skin. Without colour or light it
    tells little.
    """
    radius = max(1, round(float(np.ptp(mesh.points[:, 0])) / 40))
    lower, upper = (_lab(rgb, mesh.points[places, :2], radius) for places in (_COVERED, _BARE))
    colour = float(np.linalg.norm(lower[1:] - upper[1:]))
    return (colour + _LIGHTNESS * abs(float(lower[0] - upper[0]) - _USUAL)) / 100


def _lab(rgb: Rgb, points: Float32, radius: int) -> NDArray[np.float32]:
    """Median L, a, b of small squares around points (n, 2)."""
    squares = [_cut(rgb, (x - radius, y - radius, x + radius + 1, y + radius + 1)) for x, y in points]
    means = [square.reshape(-1, 3).mean(0) for square in squares if square.size]
    if not means:
        return np.zeros(3, np.float32)
    lab = cv2.cvtColor(np.asarray(means, np.float32)[None] / 255, cv2.COLOR_RGB2LAB)[0]
    return np.asarray(np.median(lab, axis=0), np.float32)


def _cut(rgb: Rgb, box: Box) -> Rgb:
    height, width = rgb.shape[:2]
    x1, y1, x2, y2 = (round(float(edge)) for edge in box)
    return rgb[
        max(0, min(y1, height)) : max(0, min(y2, height)), max(0, min(x1, width)) : max(0, min(x2, width))
    ]
