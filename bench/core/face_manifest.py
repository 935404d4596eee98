"""Manifests of pictures: CSV with `path,label,identity,attack_type,video,frame,group`, or pairs
`file_a,file_b,same`.

All but `path` and `label` may be left out. Paths are relative to the manifest. Other columns are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.core.manifest import ManifestError, read_rows

Rgb = NDArray[np.uint8]
LONGEST = 1600  # pixels; a camera's full size only costs time: faces are looked for at 192
_YES, _NO = frozenset({"1", "true", "yes", "same"}), frozenset({"0", "false", "no", "different"})


@dataclass(frozen=True, slots=True)
class Picture:
    """One file of one row; `row` says which, as an error names it."""

    path: Path
    row: str

    def rgb(self) -> Rgb:
        """uint8 RGB, height × width × 3, upright by its EXIF tag, no side over 1600 pixels; grey is given
        three equal channels. Raises `ManifestError` naming the row where it is no picture."""
        try:
            data = np.frombuffer(self.path.read_bytes(), np.uint8)
        except OSError as error:
            raise ManifestError(f"{self.row}: {error}") from error
        bgr = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
        if bgr is None:
            raise ManifestError(f"{self.row}: {self.path} cannot be read as a picture")
        scale = LONGEST / max(bgr.shape[:2])
        if scale < 1:
            bgr = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(bgr[:, :, ::-1], np.uint8)


@dataclass(frozen=True, slots=True)
class Labelled:
    """One row. Empty text is what the row does not tell; `columns` holds whatever else it has."""

    name: str
    picture: Picture
    label: str
    identity: str
    attack_type: str
    video: str
    frame: float
    group: str
    columns: dict[str, str]

    @property
    def cluster(self) -> str:
        """What is drawn together in a bootstrap: the person, else the video, else the picture alone."""
        return self.identity or self.video or self.name


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures, of one person or of two."""

    name: str
    first: Picture
    second: Picture
    same: bool
    columns: dict[str, str]


def read_pictures(
    manifest: Path, limit: int | None = None, needed: Sequence[str] = ("path", "label")
) -> list[Labelled]:
    """The first `limit` rows; columns of `needed` must be there and filled.

    Raises `ManifestError` for what is missing, with the line.
    """
    found: dict[str, Labelled] = {}
    known = ("path", "label", "identity", "attack_type", "video", "frame", "group")
    for line, row in read_rows(manifest, needed)[:limit]:
        name = f"{row['path']}#{line}" if row["path"] in found else row["path"]
        told = {column: row.get(column, "").strip() for column in known}
        found[name] = Labelled(
            name=name,
            picture=_picture(manifest, line, row["path"]),
            label=told["label"],
            identity=told["identity"],
            attack_type=told["attack_type"],
            video=told["video"],
            frame=_number(manifest, line, told["frame"]),
            group=told["group"],
            columns={column: value for column, value in row.items() if column not in known},
        )
    return list(found.values())


def read_pairs(manifest: Path, limit: int | None = None) -> list[Pair]:
    """The first `limit` rows. Raises `ManifestError` for what is missing, with the line."""
    found: dict[str, Pair] = {}
    for line, row in read_rows(manifest, ("file_a", "file_b", "same"))[:limit]:
        same = row["same"].strip().lower()
        if same not in _YES | _NO:
            raise ManifestError(f"{manifest} line {line}: same must be 0 or 1, not {row['same']!r}")
        name = f"{row['file_a']} {row['file_b']}"
        name = f"{name}#{line}" if name in found else name
        first, second = (_picture(manifest, line, row[column]) for column in ("file_a", "file_b"))
        columns = {key: value for key, value in row.items() if key not in ("file_a", "file_b", "same")}
        found[name] = Pair(name, first, second, same in _YES, columns)
    return list(found.values())


def _picture(manifest: Path, line: int, name: str) -> Picture:
    path = manifest.parent / name
    if not path.is_file():
        raise ManifestError(f"{manifest} line {line}: no file {path}")
    return Picture(path, f"{manifest} line {line}")


def _number(manifest: Path, line: int, text: str) -> float:
    try:
        return float(text or 0)
    except ValueError as error:
        raise ManifestError(f"{manifest} line {line}: frame must be a number, not {text!r}") from error
