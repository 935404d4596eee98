"""A puppet head: one photograph of a face, turned and with its lids shut, frame by frame.

MediaPipe's 468 points with their depth are the head's surface. They are turned about a neck behind the face,
projected in perspective, and the photograph's triangles are drawn where they come to lie, far ones first. A
ring of points around the face stands for hair, ears and throat and goes along; one further out stays, so
that the background does. What a photograph does not show (the far cheek) is stretched: good enough for
landmarks and for demonstrations, not a person.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from bench import virtual_camera
from media.finding import FaceFinder

Rgb = NDArray[np.uint8]
Points = NDArray[np.float64]
# Upper lid, and the points of the lower lid under it, of both eyes.
_UPPER = (246, 161, 160, 159, 158, 157, 173, 466, 388, 387, 386, 385, 384, 398)
_LOWER = (7, 163, 144, 145, 153, 154, 155, 249, 390, 373, 374, 380, 381, 382)
_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176,
    149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
FAR = 5.0  # distance of the camera, face widths
NECK = 0.55  # how far behind the face's centre it turns, face widths


@dataclass(frozen=True, slots=True)
class Pose:
    """Degrees as in `models.faces.geometry.Pose`; `lids`: 1 open, 0 shut."""

    yaw: float = 0.0
    pitch: float = 0.0
    lids: float = 1.0


STRAIGHT = Pose()


class Puppet:
    """Made of one uint8 RGB photograph, height × width × 3, with one face looking ahead.

    Raises ValueError where no face is found.
    """

    def __init__(self, photograph: Rgb, finder: FaceFinder) -> None:
        faces = finder.find(photograph, everybody=False)
        mesh = finder.mesh(photograph, faces[0].detection) if faces else None
        if mesh is None:
            raise ValueError("the photograph shows no face that a mesh fits")
        self.photograph = photograph
        face = mesh.points.astype(np.float64)
        self._centre = np.array([*face[list(_OVAL), :2].mean(0), 0.0])
        self._width = float(np.ptp(face[:, 0]))
        oval = face[list(_OVAL)]
        around = [self._ring(oval, 1.28, 0.25), self._ring(oval, 1.6, 0.45)]
        still = self._ring(oval, 2.2, 0.5)
        height, width = photograph.shape[:2]
        corners = np.array([[x, y, 0.0] for x in (0, width - 1) for y in (0, height - 1)])
        self._points = np.concatenate([face, *around, still, corners])
        follows = [np.ones(len(face)), np.ones(len(oval)), np.full(len(oval), 0.6)]
        self._follows = np.concatenate([*follows, np.zeros(len(still) + len(corners))])
        self._triangles = Delaunay(self._points[:, :2]).simplices
        self._drawn: dict[Pose, tuple[Rgb, NDArray[np.float32]]] = {}
        self._lit: dict[tuple[Pose, tuple[float, float, float], float], Rgb] = {}

    @classmethod
    def default(cls, finder: FaceFinder) -> Puppet:
        """The demo's photograph, framed as the demo's camera frames it."""
        picture = virtual_camera.read_picture(virtual_camera.default_picture())
        return cls(virtual_camera.window(picture, virtual_camera.ASTRONAUT, 0.0), finder)

    def draw(self, pose: Pose = STRAIGHT) -> Rgb:
        """The photograph in this pose; poses are rounded to 2° and a quarter of a lid, and kept."""
        return self._draw(pose)[0]

    def lit(self, pose: Pose, light: tuple[float, float, float], share: float) -> Rgb:
        """The same with the face lit by coloured light besides the room's: `share` of it at full colour."""
        key = (_rounded(pose), light, share)
        if key not in self._lit:
            self._lit[key] = self._light(*key)
        return self._lit[key]

    def _light(self, pose: Pose, light: tuple[float, float, float], share: float) -> Rgb:
        picture, near = self._draw(pose)
        # The picture is gamma coded: light multiplies before it.
        linear = (picture / np.float32(255)) ** np.float32(2.2)
        linear = linear * (1 + np.float32(share) * near[..., None] * np.asarray(light, np.float32))
        return np.asarray((linear.clip(0, 1) ** np.float32(1 / 2.2) * 255).round(), np.uint8)

    def _draw(self, pose: Pose) -> tuple[Rgb, NDArray[np.float32]]:
        asked = _rounded(pose)
        if asked not in self._drawn:
            placed = self._place(asked)
            picture = self._shut(self._warp(placed), placed, asked.lids)
            self._drawn[asked] = (picture, self._near(placed))
        return self._drawn[asked]

    def _ring(self, oval: Points, scale: float, depth: float) -> Points:
        ring = self._centre + (oval - self._centre) * scale
        ring[:, 2] = oval[:, 2] + depth * self._width
        return np.asarray(ring, np.float64)

    def _place(self, pose: Pose) -> Points:
        """Where every point comes to lie: pixels of the picture, and its depth."""
        points = self._points.copy()
        neck = self._centre + np.array([0, 0, NECK * self._width])
        # Turned to the person's left is towards the right of the picture; z points away from the camera.
        yaw, pitch = np.radians(-pose.yaw) * self._follows, np.radians(pose.pitch) * self._follows
        x, y, z = (points - neck).T
        x, z = x * np.cos(yaw) + z * np.sin(yaw), z * np.cos(yaw) - x * np.sin(yaw)
        y, z = y * np.cos(pitch) + z * np.sin(pitch), z * np.cos(pitch) - y * np.sin(pitch)
        far = FAR * self._width
        before = far / (far + self._points[:, 2] - self._centre[2])  # as the photograph was taken
        near = far / (far + z + neck[2] - self._centre[2]) / before
        turned = np.stack([neck[0] + x * near, neck[1] + y * near, z], axis=1)
        return np.where(self._follows[:, None] > 0, turned, points)

    def _warp(self, placed: Points) -> Rgb:
        picture = self.photograph.copy()
        depth = placed[self._triangles, 2].mean(1)
        for triangle in self._triangles[np.argsort(-depth)]:
            source, target = self._points[triangle, :2], placed[triangle, :2]
            if np.allclose(source, target, atol=1e-3) or _area(source) * _area(target) <= 0:
                continue  # where it was, or seen from behind
            x1, y1 = np.floor(target.min(0)).astype(int)
            x2, y2 = np.ceil(target.max(0)).astype(int) + 1
            x1, y1, x2, y2 = max(x1, 0), max(y1, 0), min(x2, picture.shape[1]), min(y2, picture.shape[0])
            if x1 >= x2 or y1 >= y2:
                continue
            to_target = cv2.getAffineTransform(
                source.astype(np.float32), (target - [x1, y1]).astype(np.float32)
            )
            patch = cv2.warpAffine(
                self.photograph,
                to_target,
                (x2 - x1, y2 - y1),
                flags=cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )
            mask = np.zeros((y2 - y1, x2 - x1), np.uint8)
            cv2.fillConvexPoly(mask, (target - [x1, y1]).round().astype(np.int32), 1)
            picture[y1:y2, x1:x2][mask > 0] = patch[mask > 0]
        return picture

    def _shut(self, picture: Rgb, placed: Points, lids: float) -> Rgb:
        """Skin over what is shut of the eyes, and the line of lashes under it.

        Stretching the skin above would drag lashes and shadow down, which read as an eye half open.
        """
        if lids >= 1:
            return picture
        mask = np.zeros(picture.shape[:2], np.uint8)
        lashes = np.zeros(picture.shape[:2], np.float32)
        for upper, lower in ((_UPPER[:7], _LOWER[:7]), (_UPPER[7:], _LOWER[7:])):
            above, below = placed[list(upper), :2], placed[list(lower), :2]
            height = float(np.linalg.norm(above - below, axis=1).max())
            # Beyond the lids' own contour, or the lashes of the open eye stay and read as one.
            lid = np.concatenate(
                [above - np.array([0, 0.6 * height]), below[::-1] + np.array([0, 0.3 * height])]
            )
            cv2.fillPoly(mask, [lid.round().astype(np.int32)], 1)
            line = below + (above - below) * lids + np.array([0, 0.35 * height * (1 - lids)])
            cv2.polylines(lashes, [line.round().astype(np.int32)], isClosed=False, color=0.8, thickness=1)
        shown = cv2.inpaint(picture, cv2.dilate(mask, np.ones((7, 13), np.uint8)), 3, cv2.INPAINT_TELEA)
        lashes = cv2.GaussianBlur(lashes, (0, 0), 0.6)
        return np.asarray((shown * (1 - lashes[..., None])).round().clip(0, 255), np.uint8)

    def _near(self, placed: Points) -> NDArray[np.float32]:
        """How much of a screen's light reaches each pixel: the face, softly bounded."""
        mask = np.zeros(self.photograph.shape[:2], np.float32)
        cv2.fillConvexPoly(mask, cv2.convexHull(placed[:468, :2].round().astype(np.int32)), 1.0)
        return np.asarray(cv2.GaussianBlur(mask, (0, 0), 6), np.float32)


def _rounded(pose: Pose) -> Pose:
    return Pose(2 * round(pose.yaw / 2), 2 * round(pose.pitch / 2), round(4 * pose.lids) / 4)


def _area(triangle: Points) -> float:
    (ax, ay), (bx, by), (cx, cy) = triangle
    return float((bx - ax) * (cy - ay) - (cx - ax) * (by - ay))
