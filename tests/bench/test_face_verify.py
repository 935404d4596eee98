from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.core.face_manifest import read_pairs
from bench.face_options import FaceOptions
from bench.face_verify import intervals, items, measure, person
from tests.models.faces_fixtures import placed, portrait


def written(folder: Path) -> Path:
    """Five pictures and four pairs: one person twice, nobody, and a pair that is wrongly labelled."""
    pictures = {
        "Ann_0001.png": portrait(),
        "Ann_0002.png": np.ascontiguousarray(portrait()[:, ::-1]),
        "small.png": placed((480, 640), (200, 100, 250)),
        "wall.png": placed((200, 200)),
    }
    for name, rgb in pictures.items():
        assert cv2.imwrite(str(folder / name), rgb[:, :, ::-1])
    manifest = folder / "pairs.csv"
    manifest.write_text(
        "file_a,file_b,same\nAnn_0001.png,Ann_0002.png,1\nAnn_0001.png,small.png,1\n"
        "Ann_0002.png,small.png,0\nAnn_0001.png,wall.png,0\n"
    )
    return manifest


def test_pairs_are_scored_and_failures_counted(tmp_path: Path) -> None:
    result = measure(written(tmp_path), FaceOptions())
    scores = [item.model_extra["score"] if item.model_extra else None for item in result.items]
    assert min(scores[:3]) > 0.5
    assert scores[3] is None
    assert result.metrics["failed_to_enrol"] == 1
    assert result.metrics["fnmr"] == 0
    assert result.metrics["fmr"] == 1  # the pair that is wrongly labelled; nobody is no impostor
    assert result.metrics["accuracy"] == pytest.approx(2 / 3, abs=1e-3)
    assert result.settings["threshold"] == 0.35
    assert result.notes["measured"] == 3
    assert result.notes["pictures_without_a_face"] == 1
    assert {"auc", "eer", "tar_at_far_1pct", "tar_at_far_01pct"} <= result.metrics.keys()


def test_figures_are_of_scores_against_the_threshold(tmp_path: Path) -> None:
    pairs = read_pairs(written(tmp_path))
    vectors = {
        "Ann_0001.png": np.array([1, 0], np.float32),
        "Ann_0002.png": np.array([0.6, 0.8], np.float32),
        "small.png": np.array([0, 1], np.float32),
        "wall.png": None,
    }
    found = items(pairs, {tmp_path / name: vector for name, vector in vectors.items()}, 0.5)
    assert [item.scored.get("same") for item in found[:2]] == [pytest.approx((0.6, True)), (0.0, True)]
    assert [item.ratios.get("fnmr") for item in found] == [(False, 1), (True, 1), None, None]
    assert [item.ratios["failed"] for item in found] == [(0, 1)] * 3 + [(1, 1)]
    low, high = intervals(pairs, found, 200)["fnmr"] or (1, 0)
    assert 0 <= low <= 0.5 <= high <= 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("lfw/Ann_Lee_0001.jpg", "lfw/Ann_Lee_0012.jpg", True),
        ("lfw/Ann_Lee_0001.jpg", "lfw/Ann_Poe_0001.jpg", False),
        ("set/Ann/000179_02.jpg", "set/Ann/000180_07.jpg", True),
        ("bbt/amy/amy1.png", "bbt/amy/amy2.png", True),
        ("set/img1.jpg", "set/img2.jpg", False),
    ],
)
def test_people_are_told_from_names_where_names_tell(one: str, other: str, same: bool) -> None:
    assert (person(Path(one)) == person(Path(other))) is same
