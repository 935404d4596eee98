"""A surface held before a webcam, and the webcam: 640 × 480, RGB, what the server would decode.

Bona fide and attack presentations go through the same `camera` with parameters of the same distribution, so
that neither blur, noise nor compression can tell them apart by the way they were made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from bench.attack_plane import Picture, Plane, Rgb

WIDTH, HEIGHT = 640, 480
OVER = 2  # the sensor's sites per picture pixel, each way
FOCAL = 1.2 * WIDTH * OVER


def shake(count: int, amplitude: float, fps: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """A hand's motion along one axis: noise below about 1.5 Hz with the standard deviation `amplitude`."""
    noise = rng.normal(0, 1, count + 64)
    smooth = cv2.GaussianBlur(noise[None], (0, 0), fps / 6)[0, 32 : 32 + count]
    return np.asarray(amplitude * smooth / max(float(smooth.std()), 1e-9))


def held(
    plane: Plane, face: float, background: Picture, count: int, fps: float, rng: np.random.Generator
) -> Iterator[Picture]:
    """The surface in a hand before `background` (480 × 640), at the sensor's resolution, linear time.

    `face`: width of the shown face as a share of the surface's width; the hand brings it as near as a
    candidate sits (110 to 250 of 640 columns), so that often no border is in the picture.
    """
    height, width = plane.alpha.shape[:2]
    wanted = float(rng.uniform(110, 250)) * OVER / max(face, 0.05)
    tilt = np.radians(rng.normal(0, [7, 8, 3]))
    place = rng.normal(0, [0.05 * WIDTH * OVER, 0.04 * HEIGHT * OVER])
    hand = float(rng.uniform(0.3, 1.5))
    moves = [shake(count, hand * size * OVER, fps, rng) for size in (3.0, 2.5)]
    turns = [shake(count, hand * np.radians(size), fps, rng) for size in (1.0, 1.2, 0.6)]
    nearer = shake(count, hand * 0.01, fps, rng)
    behind = np.asarray(cv2.resize(background, (WIDTH * OVER, HEIGHT * OVER)), np.float32)
    corners = np.asarray([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    flicker, period, speed = (
        float(rng.uniform(0, 0.04)),
        float(rng.uniform(0.4, 1.6)),
        float(rng.uniform(0.5, 6)),
    )
    glare = _glare(rng) if plane.species != "print" else None
    sigma, fill = float(rng.uniform(0.2, 0.4)), 0.9
    for i in range(count):
        seen = _project(
            corners - [width / 2, height / 2],
            wanted / width * (1 + nearer[i]),
            tilt + np.asarray([t[i] for t in turns]),
        )
        middle = np.asarray([WIDTH * OVER / 2, HEIGHT * OVER / 2])
        seen += place + np.asarray([moves[0][i], moves[1][i]]) + middle
        way = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
        picture = plane.frames[i % len(plane.frames)]
        size = (WIDTH * OVER, HEIGHT * OVER)
        shown = np.asarray(cv2.warpPerspective(picture, way, size, flags=cv2.INTER_LINEAR), np.float32)
        alpha = np.asarray(cv2.warpPerspective(plane.alpha, way, size), np.float32)[..., None]
        if plane.pixels:
            across = float(np.linalg.norm(seen[1] - seen[0]))
            shown *= _grid(way, plane.pixels / width, plane.pixels / across, sigma, fill)
            rows = np.arange(HEIGHT * OVER, dtype=np.float32) / (HEIGHT * OVER)
            shown *= (1 + flicker * np.sin(2 * np.pi * (rows / period + speed * i / fps)))[
                :, None, None
            ].astype(np.float32)
        if glare is not None:
            shown += glare
        yield behind + alpha * (shown - behind)


def camera(sensor: Iterable[Picture], rng: np.random.Generator) -> Iterator[Rgb]:
    """Lens blur, exposure, the sensor's shot and read noise, 640 × 480, 8 bit."""
    blur, gain = float(rng.uniform(0.4, 1.1)), float(rng.uniform(0.85, 1.1))
    read, shot = float(rng.uniform(0.002, 0.006)), float(rng.uniform(0.004, 0.012))
    for scene in sensor:
        soft = cv2.GaussianBlur(scene, (0, 0), blur * scene.shape[1] / WIDTH)
        small = cv2.resize(soft, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) * gain
        noise = rng.standard_normal(small.shape, np.float32)
        noisy = small + noise * np.sqrt(read**2 + shot**2 * small.clip(0, 1))
        yield (noisy * 255).clip(0, 255).round().astype(np.uint8)


def transmitted(frames: Iterable[Rgb], fps: int, kbps: int) -> Iterator[Rgb]:
    """What is left after H.264 as a browser sends it."""
    encoder: Any = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base, encoder.bit_rate, encoder.thread_count = Fraction(1, fps), kbps * 1000, 1
    encoder.options = {"preset": "veryfast", "tune": "zerolatency", "profile": "baseline"}
    decoder: Any = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1

    def decoded(packets: list[Any]) -> Iterator[Rgb]:
        for packet in packets:
            for picture in decoder.decode(packet):
                yield np.asarray(picture.to_ndarray(format="rgb24"), np.uint8)

    for number, frame in enumerate(frames):
        picture = av.VideoFrame.from_ndarray(frame, "rgb24").reformat(format="yuv420p")
        picture.pts = number
        yield from decoded(encoder.encode(picture))
    yield from decoded(encoder.encode(None))
    for picture in decoder.decode(None):
        yield np.asarray(picture.to_ndarray(format="rgb24"), np.uint8)


def _project(corners: NDArray[Any], scale: float, turn: NDArray[Any]) -> NDArray[np.float64]:
    """Corners of the surface (n × 2, its middle at 0) as the sensor sees them, the optical axis at 0."""
    rotation = cv2.Rodrigues(np.asarray([turn[0], 0, 0]))[0] @ cv2.Rodrigues(np.asarray([0, turn[1], 0]))[0]
    rotation = rotation @ cv2.Rodrigues(np.asarray([0, 0, turn[2]]))[0]
    points = np.column_stack([corners * scale, np.zeros(len(corners))]) @ rotation.T
    return np.asarray(points[:, :2] * (FOCAL / (FOCAL + points[:, 2:])))


def _grid(way: NDArray[Any], per_texel: float, frequency: float, sigma: float, fill: float) -> Picture:
    """Red, green and blue stripes' first harmonic at the sensor's sites. `frequency`: pixels per site."""
    passed = abs(np.sinc(frequency * fill)) * np.exp(-2 * (np.pi * sigma * frequency) ** 2)
    if passed < 1e-3:
        return np.ones((1, 1, 3), np.float32)
    back = np.linalg.inv(way)
    x = np.arange(WIDTH * OVER, dtype=np.float32)[None]
    y = np.arange(HEIGHT * OVER, dtype=np.float32)[:, None]
    depth = (back[2, 0] * x + back[2, 1] * y + back[2, 2]).astype(np.float32)
    u = ((back[0, 0] * x + back[0, 1] * y + back[0, 2]) / depth * per_texel).astype(np.float32)
    v = ((back[1, 0] * x + back[1, 1] * y + back[1, 2]) / depth * per_texel).astype(np.float32)
    rows = 0.5 * passed * np.cos(2 * np.pi * v)
    return np.stack([1 + passed * np.cos(2 * np.pi * (u - c / 3)) + rows for c in range(3)], axis=2).astype(
        np.float32
    )


def _glare(rng: np.random.Generator) -> Picture:
    """A lamp's soft reflection, standing where it is while the screen moves."""
    strength = max(0.0, float(rng.uniform(-0.2, 0.4)))
    y, x = np.mgrid[: HEIGHT * OVER, : WIDTH * OVER].astype(np.float32)
    cx, cy = rng.uniform(0.3, 0.7, 2) * [WIDTH * OVER, HEIGHT * OVER]
    wide, high = rng.uniform(0.04, 0.15, 2) * WIDTH * OVER
    spot = strength * np.exp(-(((x - cx) / wide) ** 2) - ((y - cy) / high) ** 2)
    return np.asarray(spot[..., None], np.float32)
