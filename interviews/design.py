"""The design of an interview for one job: its steps in order, their times, and what counts how much."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from interviews.dimensions import ByLanguage, Id

StepKind = Literal["introduction", "structured", "scenario", "skill", "coding", "live", "free"]


class Step(BaseModel):
    """A part of the interview. Its questions must fit into `limit_s`, thinking and answering together.

    `think_s` and `answer_s` hold for each of its questions, in place of the bank's own; None: the bank's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=Id)
    kind: StepKind
    title: ByLanguage
    limit_s: float = Field(gt=0, le=7200)
    questions: tuple[str, ...] = Field(default=(), max_length=20, description="ids of the bank's questions")
    think_s: float | None = Field(default=None, ge=0, le=1800)
    answer_s: float | None = Field(default=None, gt=0, le=3600)
    retries: int = Field(default=0, ge=0, le=5)


class Plan(BaseModel):
    """`weights`: percent by dimension; they must sum to 100. A saved plan gets the next `version`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=Id)
    version: int = Field(default=1, ge=1)
    title: ByLanguage
    steps: tuple[Step, ...] = Field(max_length=20)
    weights: dict[str, float] = Field(description="percent by id of dimension")
    practice: bool = True
    survey: bool = True
    record: bool = True
