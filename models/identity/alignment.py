"""Faces cut out as the embedding network wants them: eyes, nose and mouth in ArcFace's places.

ArcFace (Deng et al. 2019, arXiv:1801.07698) puts five points on fixed places of a 112 × 112 picture by a
similarity transform in the least-squares sense (Umeyama 1991). The five are taken from MediaPipe's mesh: the
middles of the corners of each eye, the nose tip and the corners of the mouth. Fitting more points of the mesh
onto a mean face did not separate people better; fitting the mesh a second time, on the place the first one
found, does, most of all for small faces, whose detection is coarse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.faces.detector import FaceDetector, Rgb
from models.faces.geometry import pose
from models.faces.mesh import FaceMesh, Mesh

SIDE = 112
# ArcFace's places, x and y in pixels: the person's right and left eye, nose tip, right and left mouth corner.
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
# The same five in MediaPipe's numbering; two points stand for their middle.
_FIVE = ((33, 133), (263, 362), (4, 4), (61, 61), (291, 291))
_PADDINGS = (0.25, 0.5)  # of the longer side, for pictures that the face fills
# Presence of a mesh. Faces that can be compared have .99 and more, half-seen and upside-down ones .5 to .9.
_BELIEVED, _CERTAIN = 0.75, 0.95
_FITS, _SETTLED = 4, 3.0  # degrees
_WORKING_SIDE = 1280  # detector and mesh do not shrink smoothly; a larger picture is shrunk for them first

Float64 = NDArray[np.float64]
_Back = Callable[[NDArray[np.float32]], NDArray[np.float32]]  # x and y of a view to x and y of the picture


@dataclass(frozen=True, slots=True)
class AlignedFace:
    """One face. `crop` is uint8 RGB 112 × 112 × 3, aligned; beyond the picture it is black, as in training.

    `mesh` and `points` (float64 (5, 2), in the order of `TEMPLATE`) are in pixels of the picture.
    """

    crop: Rgb
    mesh: Mesh
    points: Float64

    @property
    def eye_distance(self) -> float:
        """Inter-eye distance in pixels of the picture (ISO/IEC 39794-5, 29794-5)."""
        return float(np.linalg.norm(self.points[1] - self.points[0]))


class FaceAligner:
    """Detector and mesh for single pictures. Not thread-safe.

    The picture is searched as it is and with room around it: without, a face that fills it may be missed and
    somebody behind it taken in its place. Where nobody is found beyond doubt it is turned by quarters and
    searched again: an upside-down face often gets a mesh that is half believed. A face whose mesh is not
    believed is never returned.
    """

    def __init__(self, detector: FaceDetector, mesh: FaceMesh) -> None:
        self._detector, self._mesh = detector, mesh

    @classmethod
    def load(cls) -> FaceAligner:
        """Raises `models.store.WeightsMissing` when the weights were not fetched."""
        return cls(FaceDetector.load(), FaceMesh.load())

    def faces(self, rgb: Rgb) -> list[AlignedFace]:
        """Faces of a uint8 RGB picture, height × width × 3, the largest first; empty: failure to enrol."""
        scale = min(1.0, _WORKING_SIDE / max(rgb.shape[:2]))
        small = shrunk(rgb, scale)
        stretch = np.array([rgb.shape[1] / small.shape[1], rgb.shape[0] / small.shape[0]], np.float32)
        found = []
        for first in self._meshes(small):
            mesh = self._settled(small, first)
            points = mesh.points * np.array([*stretch, stretch.mean()], np.float32)
            found.append(_aligned(rgb, Mesh(points, mesh.presence)))
        return sorted(found, key=lambda face: -face.eye_distance)

    def largest(self, rgb: Rgb) -> AlignedFace | None:
        """The largest face, or None: failure to enrol."""
        return next(iter(self.faces(rgb)), None)

    def _settled(self, rgb: Rgb, mesh: Mesh) -> Mesh:
        """Fitted again where the last one found the face, until the head's roll no longer changes.

        Once is enough for an upright head; the mesh of one that lies on its side comes round by and by.
        """
        for _ in range(_FITS):
            again = self._mesh.from_mesh(rgb, mesh)
            if not again.present:
                break
            turned = abs(pose(again).roll - pose(mesh).roll)
            mesh = again
            if turned < _SETTLED:
                break
        return mesh

    def _meshes(self, rgb: Rgb) -> list[Mesh]:
        """Believable meshes in pixels of `rgb`, one per face."""
        meshes = [mesh for view in _padded(rgb) for mesh in self._seen(*view)]
        if all(mesh.presence < _CERTAIN for mesh in meshes):
            meshes += [mesh for view in _turned(rgb) for mesh in self._seen(*view)]
        return _one_per_face(meshes)

    def _seen(self, view: Rgb, back: _Back) -> list[Mesh]:
        meshes = (self._mesh(view, face) for face in self._detector.detect(view, everybody=True))
        return [
            Mesh(np.concatenate([back(mesh.points[:, :2]), mesh.points[:, 2:]], axis=1), mesh.presence)
            for mesh in meshes
            if mesh.presence >= _BELIEVED
        ]


def enrolment_points(mesh: Mesh) -> Float64:
    """ArcFace's five points of a mesh: float64 (5, 2), pixels of the picture, in the order of `TEMPLATE`."""
    flat = mesh.points[:, :2].astype(np.float64)
    return np.stack([flat[list(of_one)].mean(0) for of_one in _FIVE])


