"""Manifests: CSV files that name recordings and what is said in them.

Columns: `text`, `language` (en, zh, or a tag such as zh-CN), and `path`, or `paths` with several files that
are joined. Paths are relative to the manifest. Every other column is kept with its row.
"""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from bench.core.error_rates import Language
from bench.sound import read_sound

SAMPLE_RATE = 16_000
GAP_S = 0.4  # between recordings that are joined


class ManifestError(Exception):
    """The manifest cannot be used; the message says which row and why."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One row. `text` is what is said, empty where nobody speaks; `columns` holds whatever else it has."""

    name: str
    paths: tuple[Path, ...]
    text: str
    language: Language
    columns: dict[str, str]

    @property
    def speaker(self) -> str:
        """What is drawn together in a bootstrap: the speaker, or the clip where none is told."""
        return self.columns.get("speaker") or self.name

    def sound(self) -> NDArray[np.int16]:
        """int16 mono at 16 kHz, whatever the files hold. Raises `ManifestError`."""
        gap = np.zeros(round(GAP_S * SAMPLE_RATE), np.int16)
        parts: list[NDArray[np.int16]] = []
        for path in self.paths:
            try:
                parts += (
                    [gap, *read_sound(path, SAMPLE_RATE)] if parts else list(read_sound(path, SAMPLE_RATE))
                )
            except (av.FFmpegError, IndexError) as error:  # IndexError: no sound track
                raise ManifestError(f"{path} cannot be read as sound: {error}") from error
        return np.concatenate(parts) if parts else gap[:0]


def read_rows(manifest: Path, needed: Collection[str]) -> list[tuple[int, dict[str, str]]]:
    """(line, columns) of every row. Raises `ManifestError` for a missing file, column or value of `needed`.

    A needed column may be empty only where it is `text`.
    """
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            rows = [(reader.line_num, row) for row in reader]
            header = list(reader.fieldnames or ())
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ManifestError(f"{manifest} cannot be read: {error}") from error
    missing = [column for column in needed if column not in header]
    if missing:
        raise ManifestError(f"{manifest} lacks the column {', '.join(missing)}; it has {', '.join(header)}")
    if not rows:
        raise ManifestError(f"{manifest} holds no rows")
    for line, row in rows:
        empty = [column for column in needed if row[column] is None or not (row[column] or column == "text")]
        if empty or None in row:
            what = f"has no {', '.join(empty)}" if empty else "has more values than the header"
            raise ManifestError(f"{manifest} line {line} {what}")
    return [(line, {column: value or "" for column, value in row.items()}) for line, row in rows]


def read_clips(manifest: Path, limit: int | None = None) -> list[Clip]:
    """The first `limit` rows. Raises `ManifestError` for what is missing, with the line."""
    rows = read_rows(manifest, ("text", "language"))
    column = "paths" if "paths" in rows[0][1] else "path"
    rows = read_rows(manifest, (column, "text", "language"))
    clips: dict[str, Clip] = {}
    for line, row in rows[:limit]:
        named = row[column].replace(";", " ").split() if column == "paths" else [row[column]]
        paths = tuple(manifest.parent / name for name in named)
        lost = [str(path) for path in paths if not path.is_file()]
        if lost:
            raise ManifestError(f"{manifest} line {line}: no file {', '.join(lost)}")
        name = row.get("name") or row[column]
        name = f"{name}#{line}" if name in clips else name
        kept = {
            key: value
            for key, value in row.items()
            if key not in ("name", "path", "paths", "text", "language")
        }
        clips[name] = Clip(name, paths, row["text"], _language(manifest, line, row["language"]), kept)
    return list(clips.values())


def _language(manifest: Path, line: int, tag: str) -> Language:
    primary = tag.strip().lower().replace("_", "-").partition("-")[0]
    if primary == "en":
        return "en"
    if primary in ("zh", "cmn"):
        return "zh"
    raise ManifestError(f"{manifest} line {line}: language must be en or zh, not {tag!r}")


def joined(clips: list[Clip], seconds: float) -> Clip:
    """One continuous recording of at least `seconds`: the clips one after another, over and over if need be.

    Raises `ManifestError` when the clips are of several languages or hold no sound.
    """
    languages = {clip.language for clip in clips}
    if len(languages) != 1:
        raise ManifestError(f"clips of several languages cannot be joined: {', '.join(sorted(languages))}")
    lengths = [clip.sound().size / SAMPLE_RATE for clip in clips]
    if not sum(lengths):
        raise ManifestError("the clips hold no sound")
    paths: list[Path] = []
    texts: list[str] = []
    total = 0.0
    while total < seconds:
        for clip, length in zip(clips, lengths, strict=True):
            paths += clip.paths
            texts.append(clip.text)
            total += length + GAP_S
            if total >= seconds:
                break
    return Clip(f"{len(paths)} recordings joined", tuple(paths), " ".join(texts), languages.pop(), {})
