"""Keywords with their places, and the phrases of a description."""

from __future__ import annotations

import importlib
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.embedding import TextEncoder
from models.keywords import inverse_frequencies, keywords, words
from models.phrases import LONGEST, MOST, phrases
from models.wordmatch import hit

ZH = "负责客户服务，处理客户投诉；熟练使用Excel进行数据分析，与客户沟通。"
EN = "Handle customer complaints. Customer complaints are reconciled in Excel; knowledge of C++ and Node.js."


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.load()


def test_mandarin_weighs_as_jieba_weighs_it(encoder: TextEncoder) -> None:
    """Over the words that both keep: jieba divides by a total that counts our stop words too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        analyse = importlib.import_module("jieba.analyse")
    theirs = dict(analyse.extract_tags(ZH, topK=None, withWeight=True))
    ours = {one.text: one.weight for one in keywords(ZH, "zh", encoder.surprisal)}
    assert {"客户服务", "客户", "数据分析", "Excel", "投诉"} <= ours.keys() <= theirs.keys()
    top = max(theirs[word] for word in ours)
    assert ours == pytest.approx({word: theirs[word] / top for word in ours}, abs=1e-3)


def test_every_span_holds_the_keyword(encoder: TextEncoder) -> None:
    for text, language in ((ZH, "zh"), (EN, "en")):
        found = keywords(text, "zh" if language == "zh" else "en", encoder.surprisal)
        assert found[0].weight == 1.0
        for one in found:
            assert {text[start:end].lower() for start, end in one.spans} == {one.text.lower()}
    [customer] = [one for one in keywords(ZH, "zh", encoder.surprisal) if one.text == "客户"]
    assert len(customer.spans) == 2


def test_english_names_terms_and_no_filler(encoder: TextEncoder) -> None:
    found = {one.text.lower(): one for one in keywords(EN, "en", encoder.surprisal)}
    assert len(found["customer complaints"].spans) == 2
    assert {"c++", "node.js", "excel"} <= found.keys()
    assert not found.keys() & {"knowledge", "and", "of", "are", "complaints", "customer"}


def test_rare_words_surprise_more_than_common_ones(encoder: TextEncoder) -> None:
    assert encoder.surprisal("spectrometry") > encoder.surprisal("paper") > encoder.surprisal("the") > 0


def test_words_that_no_table_knows_weigh_the_median() -> None:
    found = inverse_frequencies(["客户", "㿟㿟㿟", "㿡㿡"])
    assert found["㿟㿟㿟"] == found["㿡㿡"] > found["客户"] > 0
    assert "".join(word for word, _, _ in words(ZH)) == ZH


def test_bullets_headings_and_offers_are_no_phrases() -> None:
    text = (
        "数据分析师\n岗位职责：\n1、搭建指标体系；2、输出报表\n- 会 Node.js 2.5\n福利待遇：五险一金\n"
        "带薪年假，旅游\n任职要求：\n（1）本科\n"
    )
    found = [span.text for span in phrases(text)]
    assert found == ["数据分析师", "搭建指标体系", "输出报表", "会 Node.js 2.5", "本科"]


def test_about_us_is_left_out_until_the_next_heading() -> None:
    text = "About us\nWe sell software.\n\nWhat you will do\nTeach pupils, every day.\n\nWhat we offer\nLunch"
    assert [span.text for span in phrases(text)] == ["Teach pupils", "every day"]


def test_lines_that_were_broken_by_width_are_one() -> None:
    text = "We are looking for somebody with experience in line\nmanagement. Skills\nand no more"
    found = [span.text for span in phrases(text)]
    assert found[0] == "We are looking for somebody with experience in line management"
    assert found[-1] == "and no more"


@given(st.text(max_size=400) | st.text("a1 .、,，:：\n-•（)福利", max_size=200))
def test_phrases_stand_where_they_say_whatever_the_text(text: str) -> None:
    at = 0
    for span in phrases(text):
        assert text[span.start : span.end] == span.text
        assert span.start >= at
        assert 0 < len(span.text) <= LONGEST
        at = span.end


def test_long_texts_are_bounded() -> None:
    assert max(len(span.text) for span in phrases("客" * 5000)) == LONGEST
    assert len(phrases("做事，\n" * 5000)) == MOST


@pytest.mark.parametrize(
    ("keyword", "phrase", "found"),
    [
        ("客户服务", "负责客户服务工作", "exact"),
        ("客户服务", "为客户提供优质的服务", "scattered"),
        ("客户服务", "服务器维护", None),
        ("Excel", "精通EXCEL和SQL", "exact"),
        ("Excel", "excellent manners", None),
        ("negotiate", "negotiating contracts", "exact"),
        ("pivot table", "build pivot-tables", "exact"),
        ("customer service", "service to every customer", "scattered"),
        ("Go", "go the extra mile", None),
        ("Go", "write Go services", "exact"),
        ("C++", "C++ and Rust", "exact"),
        ("Java", "JavaScript", None),
    ],
)
def test_words_are_found_as_descriptions_write_them(keyword: str, phrase: str, found: str | None) -> None:
    assert hit(keyword, phrase) == found
