"""Straight edges around a face: the border of a print, the bezel of a phone or a tablet.

Canny edges, and a Hough transform (Duda and Hart 1972, slope and intercept) of those that run along the side
they lie on: left and right of the face only edges between upright and `SLANT` count, above and below only
level ones, near the face only. Rooms have straight edges too: door frames and shelves show on two sides of
about one face in ten, so this is evidence and no verdict.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Box = tuple[float, float, float, float]  # x1, y1, x2, y2 in pixels: `models.faces.crops.face_box`
Sides = tuple[float, float, float, float]
SLANT = 0.4  # across over along: how far from upright or level an edge may lean
LONGEST = 3.0
SHORTEST = 0.6  # face widths
FACE = (
    130.0  # pixels; the picture of a larger face is made smaller: borders are coarse, edges cost by the pixel
)
REACH = 1.6  # face widths from its middle in which edges are looked for
ACROSS = 2.0  # gradient across an edge over the gradient along it, at least
GAP, WITHIN = 5.0, 2.0  # pixels: a hole in an edge, and how far from straight it may be
FILLED = 0.85  # share of an edge's rows (columns) that show it
PEAKS = 6  # lines of most votes that are looked at on each side
CLEAR = (1.0, 1.1)  # how far out an edge passes, in half face widths and heights
_SLOPES = np.linspace(-SLANT, SLANT, 25, dtype=np.float32)
_BRIGHTER = (255 * (np.arange(256) / 255) ** 0.6).astype(
    np.uint8
)  # a dark bezel in a dark room has edges, too


def framed(grey: Grey, face: Box) -> float:
    """Length, in face widths (0..6), of the second and third longest of `sides` together: one straight edge
    beside a face is no frame, and a third makes a chance unlikely."""
    longest = sorted(sides(grey, face))
    return longest[-2] + longest[-3]


def sides(grey: Grey, face: Box) -> Sides:
    """Length in face widths (0..3; 0: none) of the longest straight edge left, right, above and below a face.

    Each edge lies outside the face and passes it: it crosses the face's middle row or column. `grey` is
    uint8, height × width, its face about 60 pixels wide and more. About 2 ms at 640 × 480.
    """
    if face[2] - face[0] < 8:
        return 0.0, 0.0, 0.0, 0.0
    scale = min(1.0, FACE / (face[2] - face[0]))
    if scale < 0.8:
        grey = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    else:
        scale = 1.0
    x1, y1, x2, y2 = (scale * value for value in face)
    wide, half_wide, half_high = x2 - x1, (x2 - x1) / 2, (y2 - y1) / 2
    x, y, gx, gy = _edges(grey, ((x1 + x2) / 2, (y1 + y2) / 2), REACH * wide, REACH * wide + half_high / 4)
    upright = (gx > ACROSS * gy) & (abs(x) > 0.9 * half_wide) & (abs(y) < REACH * wide)
    level = (gy > ACROSS * gx) & (abs(y) > half_high) & (abs(x) < REACH * wide)
    found = (
        *_longest(x[upright], y[upright], CLEAR[0] * half_wide, SHORTEST * wide),
        *_longest(y[level], x[level], CLEAR[1] * half_high, SHORTEST * wide),
    )
    left, right, above, below = (min(LONGEST, length / wide) for length in found)
    return left, right, above, below


def _edges(
    grey: Grey, middle: tuple[float, float], across: float, down: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int16], NDArray[np.int16]]:
    """Pixels on edges around `middle`, from there, and the size of their gradients."""
    top, left = max(0, int(middle[1] - down)), max(0, int(middle[0] - across))
    part = grey[top : max(0, int(middle[1] + down)) + 1, left : max(0, int(middle[0] + across)) + 1]
    if min(part.shape) < 8:
        nothing = np.zeros(0, np.float32)
        return nothing, nothing, np.zeros(0, np.int16), np.zeros(0, np.int16)
    soft = cv2.GaussianBlur(cv2.LUT(part, _BRIGHTER), (5, 5), 1.0)
    dx, dy = cv2.Sobel(soft, cv2.CV_16S, 1, 0), cv2.Sobel(soft, cv2.CV_16S, 0, 1)
    rows, columns = np.nonzero(cv2.Canny(dx, dy, 40, 110) > 0)  # booleans are counted faster
    x = (columns + (left - middle[0])).astype(np.float32)
    y = (rows + (top - middle[1])).astype(np.float32)
    return x, y, np.abs(dx[rows, columns]), np.abs(dy[rows, columns])


def _longest(
    across: NDArray[np.float32], along: NDArray[np.float32], clear: float, least: float
) -> tuple[float, float]:
    """Longest edges before `-clear` and beyond `clear`, in pixels, 0 where none is as long as `least`.

    `across`, `along`: edge pixels from the face's middle, across and along the edges that are wanted.
    """
    lengths = [0.0, 0.0]
    if len(across) < least / 2:
        return 0.0, 0.0
    at = across - _SLOPES[:, None] * along  # where a line of each slope through each pixel passes the middle
    bins = np.rint(at / 2).astype(np.int32)
    first = int(bins.min())
    count = int(bins.max()) - first + 2
    bins += np.arange(len(_SLOPES), dtype=np.int32)[:, None] * count - first
    votes = np.bincount(bins.ravel(), minlength=count * len(_SLOPES)).reshape(len(_SLOPES), count)
    votes = votes[:, :-1] + votes[:, 1:]  # a line may lie between two bins
    places = 2.0 * (np.arange(count - 1) + first) + 1
    for side, beyond in enumerate((places < -clear, places > clear)):
        here, where = votes[:, beyond].ravel(), places[beyond]
        peaks = np.argsort(-here)[:PEAKS] if len(here) <= PEAKS else np.argpartition(-here, PEAKS)[:PEAKS]
        for peak in sorted(peaks, key=lambda one: -int(here[one])):
            if here[peak] < max(least / 2, lengths[side]):
                break
            slope, place = divmod(int(peak), len(where))
            length = _run(along[np.abs(at[slope] - where[place]) < WITHIN])
            lengths[side] = max(lengths[side], length * float(np.hypot(1, _SLOPES[slope])))
    before, after = (length if length >= least else 0.0 for length in lengths)
    return before, after


def _run(along: NDArray[np.float32]) -> float:
    """Length of the stretch without a gap that contains 0; 0 where it is mostly holes."""
    places = np.unique(np.floor(along))  # one for each row: rint would put halves in pairs
    gaps = np.flatnonzero(np.diff(places) > GAP)
    middle = int(np.searchsorted(places, 0.0))
    start = int(gaps[gaps < middle].max(initial=-1)) + 1 if middle else 0
    later = gaps[gaps >= middle]
    end = int(later.min()) if later.size else len(places) - 1
    if not len(places) or not places[start] <= 0 <= places[end]:
        return 0.0
    length = float(places[end] - places[start])
    return length if end - start + 1 >= FILLED * length else 0.0
