"""Model cards: what each model is, where it comes from, what it was measured to do and where it fails.

One TOML file per model under `cards/`. `ModelCard.model` is the string that results name.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from models import store

CARDS = Path(__file__).with_name("cards")


class CardError(ValueError):
    """A card does not say what it must."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. `data` says on what, `command` prints it again."""

    name: str
    value: float
    unit: str
    data: str
    command: str


@dataclass(frozen=True, slots=True)
class ModelCard:
    """`files` are names in the table of weights; `limits` holds sentences by language, `en` and `zh`."""

    id: str
    version: str
    task: str
    licence: str
    source: str
    provenance: str
    languages: tuple[str, ...]
    files: tuple[str, ...]
    figures: tuple[Figure, ...]
    limits: dict[str, tuple[str, ...]]

    @property
    def model(self) -> str:
        return f"{self.id}@{self.version}"

    @property
    def sha256(self) -> dict[str, str]:
        """Checksums of the weights by file name, as the table of weights pins them."""
        pinned = store.pinned()
        return {name: pinned[name] for name in self.files}


@cache
def cards(folder: Path = CARDS) -> dict[str, ModelCard]:
    """All cards by their model string. Raises `CardError` for a card that is incomplete."""
    found = [_read(path) for path in sorted(folder.glob("*.toml"))]
    return {card.model: card for card in found}


def _read(path: Path) -> ModelCard:
    entry: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    known = {field.name for field in fields(ModelCard)} - {"figures"} | {"figure"}
    if missing := known - entry.keys():
        raise CardError(f"{path.name} lacks {', '.join(sorted(missing))}")
    if unknown := entry.keys() - known:
        raise CardError(f"{path.name} has unknown keys {', '.join(sorted(unknown))}")
    if entry["limits"].keys() != {"en", "zh"} or not all(entry["limits"].values()):
        raise CardError(f"{path.name} must state limits in en and zh")
    if strange := set(entry["files"]) - store.pinned().keys():
        raise CardError(f"{path.name} names files that weights.toml lacks: {', '.join(sorted(strange))}")
    try:
        figures = tuple(Figure(**figure) for figure in entry.pop("figure"))
    except TypeError as error:
        raise CardError(
            f"{path.name}: a figure needs name, value, unit, data and command: {error}"
        ) from error
    for name in ("languages", "files"):
        entry[name] = tuple(entry[name])
    entry["limits"] = {language: tuple(texts) for language, texts in entry["limits"].items()}
    return ModelCard(**entry, figures=figures)
