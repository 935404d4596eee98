"""`python -m bench faces --task TASK --manifest FILE.csv`: how well faces are found, read and told apart.

Each task is a module of its own, `bench/face_TASK.py`, with `measure(manifest, options) -> Result`; the
command reads the options, prints the result, and writes the JSON and its plots.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from rich.console import Console

from bench.core.curves import plot_curves
from bench.core.manifest import ManifestError
from bench.core.result import Result
from bench.core.tables import print_result
from bench.face_options import FaceOptions

TASKS = {
    "verify": "are two pictures of one person (pairs: file_a,file_b,same)",
    "affect": "which expression a face shows",
    "liveness": "bona fide or attack, frame by frame and over each video",
    "detect": "faces found, and seen where there is none (label none)",
}


class Task(Protocol):
    """What a task's module holds: it is imported only when it is asked for."""

    COLUMNS: tuple[str, ...]  # the figures shown for each group; the first with its interval

    @staticmethod
    def measure(manifest: Path, options: FaceOptions) -> Result:
        """Raises `ManifestError`, `models.store.WeightsMissing`, `ValueError` for a model that will not do.

        Scores that stand in `Item.scored` under the key of an `auc` metric are drawn as ROC and DET.
        """


def add_arguments(parser: argparse.ArgumentParser) -> None:
    told = "; ".join(f"{name}: {about}" for name, about in TASKS.items())
    parser.add_argument("--task", choices=tuple(TASKS), required=True, help=told)
    parser.add_argument(
        "--manifest", type=Path, required=True, help="CSV with path, label, … or file_a, file_b, same"
    )
    parser.add_argument("--model", help="in place of the embedded one: a folder, an id, or a file")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--batch", type=int, default=FaceOptions.batch, help="crops per forward pass (4)")
    parser.add_argument("--threads", type=int, default=FaceOptions.threads)
    parser.add_argument("--limit", type=int, metavar="N", help="the first N rows")
    parser.add_argument("--by", default="group", help="columns to group by (group)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="the result; curves go to OUT.png beside it")


def main(options: argparse.Namespace) -> int:
    """Exit status 0; 2: something that was asked for cannot be."""
    from models.store import WeightsMissing

    if options.batch < 1 or options.threads < 1 or (options.limit is not None and options.limit < 1):
        print("error: --batch, --threads and --limit are positive", file=sys.stderr)
        return 2
    asked = FaceOptions(
        batch=options.batch,
        threads=options.threads,
        device=options.device,
        model=options.model,
        limit=options.limit,
        by=tuple(options.by.split(",")),
    )
    try:
        task = cast(Task, import_module(f"bench.face_{options.task}"))
        result = task.measure(options.manifest, asked)
    except (ManifestError, WeightsMissing, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    console = Console(soft_wrap=True)
    print_result(result, console, columns=task.COLUMNS)
    for name, value in result.notes.items():
        console.print(f"{name}: {value}", highlight=False, markup=False)
    if options.json:
        result.write(options.json)
        plot_curves(result, options.json.with_name(options.json.name + ".png"))
    return 0
