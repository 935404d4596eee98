"""How long the steps of a plan take, in seconds: thinking and answering count, reading aloud does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from interviews.bank import BankQuestion
from interviews.design import Plan, Step

ROUNDING_S = 1e-6  # what a multiple of a share of the limit may be off


class StepTime(BaseModel):
    """A step on the track of the flow: what its questions need at most, and what it allows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: str
    needed_s: float
    limit_s: float

    @property
    def fits(self) -> bool:
        return self.needed_s <= self.limit_s + ROUNDING_S


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a step asks it. `bank` None: the step's own, an introduction or an interviewer's turn."""

    bank: BankQuestion | None
    think_s: float
    answer_s: float
    retries: int

    @property
    def needed_s(self) -> float:
        """Each retry takes the whole answering time again; the thinking was done before."""
        return self.think_s + self.answer_s * (1 + self.retries)


def asks_itself(step: Step) -> bool:
    """Whether the step needs no question of the bank: one introduces oneself, or a person asks."""
    return not step.questions and step.kind in ("introduction", "live", "free")


def asked(step: Step, bank: Mapping[str, BankQuestion]) -> Iterator[Asked]:
    """The questions of a step with their times; those that the bank does not have are passed over."""
    if asks_itself(step):
        yield _own(step)
    for question in (bank[id_] for id_ in step.questions if id_ in bank):
        yield Asked(
            bank=question,
            think_s=question.think_s if step.think_s is None else step.think_s,
            answer_s=question.answer_s if step.answer_s is None else step.answer_s,
            retries=0 if question.kind == "live" else step.retries,  # a conversation is not begun anew
        )


def _own(step: Step) -> Asked:
    """What a step asks by itself has the whole of its limit, unless the step says how long the answer is."""
    think = step.think_s or 0.0
    retries = step.retries if step.kind == "introduction" else 0
    left = step.limit_s - think
    # Thinking that leaves no time to answer is told as what does not fit.
    whole = left if left > 0 else step.limit_s
    return Asked(None, think, step.answer_s or whole / (1 + retries), retries)


def fits(plan: Plan, bank: Mapping[str, BankQuestion]) -> tuple[StepTime, ...]:
    """One per step, in their order. Questions that the bank does not have count nothing."""
    return tuple(
        StepTime(step=step.id, needed_s=sum(one.needed_s for one in asked(step, bank)), limit_s=step.limit_s)
        for step in plan.steps
    )


def duration_s(plan: Plan, bank: Mapping[str, BankQuestion]) -> float:
    """The longest the interview can take: each step ends with its questions, at the latest at its limit."""
    return sum(min(time.needed_s, time.limit_s) for time in fits(plan, bank))
