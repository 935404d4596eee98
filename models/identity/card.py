"""An ID card held to the camera or photographed: found, made flat, and the face on it enrolled.

The card is looked for as a quadrilateral of the shape of ISO/IEC 7810 ID-1 (85.60 × 53.98 mm) and mapped by
its homography onto an upright rectangle. The portrait decides which side is up.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.faces.detector import Rgb
from models.identity.alignment import AlignedFace, FaceAligner
from models.identity.codes import Code
from models.identity.quadrilateral import find_quadrilaterals

WIDTH, HEIGHT = 1011, 638  # pixels of a rectified card: 85.60 × 53.98 mm at 300 per inch
_TRIED = 4

Quad = NDArray[np.float64]  # (4, 2), pixels, clockwise from the top left corner as the card is read


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
        for corners in find_quadrilaterals(rgb)[:_TRIED]:
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


def rectified(rgb: Rgb, corners: Quad) -> Rgb:
    """The card as if it lay flat before a scanner: uint8 RGB 638 × 1011 × 3, 300 pixels per inch."""
    flat = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    homography = cv2.getPerspectiveTransform(corners.astype(np.float32), flat)
    return np.asarray(cv2.warpPerspective(rgb, homography, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR), np.uint8)
