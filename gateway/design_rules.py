"""What makes a plan valid, what it asks, and what comes with the product, as one value that can be set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from gateway.problems import Messages, Reason
from interviews import design_check
from interviews.bank import BankQuestion
from interviews.design import Plan
from interviews.design_problem import DesignProblem
from interviews.dimensions import Dimension
from interviews.plan import Question
from interviews.starter_bank import starter_bank
from interviews.starter_dimensions import starter_dimensions
from interviews.starter_plans import starter_plans

Bank = Mapping[str, BankQuestion]
Dimensions = Mapping[str, Dimension]
Language = Literal["zh", "en"]
Check = Callable[[Plan, Bank, Dimensions], tuple[Reason, ...]]
# Questions of a valid plan in the interview's language; ValueError for a plan that is not valid in it.
Compile = Callable[[Plan, Bank, Dimensions, Language], tuple[Question, ...]]


@dataclass(frozen=True, slots=True)
class DesignRules:
    """`dimensions`, `bank` and `plans` come with the product; branches may put their own beside them."""

    problems: Check
    questions: Compile
    dimensions: Dimensions = field(default_factory=dict)
    bank: Bank = field(default_factory=dict)
    plans: Mapping[str, Plan] = field(default_factory=dict)


def problems(plan: Plan, bank: Bank, dimensions: Dimensions) -> tuple[Reason, ...]:
    """As `interviews.design_check` finds them, worded."""
    return worded("plan", design_check.problems(plan, bank, dimensions))


def worded(what: str, found: Iterable[DesignProblem]) -> tuple[Reason, ...]:
    """Their codes begin with `what` they are about."""
    return tuple(
        Reason(
            code=f"{what}.{one.code}",
            messages=Messages(zh=one.text("zh"), en=one.text("en")),
            path=one.path,
        )
        for one in found
    )


PLAIN = DesignRules(problems, design_check.questions_of)  # nothing comes with it


def shipped() -> DesignRules:
    """With the starter bank, its dimensions and plans."""
    return DesignRules(
        problems, design_check.questions_of, starter_dimensions(), starter_bank(), starter_plans()
    )
