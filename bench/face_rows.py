"""Rows of a manifest of pictures on their way to a result: labels understood, crops scored in batches."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bench.core.face_manifest import Labelled, read_pictures
from bench.core.manifest import ManifestError
from bench.core.metrics import Item, Metric
from bench.face_options import FaceOptions

Crops = NDArray[np.uint8]
Scores = TypeVar("Scores", bound=np.ndarray)

FAILED = Metric(
    name="failed_to_detect",
    key="failed",
    kind="total",
    about="pictures in which no face was found; the other figures are over the rest",
)


def labelled_rows(
    manifest: Path, options: FaceOptions, known: Mapping[str, str], left_out: Sequence[str]
) -> tuple[list[tuple[Labelled, str]], dict[str, int]]:
    """Rows with their label as we name it, and how many were left out for each label of `left_out`.

    Labels are compared in lower case without hyphens or spaces. Raises `ManifestError` for one that is
    neither `known` nor `left_out`, and where no row remains.
    """
    rows: list[tuple[Labelled, str]] = []
    excluded: Counter[str] = Counter()
    for row in read_pictures(manifest, options.limit):
        word = plain(row.label)
        if word in known:
            rows.append((row, known[word]))
        elif word in left_out:
            excluded[word] += 1
        else:
            wanted = ", ".join(sorted({*known, *left_out}))
            raise ManifestError(f"{row.picture.row}: label {row.label!r} is none of {wanted}")
    if not rows:
        raise ManifestError(f"{manifest}: every row is left out ({dict(excluded)})")
    return rows, dict(excluded)


def plain(label: str) -> str:
    return "".join(char for char in label.lower() if char.isalnum())


def in_batches(
    score: Callable[[Crops], Scores], crops: Sequence[Crops], batch: int
) -> tuple[list[Any], float]:
    """The score (or row of scores) of each crop, in order, and milliseconds of CPU per crop.

    CPU of this process, all threads: what else runs on the machine does not count.
    """
    began = time.process_time()
    rows: list[Any] = []
    for start in range(0, len(crops), batch):
        rows.extend(score(np.stack(crops[start : start + batch])))
    return rows, round(1000 * (time.process_time() - began) / max(1, len(crops)), 2)


def item(row: Labelled, label: str, options: FaceOptions, *, found: bool) -> Item:
    """An item without its scores; those of a picture without a face stay so."""
    columns = {
        "label": label,
        "attack_type": row.attack_type,
        "video": row.video,
        "identity": row.identity,
        "group": row.group,
        **row.columns,
    }
    return Item.model_validate(
        {
            "name": row.name,
            "cluster": row.cluster,
            "ratios": {"failed": (0 if found else 1, 1)},
            "groups": {column: columns[column] for column in options.by if columns.get(column)},
            "label": label,
        }
    )
