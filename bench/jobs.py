"""What is found in job descriptions, against what a recruiter would choose: `python -m bench jobs`.

Precision counts what is in the text though nobody asked for it as right (`fine`); `strict` does not.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.job_descriptions import HELD_OUT, NOTHING, SEEN, Description
from bench.job_topics import topics
from models.embedding import TextEncoder
from models.matching import JobMatcher
from models.topics import JobMatch, JobText


@dataclass(frozen=True, slots=True)
class Row:
    """One description: what was found, and the time it took in seconds."""

    id: str
    found: tuple[str, ...]
    missed: tuple[str, ...]
    wrong: tuple[str, ...]
    took_s: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Over all dimensions of a group (micro-averaged), 0–1; None where there was nothing to find."""

    recall: float | None
    precision: float | None
    strict: float | None


def rows(matcher: JobMatcher, group: Sequence[Description]) -> list[tuple[Description, Row]]:
    found = []
    for one in group:
        began = time.perf_counter()
        match = matcher.match(JobText(one.text, topics(one.language)))
        found.append((one, _row(one, match, time.perf_counter() - began)))
    return found


def figures(measured: Sequence[tuple[Description, Row]]) -> Figures:
    wanted = sum(len(one.wanted) for one, _ in measured)
    named = sum(len(row.found) for _, row in measured)
    right = sum(len(one.wanted & set(row.found)) for one, row in measured)
    wrong = sum(len(row.wrong) for _, row in measured)
    return Figures(
        recall=right / wanted if wanted else None,
        precision=1 - wrong / named if named else None,
        strict=right / named if named else None,
    )


def _row(one: Description, match: JobMatch, took_s: float) -> Row:
    found = tuple(fit.id for fit in match.topics)
    return Row(
        one.id,
        found,
        tuple(sorted(one.wanted - set(found))),
        tuple(id_ for id_ in found if id_ not in one.wanted | one.fine),
        round(took_s, 3),
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", type=Path, help="write the rows and figures there")


def main(options: argparse.Namespace) -> int:
    matcher = JobMatcher(TextEncoder.load())
    kept = {}
    for name, group in (("seen while tuning", SEEN), ("held out", HELD_OUT), ("nothing to find", NOTHING)):
        measured = rows(matcher, group)
        total = figures(measured)
        table = Table(title=f"{name}: recall {_share(total.recall)}, precision {_share(total.precision)}")
        for column in ("description", "found", "missed", "wrong", "s"):
            table.add_column(column)
        for _, row in measured:
            table.add_row(
                row.id, *(" ".join(ids) for ids in (row.found, row.missed, row.wrong)), str(row.took_s)
            )
        Console().print(table)
        kept[name] = {"figures": asdict(total), "rows": [asdict(row) for _, row in measured]}
    if options.json:
        options.json.write_text(json.dumps(kept, ensure_ascii=False, indent=1), "utf-8")
    return 0


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
