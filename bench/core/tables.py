"""Results in a terminal: figures with intervals, groups, and what changed between two results."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from bench.core import machine
from bench.core.bootstrap import Interval
from bench.core.compare import Comparison
from bench.core.result import Result

CHANGES_SHOWN = 20


def print_result(result: Result, console: Console, *, columns: tuple[str, ...]) -> None:
    """All figures, then the `columns` of each group."""
    console.print(
        f"{result.model}, {len(result.items)} items; {machine.line()}", highlight=False, markup=False
    )
    told = ", ".join(f"{name} {value}" for name, value in result.settings.items() if value is not None)
    console.print(told, highlight=False, markup=False)
    table = _table("figure", "value", "95 % interval")
    for name, value in result.metrics.items():
        if value is not None:
            table.add_row(name, number(value), span(result.intervals.get(name)))
    console.print(table)
    for column in dict.fromkeys(group.column for group in result.groups):
        table = _table(column, "items", *columns, "95 % interval")
        for group in result.groups:
            if group.column == column:
                figures = [number(group.metrics.get(name)) for name in columns]
                table.add_row(group.value, str(group.items), *figures, span(group.intervals.get(columns[0])))
        console.print(table)


def print_comparison(comparison: Comparison, console: Console) -> None:
    console.print(f"{comparison.shared} items in both", highlight=False)
    for where, names in (("before", comparison.only_before), ("after", comparison.only_after)):
        if names:
            console.print(f"only {where}: {', '.join(names)}", highlight=False, markup=False)
    table = _table("figure", "before", "after", "difference", "95 % interval")
    for row in comparison.differences:
        if row.before is None and row.after is None:
            continue
        table.add_row(
            row.name,
            number(row.before),
            number(row.after),
            number(row.difference, sign="+"),
            span(row.interval, sign="+"),
            style="bold" if row.significant else None,
        )
    console.print(table)
    console.print(f"{len(comparison.changes)} items changed", highlight=False)
    for change in comparison.changes[:CHANGES_SHOWN]:
        console.print(f"{change.name}: {change.before:g} → {change.after:g}", highlight=False, markup=False)
        console.print(f"  before: {change.was}\n  after:  {change.now}", highlight=False, markup=False)
    if len(comparison.changes) > CHANGES_SHOWN:
        console.print(f"… and {len(comparison.changes) - CHANGES_SHOWN} more", highlight=False)


def number(value: float | None, sign: str = "-") -> str:
    """Shares with four places, larger figures with fewer."""
    if value is None:
        return "–"
    places = 4 if abs(value) < 2 else 1 if abs(value) < 1000 else 0
    return format(value, f"{sign}.{places}f")


def span(pair: Interval | None, sign: str = "-") -> str:
    return "–" if pair is None else f"{number(pair[0], sign)} … {number(pair[1], sign)}"


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    table.add_column(first, overflow="fold")
    for name in others:
        table.add_column(name, justify="right")
    return table
