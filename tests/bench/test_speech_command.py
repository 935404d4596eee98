"""`python -m bench speech` from manifest to JSON, plot and comparison, on the embedded weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import soundfile

from bench.__main__ import main
from bench.core.result import read
from bench.sound import read_clip
from models import store

SAID = "It was the best of times, it was the worst of times, it was the age of wisdom"
STREAMING = (
    "first_partial_ms",
    "partial_latency_p50_ms",
    "partial_latency_p95_ms",
    "final_latency_p50_ms",
    "final_latency_p95_ms",
    "rolled_back_share",
)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    sound = read_clip(store.file("demo/two_cities.wav"))[: round(6.2 * 16_000)]
    soundfile.write(folder / "a.flac", sound, 16_000)
    path = folder / "set.csv"
    path.write_text(f'path,text,language,tier\na.flac,"{SAID}",en,A\n', encoding="utf-8")
    return path


def bench(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr("sys.argv", ["bench", *map(str, arguments)])
    return main()


def measured(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_text())
    return told


def test_offline_streaming_and_their_comparison(
    manifest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    offline, streaming = tmp_path / "offline.json", tmp_path / "streaming.json"
    assert bench(monkeypatch, "speech", "--manifest", manifest, "--json", offline) == 0
    assert bench(monkeypatch, "speech", "--manifest", manifest, "--streaming", "--json", streaming) == 0

    whole, live = measured(offline), measured(streaming)
    assert whole["metrics"]["error_rate"] <= 0.12
    assert live["metrics"]["error_rate"] <= 0.12
    assert all(whole["metrics"][name] is None for name in STREAMING)
    assert all(live["metrics"][name] is not None for name in STREAMING)
    assert 0 < whole["metrics"]["real_time_factor"] < 5
    assert 500 < live["metrics"]["final_latency_p50_ms"] < 20_000
    item = live["items"][0]
    assert item["reference"] == SAID
    assert item["hypothesis"].startswith("It was the best of times")
    assert item["columns"] == {"tier": "A"}
    assert live["model"] == "whisper-base@1.0.0"
    assert live["settings"]["speed"] == 1
    assert read(streaming).metrics == live["metrics"]
    assert (tmp_path / "streaming.json.png").stat().st_size > 1_000

    capsys.readouterr()
    assert bench(monkeypatch, "compare", offline, streaming) == 0
    compared = capsys.readouterr().out
    assert "1 items in both" in compared
    assert bench(monkeypatch, "speech", "--compare", offline, streaming) == 0
    assert capsys.readouterr().out == compared


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--manifest is needed"),
        (("--manifest", "none.csv"), "none.csv cannot be read"),
        (("--manifest", "none.csv", "--soak", "1"), "--soak needs --streaming"),
        (("--compare", "a.json", "b.json"), "a.json is no result"),
    ],
)
def test_what_cannot_be_is_told(
    arguments: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert bench(monkeypatch, "speech", *arguments) == 2
    assert said in capsys.readouterr().err


def test_an_engine_that_is_none_is_told(
    manifest: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench(monkeypatch, "speech", "--manifest", manifest, "--engine", manifest.parent) == 2
    assert "error: " in capsys.readouterr().err
