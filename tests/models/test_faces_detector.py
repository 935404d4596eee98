from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from models.faces.detector import FaceDetector, anchors, merge, overlap
from tests.models.faces_fixtures import placed, portrait


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    return FaceDetector.load()


def test_anchors_follow_the_grids_of_both_networks() -> None:
    near = anchors(128, ((8, 2), (16, 6)))
    assert near.shape == (896, 2)
    assert near[0].tolist() == near[1].tolist() == [4, 4]
    assert near[2].tolist() == [12, 4]
    assert near[512].tolist() == [8, 8]
    assert near[-1].tolist() == [120, 120]
    assert anchors(192, ((4, 1),)).shape == (2304, 2)


def test_overlap_is_intersection_over_union() -> None:
    box = np.array([0, 0, 10, 10], np.float32)
    others = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [10, 10, 20, 20]], np.float32)
    of_union, of_smaller = overlap(box, others)
    assert of_union == pytest.approx([1, 1 / 3, 0])
    assert of_smaller == pytest.approx([1, 1 / 2, 0])


def test_a_doubtful_box_around_a_face_is_dropped() -> None:
    boxes = np.zeros((2, 16), np.float32)
    boxes[0, :4], boxes[1, :4] = (40, 40, 60, 60), (0, 0, 100, 100)
    ((box, score),) = merge(boxes, np.array([0.9, 0.55], np.float32))
    assert score == pytest.approx(0.9)
    assert box[:4].tolist() == [40, 40, 60, 60]


def test_boxes_of_one_face_are_averaged_by_score() -> None:
    boxes = np.zeros((3, 16), np.float32)
    boxes[0, :4], boxes[1, :4], boxes[2, :4] = (0, 0, 10, 10), (1, 0, 11, 10), (50, 50, 60, 60)
    faces = merge(boxes, np.array([0.9, 0.6, 0.7], np.float32))
    assert [score for _, score in faces] == pytest.approx([0.9, 0.7])
    assert faces[0][0][0] == pytest.approx(0.4)


def test_a_face_is_found_with_its_keypoints_in_place(detector: FaceDetector) -> None:
    (face,) = detector.detect(portrait())
    x1, y1, x2, y2 = face.box
    assert face.score > 0.9
    assert 170 < x1 < x2 < 280
    assert 70 < y1 < y2 < 190
    right_eye, left_eye, nose, mouth, right_ear, left_ear = face.keypoints
    assert right_ear[0] < right_eye[0] < nose[0] < left_eye[0] < left_ear[0]
    assert right_eye[1] < nose[1] < mouth[1]


@pytest.mark.parametrize(
    "place",
    [(200, 100, 250), (200, 100, 120), (500, 300, 110), (20, 340, 120), (-100, 60, 300), (460, 60, 300)],
    ids=["near", "far", "two metres", "two metres, corner", "cut at the left", "cut at the right"],
)
def test_faces_far_away_and_at_the_edge_are_found(
    detector: FaceDetector, place: tuple[int, int, int]
) -> None:
    (face,) = detector.detect(placed((480, 640), place))
    x, y, side = place
    centre = ((face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2)
    # In the pasted square the face's middle lies at 45 % of the width and 43 % of the height.
    assert centre == pytest.approx((x + 0.45 * side, y + 0.43 * side), abs=0.12 * side)


def test_somebody_small_behind_a_large_face_is_found_when_everybody_is_asked_for(
    detector: FaceDetector,
) -> None:
    picture = placed((480, 640), (60, 60, 380), (470, 60, 150))
    assert len(detector.detect(picture)) == 1
    assert len(detector.detect(picture, everybody=True)) == 2


@pytest.mark.parametrize("shape", [(480, 640), (640, 360), (37, 500), (1, 1)])
def test_pictures_without_a_face_have_none(detector: FaceDetector, shape: tuple[int, int]) -> None:
    assert detector.detect(np.zeros((*shape, 3), np.uint8), everybody=True) == []
    assert detector.detect(placed(shape), everybody=True) == []


def test_finding_faces_loads_no_torch() -> None:
    code = "import sys, models.faces.crops, models.faces.geometry; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
