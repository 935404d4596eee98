from __future__ import annotations

import numpy as np
import pytest

from models.faces.crops import affect_crop, face_box, liveness_crop
from models.faces.detector import Box, FaceDetector
from models.faces.mesh import FaceMesh
from tests.models.faces_fixtures import portrait


def gradient(height: int, width: int) -> np.ndarray:
    """Red tells the column and green the row, so that a crop tells where it came from."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[..., 0] = np.linspace(0, 255, width)[None]
    picture[..., 1] = np.linspace(0, 255, height)[:, None]
    return picture


def test_the_box_is_the_same_from_a_mesh_as_from_a_detection() -> None:
    rgb = portrait()
    detection = FaceDetector.load().detect(rgb)[0]
    from_mesh, from_detection = face_box(FaceMesh.load()(rgb, detection)), face_box(detection)
    assert from_mesh == pytest.approx(from_detection, abs=14)
    x1, y1, x2, y2 = from_mesh
    assert y2 - y1 > x2 - x1, "hairline to chin is longer than ear to ear"
    assert y1 < detection.box[1], "the brow of the detection is not the hairline"


def test_affect_crop_is_a_square_around_the_box() -> None:
    crop = affect_crop(gradient(480, 640), (200, 100, 300, 260))
    assert crop.shape == (112, 112, 3)
    assert crop.dtype == np.uint8
    assert crop[56, 0, 0] == pytest.approx(170 / 639 * 255, abs=1.5)
    assert crop[56, -1, 0] == pytest.approx(330 / 639 * 255, abs=1.5)
    assert crop[0, 56, 1] == pytest.approx(100 / 479 * 255, abs=1.5)


def test_affect_crop_repeats_the_edge_beyond_the_picture() -> None:
    crop = affect_crop(gradient(480, 640), (-60, -80, 60, 40))
    assert (crop[:, :50, 0] <= 1).all()
    assert (crop[:60, :, 1] <= 1).all()
    assert crop[-1, -1, 0] == pytest.approx(60 / 639 * 255, abs=1.5)


def test_liveness_crop_is_moved_inside_and_keeps_its_size() -> None:
    crop = liveness_crop(gradient(480, 640), (0, 200, 100, 300))
    assert crop.shape == (128, 128, 3)
    assert crop[0, 0, 0] == 0
    assert crop[0, -1, 0] == pytest.approx(150 / 639 * 255, abs=1.5)
    assert crop[0, 64, 1] == pytest.approx(175 / 479 * 255, abs=1.5)


def test_liveness_crop_of_a_face_that_fills_the_picture_is_the_picture() -> None:
    crop = liveness_crop(gradient(480, 480), (20, 20, 460, 460))
    assert crop[0, 0].tolist() == [0, 0, 0]
    assert crop[-1, -1, :2].tolist() == pytest.approx([255, 255], abs=2)


@pytest.mark.parametrize(
    "box", [(-500.0, -500.0, -400.0, -400.0), (700.0, 500.0, 800.0, 600.0), (10.0, 10.0, 10.0, 10.0)]
)
def test_a_box_that_missed_the_picture_still_gives_a_crop(box: Box) -> None:
    picture = gradient(480, 640)
    assert affect_crop(picture, box).shape == (112, 112, 3)
    assert liveness_crop(picture, box).shape == (128, 128, 3)
