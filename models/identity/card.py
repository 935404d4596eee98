"""An ID card held to the camera or photographed: found, made flat, and the face on it enrolled.

The card is looked for as a quadrilateral of the shape of ISO/IEC 7810 ID-1 (85.60 × 53.98 mm) in several
pictures of edges, and mapped by its homography onto an upright rectangle. The portrait decides which side is
up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.faces.detector import Rgb
from models.identity.alignment import AlignedFace, FaceAligner, shrunk
from models.identity.codes import Code

WIDTH_MM, HEIGHT_MM = 85.60, 53.98
WIDTH, HEIGHT = 1011, 638  # pixels of a rectified card: 300 per inch
_WORKING_SIDE = 640
_LEAST_AREA = 0.04  # of the picture; a smaller card shows no face that could be compared
_ASPECT_BAND = 0.35  # of the logarithm of the aspect: what tilting a card by 45° does to it
_LEAST_EDGE = 0.55  # share of the outline that must lie on edges; a hand may cover the rest
_MERGED = 0.02  # of the outline: corners this close are one, so rounded corners count as corners

Quad = NDArray[np.float32]  # (4, 2), pixels, clockwise from the top left corner as the card is read
Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class CardCheck:
    """`code` is None when a face was enrolled. `corners` are in pixels of the picture; `card` is the
    rectified card, uint8 RGB 638 × 1011 × 3; `face` is in its pixels.
    """

    code: Code | None
    corners: Quad | None = None
    card: Rgb | None = None
    face: AlignedFace | None = None


class CardReader:
    """Not thread-safe, as its aligner is not. A ghost image beside the portrait is smaller and not taken."""

    def __init__(self, aligner: FaceAligner) -> None:
        self._aligner = aligner

    def read(self, rgb: Rgb) -> CardCheck:
        """A uint8 RGB picture, height × width × 3, of a card that may lie at any angle."""
        best: CardCheck | None = None
        for corners in find_cards(rgb)[:3]:
            card = rectified(rgb, corners)
            face = self._aligner.largest(card)
            if face is None:
                best = best or CardCheck("no_face", corners, card)
                continue
            if face.points[1, 0] < face.points[0, 0]:
                # The portrait stands on its head, and the card with it.
                corners = np.roll(corners, 2, axis=0)
                card = rectified(rgb, corners)
                face = self._aligner.largest(card) or face
            return CardCheck(None, corners, card, face)
        return best or CardCheck("no_card")


def find_cards(rgb: Rgb) -> list[Quad]:
    """Quadrilaterals shaped like an ID-1 card, the most credible first; corners in pixels of the picture."""
    small = shrunk(rgb, _WORKING_SIDE / max(rgb.shape[:2]))
    stretch = np.array([rgb.shape[1] / small.shape[1], rgb.shape[0] / small.shape[0]], np.float32)
    blurred = cv2.bilateralFilter(small, 7, 40, 7)
    gradient = _edge_strength(blurred)
    found: list[tuple[float, Quad]] = []
    for mask in _masks(blurred, gradient):
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            quad = _quadrilateral(contour, small.shape[0] * small.shape[1])
            if quad is not None and (score := _credibility(quad, gradient)) > 0:
                found.append((score, quad))
    kept: list[Quad] = []
    for _, quad in sorted(found, key=lambda scored: -scored[0]):
        if all(np.abs(quad - other).mean() > 0.04 * np.ptp(other, axis=0).max() for other in kept):
            kept.append(quad)
    return [quad * stretch for quad in kept]


def rectified(rgb: Rgb, corners: Quad) -> Rgb:
    """The card as if it lay flat before a scanner: uint8 RGB 638 × 1011 × 3, 300 pixels per inch."""
    flat = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    homography = cv2.getPerspectiveTransform(corners.astype(np.float32), flat)
    return np.asarray(cv2.warpPerspective(rgb, homography, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR), np.uint8)


def _edge_strength(rgb: Rgb) -> NDArray[np.float32]:
    """The strongest gradient of the three channels, 0..255: a card may differ in colour alone."""
    steps = [
        cv2.magnitude(cv2.Sobel(plane, cv2.CV_32F, 1, 0), cv2.Sobel(plane, cv2.CV_32F, 0, 1))
        for plane in cv2.split(rgb)
    ]
    return np.asarray(np.minimum(np.max(steps, axis=0) / 4, 255), np.float32)


def _masks(rgb: Rgb, gradient: NDArray[np.float32]) -> Iterator[Mask]:
    """Black and white pictures in one of which the card should be an outline or a patch of its own."""
    square = np.ones((3, 3), np.uint8)
    for strength in (60, 35, 20, 10):
        lines = (gradient > strength).astype(np.uint8)
        yield lines
        # Gaps of the outline are closed, where fingers or glare break it.
        yield np.asarray(cv2.morphologyEx(lines, cv2.MORPH_CLOSE, square, iterations=3), np.uint8)
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)
    for plane in cv2.split(lab):
        _, patch = cv2.threshold(plane, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        for mask in (patch, 255 - patch):
            # Opened, so that a hand that holds the card does not become part of it.
            yield np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, square, iterations=5), np.uint8)


def _quadrilateral(contour: NDArray[np.int32], picture_area: int) -> Quad | None:
    """The four corners of a contour that is about a convex quadrilateral of a card's shape; else None."""
    hull = cv2.convexHull(contour)
    area = float(cv2.contourArea(hull))
    if not _LEAST_AREA * picture_area < area < 0.98 * picture_area or len(hull) < 4:
        return None
    corners = hull
    for share in (_MERGED, 2 * _MERGED, 3 * _MERGED):
        corners = cv2.approxPolyDP(hull, share * cv2.arcLength(hull, True), True)
        if len(corners) <= 4:
            break
    if len(corners) != 4:
        corners = cv2.approxPolyN(hull, 4, ensure_convex=True)
    quad = np.asarray(corners, np.float32).reshape(-1, 2)
    if len(quad) != 4 or not cv2.isContourConvex(quad) or area < 0.9 * cv2.contourArea(quad):
        return None
    quad = _from_top_left(quad)
    return quad if abs(_log_aspect(quad)) < _ASPECT_BAND else None


