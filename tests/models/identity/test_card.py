from __future__ import annotations

import os

import numpy as np
import pytest

from models.identity.alignment import FaceAligner
from models.identity.card import HEIGHT, WIDTH, CardReader, rectified
from models.identity.embedding import FaceEmbedder
from models.identity.quadrilateral import find_quadrilaterals
from tests.models.faces_fixtures import Rgb, portrait
from tests.models.identity.scenes import background, card, scene

SEEDS = range(int(os.environ.get("VIVA_SCENES", "6")))  # of each kind of scene; the model card says of 40
KINDS: dict[str, dict[str, float | bool | tuple[float, float]]] = {
    "held": {},
    "held by fingers": {"fingers": True},
    "any way up": {"turn": 180.0},
    "steep": {"tilt": 45.0},
    "far": {"share": (0.25, 0.35)},
}


@pytest.fixture(scope="module")
def aligner() -> FaceAligner:
    return FaceAligner.load()


@pytest.fixture(scope="module")
def reader(aligner: FaceAligner) -> CardReader:
    return CardReader(aligner)


def face() -> Rgb:
    return portrait()[0:360, 85:365]


def test_a_rectified_card_is_the_card_that_was_drawn() -> None:
    shown = scene(face(), 3, turn=10, tilt=20)
    drawn, _ = card(face(), np.random.default_rng(3))
    flat = rectified(shown.rgb, shown.corners.astype(np.float64))
    assert flat.shape == (HEIGHT, WIDTH, 3)
    inner = (slice(60, -60), slice(60, -60))
    agreement = np.corrcoef(flat[inner].ravel(), drawn[inner].ravel())[0, 1]
    assert agreement > 0.9


@pytest.mark.parametrize("kind", KINDS)
def test_cards_are_found_at_any_angle_before_anything(
    reader: CardReader, aligner: FaceAligner, kind: str
) -> None:
    embedder = FaceEmbedder.load()
    own = aligner.largest(face())
    assert own is not None
    crops, right = [own.crop], 0
    for seed in SEEDS:
        shown = scene(face(), seed, **KINDS[kind])  # type: ignore[arg-type]
        check = reader.read(shown.rgb)
        if check.corners is not None:
            width = np.linalg.norm(shown.corners[1] - shown.corners[0])
            right += bool(np.abs(check.corners - shown.corners).max() < 0.04 * width)
        if check.face is not None:
            crops.append(check.face.crop)
    vectors = embedder.embed(np.stack(crops))
    same = vectors[1:] @ vectors[0]
    matched = int((same >= 0.35).sum())
    print(
        f"{kind}: corners right in {right}, a face enrolled from {len(same)}, known again in {matched} of "
        f"{len(SEEDS)} scenes; cosine {same.min():.2f} to {same.max():.2f}"
    )
    assert right >= (0.75 if kind == "steep" else 0.8) * len(SEEDS)
    assert matched >= 0.8 * len(SEEDS)


def test_no_card_is_found_where_there_is_none(reader: CardReader) -> None:
    for seed in range(6):
        check = reader.read(background((480, 640), np.random.default_rng(seed)))
        assert check.code in ("no_card", "no_face")
        assert check.face is None
    empty = reader.read(np.zeros((1, 1, 3), np.uint8))
    assert empty.code == "no_card"
    assert find_quadrilaterals(np.full((480, 640, 3), 90, np.uint8)).shape == (0, 4, 2)


def test_a_card_without_a_portrait_says_so(reader: CardReader) -> None:
    blank = np.full((360, 280, 3), 200, np.uint8)
    check = reader.read(scene(blank, 5, turn=5, tilt=5).rgb)
    assert check.code == "no_face"
    assert check.card is not None
    assert check.face is None
