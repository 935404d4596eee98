"""What a measurement leaves behind: one JSON file that says what was measured, with what, and on what."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bench.core import machine
from bench.core.bootstrap import Interval
from bench.core.metrics import Item, Metric

VERSION = 1


class ResultError(Exception):
    """The file is no result of a measurement."""


class Group(BaseModel):
    """The figures of the items that share a value of one column."""

    model_config = ConfigDict(extra="forbid")

    column: str
    value: str
    items: int
    metrics: dict[str, float | None]
    intervals: dict[str, Interval | None]


class Result(BaseModel):
    """`metrics`: null is what was not measured. `intervals`: 95 %, by bootstrap over clusters.

    `notes`: what else is worth knowing of the run, such as how many rows were left out and why.
    """

    model_config = ConfigDict(extra="forbid")

    version: int = VERSION
    command: str
    created: str
    machine: dict[str, str | int | float]
    model: str
    settings: dict[str, Any]
    metrics: dict[str, float | None]
    intervals: dict[str, Interval | None]
    definitions: list[Metric]
    groups: list[Group] = Field(default_factory=list)
    notes: dict[str, Any] = Field(default_factory=dict)
    items: list[Item]

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")


def build(
    model: str,
    settings: dict[str, Any],
    definitions: Sequence[Metric],
    items: Sequence[Item],
    by: Sequence[str] = (),
    run: dict[str, float | None] | None = None,
    notes: dict[str, Any] | None = None,
) -> Result:
    """Works out figures, intervals and groups `by` column. `run`: figures of the run as a whole."""
    figures = {metric.name: metric.of(items) for metric in definitions}
    intervals = {metric.name: metric.interval(items) for metric in definitions}
    for name, value in (run or {}).items():
        figures[name], intervals[name] = value, None
    return Result(
        command=" ".join(["python -m bench", *sys.argv[1:]]),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=machine.describe(),
        model=model,
        settings=settings,
        metrics={name: _rounded(value) for name, value in figures.items()},
        intervals={name: _rounded_pair(pair) for name, pair in intervals.items()},
        definitions=list(definitions),
        groups=_groups(definitions, items, by),
        notes=notes or {},
        items=list(items),
    )


def read(path: Path) -> Result:
    """Raises `ResultError`."""
    try:
        result = Result.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ResultError(f"{path} is no result of a measurement: {error}") from error
    if result.version != VERSION:
        raise ResultError(f"{path} is of version {result.version}, this reads version {VERSION}")
    names = [item.name for item in result.items]
    if len(set(names)) < len(names):
        raise ResultError(f"{path} names an item twice")
    return result


def _groups(definitions: Sequence[Metric], items: Sequence[Item], by: Sequence[str]) -> list[Group]:
    found = []
    for column in by:
        values = sorted({item.groups[column] for item in items if column in item.groups})
        for value in values if len(values) > 1 else ():
            chosen = [item for item in items if item.groups.get(column) == value]
            found.append(
                Group(
                    column=column,
                    value=value,
                    items=len(chosen),
                    metrics={metric.name: _rounded(metric.of(chosen)) for metric in definitions},
                    intervals={metric.name: _rounded_pair(metric.interval(chosen)) for metric in definitions},
                )
            )
    return found


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1 if abs(value) >= 100 else 4)


def _rounded_pair(pair: Interval | None) -> Interval | None:
    return None if pair is None else (round(pair[0], 4), round(pair[1], 4))
