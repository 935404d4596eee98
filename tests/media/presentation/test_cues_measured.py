"""How the border cue and the frame model err on photographs of people and real attacks. Run with `-s`."""

from __future__ import annotations

import csv

import cv2
import numpy as np
import pytest

from media.faces import FaceFinder
from media.presentation.border import second_side
from models.faces.crops import face_box, liveness_crop
from models.liveness import LivenessModel
from tests.models.eval_set import Rgb, folder, labelled, read_rgb

pytestmark = pytest.mark.eval


def looked_at(finder: FaceFinder, rgb: Rgb) -> tuple[float, float, Rgb] | None:
    """Face width as a share of the picture, `second_side`, liveness crop."""
    faces = finder.find(rgb, everybody=False)
    mesh = finder.mesh(rgb, faces[0].detection) if faces else None
    if mesh is None:
        return None
    box = face_box(mesh)
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    return (box[2] - box[0]) / rgb.shape[1], second_side(grey, box), liveness_crop(rgb, box)


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
    print(
        f"{len(values)} photographs: border over .1 {np.mean(values > 0.1):.3f}, over .8 {np.mean(values > 0.8):.3f}"
    )
    caught: dict[str, int] = {"frames": 0, "border": 0, "either": 0}
    spoofs = [path for path, label in labelled("spoof") if label == "spoof"]
    for path in spoofs:
        found = looked_at(finder, read_rgb(path, 640))
        assert found is not None, path
        score = float(model.score(found[2][None])[0])
        print(f"{path.name}: frame score {score:.2f}, border {found[1]:.2f}")
        caught["frames"] += score < model.threshold
        caught["border"] += found[1] >= 0.8
        caught["either"] += score < model.threshold or found[1] >= 0.8
    print(f"of {len(spoofs)} real attack pictures: {caught}")
    assert np.mean(values > 0.8) < 0.12
    assert caught["either"] == len(spoofs)
