"""Where in a picture a card lies: four straight edges that a card of ISO/IEC 7810 ID-1 would have.

Every two pairs of straight lines make a quadrilateral. Kept are those that a pinhole camera can see a card's
rectangle as (Zhang and He, "Whiteboard scanning and image enhancement", 2007: with a known focal length four
corners give the aspect) and whose outline lies on edges. Lines are found even where fingers cover a corner or
the background runs into the card, which would spoil a contour.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.faces.detector import Rgb
from models.identity.alignment import shrunk

ASPECT = 85.60 / 53.98
_WORKING_SIDE = 640
# Focal lengths, as shares of the picture's longer side: wide webcams and phones, and cut pictures.
_FOCAL = (0.8, 1.4)
_LINES = 36
_LEAST_AREA = 0.03  # of the picture; a smaller card shows no face that could be compared
_MOST_OFF = 0.09  # logarithm of aspect; portraits (.2 off) and cards without their head band (.15) are out
_EDGE = 4.0  # least difference of neighbouring pixels across an edge, of 255, beside a camera's noise
_LEAST_SIDE, _LEAST_OUTLINE = 0.4, 0.7  # share of each side, and of all four, that must lie on edges
_MOST_CHECKED = 1500

Quads = NDArray[np.float64]  # (n, 4, 2), pixels, clockwise, the first side a long one
Floats = NDArray[np.float64]


def find_quadrilaterals(rgb: Rgb) -> Quads:
    """Of a uint8 RGB picture: corners in its pixels, the most credible first; (0, 4, 2) where there is none.

    The first corner is the upper left one of the card as it would be read with the least turn.
    """
    small = shrunk(rgb, _WORKING_SIDE / max(rgb.shape[:2]))
    smooth = np.asarray(cv2.bilateralFilter(small, 7, 35, 5), np.uint8)
    quads = _shaped_as_cards(_corners(_lines(smooth)), small.shape[:2])
    quads, scores = _on_edges(quads, smooth)
    order = np.argsort(-scores)
    kept: list[Floats] = []
    for quad in quads[order]:
        reach = 0.03 * float(np.ptp(quad, axis=0).max())
        if all(np.abs(quad - other).mean() > reach for other in kept):
            kept.append(quad)
    stretch = np.array([rgb.shape[1] / small.shape[1], rgb.shape[0] / small.shape[0]])
    return np.asarray(np.array(kept).reshape(-1, 4, 2) * stretch, np.float64)


def _lines(rgb: Rgb) -> Floats:
    """The longest straight lines, (n, 4): a point and a unit direction. Segments of one line are joined."""
    finder = cv2.createLineSegmentDetector()
    planes = cv2.split(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB))
    found = [finder.detect(plane)[0] for plane in planes]  # a card may differ in colour alone
    parts = [one.reshape(-1, 4) for one in found if one is not None]
    if not parts:
        return np.zeros((0, 4))
    segments = np.concatenate(parts).astype(np.float64)
    along = segments[:, 2:] - segments[:, :2]
    lengths = np.linalg.norm(along, axis=1)
    order = np.argsort(-lengths)
    order = order[lengths[order] > 0.025 * max(rgb.shape[:2])]
    lines: list[Floats] = []
    weights: list[float] = []
    for n in order:
        unit, start, end = along[n] / lengths[n], segments[n, :2], segments[n, 2:]
        for k, line in enumerate(lines):
            off = [abs(line[2] * (p[1] - line[1]) - line[3] * (p[0] - line[0])) for p in (start, end)]
            if max(off) < 2.5 and abs(unit @ line[2:]) > 0.995:
                weights[k] += lengths[n]
                break
        else:
            lines.append(np.concatenate([(start + end) / 2, unit]))
            weights.append(float(lengths[n]))
    best = np.argsort(-np.array(weights))[:_LINES]
    return np.array(lines).reshape(-1, 4)[best]


def _corners(lines: Floats) -> Quads:
    """All quadrilaterals of two pairs of roughly parallel lines that cross each other."""
    count = len(lines)
    a, b = np.triu_indices(count, 1)
    parallel = np.abs((lines[a, 2:] * lines[b, 2:]).sum(1)) > np.cos(np.radians(30))
    pairs = np.stack([a[parallel], b[parallel]], 1)
    i, j = np.triu_indices(len(pairs), 1)
    first, second = pairs[i], pairs[j]
    crossing = np.abs((lines[first[:, 0], 2:] * lines[second[:, 0], 2:]).sum(1)) < np.cos(np.radians(45))
    first, second = first[crossing], second[crossing]
    ways = ((0, 0), (1, 0), (1, 1), (0, 1))
    return np.stack([_meeting(lines[first[:, m]], lines[second[:, n]]) for m, n in ways], axis=1)


def _meeting(one: Floats, other: Floats) -> Floats:
    """Where lines cross; (n, 2)."""
    between = other[:, :2] - one[:, :2]
    cross = one[:, 2] * other[:, 3] - one[:, 3] * other[:, 2]
    cross = np.where(np.abs(cross) < 1e-6, 1e-6, cross)
    way = (between[:, 0] * other[:, 3] - between[:, 1] * other[:, 2]) / cross
    return np.asarray(one[:, :2] + way[:, None] * one[:, 2:])


def _shaped_as_cards(quads: Quads, shape: tuple[int, ...]) -> Quads:
    """Those inside the picture, large enough, and with the aspect of a card; corners put in order."""
    height, width = shape[:2]
    inside = ((quads > -3) & (quads < np.array([width, height]) + 3)).all((1, 2))
    quads = _ordered(quads[inside])
    x, y = quads[..., 0], quads[..., 1]
    area = np.abs((x * np.roll(y, -1, 1) - y * np.roll(x, -1, 1)).sum(1)) / 2
    sides = np.roll(quads, -1, 1) - quads
    turns = sides[..., 0] * np.roll(sides[..., 1], -1, 1) - sides[..., 1] * np.roll(sides[..., 0], -1, 1)
    good = (turns > 0).all(1) & (area > _LEAST_AREA * height * width) & (area < 0.97 * height * width)
    quads = quads[good]
    off = _aspect_error(quads, (height, width))
    order = np.argsort(off)[:_MOST_CHECKED]
    return quads[order[off[order] < _MOST_OFF]]


def _ordered(quads: Quads) -> Quads:
    """Clockwise, the first side one of the long ones and pointing right."""
    away = quads - quads.mean(1, keepdims=True)
    order = np.argsort(np.arctan2(away[..., 1], away[..., 0]), axis=1)
    quads = np.take_along_axis(quads, order[..., None], 1)
    sides = np.linalg.norm(np.roll(quads, -1, 1) - quads, axis=2)
    upright = sides[:, 0] + sides[:, 2] < sides[:, 1] + sides[:, 3]
    quads = np.where(upright[:, None, None], np.roll(quads, -1, 1), quads)
    leftwards = quads[:, 1, 0] < quads[:, 0, 0]
    return np.where(leftwards[:, None, None], np.roll(quads, 2, 1), quads)


def _aspect_error(quads: Quads, shape: tuple[int, int]) -> Floats:
    """|log| of the aspect against a card's, for the better of the focal lengths; (n,)."""
    height, width = shape
    errors = []
    ones = np.ones((*quads.shape[:2], 1))
    for focal in _FOCAL:
        rays = np.concatenate([(quads - [width / 2, height / 2]) / (focal * max(shape)), ones], axis=2)
        m1, m2, m4, m3 = rays[:, 0], rays[:, 1], rays[:, 2], rays[:, 3]
        k2 = (np.cross(m1, m4) * m3).sum(1) / _nonzero((np.cross(m2, m4) * m3).sum(1))
        k3 = (np.cross(m1, m4) * m2).sum(1) / _nonzero((np.cross(m3, m4) * m2).sum(1))
        across, down = k2[:, None] * m2 - m1, k3[:, None] * m3 - m1
        lengths = np.linalg.norm(across, axis=1), np.linalg.norm(down, axis=1)
        skew = np.abs((across * down).sum(1)) / _nonzero(lengths[0] * lengths[1])
        aspect = np.abs(np.log(np.maximum(lengths[0] / _nonzero(lengths[1]) / ASPECT, 1e-9)))
        errors.append(aspect + 0.3 * skew)  # the sides of a card stand at right angles
    return np.asarray(np.min(errors, axis=0))


