"""`python -m bench compare A.json B.json`: what changed between two measurements of the same items."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from bench.core.compare import compare
from bench.core.result import ResultError, read
from bench.core.tables import print_comparison


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", type=Path, metavar="A.json")
    parser.add_argument("after", type=Path, metavar="B.json")


def main(options: argparse.Namespace) -> int:
    """Exit status 0; 2: a file cannot be compared, said on stderr."""
    return print_compared(options.before, options.after)


def print_compared(before: Path, after: Path) -> int:
    try:
        comparison = compare(read(before), read(after))
    except ResultError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if comparison.shared == 0:
        print(f"error: {before} and {after} have no item in common", file=sys.stderr)
        return 2
    print_comparison(comparison, Console(soft_wrap=True))
    return 0
