"""The exercises that come with the product can be solved, and what does not solve them does not pass."""

from __future__ import annotations

import pytest

from gateway.code_runner.messages import Program
from gateway.code_runner.runner import CodeRunner
from interviews.starter_bank import starter_bank
from tests.gateway.sandboxed import SETTINGS, need

SOLVED = {
    "code-service-desks": """
import heapq
desks, customers = map(int, input().split())
try: times = list(map(int, input().split()))
except EOFError: times = []
free, waited, end = [0] * desks, 0, 0
for minutes in times[:customers]:
    at = heapq.heappop(free)
    waited += at
    end = max(end, at + minutes)
    heapq.heappush(free, at + minutes)
print(end, waited)
""",
    "code-undo": """
import sys
text, before = "", []
for line in sys.stdin.read().splitlines():
    name, _, what = line.partition(" ")
    if name == "undo":
        if before: text = before.pop()
        continue
    before.append(text)
    text = text + what if name == "type" else text[: max(0, len(text) - int(what))]
print(text or "empty")
""",
    "code-log-levels": """
import re, sys
from collections import Counter
found = (re.fullmatch(r"([01]\\d|2[0-3]):[0-5]\\d (\\S+) .+", line) for line in sys.stdin.read().splitlines())
counts = Counter(one.group(2) for one in found if one)
for level, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])): print(level, count)
if not counts: print("none")
""",
}
CODING = {id_: one for id_, one in starter_bank().items() if one.kind == "coding"}


def test_there_are_exercises_with_visible_and_hidden_cases() -> None:
    assert CODING.keys() == SOLVED.keys()
    for one in CODING.values():
        assert one.task is not None
        shown, hidden = one.task.visible, [case for case in one.task.cases if not case.visible]
        assert len(shown) >= 2
        assert sum(case.weight for case in hidden) >= sum(case.weight for case in shown)
        assert one.roles == ("engineer",)


@pytest.mark.parametrize("id_", SOLVED)
async def test_a_solution_passes_and_the_starter_code_does_not(id_: str) -> None:
    runner = CodeRunner(SETTINGS)
    try:
        await need(runner, "python")
        task = CODING[id_].task
        assert task is not None
        told = {"language": "python", "cases": tuple(enumerate(task.cases)), "time_s": 2, "memory_mb": 128}
        done = await runner.run(Program.model_validate({"source": SOLVED[id_], **told}))
        assert [
            (one.case, one.verdict, one.stdout, one.stderr) for one in done.results if not one.passed
        ] == []
        begun = await runner.run(Program.model_validate({"source": task.starter_in("python"), **told}))
        assert not all(one.passed for one in begun.results)
    finally:
        await runner.close()
