"""Everything interviews are designed from: what comes with the product, and what branches made themselves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Literal

from gateway.design_rules import DesignRules, shipped
from interviews.bank import BankQuestion
from interviews.dimensions import Dimension
from storage.database import Database
from storage.design import Jobs, OwnDimensions, OwnQuestions
from storage.plans import Plans

Source = Literal["starter", "own"]


@dataclass(frozen=True, slots=True)
class Designs:
    """One per gateway; it keeps nothing, so that all gateways of a database agree."""

    jobs: Jobs
    own_dimensions: OwnDimensions
    own_questions: OwnQuestions
    plans: Plans
    rules: DesignRules = field(default_factory=shipped)
    # A long PDF takes the interpreter's time from the packets: one is read at a time.
    reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    @classmethod
    def of(cls, database: Database) -> Designs:
        return cls(Jobs(database), OwnDimensions(database), OwnQuestions(database), Plans(database))

    async def dimensions(self, branch: str) -> dict[str, tuple[Dimension, Source]]:
        """Those in use in a branch by id; one of its own stands in for the starter's of the same id."""
        found: dict[str, tuple[Dimension, Source]] = {
            id_: (one, "starter") for id_, one in self.rules.dimensions.items()
        }
        for row in await self.own_dimensions.list([branch]):
            found.pop(row.value.id, None)
            if not row.retired:
                found[row.value.id] = (row.value, "own")
        return found

    async def bank(self, branch: str, *, retired: bool = False) -> dict[str, tuple[BankQuestion, Source]]:
        """As `dimensions`. `retired`: with those offered no more, which saved plans may still ask."""
        found: dict[str, tuple[BankQuestion, Source]] = {
            id_: (one, "starter") for id_, one in self.rules.bank.items()
        }
        for row in await self.own_questions.list([branch]):
            found.pop(row.value.id, None)
            if retired or not row.retired:
                found[row.value.id] = (row.value, "own")
        return found
