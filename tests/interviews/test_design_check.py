from __future__ import annotations

import math
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interviews.bank import BankQuestion
from interviews.design import Plan, Step, StepKind
from interviews.design_check import (
    InvalidPlan,
    StepTime,
    duration_s,
    fits,
    problems,
    questions_of,
)
from interviews.design_problem import _WORDING, DesignProblem
from interviews.dimensions import Dimension
from interviews.events import Language
from interviews.questions import default_questions

_BOTH: dict[Any, str] = {"zh": "题", "en": "text"}
_ANCHORS: dict[Any, tuple[str, ...]] = {
    "zh": ("甲", "乙", "丙", "丁", "戊"),
    "en": ("one", "two", "three", "four", "five"),
}
DIMENSIONS = {
    id_: Dimension(id=id_, name={"zh": zh, "en": en}, about=_BOTH, anchors=_ANCHORS)
    for id_, zh, en in (
        ("communication", "沟通表达", "Communication"),
        ("sales-skill", "销售技能", "Sales skill"),
    )
}


def _question(id_: str, dimension: str = "communication", **more: Any) -> BankQuestion:
    return BankQuestion(
        **{"id": id_, "text": _BOTH, "dimensions": (dimension,), "anchors": _ANCHORS, "think_s": 60, **more}
    )


BANK = {
    question.id: question
    for question in (
        *(_question(f"q{number}") for number in range(4)),
        _question("sell", "sales-skill", anchors={}, key_points={"zh": ("我问需求",), "en": ("I ask",)}),
        _question("talk", kind="live", think_s=0, answer_s=300),
        _question("chinese", text={"zh": "题"}),
        _question("half-scored", key_points={"zh": ("要点",)}),
        _question("lost", "nowhere"),
        _question("three-levels", anchors={"zh": ("甲", "乙", "丙")}),
        _question("wordy", key_points={"zh": tuple("一二三四五六七八九十百千万")}),
    )
}


def _step(id_: str = "structured", *questions: str, kind: StepKind = "structured", **more: Any) -> Step:
    return Step(**{"id": id_, "kind": kind, "title": _BOTH, "limit_s": 600, "questions": questions, **more})


def _plan(*steps: Step, **weights: float) -> Plan:
    return Plan(
        id="plan", title=_BOTH, steps=steps, weights={k.replace("_", "-"): v for k, v in weights.items()}
    )


def _codes(plan: Plan, language: Language | None = None) -> list[tuple[str, str]]:
    return [(one.code, one.path) for one in problems(plan, BANK, DIMENSIONS, language)]


def test_three_questions_with_two_minutes_of_thinking_do_not_fit_five_minutes() -> None:
    plan = _plan(
        _step("structured", "q0", "q1", "q2", limit_s=300, think_s=120, answer_s=60), communication=100
    )
    (found,) = problems(plan, BANK, DIMENSIONS)
    assert (found.code, found.path) == ("does-not-fit", "steps.0.limit_s")
    assert (found.values["needed"], found.values["limit"]) == (540, 300)
    assert found.text("zh") == "环节“题”的思考和作答共需 9 分钟，超过上限 5 分钟。"
    assert found.text("en") == "Thinking and answering in “text” take 9 min, more than its limit of 5 min."


def test_thirty_and_forty_percent_do_not_sum_to_a_hundred() -> None:
    plan = _plan(_step("structured", "q0", "sell"), communication=30, sales_skill=40)
    (found,) = problems(plan, BANK, DIMENSIONS)
    assert (found.code, found.path, found.values) == ("weights-sum", "weights", {"sum": 70})
    assert found.text("zh") == "各维度权重合计为 70%，必须等于 100%。"
    assert found.text("en") == "The weights sum to 70 %; they must sum to 100 %."


_OTHER = _step("other", "q3")


@pytest.mark.parametrize(
    ("steps", "code", "path"),
    [
        ((), "no-steps", "steps"),
        ((_OTHER, _step()), "no-questions", "steps.1.questions"),
        ((_OTHER, _step("other", "q1")), "duplicate-step", "steps.1.id"),
        ((_step("a", "q3", "gone"),), "unknown-question", "steps.0.questions.1"),
        ((_OTHER, _step("a", "q3")), "question-twice", "steps.1.questions.0"),
        ((_OTHER, _step("q3", kind="live")), "question-twice", "steps.1.questions"),
        ((_OTHER, _step("a", "lost")), "unknown-dimension", "steps.1.questions.0"),
        ((_OTHER, _step("a", "three-levels")), "not-five-anchors", "steps.1.questions.0"),
        ((_OTHER, _step("a", "wordy")), "too-many-key-points", "steps.1.questions.0"),
        ((_OTHER, _step("a", kind="live", limit_s=7000)), "answer-too-long", "steps.1.limit_s"),
        (
            (_OTHER, *(_step(f"live{n}", kind="live", limit_s=3600) for n in range(2))),
            "too-long",
            "steps",
        ),
        (tuple(_step(f"s{n}", kind="live", limit_s=9) for n in range(20)), "not-measured", "weights."),
    ],
)
def test_what_is_wrong_with_steps_is_told_where_it_is(steps: tuple[Step, ...], code: str, path: str) -> None:
    found = [
        at for wrong, at in _codes(_plan(*steps, communication=100)) if wrong == code and at.startswith(path)
    ]
    assert found


