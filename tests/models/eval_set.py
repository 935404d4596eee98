"""The labelled material that is measured on, where this machine has it."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]


def folder(kind: str) -> Path:
    """One kind of material; skips the test, loudly, where it is missing."""
    root = Path(os.environ.get("VIVA_EVAL") or Path(__file__).parents[3] / "shared" / "eval")
    if not (root / kind).is_dir():
        pytest.skip(f"NOT MEASURED: no labelled material at {root / kind} (set VIVA_EVAL)")
    return root / kind


def labelled(kind: str) -> list[tuple[Path, str]]:
    """Pictures with their labels."""
    root = folder(kind)
    with (root / "images.csv").open(encoding="utf-8") as table:
        return [(root / row["path"], row["label"]) for row in csv.DictReader(table)]


def read_rgb(path: Path, longest: int = 800) -> Rgb:
    """A picture as uint8 RGB, no side longer than `longest` pixels."""
    bgr = cv2.imread(str(path))
    assert bgr is not None, path
    scale = min(1.0, longest / max(bgr.shape[:2]))
    if scale < 1:
        bgr = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(bgr[:, :, ::-1])
