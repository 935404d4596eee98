"""Faces in one picture: what the detector says, and which of it is believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from media.facetrack import Box, iou
from models.faces import crops
from models.faces.detector import SCORE, SURE_SCORE, Detection, FaceDetector
from models.faces.mesh import FaceMesh, Mesh

Rgb = NDArray[np.uint8]
SAME_PLACE = 0.3  # intersection over union with a known face from which a faint detection is that face


@dataclass(frozen=True, slots=True)
class Face:
    """One face. `mesh` is there only when it was needed to believe the detection. `sure`: it would be
    believed in a picture by itself, not only because a face was just there."""

    box: Box  # x, y, width, height as shares of the picture
    detection: Detection
    mesh: Mesh | None
    sure: bool = True


class FaceFinder:
    """Detector and mesh of one process. Not thread-safe: it belongs to the picture thread."""

    def __init__(self, detector: FaceDetector, mesh: FaceMesh) -> None:
        self._detector = detector
        self._mesh = mesh

    @classmethod
    def load(cls) -> FaceFinder:
        """Raises `models.store.WeightsMissing`."""
        cv2.setNumThreads(1)  # its own thread pool would fight with the packets for the cores
        return cls(FaceDetector.load(), FaceMesh.load())

    def find(self, rgb: Rgb, *, everybody: bool, known: Sequence[Box] = (), hard: bool = False) -> list[Face]:
        """Faces in a uint8 RGB picture, height × width × 3, best first.

        `everybody`: small ones, too, behind a large one. `known`: where faces were a moment ago; a faint
        detection there is believed. `hard`: when nothing is found, look once more with the contrast evened
        out.
        """
        faces = self._believed(rgb, self._detector.detect(rgb, everybody=everybody), known, SURE_SCORE)
        if not faces and hard:
            # Evened out, textures look like faces more often: no score alone is believed.
            faces = self._believed(rgb, self._detector.detect_hard(rgb), known, 1.0)
        return faces

    def mesh(self, rgb: Rgb, detection: Detection) -> Mesh | None:
        """The face's mesh, None when it cannot be trusted (a face seen from the side)."""
        mesh = self._mesh(rgb, detection)
        return mesh if mesh.present else None

    def mesh_again(self, rgb: Rgb, before: Mesh) -> Mesh | None:
        """The same face a few hundredths of a second later, without the detector."""
        mesh = self._mesh.from_mesh(rgb, before)
        return mesh if mesh.present else None

    def _believed(
        self, rgb: Rgb, detections: Sequence[Detection], known: Sequence[Box], sure: float
    ) -> list[Face]:
        """`sure`: score from which nothing else need speak for a detection."""
        faces = []
        for detection in detections:
            box = shares(crops.face_box(detection), rgb)
            if detection.score >= sure:
                faces.append(Face(box, detection, None))
                continue
            mesh = self.mesh(rgb, detection) if detection.score >= SCORE else None
            if mesh is not None or any(iou(box, one) >= SAME_PLACE for one in known):
                faces.append(Face(box, detection, mesh, sure=mesh is not None))
        return faces


def shares(box: tuple[float, float, float, float], rgb: Rgb) -> Box:
    """Corners in pixels to x, y, width, height as shares of the picture."""
    height, width = rgb.shape[:2]
    x1, y1, x2, y2 = box
    return x1 / width, y1 / height, (x2 - x1) / width, (y2 - y1) / height
