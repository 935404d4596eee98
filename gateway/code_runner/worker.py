"""The process that runs code: `python -m gateway.code_runner.worker NICE`. One line of JSON in, one out.

Of the lowest priority, the first to go when memory is short, and without the rights of root where it
was given them. It ends with its input, so with the gateway too, and the sandboxes with it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path

from gateway.code_runner.execution import execute, probe
from gateway.code_runner.limited import adopt_orphans
from gateway.code_runner.messages import Able, Answer, Order, Outcome, Probe

NOBODY = 65534


def work(order: Order) -> Outcome | Able:
    """Never raises."""
    try:
        return probe(order.order.probe) if isinstance(order.order, Probe) else execute(order.order)
    except Exception as error:
        if isinstance(order.order, Probe):
            return Able(fault=repr(error))
        return Outcome(outcome="failed", why=repr(error))


def humble(nice: int) -> None:
    """Gives up what it does not need. Raises OSError."""
    os.nice(nice)
    # Where each session is a group to the scheduler (sched(7)), the group has a niceness of its own.
    with contextlib.suppress(FileNotFoundError):
        _write_patiently(Path("/proc/self/autogroup"), str(nice))
    Path("/proc/self/oom_score_adj").write_text("1000")
    os.umask(0o077)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    adopt_orphans()


def _write_patiently(path: Path, text: str) -> None:
    """The kernel takes one such change in 0.1 s from all who are not root together. Raises OSError."""
    for _ in range(20):
        with contextlib.suppress(BlockingIOError):
            path.write_text(text)
            return
        time.sleep(0.1)


def main(arguments: list[str]) -> int:
    humble(int(arguments[0]))
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        answer = Answer(answer=work(Order.model_validate_json(line)))
        print(answer.model_dump_json(), file=answers, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
