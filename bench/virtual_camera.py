"""A camera that is not there: a photograph framed as a webcam would frame it, moved gently by hand shake.

The default candidate is `demo/astronaut.png` (NASA, public domain) speaking `demo/two_cities.wav`. Frames are
uint8 RGB, height 480 × width 640 × 3. Nothing here pretends to be a living face: it is a moved photograph.
"""

from __future__ import annotations

import math
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from bench.sound import OPUS_TICKS, read_sound
from models import store

WIDTH, HEIGHT, FPS = 640, 480, 15
Rgb = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Framing:
    """The window of the photograph that fills the picture: centre and width in its pixels (4:3)."""

    x: float
    y: float
    width: float


# Head and shoulders of astronaut.png (512 × 512): the face becomes about 190 of 480 rows, as at arm's length.
ASTRONAUT = Framing(x=224, y=139, width=340)


def default_picture() -> Path:
    return store.file("demo/astronaut.png")


def default_sound() -> Path:
    return store.file("demo/two_cities.wav")


def read_picture(path: Path) -> Rgb:
    """Any picture file as RGB. Raises ValueError when the file holds no picture."""
    bgr = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise ValueError(f"{path} holds no picture")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def whole(picture: Rgb) -> Framing:
    """The largest 4:3 window that leaves room for the movement."""
    height, width = picture.shape[:2]
    return Framing(width / 2, height / 2, 0.9 * min(width, height * WIDTH / HEIGHT))


def window(picture: Rgb, framing: Framing, at: float) -> Rgb:
    """The picture as the camera sees it `at` seconds: a slow pan of ±3 %, a zoom of ±5 %."""
    zoom = 1 + 0.05 * math.sin(2 * math.pi * at / 11.3)
    scale = WIDTH / (framing.width * zoom)
    x = framing.x + framing.width * 0.03 * math.sin(2 * math.pi * at / 7.1)
    y = framing.y + framing.width * 0.015 * math.sin(2 * math.pi * at / 5.3)
    matrix = np.array([[scale, 0, WIDTH / 2 - scale * x], [0, scale, HEIGHT / 2 - scale * y]], np.float32)
    moved = cv2.warpAffine(
        picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, np.uint8)


def frames(seconds: float, fps: int = FPS, picture: Path | None = None) -> Iterator[Rgb]:
    """What the camera sees, frame by frame; of the astronaut unless another picture is given."""
    photograph = read_picture(picture or default_picture())
    framing = ASTRONAUT if picture is None else whole(photograph)
    for index in range(round(seconds * fps)):
        yield window(photograph, framing, index / fps)


def write_y4m(path: Path, seconds: float, fps: int = FPS, picture: Path | None = None) -> None:
    """A YUV4MPEG2 file (4:2:0) for Chromium's fake camera, which repeats it and has nothing to decode."""
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{fps}:1 Ip A1:1 C420mpeg2\n".encode())
        for rgb in frames(seconds, fps, picture):
            planes = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(format="yuv420p").to_ndarray()
            file.write(b"FRAME\n" + planes.tobytes())


def write_wav(path: Path, sound: Path | None = None, silence_after_s: float = 0.0) -> None:
    """The words as 16-bit mono WAV at 48 kHz, for Chromium's `--use-file-for-fake-audio-capture`."""
    with wave.open(str(path), "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(OPUS_TICKS)
        for pcm in read_sound(sound or default_sound(), OPUS_TICKS):
            sink.writeframes(pcm.tobytes())
        sink.writeframes(bytes(2 * round(silence_after_s * OPUS_TICKS)))
