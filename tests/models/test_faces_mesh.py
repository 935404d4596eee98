from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.faces.detector import Detection, FaceDetector
from models.faces.mesh import FaceMesh
from tests.models.faces_fixtures import portrait


@pytest.fixture(scope="module")
def mesh() -> FaceMesh:
    return FaceMesh.load()


@pytest.fixture(scope="module")
def detection() -> Detection:
    return FaceDetector.load().detect(portrait())[0]


def test_the_mesh_meets_the_detector_at_the_eyes_and_the_mouth(mesh: FaceMesh, detection: Detection) -> None:
    face = mesh(portrait(), detection)
    assert face.present
    assert face.points.shape == (468, 3)
    right_eye, left_eye = face.points[[33, 133], :2].mean(0), face.points[[263, 362], :2].mean(0)
    assert np.abs(right_eye - detection.keypoints[0]).max() < 6
    assert np.abs(left_eye - detection.keypoints[1]).max() < 6
    assert np.abs(face.points[[13, 14], :2].mean(0) - detection.keypoints[3]).max() < 8
    assert face.points[1, 2] < face.points[[234, 454], 2].min(), "the nose is nearer than the ears"


def test_a_face_is_followed_without_the_detector(mesh: FaceMesh, detection: Detection) -> None:
    face = mesh(portrait(), detection)
    moved = cv2.warpAffine(portrait(), np.array([[1, 0, 12], [0, 1, -7]], np.float32), (512, 512))
    followed = mesh.from_mesh(moved, face)
    assert followed.present
    shift = (followed.points - face.points)[:, :2].mean(0)
    assert shift == pytest.approx([12, -7], abs=1.5)


@pytest.mark.parametrize("degrees", [-40, 25])
def test_a_tilted_head_keeps_its_mesh(mesh: FaceMesh, degrees: float) -> None:
    turn = cv2.getRotationMatrix2D((224.0, 130.0), degrees, 1.0)
    tilted = cv2.warpAffine(portrait(), turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    upright = mesh(portrait(), FaceDetector.load().detect(portrait())[0])
    face = mesh(tilted, FaceDetector.load().detect(tilted)[0])
    expected = upright.points[:, :2] @ turn[:, :2].T + turn[:, 2]
    assert face.present
    assert np.abs(face.points[:, :2] - expected).mean() < 3


def test_the_mesh_knows_when_the_face_is_gone(mesh: FaceMesh, detection: Detection) -> None:
    face = mesh(portrait(), detection)
    assert not mesh.from_mesh(np.full((512, 512, 3), 90, np.uint8), face).present
