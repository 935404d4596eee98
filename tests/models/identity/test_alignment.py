from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.identity.alignment import (
    TEMPLATE,
    FaceAligner,
    aligned_crop,
    enrolment_points,
    shrunk,
    similarity,
)
from models.identity.embedding import FaceEmbedder
from tests.models.faces_fixtures import Rgb, placed, portrait


@pytest.fixture(scope="module")
def aligner() -> FaceAligner:
    return FaceAligner.load()


@pytest.fixture(scope="module")
def embedder() -> FaceEmbedder:
    return FaceEmbedder.load()


@pytest.mark.parametrize("degrees", [0, 30, 135, -170])
def test_similarity_finds_the_turn_scale_and_shift(degrees: float) -> None:
    angle, scale, shift = np.radians(degrees), 2.5, np.array([40.0, -7.0])
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    found = similarity(TEMPLATE @ turn.T + shift)
    back = np.linalg.inv(turn)
    assert found == pytest.approx(np.c_[back, -back @ shift], abs=1e-9)


def test_similarity_never_mirrors_and_refuses_a_single_place() -> None:
    mirrored = TEMPLATE * np.array([-1, 1])
    assert np.linalg.det(similarity(mirrored)[:, :2]) > 0
    with pytest.raises(ValueError, match="one place"):
        similarity(np.zeros((5, 2)))


def test_the_five_points_come_to_lie_in_arcface_places(aligner: FaceAligner) -> None:
    face = aligner.largest(portrait())
    assert face is not None
    assert face.crop.shape == (112, 112, 3)
    assert 40 < face.eye_distance < 60
    matrix = similarity(face.points)
    moved = face.points @ matrix[:, :2].T + matrix[:, 2]
    assert np.abs(moved - TEMPLATE).max() < 6
    assert enrolment_points(face.mesh) == pytest.approx(face.points)
    again = aligner.largest(face.crop)
    assert again is not None
    assert np.abs(again.points - TEMPLATE).max() < 6


def test_large_pictures_are_averaged_not_skipped() -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (1200, 1200, 3), dtype=np.uint8)
    crop = aligned_crop(noise, TEMPLATE * 10)
    assert crop.std() < 0.3 * noise.std()
    assert shrunk(noise, 1.5) is noise


def _same(aligner: FaceAligner, embedder: FaceEmbedder, rgb: Rgb) -> float:
    """Cosine of the face in `rgb` to the portrait's."""
    one, other = aligner.largest(portrait()), aligner.largest(rgb)
    assert one is not None
    assert other is not None
    vectors = embedder.embed(np.stack([one.crop, other.crop]))
    return float(vectors[0] @ vectors[1])


@pytest.mark.parametrize("degrees", [-60, -30, 20, 45, 90, 180, 270])
def test_a_turned_head_aligns_alike(aligner: FaceAligner, embedder: FaceEmbedder, degrees: float) -> None:
    matrix = cv2.getRotationMatrix2D((220, 140), degrees, 0.9)
    matrix[:, 2] += (36, 116)  # to the middle
    turned = cv2.warpAffine(portrait(), matrix, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    assert _same(aligner, embedder, np.asarray(turned, np.uint8)) > 0.85


@pytest.mark.parametrize("side", [400, 200, 120])
def test_small_faces_align_alike(aligner: FaceAligner, embedder: FaceEmbedder, side: int) -> None:
    assert _same(aligner, embedder, placed((480, 640), (200, 40, side))) > (0.9 if side > 150 else 0.75)


def test_a_tight_grey_crop_is_padded(aligner: FaceAligner, embedder: FaceEmbedder) -> None:
    tight = cv2.resize(portrait()[78:188, 172:272], (350, 385))
    grey = np.repeat(cv2.cvtColor(tight, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    assert _same(aligner, embedder, np.asarray(grey, np.uint8)) > 0.7


def test_everybody_is_listed_once_the_largest_first(aligner: FaceAligner) -> None:
    faces = aligner.faces(placed((480, 640), (40, 60, 220), (330, 40, 300)))
    assert len(faces) == 2
    assert faces[0].eye_distance > faces[1].eye_distance
    assert faces[0].points[0, 0] > 330


@pytest.mark.parametrize("shape", [(480, 640), (37, 500), (1, 1)])
def test_nobody_is_made_up(aligner: FaceAligner, shape: tuple[int, int]) -> None:
    assert aligner.largest(placed(shape)) is None
    assert aligner.faces(np.zeros((*shape, 3), np.uint8)) == []