def _nonzero(values: Floats) -> Floats:
    return np.where(np.abs(values) < 1e-12, 1e-12, values)


def _on_edges(quads: Quads, rgb: Rgb) -> tuple[Quads, Floats]:
    """Those whose outline lies on edges that run along it, and how credible each is."""
    if not len(quads):
        return quads, np.zeros(0)
    height, width = rgb.shape[:2]
    steps = np.linspace(0.08, 0.92, 32)[:, None]  # without the rounded corners
    begin, along = quads[:, :, None], (np.roll(quads, -1, 1) - quads)[:, :, None]
    points = begin + along * steps
    unit = along / np.maximum(np.linalg.norm(along, axis=3, keepdims=True), 1e-9)
    normal = np.stack([-unit[..., 1], unit[..., 0]], -1)
    best = np.zeros(points.shape[:3])
    for away in (-1.5, 0.0, 1.5):
        differences = [
            _colours(rgb, points + (away + half) * normal, (height, width)) for half in (-1.5, 1.5)
        ]
        best = np.maximum(best, np.abs(differences[1] - differences[0]).max(-1))
    shares = (best > _EDGE).mean(2)
    strength = np.minimum(best, 40).mean((1, 2)) / 40
    outline = shares.mean(1)
    good = (shares.min(1) > _LEAST_SIDE) & (outline > _LEAST_OUTLINE)
    size = np.sqrt(np.ptp(quads, axis=1).prod(1) / (height * width))
    # Of a frame printed on the card and the card's own outline the larger is the card.
    scores = outline + 0.3 * strength + 0.4 * size - _aspect_error(quads, (height, width))
    return quads[good], scores[good]


def _colours(rgb: Rgb, points: Floats, shape: tuple[int, int]) -> Floats:
    x = np.clip(np.round(points[..., 0]).astype(int), 0, shape[1] - 1)
    y = np.clip(np.round(points[..., 1]).astype(int), 0, shape[0] - 1)
    return np.asarray(rgb[y, x], np.float64)
