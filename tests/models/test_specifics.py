from __future__ import annotations

import pytest

from models.lexical import Language, tokens
from models.specifics import Specifics, specifics, value
from tests.models.answer_material import OFF_TOPIC, ON_TOPIC


def found(*sentences: str, language: Language = "en") -> Specifics:
    return specifics(sentences, [tokens(one, language, list) for one in sentences], language)


def words(result: Specifics, kind: str) -> list[str]:
    return [one.words for one in result.found if one.kind == kind]


@pytest.mark.parametrize(
    ("language", "sentence", "kind", "expected"),
    [
        ("en", "We cut the waiting time by 35% in that year.", "number", ["35%"]),
        ("en", "It took us twenty five days to move everything.", "number", ["twenty five"]),
        ("en", "We started the whole thing again in March.", "number", ["in march"]),
        ("en", "One of them said that it would not work.", "number", []),
        ("en", "Later I moved to Hong Kong for that company.", "name", ["Hong Kong"]),
        ("en", "Most of it was written in python at that time.", "name", ["python"]),
        ("en", "On Monday I felt that it was too late.", "name", []),
        ("en", "Then I quickly rewrote the whole form myself.", "own-action", ["rewrote"]),
        ("en", "I did the layout and she did the texts.", "own-action", ["did"]),
        ("en", "I wanted to be a good colleague to them.", "own-action", []),
        ("en", "We discussed it and one should always do that.", "own-action", []),
        ("zh", "我们把成本降低了百分之三十五左右。", "number", ["百分之三十五"]),
        ("zh", "这件事前后一共用了二十五天时间。", "number", ["二十五天"]),
        ("zh", "二零二一年公司搬到了新的地方。", "number", ["二零二一年"]),
        ("zh", "有一个人说这样做是不行的。", "number", []),
        ("zh", "后来我去了深圳的一家公司工作。", "name", ["深圳"]),
        ("zh", "这些报表都是用 Excel 做出来的。", "name", ["Excel"]),
        ("zh", "我们组的王经理对这个方案很支持。", "name", ["王经理"]),
        ("zh", "我写了一个小程序来检查这些数据。", "name", []),
        ("zh", "我主动联系了客户，把情况说明白。", "own-action", ["联系"]),
        ("zh", "我觉得沟通在团队里非常重要。", "own-action", []),
        ("zh", "我们大家一起讨论了这个问题。", "own-action", []),
    ],
)
def test_what_counts(language: Language, sentence: str, kind: str, expected: list[str]) -> None:
    assert words(found(sentence, language=language), kind) == expected


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_story_is_more_specific_than_generalities(language: Language) -> None:
    story = value(found(*ON_TOPIC[language], language=language).found)
    assert story >= 60
    assert value(found(*OFF_TOPIC[language], language=language).found) <= story / 2
    general = {
        "en": ("One should always stay calm.", "Communication is very important in every team."),
        "zh": ("人应该时刻保持冷静。", "我觉得沟通在团队里非常重要。"),
    }[language]
    assert value(found(*general, language=language).found) == 0


@pytest.mark.parametrize(
    ("language", "padding"),
    [
        (
            "en",
            ("5, 10, 15, 20, 25, 30, 35, 40.", "Python Java Excel Docker SQL React.", "I did I did I did."),
        ),
        ("zh", ("三十个、四十个、五十个、六十个。", "北京上海深圳广州杭州南京。", "我做了我做了我做了。")),
    ],
)
def test_lists_of_numbers_and_names_and_bare_deeds_gain_nothing(
    language: Language, padding: tuple[str, ...]
) -> None:
    gained = found(*padding, language=language)
    assert [one for one in gained.found if one.kind != "own-action"] == []
    assert value(gained.found) <= 12.5


def test_the_same_number_and_the_same_deed_count_once() -> None:
    once = found("I trained eight new colleagues in that winter.")
    again = found(*["I trained eight new colleagues in that winter."] * 9)
    assert again.found == once.found
    assert again.own == 9 * once.own


def test_evidence_points_at_its_sentence() -> None:
    result = found("It was late and nobody was there.", "So I called all forty customers.")
    assert {(one.kind, one.sentence) for one in result.found} == {("own-action", 1), ("number", 1)}
    assert value(()) == 0.0
