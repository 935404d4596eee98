"""Clips for what can be wrong in front of a camera, made from the default candidate."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bench.clip import EncodedClip, encode, encode_opus, encode_vp8
from bench.virtual_camera import FPS, HEIGHT, WIDTH, frames

SECONDS = 9.0


@cache
def speaking(seconds: float = SECONDS) -> EncodedClip:
    """The default candidate, cut."""
    return encode(None, seconds=seconds)


@cache
def silent_microphone() -> EncodedClip:
    """Packets come, sound does not: a muted device."""
    quiet = encode_opus([np.zeros(round(SECONDS * 48_000), np.int16)])
    return replace(speaking(), audio=quiet, name="silent microphone")


@cache
def black_picture() -> EncodedClip:
    return _seen([np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * round(SECONDS * FPS), "black picture")


@cache
def nobody() -> EncodedClip:
    """A bright wall with a frame on it."""
    wall = np.full((HEIGHT, WIDTH, 3), 190, np.uint8)
    wall += np.linspace(0, 40, WIDTH, dtype=np.uint8)[None, :, None]
    wall[120:300, 220:420] = (90, 120, 150)
    return _seen([wall] * round(SECONDS * FPS), "nobody")


@cache
def two_people() -> EncodedClip:
    """The candidate, and beside them somebody as near."""
    left, right = slice(WIDTH // 4, WIDTH * 3 // 4), slice(WIDTH // 4, WIDTH * 3 // 4)
    both = [np.concatenate([f[:, left], f[:, right][:, ::-1]], axis=1) for f in frames(SECONDS)]
    return _seen(both, "two people")


def _seen(pictures: list[NDArray[np.uint8]], name: str) -> EncodedClip:
    return replace(speaking(), video=encode_vp8(pictures), name=name)
