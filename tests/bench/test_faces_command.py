"""`python -m bench faces` from manifest to JSON and plots, on one portrait and rendered textures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from bench.__main__ import main
from bench.core.result import read
from models import store

HEAD = "path,label,identity,attack_type,video,frame,group\n"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portrait, her head alone in grey, the portrait shown by a poor screen, and two pictures of nobody."""
    folder = tmp_path_factory.mktemp("faces")
    portrait = cv2.imread(str(store.file("demo/astronaut.png")))
    assert portrait is not None
    head = cv2.resize(portrait[35:205, 160:290], (350, 350))
    stripes = (np.indices(portrait.shape[:2])[1] % 4 < 2)[..., None]
    screen = np.where(stripes, portrait // 2 + 70, portrait // 2 + 20)
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    board = np.kron(np.indices((12, 16)).sum(0) % 2 * 255, np.ones((20, 20))).astype(np.uint8)
    made = {"portrait": portrait, "head": cv2.cvtColor(head, cv2.COLOR_BGR2GRAY), "screen": screen}
    for name, picture in (made | {"noise": noise, "board": board}).items():
        assert cv2.imwrite(str(folder / f"{name}.png"), np.asarray(picture, np.uint8))
    return folder


def manifest(folder: Path, name: str, *rows: str) -> Path:
    path = folder / f"{name}.csv"
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def bench(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr("sys.argv", ["bench", "faces", *map(str, arguments)])
    return main()


def measured(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_text())
    assert read(path).metrics == told["metrics"]
    return told


def test_affect(pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (
        "portrait.png,happy,a,,,,x",
        "head.png,Happiness,b,,,,y",
        "screen.png,sad,c,,,,y",
        "noise.png,neutral,d,,,,x",
        "portrait.png,contempt,e,,,,x",
    )
    path, out = manifest(pictures, "affect", *rows), tmp_path / "affect.json"
    assert bench(monkeypatch, "--task", "affect", "--manifest", path, "--json", out, "--batch", 2) == 0
    told = measured(out)
    assert set(told["metrics"]) == {"accuracy", "balanced_accuracy", "valence_auc", "failed_to_detect"}
    assert told["metrics"]["failed_to_detect"] == 1
    assert told["notes"]["measured"] == 3
    assert told["notes"]["excluded"] == {"contempt": 1}
    smile, nobody = told["items"][0], told["items"][3]
    assert smile["said"] == "happiness"
    assert smile["scored"]["happiness"][0] > 0.5
    assert sum(smile["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    assert "said" not in nobody
    right = [item["said"] == item["label"] for item in told["items"] if "said" in item]
    assert told["metrics"]["accuracy"] == pytest.approx(np.mean(right), abs=1e-4)
    assert {group["value"] for group in told["groups"]} == {"x", "y"}
    assert (tmp_path / "affect.json.png").stat().st_size > 1_000


def test_liveness_by_species_and_by_track(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"portrait.png,real,a,,v1,{n}," for n in range(8)]
    rows += [f"screen.png,spoof,a,screen,v2,{n}," for n in range(8)]
    rows += ["head.png,attack,b,print,,,", "noise.png,bona fide,c,,,,", "head.png,unknown,d,,,,"]
    path, out = manifest(pictures, "liveness", *rows), tmp_path / "live.json"
    assert bench(monkeypatch, "--task", "liveness", "--manifest", path, "--json", out) == 0
    told = measured(out)
    figures, items = told["metrics"], {item["name"]: item for item in told["items"]}
    assert told["notes"]["attacks"] == {"print": 1, "screen": 8}
    assert told["notes"]["excluded"] == {"unknown": 1}
    assert figures["failed_to_detect"] == 1
    live, shown = items["portrait.png"]["score"], items["screen.png"]["score"]
    assert live > shown
    assert figures["frame_auc_screen"] == 1
    passed = {
        kind: float(items[f"{name}.png"]["score"] >= 0.66)
        for kind, name in (("print", "head"), ("screen", "screen"))
    }
    assert figures["apcer_print"] == passed["print"]
    assert figures["apcer_screen"] == passed["screen"]
    assert figures["apcer"] == pytest.approx((passed["print"] + 8 * passed["screen"]) / 9, abs=1e-4)
    assert figures["hter"] == pytest.approx((figures["apcer"] + figures["bpcer"]) / 2, abs=1e-4)
    track = items["video v1"]
    assert track["frames"] == 8
    assert track["score"] == pytest.approx(live, abs=1e-3)
    assert figures["track_auc"] == 1
    assert "apcer_screen" in capsys.readouterr().out


def test_detection(pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ("portrait.png,face,a,,,,x", "head.png,,b,,,,y", "noise.png,none,,,,,x", "board.png,none,,,,,y")
    path, out = manifest(pictures, "detect", *rows, "board.png,face,c,,,,y"), tmp_path / "detect.json"
    assert bench(monkeypatch, "--task", "detect", "--manifest", path, "--json", out) == 0
    told = measured(out)
    assert told["metrics"]["detection_rate"] == pytest.approx(2 / 3, abs=1e-4)
    assert told["metrics"]["misses"] == 1
    assert told["metrics"]["false_faces"] == 0
    by_group = {group["value"]: group["metrics"]["misses"] for group in told["groups"]}
    assert by_group == {"x": 0, "y": 1}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (("portrait.png,grumpy,,,,,",), "line 2: label 'grumpy'"),
        (("portrait.png,happy,,,,,", "gone.png,sad,,,,,"), "line 3: no file"),
        (("broken.png,sad,,,,,",), "line 2: "),
        (("portrait.png,contempt,,,,,",), "every row is left out"),
        (("portrait.png,happy,,,,one,",), "frame must be a number"),
    ],
)
def test_rows_that_cannot_be_are_named(
    pictures: Path,
    rows: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (pictures / "broken.png").write_bytes(b"no picture")
    path = manifest(pictures, "bad", *rows)
    assert bench(monkeypatch, "--task", "affect", "--manifest", path) == 2
    assert said in capsys.readouterr().err


def test_a_video_of_both_labels_is_refused(
    pictures: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = manifest(pictures, "both", "portrait.png,real,,,v,0,", "portrait.png,spoof,,,v,1,")
    assert bench(monkeypatch, "--task", "liveness", "--manifest", path) == 2
    assert "video v holds frames of both labels" in capsys.readouterr().err


@pytest.mark.parametrize("extra", [("--batch", 0), ("--limit", 0), ("--model", "other")])
def test_what_cannot_be_is_told(
    pictures: Path,
    extra: tuple[object, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = manifest(pictures, "one", "portrait.png,face,,,,,")
    assert bench(monkeypatch, "--task", "detect", "--manifest", path, *extra) == 2
    assert capsys.readouterr().err.startswith("error: ")
