"""The main face of a still picture, found and cut out as the server does with a video frame.

Uploaded photos are often cut so tightly that a detector, which has learnt faces with something around them,
sees none: room is then put around the picture, its edge repeated, and it is looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from media.finding import Face, FaceFinder
from models.faces import crops
from models.faces.detector import Box, Detection
from models.faces.mesh import Mesh

Rgb = NDArray[np.uint8]
PADDINGS = (0.25, 0.5)  # of the longer side, on each side, tried after the picture itself


@dataclass(frozen=True, slots=True)
class Found:
    """One face. `rgb` is the picture it was found in, padded or not; `box` is hairline to chin in its pixels.

    `mesh` is None where none fits, as of a face seen from the side; the box then comes from `detection`.
    """

    rgb: Rgb
    box: Box
    detection: Detection
    mesh: Mesh | None
    padded: bool

    def affect_crop(self) -> Rgb:
        """112 × 112 × 3, uint8 RGB."""
        return crops.affect_crop(self.rgb, self.box)

    def liveness_crop(self) -> Rgb:
        """128 × 128 × 3, uint8 RGB."""
        return crops.liveness_crop(self.rgb, self.box)


def find_all(finder: FaceFinder, rgb: Rgb, *, everybody: bool = True, pad: bool = True) -> list[Found]:
    """Every face in a uint8 RGB picture, the main one first. `pad`: without one, look again with a border."""
    for share in (0.0, *PADDINGS) if pad else (0.0,):
        view = _with_border(rgb, round(share * max(rgb.shape[:2])))
        if faces := finder.find(view, everybody=everybody):
            ranked = sorted(faces, key=_standing, reverse=True)
            return [_found(finder, view, face, padded=bool(share)) for face in ranked]
    return []


def find_main(finder: FaceFinder, rgb: Rgb) -> Found | None:
    """The candidate's face; None where there is none.

    The server takes the largest face and follows it. One picture alone may show a hand or a half face at its
    edge that is larger, so width is weighted here by how sure the detector is.
    """
    found = find_all(finder, rgb, everybody=False)
    return found[0] if found else None


def _standing(face: Face) -> float:
    return face.detection.score * face.box[2]


def _found(finder: FaceFinder, rgb: Rgb, face: Face, *, padded: bool) -> Found:
    mesh = face.mesh or finder.mesh(rgb, face.detection)
    return Found(rgb, crops.face_box(mesh or face.detection), face.detection, mesh, padded)


def _with_border(rgb: Rgb, width: int) -> Rgb:
    if not width:
        return rgb
    return np.asarray(cv2.copyMakeBorder(rgb, width, width, width, width, cv2.BORDER_REPLICATE), np.uint8)
