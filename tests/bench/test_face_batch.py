"""What networks cost by the size of the batch: the whole path, small, on the CPU."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from bench.face_batch import main, smallest_near_best


def test_costs_shares_and_operators(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "batch.json"
    asked = ["--batches", "1,2", "--crops", "2", "--runs", "1", "--frames", "11", "--batch", "4"]
    assert main([*asked, "--json", str(out)]) == 0
    told = json.loads(out.read_text())
    assert {"affect", "liveness"} <= set(told["ms_per_crop"])
    assert all(ms > 0 for of_one in told["ms_per_crop"].values() for ms in of_one.values())
    assert told["frames_per_s"] > 0
    assert sum(told["share"].values()) == pytest.approx(1, abs=0.02)
    assert any("conv" in name for name in told["operators_ms"])
    assert told["models"]["liveness"] == "minifasnet-v2se@0.0.1"
    assert "frames a second" in capsys.readouterr().out


def test_a_larger_batch_must_pay() -> None:
    assert smallest_near_best({1: 9.0, 4: 5.1, 8: 5.0, 16: 5.2}) == 4
    assert smallest_near_best({1: 9.0, 4: 6.0, 16: 5.0}) == 16


@pytest.mark.parametrize("asked", [["--batches", "0"], ["--runs", "0"], ["--batches", "many"]])
def test_what_cannot_be_is_told(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(asked) == 2
    assert capsys.readouterr().err.startswith("error: ")


@pytest.mark.skipif(torch.cuda.is_available(), reason="has a CUDA device")
def test_without_a_gpu_none_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--device", "cuda"]) == 2
    assert "no CUDA device" in capsys.readouterr().err
