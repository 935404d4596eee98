"""`python -m models fetch | list | verify`: the embedded weights on this machine."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from models.fetch import ChecksumError, fetch, missing
from models.store import Archive, WeightsError, archives, home, verified

console = Console()
errors = Console(stderr=True, soft_wrap=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0: all is there; 1: something failed or is missing; 2: a checksum is wrong."""
    parser = argparse.ArgumentParser(prog="python -m models", description=__doc__)
    parser.add_argument("command", choices=("fetch", "list", "verify"))
    command = parser.parse_args(arguments).command
    try:
        return {"fetch": _fetch, "list": _list, "verify": _verify}[command]()
    except WeightsError as error:
        errors.print(f"error: {error}", style="red", markup=False, highlight=False)
        return 2 if isinstance(error, ChecksumError) else 1
    except KeyboardInterrupt:
        errors.print("interrupted; run the same command again to go on", style="yellow")
        return 130


def _fetch() -> int:
    wanted = missing(archives())
    if not wanted:
        console.print(f"all weights are in {home() / 'weights'}", soft_wrap=True, highlight=False)
        return 0
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {
            archive.label: bars.add_task(archive.label, total=archive.size) for archive in wanted
        }

        def progress(archive: Archive, arrived: int) -> None:
            bars.update(tasks[archive.label], completed=arrived)

        fetch(wanted, progress)
    console.print(f"weights are in {home() / 'weights'}", soft_wrap=True, highlight=False)
    return 0


def _list() -> int:
    table = Table("package", "file", "MB", "licence", "purpose")
    for archive in archives():
        for data in archive.files:
            table.add_row(
                archive.label, data.name, f"{data.size / 1e6:.2f}", archive.licence, archive.purpose
            )
    console.print(table)
    return 0


def _verify() -> int:
    weights = home() / "weights"
    state = 0
    for archive in archives():
        for data in archive.files:
            if verified(data, weights):
                verdict = "ok"
            else:
                there = (weights / data.name).exists()
                verdict, state = ("wrong", 2) if there else ("missing", max(state, 1))
            console.print(f"{verdict:8}{data.name}", highlight=False, soft_wrap=True)
    return state


if __name__ == "__main__":
    sys.exit(main())