def test_more_questions_than_a_session_takes_are_told() -> None:
    bank = {f"n{number}": _question(f"n{number}", think_s=0, answer_s=1) for number in range(51)}
    steps = [_step(f"s{at}", *list(bank)[at : at + 20]) for at in range(0, 51, 20)]
    (found,) = problems(_plan(*steps, communication=100), bank, DIMENSIONS)
    assert found.code == "too-many-questions"
    assert found.values == {"count": 51, "most": 50}


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ({}, [("weights-sum", "weights")]),
        ({"communication": 60, "charm": 40}, [("unknown-dimension", "weights.charm")]),
        ({"communication": 60, "sales-skill": 40}, [("not-measured", "weights.sales-skill")]),
        ({"communication": 100, "sales-skill": 0}, []),
        ({"communication": 120, "sales-skill": -20}, [("weight-range", "weights.communication")]),
        (
            {"communication": math.nan},
            [("weights-sum", "weights"), ("weight-range", "weights.communication")],
        ),
    ],
)
def test_weights(weights: dict[str, float], expected: list[tuple[str, str]]) -> None:
    found = _codes(Plan(id="p", title=_BOTH, steps=(_OTHER,), weights=weights))
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)


def test_decimal_weights_may_sum_to_a_hundred() -> None:
    assert _codes(_plan(_step("a", "q0", "sell"), communication=33.1, sales_skill=66.9)) == []


def test_retries_take_the_answering_time_again() -> None:
    plan = _plan(_step("a", "q0", "talk", retries=2, think_s=30, answer_s=100), communication=100)
    # 30 + 3 x 100, and a conversation that is not begun anew: 30 + 100
    assert fits(plan, BANK) == (StepTime(step="a", needed_s=460, limit_s=600),)
    assert [q.retries for q in questions_of(plan, BANK, DIMENSIONS, "zh")] == [2, 0]
    assert duration_s(plan, BANK) == 460


@pytest.mark.parametrize(
    ("language", "question", "told"),
    [
        (None, "chinese", False),
        ("zh", "chinese", False),
        ("en", "chinese", True),
        ("en", "half-scored", True),
        ("zh", "half-scored", False),
    ],
)
def test_text_must_be_there_in_the_language_of_the_interview(
    language: Language | None, question: str, told: bool
) -> None:
    found = _codes(_plan(_step("a", question), communication=100), language)
    assert found == ([("missing-text", "steps.0.questions.0")] if told else [])


def test_titles_and_names_may_be_missing_too() -> None:
    plan = Plan(
        id="p", title={}, steps=(_step("a", "q0", title={"en": " "}),), weights={"communication": 100}
    )
    found = problems(plan, BANK, {"communication": DIMENSIONS["communication"]}, "zh")
    assert [(one.code, one.path) for one in found] == [
        ("missing-text", "title"),
        ("missing-text", "steps.0.title"),
    ]
    assert found[0].text("zh") == "“p”缺少标题的中文内容。"
    assert found[1].text("en") == "“a” has no title in Chinese."


def test_questions_say_what_the_step_and_the_bank_say() -> None:
    plan = _plan(
        _step("hello", kind="introduction", limit_s=120),
        _step("a", "sell", answer_s=90, retries=1),
        _step("b", "q0"),
        _step("ask", kind="live", limit_s=200),
        _step("free", kind="free", limit_s=300, think_s=10, answer_s=60),
        communication=40,
        sales_skill=60,
    )
    hello, sell, plain, ask, free = questions_of(plan, BANK, DIMENSIONS, "en")
    assert hello.text == default_questions("en")[0].text
    assert (hello.itself, sell.itself) == ("introduction", None)
    assert hello.key_points == default_questions("en")[0].key_points
    assert (hello.id, hello.step, hello.think_s, hello.answer_s) == ("introduction", "hello", 0, 120)
    assert (sell.id, sell.step, sell.think_s, sell.answer_s, sell.retries) == ("sell", "a", 60, 90, 1)
    assert sell.text == _BOTH
    assert sell.key_points == ("I ask",)
    assert sell.anchors == _ANCHORS["en"]  # its dimension's
    assert (plain.think_s, plain.answer_s, plain.key_points) == (60, 120, ())
    assert (ask.id, ask.kind, ask.step, ask.answer_s) == ("ask", "live", "ask", 200)
    assert (free.id, free.kind, free.think_s, free.answer_s) == ("free", "live", 10, 60)
    assert (ask.itself, free.itself) == ("live", "free")
    assert ask.text != free.text
    assert ask.text.keys() == free.text.keys() == {"zh", "en"}


