"""The cues that need no attack presentations: `python -m bench.liveness_cues --clips FOLDER`.

Repeated frames on clips as they are and played in a loop; temporal noise of clips through the camera model
and H.264, and of a still picture without noise; flashed colours on faces re-lit with the right, with other
and with hardly any colours.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.attack_scene import camera, transmitted
from bench.attacks import find_face, read, view
from media.presentation import flash
from media.presentation.injection import difference_hash, missing_noise, repeated_frames
from media.presentation.skin import background_colour, skin_colour
from models.faces.detector import FaceDetector
from models.faces.mesh import FaceMesh

Rgb = NDArray[np.uint8]
FPS, STEP_S, START = 10, 0.6, 1.0


def webcam(clip: Path, detector: FaceDetector, seconds: float) -> list[Rgb]:
    """A clip as a webcam would show it, 640 × 480, 10 a second; empty without a face."""
    frames = read(clip, FPS, seconds)
    face = find_face(frames, detector)
    return [] if face is None else [(view(frame, face) * 255).astype(np.uint8) for frame in frames]


def loops(frames: Sequence[Rgb]) -> tuple[str, str]:
    """Outcomes of `repeated_frames` at four samples a second: as it is, and its first 2.3 s over and over."""
    hashes = [
        difference_hash(np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8)) for frame in frames
    ]
    plain, looped = [], []
    for k in range(40):
        at = round(k * 2.5 + 0.3 * np.sin(k))
        plain.append(at)
        looped.append(at % 23)
    inside = [at for at in plain if at < len(hashes)]
    return (
        repeated_frames([hashes[at] for at in inside], [at / FPS for at in inside]).outcome,
        repeated_frames([hashes[at] for at in looped], [at / FPS for at in plain]).outcome
        if len(hashes) >= 23
        else "",
    )


def noise(frames: Sequence[Rgb], kbps: int) -> tuple[float | None, float | None]:
    """Value of `missing_noise` after H.264: with a sensor, and for one still picture without any."""
    rng = np.random.default_rng(1)
    scenes = [np.asarray(frame / np.float32(255), np.float32) for frame in frames[:12]]
    real = list(transmitted(camera(scenes, rng), FPS, kbps))
    still = list(transmitted([frames[0]] * 12, FPS, kbps))

    def value(pictures: list[Rgb]) -> float | None:
        return missing_noise([cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in pictures[4:]]).value

    return value(real), value(still)


def relit(
    frames: Sequence[Rgb], shown: Sequence[flash.Colour], share: float, detector: FaceDetector, mesh: FaceMesh
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Times, skin and background colours of a clip (played to and fro) in the light of `shown`, 0.2 s
    late."""
    count = int((START * 2 + len(shown) * STEP_S) * FPS)
    order = [*range(len(frames)), *range(len(frames) - 2, 0, -1)]
    meshes = [mesh(frame, found[0]) if (found := detector.detect(frame)) else None for frame in frames]
    rows = []
    for i in range(count):
        frame, fitted = frames[order[i % len(order)]], meshes[order[i % len(order)]]
        if fitted is None or not fitted.present:
            continue
        index = int(np.floor((i / FPS - START - 0.2) / STEP_S))
        light = np.asarray(shown[index] if 0 <= index < len(shown) else (0.4, 0.4, 0.4))
        near = np.zeros(frame.shape[:2], np.uint8)
        cv2.fillConvexPoly(near, cv2.convexHull(fitted.points[:, :2].round().astype(np.int32)), 1)
        soft = 0.1 + 0.9 * cv2.GaussianBlur(near.astype(np.float32), (0, 0), 6)[..., None]
        # The picture is gamma coded: light adds before it.
        linear = (frame / 255.0) ** 2.2 * (1 + share * soft * light)
        seen = (linear.clip(0, 1) ** (1 / 2.2) * 255).round().astype(np.uint8)
        skin, behind = skin_colour(seen, fitted.points), background_colour(seen, fitted.points)
        if skin is not None and behind is not None:
            rows.append((i / FPS, skin, behind))
    if not rows:
        return np.zeros(0), np.zeros((0, 3)), np.zeros((0, 3))
    times, skins, backs = zip(*rows, strict=True)
    return np.asarray(times), np.asarray(skins), np.asarray(backs)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.liveness_cues", description=__doc__)
    parser.add_argument("--clips", type=Path, required=True)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    detector, mesh = FaceDetector.load(), FaceMesh.load()
    counts: dict[str, Counter[str]] = {}
    noises: dict[str, list[float]] = {}
    with (args.clips / "clips.csv").open(encoding="utf-8") as table:
        names = [row["path"] for row in csv.DictReader(table)]
    for number, name in enumerate(names):
        frames = webcam(args.clips / name, detector, 10)
        if not frames:
            continue
        for kind, outcome in zip(("clip as it is", "clip in a loop"), loops(frames), strict=True):
            counts.setdefault(f"repeated frames, {kind}", Counter())[outcome] += 1
        for kbps in (600, 1500):
            for kind, value in zip(("sensor", "no sensor"), noise(frames, kbps), strict=True):
                noises.setdefault(f"noise, {kbps} kbit/s, {kind}", []).append(
                    -1.0 if value is None else value
                )
        small = [np.asarray(cv2.resize(frame, (320, 240)), np.uint8) for frame in frames[:30]]
        shown, other = (flash.sequence(random.Random(number + k)) for k in (0, 500))
        for label, lit, share in (
            *(
                (f"right colours, {share:.0%} of the room's light", shown, share)
                for share in (0.2, 0.1, 0.05, 0.0)
            ),
            ("other colours, 20% of the room's light", other, 0.2),
        ):
            times, skin, behind = relit(small, lit, share, detector, mesh)
            result = flash.judge(times, skin, behind, shown, START, STEP_S)
            counts.setdefault(f"flash, {label}", Counter())[f"{result.outcome} {result.reason}".strip()] += 1
    for label, counter in counts.items():
        print(f"{label}: {dict(counter)}")
    for label, values in noises.items():
        print(f"{label} (-1: not enough): {np.round(sorted(values), 3).tolist()}")


if __name__ == "__main__":
    main()
