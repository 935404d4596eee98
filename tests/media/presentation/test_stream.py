"""Cues of injection from one stream: told once, when two answers agree, and about neighbouring pictures."""

from __future__ import annotations

import av
import numpy as np
from numpy.typing import NDArray

from media.items import CueChanged
from media.presentation.stream import StreamWatch, luma, spread_blocks

Grey = NDArray[np.uint8]
SCENE = np.tile(np.linspace(60, 200, 640), (480, 1))


def play(seconds: float, noise: float, jitter: float, seed: int = 0) -> list[CueChanged]:
    chance = np.random.default_rng(seed)
    stream, told = StreamWatch(), []
    for index in range(round(seconds * 15)):
        at = index / 15
        stream.frame(round(90_000 * (1 + at + chance.normal(0, jitter))), at)
        if index % 4 == 0:
            grey = (SCENE + chance.normal(0, noise, SCENE.shape)).clip(0, 255).astype(np.uint8)
            told += stream.look(grey, at)
    return told


def test_a_camera_is_clear_and_each_outcome_is_told_once() -> None:
    told = play(40, noise=2.0, jitter=0.001)
    assert {cue.name: cue.outcome for cue in told} == {
        "missing-noise": "clear",
        "regular-timing": "clear",
        "clock-mismatch": "clear",
    }
    assert len(told) == 3  # that nothing moves says nothing of loops


def test_a_drawn_picture_with_even_timestamps_is_suspicious() -> None:
    told = {cue.name: cue.outcome for cue in play(30, noise=0.0, jitter=0.0)}
    assert told["missing-noise"] == told["regular-timing"] == "suspicious"


def test_a_sender_that_changes_its_resolution_or_starts_anew_does_no_harm() -> None:
    stream = StreamWatch()
    for index in range(400):
        stream.frame(index * 6000 % 2**32, index / 15, restarted=index == 200)
        grey: Grey = np.full((480, 640) if index < 200 else (240, 320), 90, np.uint8)
        stream.look(grey, (index if index < 300 else index - 250) / 15)


def test_the_luma_plane_is_the_brightness_whatever_the_format() -> None:
    grey = np.random.default_rng(0).integers(40, 200, (48, 50), dtype=np.uint8)  # rows are padded
    rgb = np.repeat(grey[..., None], 3, axis=2)
    frame = av.VideoFrame.from_ndarray(rgb, "rgb24")
    direct, planar = luma(frame), luma(frame.reformat(format="yuv420p"))
    assert direct.shape == planar.shape == (48, 50)
    assert np.corrcoef(direct.ravel(), planar.ravel())[0, 1] > 0.999


def test_blocks_are_whole_and_spread_over_the_picture() -> None:
    grey: Grey = np.repeat(np.repeat(np.arange(80 * 60).reshape(60, 80) % 251, 8, 0), 8, 1).astype(np.uint8)
    blocks = spread_blocks(grey)
    assert blocks.shape[0] % 8 == blocks.shape[1] % 8 == 0
    assert 300 <= blocks.size / 64 <= 800
    assert all(len(np.unique(blocks[y : y + 8, x : x + 8])) == 1 for y in (0, 8) for x in (0, 16))