def similarity(points: Float64, target: Float64 = TEMPLATE) -> Float64:
    """The rotation, uniform scale and shift, 2 × 3, that puts `points` (n, 2) closest to `target` (n, 2).

    Never a mirror image. Umeyama 1991, doi:10.1109/34.88573. Raises `ValueError` where all points are one.
    """
    middle, aim = points.mean(0), target.mean(0)
    centred = points - middle
    spread = (centred**2).sum()
    if spread < 1e-9:
        raise ValueError("points that all lie in one place say nothing of size and direction")
    left, strengths, right = np.linalg.svd((target - aim).T @ centred)
    signs = np.array([1.0, np.sign(np.linalg.det(left @ right))])
    turn = (left * signs) @ right * ((strengths * signs).sum() / spread)
    return np.concatenate([turn, (aim - turn @ middle)[:, None]], axis=1)


def aligned_crop(rgb: Rgb, points: Float64) -> Rgb:
    """uint8 RGB 112 × 112 × 3 with the five `points` (pixels of `rgb`) in ArcFace's places."""
    matrix = similarity(points)
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if scale < 0.5:
        # Bilinear sampling of a much larger face would skip pixels: average them first.
        small = shrunk(rgb, scale)
        matrix[:, :2] *= (rgb.shape[1] / small.shape[1], rgb.shape[0] / small.shape[0])
        rgb = small
    return np.asarray(cv2.warpAffine(rgb, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR), np.uint8)


def shrunk(rgb: Rgb, scale: float) -> Rgb:
    """The picture `scale` times as large, averaged; itself where it would not become smaller."""
    if scale >= 1:
        return rgb
    height, width = (max(1, round(length * scale)) for length in rgb.shape[:2])
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _aligned(rgb: Rgb, mesh: Mesh) -> AlignedFace:
    points = enrolment_points(mesh)
    return AlignedFace(aligned_crop(rgb, points), mesh, points)


def _one_per_face(meshes: list[Mesh]) -> list[Mesh]:
    """Of meshes with their middles in one place the most believable."""
    kept: list[tuple[Mesh, Float64, float]] = []
    for mesh in sorted(meshes, key=lambda mesh: -mesh.presence):
        x1, y1, x2, y2 = mesh.box
        middle = np.array([(x1 + x2) / 2, (y1 + y2) / 2])
        reach = min(x2 - x1, y2 - y1) / 2
        if all(np.linalg.norm(middle - other) > max(reach, near) for _, other, near in kept):
            kept.append((mesh, middle, reach))
    return [mesh for mesh, _, _ in kept]


def _padded(rgb: Rgb) -> Iterator[tuple[Rgb, _Back]]:
    """The picture and the picture with room around it: a face that fills it is seen only so."""
    yield rgb, lambda xy: xy
    for share in _PADDINGS:
        pad = round(share * max(rgb.shape[:2]))
        padded = cv2.copyMakeBorder(rgb, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
        yield np.asarray(padded, np.uint8), lambda xy, pad=pad: xy - np.float32(pad)  # type: ignore[misc]


def _turned(rgb: Rgb) -> Iterator[tuple[Rgb, _Back]]:
    """A photo that lies on its side, its orientation tag lost, or a card held upside down."""
    height, width = rgb.shape[:2]
    far = np.array([width, height], np.float32)
    yield np.ascontiguousarray(np.rot90(rgb)), lambda xy: np.stack([width - xy[:, 1], xy[:, 0]], 1)
    yield np.ascontiguousarray(np.rot90(rgb, 3)), lambda xy: np.stack([xy[:, 1], height - xy[:, 0]], 1)
    yield np.ascontiguousarray(rgb[::-1, ::-1]), lambda xy: far - xy
