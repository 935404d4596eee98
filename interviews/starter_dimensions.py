"""The dimensions that come with the product, to begin with."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from interviews.dimensions import Dimension


def starter_entries(prefix: str) -> Iterator[dict[str, Any]]:
    """The starter files whose names begin with `prefix`, in the order of their names."""
    folder = files("interviews") / "starter"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.startswith(prefix) and file.name.endswith(".toml"):
            yield tomllib.loads(file.read_text("utf-8"))


def starter_dimensions() -> dict[str, Dimension]:
    """By id, in the order of the files; the caller may change the dict."""
    return dict(_dimensions())


@cache
def _dimensions() -> dict[str, Dimension]:
    found = [Dimension(**one) for file in starter_entries("dimensions") for one in file["dimension"]]
    return {one.id: one for one in found}
