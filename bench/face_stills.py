"""The main face of a still picture, found and cut out as the server does with a video frame.

Uploaded photos are often cut so tightly that a detector, which has learnt faces with something around them,
sees none: the picture is then put into a grey border and looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from media.faces import Face, FaceFinder
from models.faces import crops
from models.faces.detector import Box, Detection
from models.faces.mesh import Mesh

Rgb = NDArray[np.uint8]
PADDING = 0.3  # of the longer side, on each side, tried after the picture itself
GREY = (128, 128, 128)


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
    """Every face in a uint8 RGB picture, the largest first. `pad`: without one, look again with a border."""
    padded = False
    faces = finder.find(rgb, everybody=everybody)
    if not faces and pad:
        border = round(PADDING * max(rgb.shape[:2]))
        bordered = cv2.copyMakeBorder(rgb, border, border, border, border, cv2.BORDER_CONSTANT, value=GREY)
        rgb = np.asarray(bordered, np.uint8)
        faces, padded = finder.find(rgb, everybody=everybody), True
    return [_found(finder, rgb, face, padded) for face in sorted(faces, key=_area, reverse=True)]


def find_main(finder: FaceFinder, rgb: Rgb) -> Found | None:
    """The largest face, which is whom the server takes for the candidate; None where there is none."""
    found = find_all(finder, rgb, everybody=False)
    return found[0] if found else None


def _area(face: Face) -> float:
    return face.box[2] * face.box[3]


def _found(finder: FaceFinder, rgb: Rgb, face: Face, padded: bool) -> Found:
    mesh = face.mesh or finder.mesh(rgb, face.detection)
    return Found(rgb, crops.face_box(mesh or face.detection), face.detection, mesh, padded)
