"""What the checks of a plan promise, for any times and weights: what cannot be held is never let through."""

from __future__ import annotations

import math

from hypothesis import example, given, settings
from hypothesis import strategies as st

from interviews.bank import BankQuestion
from interviews.design import Plan
from interviews.design_check import duration_s, fits, problems, questions_of
from interviews.dimensions import Dimension
from tests.interviews.test_design_check import (
    _ANCHORS,
    _BOTH,
    BANK,
    DIMENSIONS,
    _plan,
    _plans,
    _question,
    _step,
)

NAMES = tuple("abcdef")
MANY: dict[str, Dimension] = {
    name: Dimension(id=name, name={"zh": name, "en": name}, about=_BOTH, anchors=_ANCHORS) for name in NAMES
}
ALL: dict[str, BankQuestion] = {f"q-{name}": _question(f"q-{name}", name) for name in NAMES}


@settings(max_examples=150, deadline=None)
@given(
    count=st.integers(1, 6),
    limit=st.integers(1, 3600),
    think=st.integers(0, 600),
    answer=st.integers(1, 600),
    retries=st.integers(0, 3),
)
@example(count=3, limit=300, think=120, answer=1, retries=0)  # two minutes of thinking each, in five minutes
def test_a_step_is_refused_exactly_when_its_questions_need_longer(
    count: int, limit: int, think: int, answer: int, retries: int
) -> None:
    step = _step("a", *list(ALL)[:count], limit_s=limit, think_s=think, answer_s=answer, retries=retries)
    weights = dict.fromkeys(NAMES[:count], 0.0) | {"a": 100.0}
    plan = Plan(id="p", title=_BOTH, steps=(step,), weights=weights)
    needed = count * (think + answer * (1 + retries))
    codes = [one.code for one in problems(plan, ALL, MANY)]
    assert codes == (["does-not-fit"] if needed > limit else [])


@settings(max_examples=200, deadline=None)
@given(
    weights=st.lists(st.integers(0, 100) | st.floats(0, 100), min_size=1, max_size=6)
    | st.lists(st.integers(0, 50), min_size=5, max_size=5).map(lambda few: [*few, max(0, 100 - sum(few))])
)
@example(weights=[30, 40])
def test_weights_are_refused_exactly_when_they_do_not_sum_to_a_hundred(weights: list[float]) -> None:
    plan = Plan(
        id="p",
        title=_BOTH,
        steps=(_step("a", *ALL, limit_s=3600, think_s=0, answer_s=60),),
        weights=dict(zip(NAMES, weights, strict=False)),
    )
    codes = [one.code for one in problems(plan, ALL, MANY)]
    assert codes == ([] if abs(math.fsum(weights) - 100) <= 1e-6 else ["weights-sum"])


@settings(max_examples=300, deadline=None)
@given(plan=_plans)
@example(plan=_plan(_step("a", "q0", "sell"), communication=30, sales_skill=70))
def test_whatever_is_accepted_can_be_held(plan: Plan) -> None:
    if problems(plan, BANK, DIMENSIONS, "zh"):
        return
    assert all(time.fits for time in fits(plan, BANK))
    assert abs(math.fsum(plan.weights.values()) - 100) <= 1e-6
    assert all(0 <= weight <= 100 for weight in plan.weights.values())
    assert 0 < duration_s(plan, BANK) <= 7200
    questions = questions_of(plan, BANK, DIMENSIONS, "zh")
    assert 0 < len(questions) <= 50
    measured = {dimension for question in questions for dimension in question.dimensions}
    assert {id_ for id_, weight in plan.weights.items() if weight > 0} <= measured