def test_an_introduction_shares_its_limit_among_its_retries() -> None:
    plan = _plan(
        _step("hello", kind="introduction", limit_s=220, think_s=20, retries=1), _OTHER, communication=100
    )
    assert questions_of(plan, BANK, DIMENSIONS, "zh")[0].answer_s == 100
    assert _codes(
        _plan(_step("hello", kind="introduction", limit_s=60, think_s=60), _OTHER, communication=100)
    )


def test_an_invalid_plan_gives_no_questions() -> None:
    with pytest.raises(ValueError, match="sum to 70 %") as raised:
        questions_of(_plan(_step("a", "q0"), communication=70), BANK, DIMENSIONS, "zh")
    assert isinstance(raised.value, InvalidPlan)
    assert [one.code for one in raised.value.problems] == ["weights-sum"]


def test_times_are_worded_in_minutes_and_seconds() -> None:
    found = DesignProblem(code="too-long", path="steps", values={"needed": 330.2, "limit": 45.0})
    assert found.text("zh") == "整场面试需要 5 分钟 31 秒，最多 45 秒。"
    assert found.text("en") == "The interview takes 5 min 31 s; 45 s is the most."
    assert DesignProblem(code="new-code", path="").text("en") == "new-code"


_texts = st.dictionaries(st.sampled_from(["zh", "en"]), st.sampled_from(["", "题", "text {x}"]))
_times = st.none() | st.floats(1, 1800)
_questions = st.lists(st.sampled_from([*BANK, "gone"]), max_size=6)
_weights = st.dictionaries(
    st.sampled_from([*DIMENSIONS, "charm"]),
    st.floats() | st.sampled_from([30.0, 40.0, 50.0, 100.0]),
    max_size=3,
)
_steps = st.builds(
    Step,
    id=st.sampled_from(["a", "b", "introduction", "q0"]),
    kind=st.sampled_from(get_args(StepKind)),
    title=_texts,
    limit_s=st.floats(1, 7200),
    questions=_questions,
    think_s=_times,
    answer_s=_times,
    retries=st.integers(0, 5),
)
_plans = st.builds(
    Plan, id=st.just("p"), title=_texts, steps=st.lists(_steps, max_size=4).map(tuple), weights=_weights
)


@settings(max_examples=300, deadline=None)
@given(plan=_plans, language=st.sampled_from([None, "zh", "en"]))
def test_any_plan_is_checked_and_every_problem_worded(plan: Plan, language: Language | None) -> None:
    found = problems(plan, BANK, DIMENSIONS, language)
    for one in found:
        assert one.code in _WORDING
        assert one.text("zh") != one.text("en")
    if language is not None and found:
        with pytest.raises(InvalidPlan):
            questions_of(plan, BANK, DIMENSIONS, language)


@st.composite
def _sound_steps(draw: st.DrawFn) -> list[Step]:
    """Steps with limits that what they ask fits into, mostly; together they measure communication."""
    chosen = draw(st.lists(st.sampled_from(["q1", "q2", "q3", "sell", "talk"]), unique=True, max_size=4))
    cuts = draw(st.integers(0, len(chosen)))
    steps = []
    for number, questions in enumerate((["q0", *chosen[:cuts]], chosen[cuts:], [])):
        kind: StepKind = "live" if number == 2 else "structured" if questions else "free"
        steps.append(
            _step(
                f"step{number}",
                *questions,
                kind=kind,
                limit_s=draw(st.floats(60, 3600)),
                think_s=draw(st.none() | st.floats(0, 60)),
                answer_s=draw(st.none() | st.floats(1, 120)),
                retries=draw(st.integers(0, 2)),
            )
        )
    hello = _step(
        "hello", kind="introduction", limit_s=draw(st.floats(30, 600)), retries=draw(st.integers(0, 5))
    )
    return [hello, *steps]


@settings(max_examples=200, deadline=None)
@given(steps=_sound_steps(), language=st.sampled_from(["zh", "en"]))
def test_the_questions_of_any_valid_plan_take_no_longer_than_their_steps(
    steps: list[Step], language: Language
) -> None:
    plan = _plan(*steps, communication=100)
    found = problems(plan, BANK, DIMENSIONS, language)
    # Nothing but time can be wrong with such a plan.
    assert {one.code for one in found} <= {"does-not-fit", "too-long"}
    if found:
        assert any(not time.fits for time in fits(plan, BANK)) or duration_s(plan, BANK) > 7200
        return
    questions = questions_of(plan, BANK, DIMENSIONS, language)
    assert len({question.id for question in questions}) == len(questions)
    for step in plan.steps:
        of_step = [question for question in questions if question.step == step.id]
        assert of_step
        assert sum(q.think_s + q.answer_s * (1 + q.retries) for q in of_step) <= step.limit_s + 1e-3
    assert duration_s(plan, BANK) <= 7200
    assert all(len(question.anchors) in (0, 5) for question in questions)
