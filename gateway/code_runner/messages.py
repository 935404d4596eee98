"""What travels between the gateway and the process that runs code, one JSON object a line."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from interviews.coding import CodeLanguage, TestCase
from interviews.coding_events import CaseResult, RunOutcome


class Program(BaseModel):
    """To be run with each of `cases`; without any it is only compiled. Limits as in `CodingTask`."""

    model_config = ConfigDict(frozen=True)

    language: CodeLanguage
    source: str
    cases: tuple[tuple[int, TestCase], ...]  # with the number that each has in its task
    time_s: float
    memory_mb: int


class Probe(BaseModel):
    """Does this language work here?"""

    probe: CodeLanguage


class Order(BaseModel):
    order: Program | Probe


class Outcome(BaseModel):
    """`why`: for the server's log, where the outcome is not `ran`."""

    outcome: RunOutcome
    compiler: str = ""
    results: tuple[CaseResult, ...] = ()
    why: str = ""


class Able(BaseModel):
    """Whether this machine can run a language: its version, or `fault` says why not."""

    version: str = ""
    fault: str = ""


class Answer(BaseModel):
    answer: Outcome | Able
