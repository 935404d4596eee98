"""The questions that come with the product."""

from __future__ import annotations

from functools import cache

from interviews.bank import BankQuestion
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
