"""How code is scored: by the cases that the submission passes, and by nothing else.

What was said to a coding question that has cases is shown and rated as any answer, with weight 0.
"""

from __future__ import annotations

from dataclasses import dataclass

from interviews.answers import Evidence, Measure
from interviews.coding import CodeLanguage, CodingTask
from interviews.coding_events import CaseResult
from interviews.coding_state import CodeWork
from interviews.parts import Part
from interviews.state import Answer, SessionState
from interviews.wording import Message, message

MEASURE = "code_correctness"
RUBRIC = "cases-1"


@dataclass(frozen=True, slots=True)
class Correctness:
    """`measure`: 0–100, the weighted share of cases passed. `reason`: why there is none."""

    measure: Measure
    reason: str | None
    runner: str


class CaseReport(Part):
    """One case, its number counted from 1. `stdout` is what the program printed, cut where it was long."""

    case: int
    visible: bool
    weight: float
    verdict: Message
    passed: bool
    stdin: str
    expected: str
    stdout: str
    stderr: str
    time_s: float
    memory_mb: float


class CodeReport(Part):
    """The code to one question; `submitted` on the media clock, seconds. `cases` are empty where none ran."""

    question: str
    language: CodeLanguage
    source: str
    submitted: float
    automatic: bool
    runs: int
    insufficient: Message | None
    compiler: str
    runner: str
    cases: tuple[CaseReport, ...]


def correctness(answer: Answer, work: CodeWork) -> Correctness | None:
    """None where the answer is not code: without a task words alone count."""
    task = answer.question.task
    if task is None:
        return None
    reason = _without_score(answer, task, work)
    checked, at = work.checked, round(work.submitted_at, 3)
    if reason is not None or checked is None:
        none = Measure(name=MEASURE, value=None, insufficient=reason)
        return Correctness(none, reason, checked.runner if checked else "")
    passed = [one for one in checked.results if one.passed]
    weight, won = _weight(task, checked.results), _weight(task, passed)
    measure = Measure(
        name=MEASURE,
        value=round(100 * won / weight, 1),
        evidence=(
            Evidence(
                quote=f"{len(passed)}/{len(checked.results)}", start=at, end=at, note="code-cases-passed"
            ),
        ),
        detail={
            "cases": len(checked.results),
            "passed": len(passed),
            "weight": weight,
            "weight_passed": won,
            "submitted": at,
        },
    )
    return Correctness(measure, None, checked.runner)


def code_reports(state: SessionState) -> tuple[CodeReport, ...]:
    """Of every question to which code was submitted, in the order of the plan."""
    found = []
    for answer in state.answers:
        work, task = state.code.of(answer.question.id), answer.question.task
        if task is None or work.submitted is None:
            continue
        judged = correctness(answer, work)
        found.append(
            CodeReport(
                question=answer.question.id,
                language=work.submitted.language,
                source=work.submitted.source,
                submitted=round(work.submitted_at, 3),
                automatic=work.submitted.automatic,
                runs=work.runs,
                insufficient=message(judged.reason) if judged and judged.reason else None,
                compiler=work.checked.compiler if work.checked else "",
                runner=work.checked.runner if work.checked else "",
                cases=tuple(_case(task, one) for one in work.checked.results) if work.checked else (),
            )
        )
    return tuple(found)


def _without_score(answer: Answer, task: CodingTask, work: CodeWork) -> str | None:
    if answer.started is None:
        return "not-asked"
    if work.submitted is None:
        return "no-code"
    if not task.cases:
        return "code-for-people"
    if work.checked is None:
        return "code-not-checked"
    results = work.checked.results
    whole = [one.case for one in results] == list(range(len(task.cases)))
    if work.checked.outcome != "ran" or not whole or any(one.verdict == "not-run" for one in results):
        return "code-not-run"
    return None


def _weight(task: CodingTask, results: tuple[CaseResult, ...] | list[CaseResult]) -> float:
    return sum(task.cases[one.case].weight for one in results)


def _case(task: CodingTask, one: CaseResult) -> CaseReport:
    case = task.cases[one.case]
    return CaseReport(
        case=one.case + 1,
        visible=case.visible,
        weight=case.weight,
        verdict=message(f"case-{one.verdict}"),
        passed=one.passed,
        stdin=case.stdin,
        expected=case.expected,
        stdout=one.stdout,
        stderr=one.stderr,
        time_s=one.time_s,
        memory_mb=one.memory_mb,
    )
