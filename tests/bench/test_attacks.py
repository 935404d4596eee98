"""Generated attack presentations: the same seed makes the same pictures, each species looks as it should."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from numpy.typing import NDArray

from bench import virtual_camera
from bench.attack_plane import SPECIES, Species, build
from bench.attack_scene import HEIGHT, WIDTH, shake
from bench.attacks import find_face, present, view
from media.faces import FaceFinder, FaceWatch
from media.items import FaceSample
from media.settings import MediaSettings
from models.faces.detector import FaceDetector

Rgb = NDArray[np.uint8]


@pytest.fixture(scope="module")
def frames() -> list[Rgb]:
    return list(islice(virtual_camera.frames(1.0), 8))


@pytest.fixture(scope="module")
def face(frames: list[Rgb]) -> tuple[float, float, float, float]:
    found = find_face(frames, FaceDetector.load())
    assert found is not None
    return found


def shown(
    species: Species | None, frames: list[Rgb], face: tuple[float, float, float, float], seed: int = 3
) -> list[Rgb]:
    wall = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    return list(present(species, frames, face, wall, 10, np.random.default_rng(seed)))


@pytest.mark.parametrize("species", [None, *SPECIES])
def test_a_seed_makes_the_same_pictures(
    species: Species | None, frames: list[Rgb], face: tuple[float, float, float, float]
) -> None:
    one, again, other = (shown(species, frames, face, seed) for seed in (3, 3, 4))
    assert len(one) == len(frames)
    assert one[0].shape == (HEIGHT, WIDTH, 3)
    assert all((a == b).all() for a, b in zip(one, again, strict=True))
    assert any((a != b).any() for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("species", SPECIES)
def test_a_face_is_seen_in_every_species_and_often_its_border(
    species: Species, frames: list[Rgb], face: tuple[float, float, float, float]
) -> None:
    finder, borders, within = FaceFinder.load(), [], []
    for seed in range(3):
        watch = FaceWatch(MediaSettings())
        for i, picture in enumerate(shown(species, frames, face, seed)):
            items = [x for x in watch.look(finder, picture, i / 5).items if isinstance(x, FaceSample)]
            borders += [x.border for x in items if x.border is not None]
            within += [x.motion_within for x in items if x.motion_within is not None]
    assert len(borders) >= 9  # in every other sample
    assert max(borders) > 0.8
    assert np.median(within) < 0.01  # the content is a photograph, in a print and on a screen


def test_a_print_is_one_picture_and_a_replay_many(
    frames: list[Rgb], face: tuple[float, float, float, float]
) -> None:
    rng = np.random.default_rng(0)
    assert len(build("print", frames, face, rng).frames) == 1
    assert len(build("phone", frames, face, rng).frames) == len(frames)
    assert build("print", frames, face, rng).alpha.min() == 0  # bent paper does not fill its rectangle


def test_the_view_keeps_the_face_and_the_hand_shakes(
    frames: list[Rgb], face: tuple[float, float, float, float]
) -> None:
    assert view(frames[0], face).shape == (HEIGHT, WIDTH, 3)
    assert find_face([np.full((HEIGHT, WIDTH, 3), 90, np.uint8)] * 3, FaceDetector.load()) is None
    moved = shake(200, 3.0, 10, np.random.default_rng(0))
    assert moved.std() == pytest.approx(3.0)
    assert np.abs(np.diff(moved)).max() < 6
