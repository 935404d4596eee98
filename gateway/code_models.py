"""What the candidate's code takes and gives over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.command_models import Name, QuestionId
from interviews.coding import MAX_SOURCE, CodeLanguage, CodingTask
from interviews.coding_events import CaseResult, CodeRan, RunOutcome

Source = Annotated[str, StringConstraints(max_length=MAX_SOURCE, pattern=r"^[^\x00]*$")]
Standing = Literal["runs", "missing", "checking"]


class CodeSent(BaseModel):
    """`id`: chosen by the client, new for each thing it wants done, the same when it asks again."""

    model_config = ConfigDict(extra="forbid")

    id: Name
    question: QuestionId
    language: CodeLanguage
    source: Source = Field(description="64 KiB of UTF-8 at most")


class CodeOfQuestion(BaseModel):
    """`sources`: the newest by language; `language`: the one last written in. Media times in seconds."""

    question: str
    language: CodeLanguage | None
    sources: dict[CodeLanguage, str]
    saved_at: float | None
    last_run: CodeRan | None
    submitted_at: float | None


class CodeView(BaseModel):
    """`languages`: whether this server runs them; code in others is read by people."""

    questions: list[CodeOfQuestion]
    languages: dict[CodeLanguage, Standing]


class CodeTry(BaseModel):
    """A solution to try with every case of a task that is being written."""

    model_config = ConfigDict(extra="forbid")

    task: CodingTask
    language: CodeLanguage
    source: Source


class CodeTried(BaseModel):
    outcome: RunOutcome
    compiler: str
    results: list[CaseResult]
