"""What comes with the product is complete in both languages, and fits together."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from interviews.bank import BankQuestion, search
from interviews.design_check import duration_s, problems, questions_of
from interviews.dimensions import ByLanguage, Dimension
from interviews.events import Language
from interviews.starter_bank import starter_bank
from interviews.starter_dimensions import starter_dimensions, starter_entries
from interviews.starter_plans import starter_plans

DIMENSIONS = starter_dimensions()
BANK = starter_bank()
PLANS = starter_plans()
LANGUAGES: tuple[Language, ...] = ("zh", "en")
_HAN = re.compile("[\u4e00-\u9fff]")


def _is_in(text: str, language: Language) -> bool:
    """Han characters are Chinese, and nothing but they are; keywords such as SQL belong to both."""
    return bool(text.strip()) and bool(_HAN.search(text)) == (language == "zh")


def _is_in_both(text: ByLanguage) -> bool:
    return text.keys() == {"zh", "en"} and all(_is_in(text[language], language) for language in LANGUAGES)


@pytest.mark.parametrize("dimension", DIMENSIONS.values(), ids=DIMENSIONS.keys())
def test_a_dimension_is_described_in_both_languages(dimension: Dimension) -> None:
    assert _is_in_both(dimension.name)
    assert _is_in_both(dimension.about)
    for language in LANGUAGES:
        anchors = dimension.anchors[language]
        assert len(set(anchors)) == len(anchors) == 5
        assert all(_is_in(anchor, language) for anchor in anchors)
        keywords = [keyword.casefold() for keyword in dimension.keywords[language]]
        assert len(set(keywords)) == len(keywords) >= 5


def test_no_two_dimensions_share_an_anchor_or_a_name() -> None:
    assert len(DIMENSIONS) >= 14
    for language in LANGUAGES:
        anchors = Counter(anchor for one in DIMENSIONS.values() for anchor in one.anchors[language])
        assert len(anchors) == 5 * len(DIMENSIONS)
        assert len({one.name[language] for one in DIMENSIONS.values()}) == len(DIMENSIONS)


@pytest.mark.parametrize("question", BANK.values(), ids=BANK.keys())
def test_a_question_is_complete_in_both_languages(question: BankQuestion) -> None:
    assert _is_in_both(question.text)
    for language in LANGUAGES:
        points, anchors = question.key_points[language], question.anchors[language]
        assert 2 <= len(set(points)) == len(points) <= 5
        assert len(set(anchors)) == len(anchors) == 5
        assert all(_is_in(text, language) for text in (*points, *anchors))
    assert len(question.key_points["zh"]) == len(question.key_points["en"])
    assert set(question.dimensions) <= DIMENSIONS.keys()
    assert len(set(question.dimensions)) == len(question.dimensions)
    assert question.answer_s >= 60


def test_the_bank_is_broad() -> None:
    assert len(BANK) >= 64
    listed = [entry["id"] for file in starter_entries("questions-") for entry in file["question"]]
    assert sorted(listed) == sorted(BANK)  # no id twice
    assert len({question.dimensions[0] for question in BANK.values()}) >= 12
    assert {dimension for question in BANK.values() for dimension in question.dimensions} == DIMENSIONS.keys()
    assert {question.kind for question in BANK.values()} == {
        "structured",
        "scenario",
        "skill",
        "live",
        "coding",
    }
    for language in LANGUAGES:
        assert len({question.text[language] for question in BANK.values()}) == len(BANK)
    roles = Counter(role for question in BANK.values() for role in question.roles or ("",))
    assert roles.keys() == {"", "sales", "engineer", "customer-service", "nurse"}
    assert min(roles.values()) >= 12


def test_sales_are_refused_in_role_plays_that_look_at_composure_and_persuasion() -> None:
    refusals = search(BANK, role="sales", kind="scenario", dimension="composure")
    assert len([one for one in refusals if {"composure", "persuasion"} <= set(one.dimensions)]) >= 3


_UNLAWFUL = re.compile(
    "年龄|多大年纪|婚|怀孕|生育|孩子|宗教|信仰|民族|籍贯|户口|党员|体重|身高|残疾|病史|"
    r"\b(age|married|marriage|pregnan\w*|children|religio\w*|ethnic\w*|nationality|disabilit\w*|race)\b",
    re.IGNORECASE,
)


def test_no_question_asks_for_what_must_not_decide() -> None:
    asked = [text for question in BANK.values() for text in question.text.values()]
    assert [text for text in asked if _UNLAWFUL.search(text)] == []


def test_loaders_hand_out_copies() -> None:
    starter_bank().clear()
    starter_dimensions().clear()
    starter_plans().clear()
    assert (starter_bank(), starter_dimensions(), starter_plans()) == (BANK, DIMENSIONS, PLANS)


def test_search_finds_words_in_either_language_and_case() -> None:
    assert [one.id for one in search(BANK, text="短链接")] == ["design-short-links"]
    assert [one.id for one in search(BANK, text="SHORT links")] == ["design-short-links"]
    assert search(BANK, text="short 短链接 nowhere") == []
    assert search(BANK) == list(BANK.values())
    assert search({}, text="x") == []


def test_search_puts_questions_for_the_role_before_those_for_any_job() -> None:
    found = search(BANK, role="nurse", dimension="communication")
    assert {one.roles for one in found} == {("nurse",), ()}
    own = [bool(one.roles) for one in found]
    assert own == sorted(own, reverse=True)
    assert all("communication" in one.dimensions for one in found)
    assert all(one.kind == "live" for one in search(BANK, role="nurse", kind="live"))
    assert search(BANK, role="nurse", kind="live")


@pytest.mark.parametrize("role", ["sales", "engineer", "customer-service", "nurse"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_starter_plan_can_be_held(role: str, language: Language) -> None:
    plan = PLANS[role]
    assert problems(plan, BANK, DIMENSIONS) == problems(plan, BANK, DIMENSIONS, language) == ()
    kinds = [step.kind for step in plan.steps]
    assert kinds[:2] == ["introduction", "structured"]
    assert "scenario" in kinds
    assert kinds[-1] in ("live", "free")
    assert plan.steps[0].limit_s == 120
    assert duration_s(plan, BANK) <= 1800
    for id_ in (id_ for step in plan.steps for id_ in step.questions):
        assert BANK[id_].roles in ((role,), ())
    questions = questions_of(plan, BANK, DIMENSIONS, language)
    assert [question.step for question in (questions[0], questions[-1])] == [
        plan.steps[0].id,
        plan.steps[-1].id,
    ]
    # A person's turn is scored by nobody but people: each weight rests on another question too.
    measured = {d for question in questions if question.kind != "live" for d in question.dimensions}
    assert plan.weights.keys() <= measured
    # Who is to program shows it.
    assert any(question.task is not None for question in questions) == ("programming" in plan.weights)
