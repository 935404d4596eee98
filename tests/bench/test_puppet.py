"""The puppet turns, looks up and shuts its eyes as far as the product's own measures can tell."""

from __future__ import annotations

import numpy as np
import pytest

from bench.puppet import STRAIGHT, Pose, Puppet
from bench.puppet_candidate import SCREEN_SHARE, doing
from media.finding import FaceFinder
from models.faces import geometry


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder.load()


@pytest.fixture(scope="module")
def puppet(finder: FaceFinder) -> Puppet:
    return Puppet.default(finder)


def measured(puppet: Puppet, finder: FaceFinder, pose: Pose) -> tuple[float, float, float]:
    """Yaw, pitch and openness of the eyes."""
    picture = puppet.draw(pose)
    mesh = finder.mesh(picture, finder.find(picture, everybody=False)[0].detection)
    assert mesh is not None
    found = geometry.pose(mesh)
    return found.yaw, found.pitch, geometry.eyes_open(mesh)


def test_it_turns_to_both_sides_and_up(puppet: Puppet, finder: FaceFinder) -> None:
    yaw, pitch, _ = measured(puppet, finder, STRAIGHT)
    left, right = (measured(puppet, finder, Pose(yaw=angle))[0] - yaw for angle in (40, -40))
    assert left > 25
    assert right < -25
    assert measured(puppet, finder, Pose(pitch=15))[1] - pitch > 8


def test_its_eyes_shut_to_less_than_half(puppet: Puppet, finder: FaceFinder) -> None:
    open_, shut = (measured(puppet, finder, Pose(lids=lids))[2] for lids in (1.0, 0.0))
    assert shut < 0.45 * open_


def test_the_background_stays(puppet: Puppet) -> None:
    turned = puppet.draw(Pose(yaw=40))
    assert np.array_equal(turned[:, :40], puppet.photograph[:, :40])
    assert np.array_equal(turned[:, -40:], puppet.photograph[:, -40:])


def test_light_falls_on_the_face_alone(puppet: Puppet) -> None:
    lit = puppet.lit(STRAIGHT, (1.0, 0.0, 0.0), SCREEN_SHARE).astype(int)
    gain = lit - puppet.photograph
    assert np.abs(gain[:, :40]).max() <= 1
    assert gain[..., 0].max() > 8
    assert np.abs(gain[..., 1:]).max() <= 1


def test_a_step_begins_and_ends_straight() -> None:
    assert doing("turn-left", 0.45).yaw > 30
    assert doing("turn-right", 0.45).yaw < -30
    assert doing("blink", 0.1).lids == 0
    for step in ("turn-left", "turn-right", "blink"):
        assert doing(step, -0.1).yaw == doing(step, 1.5).yaw == 0
        assert doing(step, 1.5).lids == 1


def test_a_picture_without_a_face_makes_no_puppet(finder: FaceFinder) -> None:
    with pytest.raises(ValueError, match="no face"):
        Puppet(np.full((480, 640, 3), 90, np.uint8), finder)
