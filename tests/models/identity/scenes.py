"""Pictures of ID cards, rendered: a portrait on a printed card, held before something."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
CARD_WIDTH, CARD_HEIGHT = 1011, 638  # ISO/IEC 7810 ID-1 at 300 per inch


@dataclass(frozen=True)
class Scene:
    """`corners`: float32 (4, 2), where the card lies, clockwise from its own top left corner."""

    rgb: Rgb
    corners: NDArray[np.float32]


def card(portrait: Rgb, rng: np.random.Generator) -> tuple[Rgb, Rgb]:
    """A card with a portrait on its left, lines of text, a band, and its mask with rounded corners."""
    base = rng.integers(150, 245, 3)
    ramp = np.linspace(0, 1, CARD_WIDTH)[None, :, None]
    picture = base + (rng.integers(-35, 35, 3) * ramp) * np.ones((CARD_HEIGHT, 1, 1))
    picture = np.ascontiguousarray(picture.clip(0, 255).astype(np.uint8))
    for _ in range(12):  # a pattern as of banknotes
        y = int(rng.integers(0, CARD_HEIGHT))
        wave = [(x, int(y + 20 * np.sin(x / 60 + y))) for x in range(0, CARD_WIDTH, 10)]
        faint = (base * rng.uniform(0.85, 0.97)).tolist()
        cv2.polylines(picture, [np.array(wave, np.int32)], False, faint, 2)
    cv2.rectangle(picture, (0, 0), (CARD_WIDTH, 90), rng.integers(20, 160, 3).tolist(), -1)
    cv2.putText(picture, "IDENTITY CARD", (40, 65), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (255, 255, 255), 4)
    width, height = 280, 360
    picture[150 : 150 + height, 50 : 50 + width] = cv2.resize(
        portrait, (width, height), interpolation=cv2.INTER_AREA
    )
    for n in range(6):
        text = "".join(rng.choice(list("ABCDEFGHIJKLMNOP 0123456789"), 18))
        cv2.putText(picture, text, (390, 180 + 60 * n), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (30, 30, 40), 2)
    mask = np.zeros((CARD_HEIGHT, CARD_WIDTH), np.uint8)
    r = 38  # 3.18 mm
    cv2.rectangle(mask, (r, 0), (CARD_WIDTH - 1 - r, CARD_HEIGHT - 1), 255, -1)
    cv2.rectangle(mask, (0, r), (CARD_WIDTH - 1, CARD_HEIGHT - 1 - r), 255, -1)
    for x in (r, CARD_WIDTH - 1 - r):
        for y in (r, CARD_HEIGHT - 1 - r):
            cv2.circle(mask, (x, y), r, 255, -1)
    return picture, mask


def background(shape: tuple[int, int], rng: np.random.Generator) -> Rgb:
    """Blurred colour, a wall with a shadow, planks of a table, or a room of rectangles."""
    height, width = shape
    kind = int(rng.integers(4))
    if kind == 0:
        coarse = rng.integers(0, 255, (6, 8, 3), dtype=np.uint8)
        picture = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    elif kind == 1:
        shade = np.linspace(rng.uniform(0.5, 0.9), 1, width)[None, :, None]
        picture = (rng.integers(60, 250, 3) * shade * np.ones((height, 1, 1))).astype(np.uint8)
    elif kind == 2:
        grain = rng.normal(0, 1, (height, 40)).cumsum(1) * 3
        wood = cv2.resize(grain.astype(np.float32), (width, height))[..., None]
        picture = (wood + rng.uniform(0.4, 1) * np.array([150, 105, 70])).clip(0, 255).astype(np.uint8)
        picture[:: height // 5] = 30
    else:
        picture = np.full((height, width, 3), rng.integers(60, 220, 3), np.uint8)
        for _ in range(12):
            x, y = int(rng.integers(width)), int(rng.integers(height))
            size = rng.integers(40, 260, 2)
            colour = rng.integers(0, 255, 3).tolist()
            cv2.rectangle(picture, (x, y), (x + int(size[0]), y + int(size[1])), colour, -1)
    return np.ascontiguousarray(picture, np.uint8)


def scene(
    portrait: Rgb,
    seed: int,
    *,
    shape: tuple[int, int] = (720, 1280),
    turn: float = 25.0,
    tilt: float = 30.0,
    share: tuple[float, float] = (0.35, 0.7),
    fingers: bool = False,
) -> Scene:
    """A card as wide as `share` of the picture, turned up to `turn` degrees, tilted up to `tilt`."""
    rng = np.random.default_rng(seed)
    flat, mask = card(portrait, rng)
    height, width = shape
    corners = _projected(rng, shape, turn, tilt, rng.uniform(*share))
    own = np.array([[0, 0], [CARD_WIDTH, 0], [CARD_WIDTH, CARD_HEIGHT], [0, CARD_HEIGHT]], np.float32)
    # Drawn at twice the size and averaged, so that its edge is as soft as a camera's.
    homography = cv2.getPerspectiveTransform(own, corners * 2)
    picture = background((height * 2, width * 2), rng)
    size = (width * 2, height * 2)
    over = cv2.warpPerspective(flat, homography, size)
    alpha = cv2.warpPerspective(mask, homography, size)[..., None] / 255
    drawn = (picture * (1 - alpha) + over * alpha).astype(np.uint8)
    if fingers:
        _hold(drawn, corners * 2, rng)
    small = cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), rng.uniform(0.4, 1.0))
    noisy = small * rng.uniform(0.7, 1.1) + rng.normal(0, rng.uniform(1, 5), small.shape)
    return Scene(noisy.clip(0, 255).astype(np.uint8), corners)


def _projected(
    rng: np.random.Generator, shape: tuple[int, int], turn: float, tilt: float, share: float
) -> NDArray[np.float32]:
    """Where a pinhole camera sees the corners of a card, whole, if need be from further away."""
    height, width = shape
    half = np.array([0.5, 0.5 * 53.98 / 85.60])
    flat = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    angles = np.radians([*rng.uniform(-tilt, tilt, 2), rng.uniform(-turn, turn)])
    matrices = [cv2.Rodrigues(np.eye(3)[axis] * angle)[0] for axis, angle in enumerate(angles)]
    points = np.c_[flat, np.zeros(4)] @ (matrices[2] @ matrices[1] @ matrices[0]).T
    focal = rng.uniform(0.75, 1.3) * max(shape)
    away = focal / (share * width)
    aside = rng.uniform(-1, 1, 2)
    while True:
        # The middle of the card is shifted as far as the picture has room.
        room = np.array([width, height]) / 2 / focal * away - 0.35
        moved = points + np.array([*(aside * np.maximum(room, 0)), away])
        seen = moved[:, :2] / moved[:, 2:] * focal + np.array([width, height]) / 2
        if ((seen > 8) & (seen < np.array([width, height]) - 8)).all():
            return np.asarray(seen, np.float32)
        aside, away = aside * 0.9, away * 1.04


def _hold(picture: Rgb, corners: NDArray[np.float32], rng: np.random.Generator) -> None:
    """A thumb over the lower edge and a finger over the right one, away from the portrait."""
    skin = (np.array([200, 150, 120]) * rng.uniform(0.5, 1.1)).clip(0, 255).tolist()
    right, below = corners[1:3].mean(0), corners[2] * 0.75 + corners[3] * 0.25
    middle = corners.mean(0)
    wide = 0.09 * float(np.linalg.norm(corners[1] - corners[0]))
    for place in (right, below):
        outward = (place - middle) / np.linalg.norm(place - middle)
        start, end = place - outward * wide * 0.8, place + outward * wide * 5
        cv2.line(picture, start.astype(int).tolist(), end.astype(int).tolist(), skin, int(wide * 1.3))
