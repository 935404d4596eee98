"""Faces of real clips through the real path. Run with `-s` to see the table.

A look has a face when a person sees one of at least 5 % of the picture's height in it, dark, blurred or from
the side included. By eye that is every look of every clip but `pyfeat_no_face.mp4`; in the concert film it is
now the singer, now somebody of the audience.
"""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from media.finding import FaceFinder
from media.items import FaceSample, FacesChanged, FaceUnclear
from tests.media.face_clips import Rgb, clips, look, pictures

pytestmark = pytest.mark.eval
CONCERT = "fr_short_hamilton_clip.mp4"
MAIN = 8  # five stretches between cuts (one a fast pan), in two of them several people in turn


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder.load()


def test_every_clip_shows_its_face_under_one_id(finder: FaceFinder) -> None:
    print("\nclip                                     looks  found  main ids  samples  unclear")
    rates: dict[str, float] = {}
    for clip in clips():
        looks = look(finder, pictures(clip))
        samples, unclear = looks.items(FaceSample), looks.items(FaceUnclear)
        ids = {item.track for item in [*samples, *unclear]}
        print(
            f"{clip.name:40.40} {len(looks.seen):5}  {looks.found:5.1%}  {len(ids):8}  {len(samples):7}"
            f"  {len(unclear):7}"
        )
        rates[clip.name] = looks.found
        if clip.name == "pyfeat_no_face.mp4":
            assert [item.faces for item in looks.items(FacesChanged)] == [0]
        else:
            assert len(ids) <= (MAIN if clip.name == CONCERT else 1), clip.name
    assert rates.pop("pyfeat_no_face.mp4") == 0
    assert min(rates.values()) >= 0.97


def test_nothing_is_found_where_faces_are_painted_over(finder: FaceFinder) -> None:
    """What is left of talking people without their heads: rooms, shoulders, hands."""
    looked = 0
    for clip in clips():
        if clip.name in (CONCERT, "pyfeat_no_face.mp4"):
            continue
        for rgb in pictures(clip, fps=1, seconds=6):
            bare = _painted_over(finder, rgb)
            assert not finder.find(bare, everybody=True), clip.name
            looked += 1
    print(f"\n{looked} pictures without heads: no face")
    assert looked > 40


def test_nothing_is_found_in_noise_stripes_and_blobs(finder: FaceFinder) -> None:
    rng = np.random.default_rng(1)
    for n in range(60):
        noise = rng.normal(0, 1, (480, 640, 3))
        if n % 5:
            noise = cv2.GaussianBlur(noise, (0, 0), float(2 ** (n % 5)))
        rgb = (noise / noise.std() * 50 + 120).clip(0, 255).astype(np.uint8)
        assert not finder.find(rgb, everybody=True), n
    for n in range(40):
        rgb = np.full((480, 640, 3), rng.integers(0, 255, 3), np.uint8)
        for _ in range(n):
            centre, axes = rng.integers(0, 640, 2).tolist(), rng.integers(5, 120, 2).tolist()
            colour = rng.integers(0, 255, 3).tolist()
            cv2.ellipse(rgb, centre, axes, float(rng.uniform(0, 180)), 0, 360, colour, -1)
        assert not finder.find(cv2.GaussianBlur(rgb, (0, 0), 2).astype(np.uint8), everybody=True), n


def _painted_over(finder: FaceFinder, rgb: Rgb) -> Rgb:
    """Every head replaced by the colour above it."""
    bare, (height, width) = rgb.copy(), rgb.shape[:2]
    for _ in range(3):
        for face in finder.find(bare, everybody=True):
            x, y, w, h = face.box
            left, right = max(0, int((x - 0.25 * w) * width)), int((x + 1.25 * w) * width)
            top, bottom = max(0, int((y - 0.3 * h) * height)), int((y + 1.2 * h) * height)
            above = bare[max(0, top - 3) : top + 1, left:right].mean((0, 1)) if top else 90
            bare[top:bottom, left:right] = above
    return bare
