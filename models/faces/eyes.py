"""Where the eyes look relative to the head: a proxy from the dark of the iris inside the lids' contour.

The 468-point mesh has no iris. Each eye is cut out along the line of its corners, and the centroid of what is
dark between the lids is taken (means of gradients, Timm and Barth 2011, need more pixels than a laptop's
camera gives). It tells left from right from straight ahead; up and down are mostly hidden by the lids. The
card states how well.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import cv2
import numpy as np

from models.faces.detector import Rgb
from models.faces.litert import Float32
from models.faces.mesh import Mesh

# The lids' contours from the corner at the left of the picture to the one at its right and back.
_CONTOURS = (
    [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7],
    [362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382],
)
_WIDTH, _HEIGHT, _MARGIN = 40, 24, 4  # of the upright patch; the corners lie at its margin
_MIN_PIXELS = 9.0  # between the corners: under it an iris is two or three pixels wide
_MIN_CONTRAST = 0.3  # between the bright and the dark of an eye, of the bright; dark glasses have less
_MIN_BRIGHT = 0.08  # of full scale


class Gaze(NamedTuple):
    """Direction of the eyes in the head, as shares of half the eye's width; 0, 0 is the middle between the
    corners. `x` > 0: to the person's left, `y` > 0: up."""

    x: float
    y: float


class Eyes(NamedTuple):
    """`gaze`: mean over the eyes that can be told; None when both are too small, shut or hidden. `hidden`: no
    white is told from the dark in either though the lids seem open, as behind dark glasses."""

    gaze: Gaze | None
    hidden: bool


def look(rgb: Rgb, mesh: Mesh) -> Eyes:
    """Of a uint8 RGB picture, height × width × 3."""
    found = [_eye(rgb, mesh.points[contour, :2]) for contour in _CONTOURS]
    told = [one for one in found if isinstance(one, Gaze)]
    if not told:
        return Eyes(None, all(one == "hidden" for one in found))
    x, y = np.mean(told, axis=0)
    return Eyes(Gaze(float(x), float(y)), False)


def _eye(rgb: Rgb, contour: Float32) -> Gaze | Literal["hidden"] | None:
    along = contour[8] - contour[0]
    width = float(np.linalg.norm(along))
    if width < _MIN_PIXELS:
        return None
    step = along / (_WIDTH - 2 * _MARGIN)  # picture pixels per patch pixel
    turn = np.array([[step[0], -step[1]], [step[1], step[0]]], np.float32)
    origin = (contour[0] + contour[8]) / 2 - turn @ np.array([_WIDTH / 2, _HEIGHT / 2], np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    patch = cv2.warpAffine(
        rgb,
        np.concatenate([turn, origin[:, None]], axis=1),
        (_WIDTH, _HEIGHT),
        flags=flags,
        borderMode=cv2.BORDER_REPLICATE,
    )
    grey = cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    local = (contour - origin) @ np.linalg.inv(turn).T
    inside = np.zeros((_HEIGHT, _WIDTH), np.uint8)
    cv2.fillPoly(inside, [np.round(local).astype(np.int32)], 1)
    inside[:, : _MARGIN + 3] = inside[:, -_MARGIN - 3 :] = 0  # the corners are dark whatever the eye does
    seen = inside.astype(bool)
    if seen.sum() < 4 * (_WIDTH - 2 * _MARGIN):  # shut
        return None
    dark, bright = np.percentile(grey[seen], [10, 90])
    if bright - dark < _MIN_CONTRAST * bright or bright < _MIN_BRIGHT:
        return "hidden"
    # Squared: the pupil counts for more than the shadow of the upper lid.
    weight = np.where(seen, np.clip((bright + dark) / 2 - grey, 0, None), 0) ** 2
    rows, columns = np.mgrid[0:_HEIGHT, 0:_WIDTH]
    total = float(weight.sum())
    half = (_WIDTH - 2 * _MARGIN) / 2
    x = float((weight * (columns + 0.5)).sum()) / total - _WIDTH / 2
    y = float((weight * (rows + 0.5)).sum()) / total - _HEIGHT / 2
    return Gaze(x / half, -y / half)
