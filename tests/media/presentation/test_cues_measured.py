"""How the border cue and the frame model err on photographs of people and real attacks. Run with `-s`."""

from __future__ import annotations

import csv
import random
from collections import Counter

import cv2
import numpy as np
import pytest

from bench.attacks import find_face, read, view
from media.faces import FaceFinder, FaceWatch
from media.items import FaceSample
from media.presentation.border import framed
from media.presentation.challenge import Challenge, draw
from media.settings import MediaSettings
from models.faces.crops import face_box, liveness_crop
from models.faces.detector import FaceDetector
from models.liveness import LivenessModel
from tests.models.eval_set import Rgb, folder, labelled, read_rgb

pytestmark = pytest.mark.eval
FRAMED = 1.3  # face widths of border, of two sides and a third


def looked_at(finder: FaceFinder, rgb: Rgb) -> tuple[float, float, Rgb] | None:
    """Face width as a share of the picture, `framed`, liveness crop."""
    faces = finder.find(rgb, everybody=False)
    mesh = finder.mesh(rgb, faces[0].detection) if faces else None
    if mesh is None:
        return None
    box = face_box(mesh)
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    return (box[2] - box[0]) / rgb.shape[1], framed(grey, box), liveness_crop(rgb, box)


def test_borders_on_photographs_and_on_real_attacks() -> None:
    finder, model = FaceFinder.load(), LivenessModel.load()
    root, sides = folder("faces"), []
    with (root / "images.csv").open(encoding="utf-8") as table:
        paths = [row["path"] for row in csv.DictReader(table)]
    for path in paths:
        # Grey tight crops and documents, which have borders, are not people before a camera.
        if "lfw_gray" in path or "id_docs" in path:
            continue
        found = looked_at(finder, read_rgb(root / path, 640))
        if found is not None and found[0] < 0.5 and found[0] * 640 >= 60:
            sides.append(found[1])
    values = np.array(sides)
    over = [float(np.mean(values > limit)) for limit in (0.3, 1.1, 1.6)]
    told = ", ".join(f"over {limit} {share:.3f}" for limit, share in zip((0.3, 1.1, 1.6), over, strict=True))
    print(f"{len(values)} photographs: border {told}")
    caught: dict[str, int] = {"frames": 0, "border": 0, "either": 0}
    spoofs = [path for path, label in labelled("spoof") if label == "spoof"]
    for path in spoofs:
        found = looked_at(finder, read_rgb(path, 640))
        assert found is not None, path
        score = float(model.score(found[2][None])[0])
        print(f"{path.name}: frame score {score:.2f}, border {found[1]:.2f}")
        caught["frames"] += score < model.threshold
        caught["border"] += found[1] >= FRAMED
        caught["either"] += score < model.threshold or found[1] >= FRAMED
    print(f"of {len(spoofs)} real attack pictures: {caught}")
    assert np.mean(values > FRAMED) < 0.06
    assert caught["border"] >= len(spoofs) - 1
    assert caught["either"] == len(spoofs)


def test_people_who_talk_and_follow_no_prompt_never_pass_a_challenge() -> None:
    finder, detector, root = FaceFinder.load(), FaceDetector.load(), folder("video")
    outcomes: Counter[str] = Counter()
    with (root / "clips.csv").open(encoding="utf-8") as table:
        paths = [row["path"] for row in csv.DictReader(table)]
    for path in paths:
        frames = read(root / path, 10, 10)
        face = find_face(frames, detector)
        if face is None:
            continue
        watch, samples = FaceWatch(MediaSettings()), []
        for i, frame in enumerate(frames):
            rgb = (view(frame, face) * 255).astype(np.uint8)
            items = watch.look(finder, rgb, i / 10).items
            samples += [item for item in items if isinstance(item, FaceSample)]
        for seed in range(20):
            challenge = Challenge(draw(random.Random(seed)), random.Random(seed))
            for sample in samples:
                challenge.see(sample)
            verdict = challenge.verdict
            outcomes[f"{verdict.outcome} {verdict.reason}" if verdict else "open"] += 1
    print(dict(outcomes))
    assert outcomes
    assert not any(outcome.startswith("passed") for outcome in outcomes)
