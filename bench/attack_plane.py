"""A print, a phone or a tablet showing a face: its surface, and how it lies before a camera.

Colours are RGB, float32 0..1, height × width × 3. What is modelled is what a webcam can see: a border, bend
and light of paper; bezel, gamma, pixel grid and refresh of a screen. The grid's moiré is its first harmonic
as it passes lens and sensor (modulation transfer), sampled at the sensor's sites, where it aliases by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]
Rgb = NDArray[np.uint8]
Species = Literal["print", "phone", "tablet"]
SPECIES: tuple[Species, ...] = ("print", "phone", "tablet")
SIDE = 720  # longer side of the surface's texture, pixels


@dataclass(frozen=True, slots=True)
class Plane:
    """One surface. `alpha` is 1 where it covers what is behind; `pixels`: the display's own columns
    across."""

    species: Species
    frames: Sequence[Picture]
    alpha: Picture
    pixels: float


def build(
    species: Species, frames: Sequence[Rgb], face: tuple[float, ...], rng: np.random.Generator
) -> Plane:
    """`face`: x1, y1, x2, y2 in pixels of the frames. A print shows the first frame alone."""
    aspect = {"print": (0.7, 0.85), "phone": (0.5, 0.65), "tablet": (0.75, 1.33)}[species]
    area = _window(frames[0], face, float(rng.uniform(*aspect)), float(rng.uniform(1.7, 2.4)))
    quality = int(rng.integers(45, 85))
    shown = [_recompressed(frame[area], quality) for frame in (frames[:1] if species == "print" else frames)]
    surface = _printed if species == "print" else _displayed
    tone = surface(shown, rng)
    border = {"print": (0.0, 0.07), "phone": (0.03, 0.07), "tablet": (0.05, 0.09)}[species]
    colour = float(rng.uniform(0.75, 0.92)) if species == "print" else float(rng.uniform(0.01, 0.12))
    edge = float(rng.uniform(*border))
    framed = [_bordered(frame, edge, colour) for frame in tone]
    alpha = np.ones((*framed[0].shape[:2], 1), np.float32)
    if species == "print":
        angle = float(rng.uniform(0.1, 0.7))  # half the arc that the paper spans, radians
        framed, alpha = [_bent(frame, angle) for frame in framed], _bent(alpha, angle)[..., :1]
    pixels = {"print": 0.0, "phone": float(rng.choice([720, 1080, 1440])), "tablet": 1536.0}[species]
    return Plane(species, framed, alpha, pixels)


def _window(frame: Rgb, face: tuple[float, ...], aspect: float, wide: float) -> tuple[slice, slice]:
    """The face with its surroundings: `wide` face widths, or what the frame has, at width / height."""
    height, width = frame.shape[:2]
    across = min(wide * (face[2] - face[0]), width, height * aspect)
    down = across / aspect
    left = float(np.clip((face[0] + face[2] - across) / 2, 0, width - across))
    top = float(np.clip((face[1] + face[3] - down) / 2, 0, height - down))
    return slice(int(top), int(top + down)), slice(int(left), int(left + across))


def _recompressed(frame: Rgb, quality: int) -> Picture:
    packed = cv2.imencode(
        ".jpg", np.ascontiguousarray(frame[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )[1]
    rgb = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR))[..., ::-1]
    scale = SIDE / max(rgb.shape[:2])
    larger = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return np.asarray(larger / np.float32(255), np.float32)


def _printed(frames: Sequence[Picture], rng: np.random.Generator) -> list[Picture]:
    """Less gamut and contrast than a screen, a halftone screen, the paper's grain, light from one side."""
    height, width = frames[0].shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    pitch, turn = float(rng.uniform(2.5, 4.5)), float(rng.uniform(0.2, 0.6))
    across, down = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    dots = np.cos(2 * np.pi * across / pitch) * np.cos(2 * np.pi * down / pitch)
    grain = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 1.2)
    slope = rng.uniform(-0.25, 0.25, 2)
    light = 1 + slope[0] * (x / width - 0.5) + slope[1] * (y / height - 0.5)
    saturation, low, high = (
        float(rng.uniform(0.6, 0.9)),
        float(rng.uniform(0.05, 0.14)),
        float(rng.uniform(0.75, 0.9)),
    )
    out = []
    for frame in frames:
        grey = frame.mean(2, keepdims=True)
        ink = low + (high - low) * (grey + saturation * (frame - grey))
        coverage = (0.06 * dots * (1 - np.abs(2 * grey[..., 0] - 1)) + 0.02 * grain)[..., None]
        out.append(((ink + coverage) * light[..., None]).clip(0, 1).astype(np.float32))
    return out


def _displayed(frames: Sequence[Picture], rng: np.random.Generator) -> list[Picture]:
    """The screen's gamma, white point, backlight leak and brightness."""
    gamma, leak = float(rng.uniform(0.8, 1.25)), float(rng.uniform(0.01, 0.06))
    white = np.asarray([rng.uniform(0.88, 1.0), rng.uniform(0.94, 1.0), rng.uniform(0.95, 1.12)], np.float32)
    bright = float(rng.uniform(0.75, 1.15))
    return [
        ((leak + (1 - leak) * frame**gamma * white) * bright).clip(0, 1.1).astype(np.float32)
        for frame in frames
    ]


def _bordered(frame: Picture, share: float, colour: float) -> Picture:
    edge = round(share * frame.shape[1])
    if edge == 0:
        return frame
    return np.asarray(
        cv2.copyMakeBorder(frame, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(colour,) * 3),
        np.float32,
    )


def _bent(surface: Picture, angle: float) -> Picture:
    """Paper around an upright cylinder, seen by a pinhole: narrower and smaller towards its sides."""
    height, width = surface.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    sideways = (2 * x / (width - 1) - 1) * np.sin(angle)
    theta = np.arcsin(np.clip(sideways, -1, 1))
    away = 0.25 * (1 - np.cos(theta))  # depth in widths, the camera about four away from the paper
    source_x = (theta / angle + 1) * (width - 1) / 2
    source_y = (y - height / 2) * (1 + away) + height / 2
    out = cv2.remap(surface, source_x.astype(np.float32), source_y.astype(np.float32), cv2.INTER_LINEAR)
    out = out.reshape(height, width, -1)
    return np.asarray(out * np.cos(theta)[..., None] ** 0.5 if out.shape[2] == 3 else out, np.float32)
