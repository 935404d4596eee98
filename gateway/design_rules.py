"""What makes a plan valid, what it asks, and what comes with the product, as one value that can be set.

`PLAIN` knows weights and ids; it holds no content of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from gateway.problems import Messages, Reason
from interviews.bank import BankQuestion
from interviews.design import Plan
from interviews.dimensions import Dimension
from interviews.plan import Question

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
    """Weights that do not sum to 100, and ids that nothing has."""
    found = []
    total = round(sum(plan.weights.values()), 6)
    if total != 100:
        found.append(
            _reason(
                "plan.weights",
                f"权重之和为 {total:g}%，应为 100%。",
                f"The weights sum to {total:g} %, not 100 %.",
            )
        )
    for id_ in plan.weights:
        if id_ not in dimensions:
            found.append(_reason("plan.dimension", f"没有维度 {id_}。", f"There is no dimension {id_}."))
    for step in plan.steps:
        for id_ in step.questions:
            if id_ not in bank:
                found.append(
                    _reason(
                        "plan.question", f"题库中没有题目 {id_}。", f"There is no question {id_} in the bank."
                    )
                )
    return tuple(found)


def questions(plan: Plan, bank: Bank, dimensions: Dimensions, language: Language) -> tuple[Question, ...]:
    """Raises ValueError where the plan has problems, or a question has no text in the language."""
    if faults := problems(plan, bank, dimensions):
        raise ValueError("; ".join(fault.messages.en for fault in faults))
    asked = []
    for step in plan.steps:
        for id_ in step.questions:
            one = bank[id_]
            if language not in one.text:
                raise ValueError(f"question {id_} has no text in {language}")
            asked.append(
                Question(
                    id=one.id,
                    text={str(key): text for key, text in one.text.items()},
                    kind=one.kind,
                    key_points=one.key_points.get(language, ()),
                    anchors=one.anchors.get(language, ()),
                    dimensions=one.dimensions,
                    step=step.id,
                    think_s=one.think_s if step.think_s is None else step.think_s,
                    answer_s=one.answer_s if step.answer_s is None else step.answer_s,
                    retries=step.retries,
                )
            )
    return tuple(asked)


def _reason(code: str, zh: str, en: str) -> Reason:
    return Reason(code=code, messages=Messages(zh=zh, en=en))


PLAIN = DesignRules(problems, questions)
