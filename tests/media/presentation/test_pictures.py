"""Cues that look at pixels: borders, motion within a face, skin and background."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from media.presentation.border import framed, sides
from media.presentation.skin import background_colour, skin_colour
from media.presentation.stillness import motion_within

Grey = NDArray[np.uint8]
FACE = (270.0, 180.0, 370.0, 310.0)


def wall(seed: int = 0) -> Grey:
    rng = np.random.default_rng(seed)
    soft = cv2.GaussianBlur(rng.uniform(60, 200, (480, 640)).astype(np.float32), (0, 0), 12)
    return np.asarray((soft + rng.normal(0, 2, soft.shape)).clip(0, 255), np.uint8)


def test_a_frame_around_the_face_is_seen_and_a_wall_is_not() -> None:
    assert framed(wall(), FACE) == 0
    picture = wall()
    corners = np.array([[200, 110], [440, 120], [432, 400], [195, 390]], np.int32)
    cv2.polylines(picture, [corners], True, 10, 8)
    assert min(sides(picture, FACE)) > 1.2
    assert framed(picture, FACE) > 3


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_a_face_may_be_near_or_far(scale: float) -> None:
    picture = np.asarray(cv2.resize(wall(), None, fx=scale, fy=scale), np.uint8)
    corners = scale * np.array([[200, 110], [440, 120], [432, 400], [195, 390]])
    cv2.polylines(picture, [corners.astype(np.int32)], True, 10, round(8 * scale))
    x1, y1, x2, y2 = FACE
    assert framed(picture, (scale * x1, scale * y1, scale * x2, scale * y2)) > 3


def test_a_dark_bezel_in_a_dark_room_is_seen() -> None:
    dark = np.asarray(wall() // 5 + 4, np.uint8)  # 16 to 44 of 255
    cv2.rectangle(dark, (205, 110), (435, 395), 4, 8)
    assert framed(dark, FACE) > 3


def test_the_outline_of_a_head_is_no_border() -> None:
    picture = wall()
    cv2.ellipse(picture, (320, 245), (62, 85), 0, 0, 360, 30, 4)
    assert framed(picture, FACE) < 0.8


def test_a_face_at_the_edge_of_the_picture_is_looked_around_all_the_same() -> None:
    picture = wall()
    cv2.line(picture, (150, 0), (150, 479), 10, 6)
    left, right, above, below = sides(picture, (-20.0, 180.0, 90.0, 310.0))
    assert (left, above, below) == (0, 0, 0)
    assert right > 2
    assert sides(picture, (700.0, 500.0, 800.0, 620.0)) == (0, 0, 0, 0)


def test_one_straight_edge_beside_the_face_is_no_frame() -> None:
    door = wall()
    cv2.line(door, (150, 0), (150, 479), 10, 6)
    assert framed(door, FACE) == 0
    assert framed(door, (10.0, 10.0, 14.0, 14.0)) == 0  # too small to tell


def textured() -> Grey:
    rng = np.random.default_rng(2)
    return np.asarray(
        cv2.GaussianBlur(rng.uniform(0, 255, (480, 640)).astype(np.float32), (0, 0), 2), np.uint8
    )


def points() -> NDArray[np.float32]:
    y, x = np.mgrid[190:300:26j, 280:360:18j]
    return np.stack([x.ravel(), y.ravel()], 1).astype(np.float32)


def test_a_plane_may_tilt_and_shift_and_still_is_still() -> None:
    before = textured()
    way = np.array([[1.01, 0.02, 3.0], [-0.015, 0.99, -2.0]], np.float32)
    after = np.asarray(cv2.warpAffine(before, way, (640, 480)), np.uint8)
    within = motion_within(before, after, points())
    assert within is not None
    assert within < 0.002


def test_a_mouth_that_opens_is_motion_within() -> None:
    before = textured()
    after = before.copy()
    after[262:310] = np.roll(before, 4, axis=0)[262:310]
    within = motion_within(before, after, points())
    assert within is not None
    assert within > 0.01


def test_what_cannot_be_followed_says_nothing() -> None:
    before = textured()
    assert motion_within(before, before[:240], points()) is None
    assert motion_within(before, before, points() + 2000) is None


def test_skin_and_background_are_taken_apart() -> None:
    rgb = np.zeros((480, 640, 3), np.uint8)
    rgb[:] = (10, 20, 200)
    cv2.rectangle(rgb, (260, 170), (380, 320), (180, 120, 90), -1)
    mesh = np.random.default_rng(0).uniform((275, 185), (365, 305), (468, 2)).astype(np.float32)
    skin, behind = skin_colour(rgb, mesh), background_colour(rgb, mesh)
    assert skin is not None
    assert behind is not None
    assert skin.round().tolist() == [180, 120, 90]
    assert behind.round().tolist() == [10, 20, 200]
    assert skin_colour(rgb, mesh + 5000) is None
    assert background_colour(rgb, (mesh - 320) * 8 + 320) is None