def _from_top_left(quad: Quad) -> Quad:
    """Clockwise, beginning so that the first side is a long one and the card as little turned as may be."""
    middle = quad.mean(0)
    quad = quad[np.argsort(np.arctan2(*(quad - middle).T[::-1]))]
    sides = np.linalg.norm(np.roll(quad, -1, 0) - quad, axis=1)
    if sides[0] + sides[2] < sides[1] + sides[3]:
        quad = np.roll(quad, -1, axis=0)
    across = quad[1] - quad[0]
    return np.roll(quad, 2, axis=0) if across[0] < 0 else quad


def _log_aspect(quad: Quad) -> float:
    """How far the mean long side to the mean short side is from a card's, as a logarithm."""
    sides = np.linalg.norm(np.roll(quad, -1, 0) - quad, axis=1)
    aspect = (sides[0] + sides[2]) / max(float(sides[1] + sides[3]), 1e-6)
    return float(np.log(aspect * HEIGHT_MM / WIDTH_MM))


def _credibility(quad: Quad, gradient: NDArray[np.float32]) -> float:
    """How much of the outline lies on edges, less what the aspect is off; 0: not a card.

    A larger outline wins over a frame printed inside it.
    """
    shares = [_on_edges(start, end, gradient) for start, end in zip(quad, np.roll(quad, -1, 0), strict=True)]
    outline = float(np.mean(shares))
    if outline < _LEAST_EDGE or min(shares) < 0.2:
        return 0.0
    size = np.sqrt(cv2.contourArea(quad) / gradient.size)
    return outline - 0.5 * abs(_log_aspect(quad)) + 0.4 * float(size)


def _on_edges(start: NDArray[np.float32], end: NDArray[np.float32], gradient: NDArray[np.float32]) -> float:
    """Share of a side, its rounded ends left out, with an edge within two pixels."""
    steps = np.linspace(0.08, 0.92, 40)[:, None]
    line = start + (end - start) * steps
    normal = np.array([start[1] - end[1], end[0] - start[0]]) / max(float(np.linalg.norm(end - start)), 1e-6)
    height, width = gradient.shape
    best = np.zeros(len(steps), np.float32)
    for away in (-2, -1, 0, 1, 2):
        x, y = np.round(line + away * normal).astype(int).T
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        best[inside] = np.maximum(best[inside], gradient[y[inside], x[inside]])
    return float((best > 8).mean())
