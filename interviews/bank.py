"""The question bank: questions that plans choose from."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

from interviews.coding import CodingTask
from interviews.dimensions import ByLanguage, Id, ListByLanguage
from interviews.plan import QuestionKind


class BankQuestion(BaseModel):
    """`roles`: the jobs it was written for (sales, engineer, …); empty: any. `anchors` as in `Dimension`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=Id)
    kind: QuestionKind = "structured"
    text: ByLanguage
    dimensions: tuple[str, ...] = Field(min_length=1, max_length=6)
    roles: tuple[str, ...] = ()
    key_points: ListByLanguage = Field(default_factory=dict)
    anchors: ListByLanguage
    think_s: float = Field(default=60.0, ge=0, le=1800)
    answer_s: float = Field(default=120.0, gt=0, le=3600)
    task: CodingTask | None = Field(default=None, exclude_if=lambda task: task is None)

    @model_validator(mode="after")
    def _task_of_coding(self) -> BankQuestion:
        if self.task is not None and self.kind != "coding":
            raise ValueError("only a coding question has a task")
        return self
