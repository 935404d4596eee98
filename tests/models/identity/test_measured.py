"""Figures of the face verification card, on the labelled material. Run with `-s` to see them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from inference.settings import IdentitySettings
from models.identity.alignment import FaceAligner
from models.identity.embedding import FaceEmbedder
from tests.models.eval_set import folder, read_rgb

pytestmark = pytest.mark.eval
PAIRS = ("pairs_lfw.csv", "pairs_misc_colour.csv", "pairs_deepface.csv")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as table:
        return list(csv.DictReader(table))


def test_the_threshold_keeps_its_false_match_rate() -> None:
    """Of people with a name in pictures that no list of pairs holds."""
    faces, affect = folder("faces"), folder("affect")
    listed = {
        faces / row[column] for name in PAIRS for row in rows(faces / name) for column in ("file_a", "file_b")
    }
    aligner, embedder = FaceAligner.load(), FaceEmbedder.load()
    crops, people = [], []
    for root in (faces, affect):
        for row in rows(root / "images.csv"):
            if row["identity"] and root / row["path"] not in listed:
                face = aligner.largest(read_rgb(root / row["path"]))
                if face is not None:
                    crops.append(face.crop)
                    people.append(row["identity"])
    vectors, who = embedder.embed(np.stack(crops)), np.array(people)
    first, second = np.triu_indices(len(who), 1)
    scores, impostor = (vectors @ vectors.T)[first, second], who[first] != who[second]
    threshold = IdentitySettings().threshold
    matched = int((scores[impostor] >= threshold).sum())
    rate = matched / impostor.sum()
    missed = int((scores[~impostor] < threshold).sum())
    print(f"{len(who)} pictures of {len(set(people))} people: at {threshold} {matched} of {impostor.sum()}")
    print(f"impostor pairs match ({rate:.2%}), {missed} of {(~impostor).sum()} genuine pairs do not")
    assert impostor.sum() > 5000
    assert rate < 0.002


@pytest.mark.parametrize(("name", "least"), list(zip(PAIRS, (0.975, 0.98, 0.98), strict=True)))
def test_pairs_are_told_apart_at_the_threshold(name: str, least: float) -> None:
    root = folder("faces")
    aligner, embedder = FaceAligner.load(), FaceEmbedder.load()
    pairs = rows(root / name)
    files = sorted({row[column] for row in pairs for column in ("file_a", "file_b")})
    faces = {file: aligner.largest(read_rgb(root / file)) for file in files}
    crops = {file: face.crop for file, face in faces.items() if face is not None}
    assert len(crops) == len(files)
    vector = dict(zip(crops, embedder.embed(np.stack(list(crops.values()))), strict=True))
    scores = np.array([vector[row["file_a"]] @ vector[row["file_b"]] for row in pairs])
    same = np.array([row["same"] == "1" for row in pairs])
    right = ((scores >= IdentitySettings().threshold) == same).mean()
    print(f"{name}: {right:.3f} of {len(pairs)} pairs right; {len(files)} pictures, all enrolled")
    assert right >= least
