"""Job descriptions: what they ask for, where they say it, and what is not in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.job_descriptions import HELD_OUT, NOTHING, SEEN, Description
from bench.job_topics import topics
from bench.jobs import figures, rows
from models.embedding import TextEncoder
from models.matching import JobMatcher, whole_percent
from models.topics import JobMatch, JobText, QuestionText, Topic

# What is held here lies a little under what `python -m bench jobs` prints, for another version of torch.
RECALL, PRECISION = 0.9, 0.9
RECALL_HELD_OUT, PRECISION_HELD_OUT = 0.7, 0.85


@pytest.fixture(scope="module")
def matcher() -> JobMatcher:
    return JobMatcher(TextEncoder.load())


def match(matcher: JobMatcher, text: str, language: str = "zh") -> JobMatch:
    return matcher.match(JobText(text, topics("zh" if language == "zh" else "en")))


@pytest.mark.parametrize(
    ("group", "recall", "precision"),
    [(SEEN, RECALL, PRECISION), (HELD_OUT, RECALL_HELD_OUT, PRECISION_HELD_OUT)],
    ids=["seen", "held-out"],
)
def test_a_recruiters_choice_is_found(
    matcher: JobMatcher, group: tuple[Description, ...], recall: float, precision: float
) -> None:
    found = figures(rows(matcher, group))
    assert found.recall is not None
    assert found.recall >= recall
    assert found.precision is not None
    assert found.precision >= precision


@pytest.mark.parametrize("one", NOTHING, ids=lambda one: one.id)
def test_where_nothing_is_asked_for_nothing_is_guessed(matcher: JobMatcher, one: Description) -> None:
    found = match(matcher, one.text, one.language)
    assert (found.topics, found.questions, found.reason) == ((), (), "nothing-found")


@pytest.mark.parametrize(
    "text", ["", " \n\t ", "。。。", "1. 2. 3.", "岗位职责：\n任职要求：", "福利待遇：五险一金"]
)
def test_a_description_without_a_text_says_so(matcher: JobMatcher, text: str) -> None:
    assert match(matcher, text).reason == "no-text"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("负责客户服务", "service"), ("为客户提供优质的服务", "service"), ("熟悉数据分析", "spreadsheets")],
)
def test_the_examples_of_the_trade(matcher: JobMatcher, text: str, wanted: str) -> None:
    assert wanted in {fit.id for fit in match(matcher, text).topics}


@pytest.mark.parametrize("one", SEEN, ids=lambda one: one.id)
def test_every_phrase_stands_where_it_says(matcher: JobMatcher, one: Description) -> None:
    found = match(matcher, one.text, one.language)
    assert found.language == one.language
    assert sum(fit.weight for fit in found.topics) == 100
    assert 0 < len(found.topics) <= 6
    for fit in found.topics:
        assert fit.phrases
        assert [p.score for p in fit.phrases] == sorted((p.score for p in fit.phrases), reverse=True)
        for phrase in fit.phrases:
            assert one.text[phrase.start : phrase.end] == phrase.text
            assert 0 <= phrase.score <= 1
    for keyword in found.keywords:
        assert {one.text[start:end].lower() for start, end in keyword.spans} == {keyword.text.lower()}


def test_what_the_employer_offers_or_does_not_need_is_not_asked_for(matcher: JobMatcher) -> None:
    text = "Nurse\nClinical experience needed.\nNo programming required.\nBenefits: sales bonus, Excel course"
    assert "clinical" in (ids := {fit.id for fit in match(matcher, text, "en").topics})
    assert not ids & {"programming", "sales", "spreadsheets"}


def test_meaning_leads_where_no_keyword_does(matcher: JobMatcher) -> None:
    fits = {
        fit.id: fit for fit in match(matcher, "把复杂的分析结论用通俗的话讲给管理层听\n把问题弄清楚").topics
    }
    assert fits
    assert all(phrase.keyword == "" for fit in fits.values() for phrase in fit.phrases)


def test_questions_come_with_the_phrase_that_asks_for_them(matcher: JobMatcher) -> None:
    questions = (
        QuestionText("refund", "一位客户要求退款并且情绪激动，你会怎么处理？", ("service", "composure")),
        QuestionText("deploy", "请设计一个能承受高并发的短链接系统。", ("system-design",)),
        QuestionText("pivot", "如何用数据透视表汇总销售额？", ("spreadsheets",)),
    )
    one = SEEN[0]
    found = matcher.match(JobText(one.text, topics("zh"), questions))
    assert found.questions[0].id == "refund"
    assert "客户" in found.questions[0].phrase.text
    assert "deploy" not in {fit.id for fit in found.questions}
    scores = [fit.score for fit in found.questions]
    assert scores == sorted(scores, reverse=True)


def test_few_topics_are_led_to_by_keywords_alone(matcher: JobMatcher) -> None:
    few = (Topic("service", "服务意识", "解决客户的问题", ("客户服务",)),)
    assert matcher.match(JobText("安抚客户情绪，提升满意度", few)).reason == "nothing-found"
    [fit] = matcher.match(JobText("负责客户服务", few)).topics
    assert (fit.id, fit.weight, fit.phrases[0].keyword) == ("service", 100, "客户服务")
    assert matcher.match(JobText("负责客户服务", ())).reason == "nothing-found"


@given(st.lists(st.floats(0.01, 1e6), max_size=6))
def test_percents_are_whole_and_sum_to_a_hundred(shares: list[float]) -> None:
    whole = whole_percent(shares)
    assert sum(whole) == (100 if shares else 0)
    total = sum(shares)
    assert all(abs(one - 100 * share / total) < 1 for one, share in zip(whole, shares, strict=True))
