from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.faces.crops import affect_crop, face_box
from models.faces.detector import FaceDetector
from models.faces.geometry import brightness, eyes_open, pose, sharpness
from models.faces.mesh import FaceMesh, Mesh
from tests.models.faces_fixtures import portrait


@pytest.fixture(scope="module")
def face() -> Mesh:
    rgb = portrait()
    return FaceMesh.load()(rgb, FaceDetector.load().detect(rgb)[0])


@pytest.fixture(scope="module")
def frontal(face: Mesh) -> Mesh:
    """The same mesh made symmetric: looking into the camera, but for its pitch."""
    angles = np.radians(pose(face))
    points = face.points - face.points.mean(0)
    for axis, angle in ((2, -angles[2]), (1, angles[0])):
        points = points @ rotation(axis, angle).T
    return Mesh(points.astype(np.float32), 1.0)


def rotation(axis: int, angle: float) -> np.ndarray:
    vector = np.zeros(3)
    vector[axis] = angle
    return np.asarray(cv2.Rodrigues(vector)[0])


def turned(mesh: Mesh, axis: int, degrees: float) -> Mesh:
    points = mesh.points @ rotation(axis, np.radians(degrees)).T
    return Mesh(points.astype(np.float32), 1.0)


def test_the_portrait_looks_nearly_straight_ahead(face: Mesh) -> None:
    yaw, pitch, roll = pose(face)
    assert abs(yaw) < 20
    assert abs(pitch) < 20
    assert abs(roll) < 20


@pytest.mark.parametrize("degrees", [-35.0, -10.0, 20.0, 45.0])
def test_turning_the_head_reads_in_degrees(frontal: Mesh, degrees: float) -> None:
    start = pose(frontal)
    # x right, y down, z away: about y towards the picture's right is a negative rotation.
    assert pose(turned(frontal, 1, -degrees)).yaw == pytest.approx(start.yaw + degrees, abs=2.5)
    assert pose(turned(frontal, 0, degrees)).pitch == pytest.approx(start.pitch - degrees, abs=2.5)
    assert pose(turned(frontal, 2, degrees)).roll == pytest.approx(start.roll + degrees, abs=2.5)


def test_signs_are_the_persons_own(frontal: Mesh) -> None:
    nose, ears = frontal.points[1, 0], frontal.points[[234, 454], 0].mean()
    left = turned(frontal, 1, -25)
    assert left.points[1, 0] - left.points[[234, 454], 0].mean() > nose - ears, "their left is our right"
    assert pose(left).yaw > 20
    up = turned(frontal, 0, -20)
    assert up.points[1, 1] < frontal.points[1, 1], "the nose rises"
    assert pose(up).pitch > pose(frontal).pitch + 15
    tilted = turned(frontal, 2, 20)
    assert tilted.points[10, 0] > frontal.points[10, 0], "the forehead leans to their left shoulder"
    assert pose(tilted).roll > 15


def test_a_mirrored_picture_mirrors_yaw_and_roll() -> None:
    rgb = portrait()
    mirrored = np.ascontiguousarray(rgb[:, ::-1])
    detector, mesh = FaceDetector.load(), FaceMesh.load()
    there = pose(mesh(rgb, detector.detect(rgb)[0]))
    back = pose(mesh(mirrored, detector.detect(mirrored)[0]))
    assert (back.yaw, back.pitch, back.roll) == pytest.approx((-there.yaw, there.pitch, -there.roll), abs=4)


def test_eyes_close(face: Mesh) -> None:
    assert eyes_open(face) > 0.5
    points = face.points.copy()
    for upper, lower in ((159, 145), (158, 153), (160, 144), (386, 374), (385, 380), (387, 373)):
        points[upper] = points[lower] + (points[upper] - points[lower]) * 0.2
    assert eyes_open(Mesh(points, 1.0)) < 0.1


def test_light_and_focus(face: Mesh) -> None:
    crop = affect_crop(portrait(), face_box(face))
    assert brightness(crop // 2) == pytest.approx(brightness(crop) / 2, abs=0.01)
    assert 0.2 < brightness(crop) < 0.9
    blurred = np.asarray(cv2.GaussianBlur(crop, (0, 0), 2), np.uint8)
    assert sharpness(blurred) < sharpness(crop) / 5
