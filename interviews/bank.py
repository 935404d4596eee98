"""The question bank: questions that plans choose from, and finding them."""

from __future__ import annotations

from collections.abc import Mapping

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


def search(
    bank: Mapping[str, BankQuestion],
    *,
    text: str = "",
    role: str | None = None,
    dimension: str | None = None,
    kind: QuestionKind | None = None,
) -> list[BankQuestion]:
    """The questions that have every word of `text` in their text or key points, in either language or case.

    `role`: those written for it come first, then those for any job. None and "" leave a filter out.
    """
    words = text.casefold().split()
    found = [
        question
        for question in bank.values()
        if (not role or not question.roles or role in question.roles)
        and (not dimension or dimension in question.dimensions)
        and (not kind or question.kind == kind)
        and all(word in _searched(question) for word in words)
    ]
    return sorted(found, key=lambda question: bool(role) and role not in question.roles)


def _searched(question: BankQuestion) -> str:
    points = [point for points in question.key_points.values() for point in points]
    return "\n".join([question.id, *question.text.values(), *points]).casefold()
