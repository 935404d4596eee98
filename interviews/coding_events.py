"""What the candidate programs in an interview, as events: saved, run, submitted, and checked after that."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from interviews.coding import MAX_CASES, CodeLanguage, Source
from interviews.live_events import Commanded
from interviews.payload import Payload

# wrong: it ran and printed something else. not-run: nothing can be said about this case.
Verdict = Literal[
    "passed",
    "wrong",
    "crashed",
    "time-limit",
    "memory-limit",
    "output-limit",
    "compile-error",
    "not-run",
]
# no-sandbox: this server cannot run programs (or none in this language). failed: it should have been able to.
RunOutcome = Literal["ran", "no-sandbox", "failed"]
Shown = Annotated[str, StringConstraints(max_length=2100)]


class CaseResult(Payload):
    """One case; `case` counts from 0 within the task. Outputs are cut; times are seconds of the processor."""

    case: int = Field(ge=0, lt=MAX_CASES)
    verdict: Verdict
    stdout: Shown = ""
    stderr: Shown = ""
    time_s: float = Field(default=0.0, ge=0)
    memory_mb: float = Field(default=0.0, ge=0)

    @property
    def passed(self) -> bool:
        return self.verdict == "passed"


class CodeSaved(Commanded):
    """The code as it stands, a snapshot. What is not saved is not seen by anybody."""

    type: Literal["code.saved"] = "code.saved"
    question: str
    language: CodeLanguage
    source: Source


class CodeRan(Commanded):
    """The candidate ran what was saved with the visible cases."""

    type: Literal["code.ran"] = "code.ran"
    question: str
    language: CodeLanguage
    outcome: RunOutcome
    compiler: Shown = Field(default="", description="what the compiler says")
    results: tuple[CaseResult, ...] = ()


class CodeSubmitted(Commanded):
    """The code that counts; the last one does. `automatic`: what was last saved, when the answer ended."""

    type: Literal["code.submitted"] = "code.submitted"
    question: str
    language: CodeLanguage
    source: Source
    automatic: bool = False


class CodeChecked(Payload):
    """What the last submission does with every case. `submitted`: seq of that event; `runner` what ran it."""

    type: Literal["code.checked"] = "code.checked"
    question: str
    submitted: int = Field(ge=0)
    outcome: RunOutcome
    compiler: Shown = ""
    results: tuple[CaseResult, ...] = ()
    runner: str = ""


CodingPayload = CodeSaved | CodeRan | CodeSubmitted | CodeChecked
# What hidden cases show stays with the company.
CANDIDATE_CODING = frozenset({"code.saved", "code.ran", "code.submitted"})
