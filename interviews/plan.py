"""What a session asks, as it was when the session was made: later changes of a plan do not reach it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from interviews.coding import CodingTask

QuestionKind = Literal["structured", "scenario", "skill", "coding", "live"]
StepsOwn = Literal["introduction", "live", "free"]


class Question(BaseModel):
    """One question as the candidate sees it, and what a good answer would hold.

    `live`: a person asks, `text` only announces it. Times are seconds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    text: dict[str, str] = Field(description="by language: en, zh; at least one of them")
    kind: QuestionKind = "structured"
    key_points: tuple[str, ...] = Field(default=(), max_length=12)
    anchors: tuple[str, ...] = Field(
        default=(), max_length=5, description="behaviour at levels 1 to 5; all or none"
    )
    dimensions: tuple[str, ...] = Field(
        default=(), max_length=6, description="ids of what the answer is scored on"
    )
    itself: StepsOwn | None = Field(
        default=None,
        exclude_if=lambda itself: itself is None,
        description="what the step asks by itself, without a question of the bank",
    )
    step: str = Field(default="", max_length=40, description="id of the plan's step it belongs to")
    think_s: float = Field(default=0.0, ge=0, le=1800, description="time to think before answering")
    answer_s: float = Field(default=120.0, gt=0, le=3600, description="time to answer")
    retries: int = Field(default=0, ge=0, le=5, description="how often the answer may be begun anew")
    task: CodingTask | None = Field(
        default=None, exclude_if=lambda task: task is None, description="what is to be programmed"
    )

    @model_validator(mode="after")
    def _task_of_coding(self) -> Question:
        if self.task is not None and self.kind != "coding":
            raise ValueError("only a coding question has a task")
        return self
