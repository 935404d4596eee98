"""The questions that come with the product, and finding questions in a bank."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from interviews.bank import BankQuestion
from interviews.plan import QuestionKind
from interviews.starter_dimensions import starter_dimensions, starter_entries


def starter_bank() -> dict[str, BankQuestion]:
    """By id. Where the file gives no anchors they are those of the question's first dimension."""
    return dict(_bank())


@cache
def _bank() -> dict[str, BankQuestion]:
    dimensions = starter_dimensions()
    bank = {}
    for file in starter_entries("questions-"):
        for entry in file["question"]:
            general = dimensions[entry["dimensions"][0]].anchors
            question = BankQuestion(**{"anchors": general, "roles": file["roles"], **entry})
            bank[question.id] = question
    return bank


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
