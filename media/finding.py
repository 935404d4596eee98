"""Faces in one picture: what the detector says, and which of it is believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from media.facetrack import Box, iou
from models.faces import crops
from models.faces.detector import CLOSER_SCORE, SCORE, SURE_SCORE, Detection, FaceDetector
from models.faces.mesh import FaceMesh, Mesh

Rgb = NDArray[np.uint8]
EVEN_PRESENCE = 0.9
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

    def find(self, rgb: Rgb, *, everybody: bool, known: Sequence[Box] = (), hard: bool = True) -> list[Face]:
        """Faces in a uint8 RGB picture, height × width × 3, best first.

        `everybody`: small ones, too, behind a large one. `known`: where faces were a moment ago; a detection
        there is believed even when faint, any other only when a mesh fits it or a closer look confirms it.
        `hard`: take that closer look, and when nothing is found at all look with the contrast evened out.
        """
        detections = self._detector.detect(rgb, everybody=everybody, faint=bool(known))
        faces = self._believed(rgb, detections, known, closer=hard)
        if not faces and hard:
            faces = self._believed(rgb, self._detector.detect_hard(rgb), known, even=True)
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
        self,
        rgb: Rgb,
        detections: Sequence[Detection],
        known: Sequence[Box],
        *,
        closer: bool = False,
        even: bool = False,
    ) -> list[Face]:
        """`closer`: take a closer look at what no mesh fits. `even`: the detections are of `detect_hard`."""
        faces: list[Face] = []
        for detection in detections:
            box = shares(crops.face_box(detection), rgb)
            here = any(iou(box, one) >= SAME_PLACE for one in known)
            if here and detection.score >= SURE_SCORE:
                faces.append(Face(box, detection, None))
                continue
            mesh = self.mesh(rgb, detection) if detection.score >= SCORE else None
            # Evened out, textures resemble faces more: the mesh must be surer then.
            sure = mesh is not None and (not even or mesh.presence >= EVEN_PRESENCE)
            # Folded hands below a face pass for one more easily than anybody sits there in profile.
            least = SURE_SCORE if faces else CLOSER_SCORE
            if not sure and closer and detection.score >= least:
                closer = here  # one closer look at a stranger a time: a texture must not cost many
                sure = self._detector.confirm(rgb, detection)
            if sure or here:
                faces.append(Face(box, detection, mesh, sure))
        return faces


def shares(box: tuple[float, float, float, float], rgb: Rgb) -> Box:
    """Corners in pixels to x, y, width, height as shares of the picture."""
    height, width = rgb.shape[:2]
    x1, y1, x2, y2 = box
    return x1 / width, y1 / height, (x2 - x1) / width, (y2 - y1) / height
