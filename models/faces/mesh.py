"""468 points of one face: MediaPipe's face mesh (Kartynnik et al. 2019, arXiv:1907.06724).

The network wants the face upright and filling two thirds of a 192 × 192 crop. The crop comes either from a
detection or, cheaper and steadier, from the mesh of the frame before: as long as `presence` stays high the
detector need not run for that face.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models import store
from models.faces.detector import Box, Detection, Rgb
from models.faces.litert import Float32, Network

MARGIN = 1.5  # of the face's longer side, as MediaPipe's graph crops
PRESENCE = 0.5  # MediaPipe's threshold: below it the mesh is of no face
RIGHT_EYE_OUTER, LEFT_EYE_OUTER = 33, 263


@dataclass(frozen=True, slots=True)
class Mesh:
    """`points` is float32 (468, 3): x and y in pixels of the picture, z on the same scale (smaller is nearer,
    zero at the head's centre). The numbering is MediaPipe's. `presence` is the probability of a face.
    """

    points: Float32
    presence: float

    @property
    def present(self) -> bool:
        """Whether the mesh can be trusted. A face seen from the side is a face without a trustworthy mesh."""
        return self.presence >= PRESENCE

    @property
    def box(self) -> Box:
        """x1, y1, x2, y2 in pixels: the upright rectangle around all points (forehead to chin)."""
        x1, y1 = self.points[:, :2].min(0)
        x2, y2 = self.points[:, :2].max(0)
        return float(x1), float(y1), float(x2), float(y2)


class FaceMesh:
    """Not thread-safe. About 1 ms per face on one core."""

    def __init__(self, path: Path) -> None:
        self._network = Network(path)

    @classmethod
    def load(cls) -> FaceMesh:
        """Raises `models.store.WeightsMissing` when the weights were not fetched."""
        return cls(store.file("mediapipe/face_landmark.tflite"))

    def __call__(self, rgb: Rgb, detection: Detection) -> Mesh:
        """The mesh of a face that the detector found in this uint8 RGB picture, height × width × 3."""
        mesh = self._fit(rgb, detection.box, detection.keypoints[0], detection.keypoints[1])
        if mesh.present:
            return mesh
        # The box of a small face is coarse; the mesh, even a doubtful one, usually places the crop better.
        again = self.from_mesh(rgb, mesh)
        return again if again.presence > mesh.presence else mesh

    def from_mesh(self, rgb: Rgb, before: Mesh) -> Mesh:
        """The mesh of the same face in a later picture. When it is not `present`, the face is gone."""
        points = before.points
        return self._fit(rgb, upright_box(points), points[RIGHT_EYE_OUTER, :2], points[LEFT_EYE_OUTER, :2])

    def _fit(self, rgb: Rgb, box: Box, right_eye: Float32, left_eye: Float32) -> Mesh:
        side = self._network.side
        angle = float(np.arctan2(left_eye[1] - right_eye[1], left_eye[0] - right_eye[0]))
        centre = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
        pixel = MARGIN * max(box[2] - box[0], box[3] - box[1], 1.0) / side  # picture pixels per crop pixel
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * pixel
        to_picture = np.concatenate([turn, (centre - turn @ [side / 2, side / 2])[:, None]], axis=1)
        crop = cv2.warpAffine(
            rgb,
            to_picture.astype(np.float32),
            (side, side),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        out = self._network(crop * np.float32(1 / 255))
        local = out["conv2d_21"].reshape(468, 3)
        points = np.empty((468, 3), np.float32)
        points[:, :2] = local[:, :2] @ turn.T + to_picture[:, 2]
        points[:, 2] = local[:, 2] * pixel
        return Mesh(points, float(1 / (1 + np.exp(-out["conv2d_31"].reshape(())))))


def upright_box(points: NDArray[np.float32]) -> Box:
    """The box the crop is centred on, measured along the eyes' line: a tilted head does not make it grow."""
    across = points[LEFT_EYE_OUTER, :2] - points[RIGHT_EYE_OUTER, :2]
    across = across / max(float(np.linalg.norm(across)), 1e-6)
    axes = np.stack([across, np.array([-across[1], across[0]])])
    local = points[:, :2] @ axes.T
    low, high = local.min(0), local.max(0)
    cx, cy = axes.T @ ((low + high) / 2)
    half = (high - low) / 2
    return float(cx - half[0]), float(cy - half[1]), float(cx + half[0]), float(cy + half[1])
