"""One real face, framed in different ways."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models import store
from models.faces.crops import face_box
from models.faces.detector import FaceDetector
from models.faces.mesh import FaceMesh
from tests.models.eval_set import read_rgb

Rgb = NDArray[np.uint8]


def portrait() -> Rgb:
    """512 × 512: an astronaut, smiling, her face 110 pixels wide right of the middle."""
    return read_rgb(store.file("demo/astronaut.png"))


def placed(size: tuple[int, int], *places: tuple[int, int, int]) -> Rgb:
    """A noisy grey picture (height, width) with portraits of (x, y, side) pasted in."""
    noise = np.random.default_rng(0).normal(110, 8, (*size, 3))
    picture = noise.clip(0, 255).astype(np.uint8)
    head = portrait()[0:300, 90:390]
    for x, y, side in places:
        patch = cv2.resize(head, (side, side), interpolation=cv2.INTER_AREA)
        shown = picture[max(0, y) : y + side, max(0, x) : x + side]
        shown[:] = patch[max(0, -y) :, max(0, -x) :][: shown.shape[0], : shown.shape[1]]
    return picture


def main_box(detector: FaceDetector, mesh: FaceMesh, rgb: Rgb) -> tuple[float, float, float, float] | None:
    """`face_box` of the best face as the server takes it: from its mesh, else from the detection."""
    found = detector.detect(rgb)
    if not found:
        return None
    points = mesh(rgb, found[0])
    return face_box(points if points.present else found[0])
