from __future__ import annotations

import re
from typing import get_args

import cv2
import numpy as np
import pytest

from models.identity.alignment import FaceAligner
from models.identity.codes import SENTENCES, Code
from models.identity.photo import PhotoGate
from tests.models.faces_fixtures import Rgb, placed, portrait


@pytest.fixture(scope="module")
def gate() -> PhotoGate:
    return PhotoGate(FaceAligner.load())


def head() -> Rgb:
    """The head before something grey, 450 × 450."""
    return placed((450, 450), (60, 60, 330))


def test_every_code_has_a_sentence_in_both_languages() -> None:
    assert set(SENTENCES) == set(get_args(Code))
    for sentences in SENTENCES.values():
        assert sentences["en"].endswith(".")
        assert re.search(r"[\u4e00-\u9fff]", sentences["zh"])


def test_a_good_portrait_passes(gate: PhotoGate) -> None:
    check = gate.check(portrait())
    assert check.ok, check
    assert check.face is not None
    assert check.quality is not None
    assert check.quality.eye_distance == check.face.eye_distance
    assert gate.check(head()).ok


def test_nobody_and_several_are_refused(gate: PhotoGate) -> None:
    assert gate.check(placed((400, 400))).codes == ("no_face",)
    two = gate.check(placed((480, 640), (20, 60, 300), (330, 60, 300)))
    assert two.codes == ("several_faces",)
    # Somebody small in the background is not taken for a second applicant.
    assert "several_faces" not in gate.check(placed((480, 700), (40, 40, 400), (540, 60, 120))).codes


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda rgb: cv2.resize(rgb, (150, 150), interpolation=cv2.INTER_AREA), "inter_eye_distance"),
        (lambda rgb: cv2.GaussianBlur(rgb, (0, 0), 3.5), "out_of_focus"),
        (lambda rgb: rgb // 8, "under_exposure"),
        (lambda rgb: cv2.convertScaleAbs(rgb, alpha=1.8, beta=30), "over_exposure"),
        (lambda rgb: np.rot90(rgb), "head_pose"),
        (lambda rgb: rgb[:, 190:], "face_cut_off"),
    ],
)
def test_what_spoils_a_comparison_is_named(gate: PhotoGate, change: object, code: str) -> None:
    assert callable(change)
    changed = np.ascontiguousarray(change(head()), np.uint8)
    assert code in gate.check(changed).codes


def test_half_the_light_does_not_count_as_blur(gate: PhotoGate) -> None:
    assert gate.check((head() * 0.4).astype(np.uint8)).ok


def test_light_from_behind_is_told_from_too_little_light(gate: PhotoGate) -> None:
    dark = placed((450, 450), (60, 60, 330))
    silhouette = (dark * 0.17).astype(np.uint8)
    silhouette[:, :110] = silhouette[:, 350:] = silhouette[:80] = 250
    assert "backlight" in gate.check(silhouette).codes
    assert "under_exposure" not in gate.check(silhouette).codes
