"""From Mandarin text to phonemes: numbers, syllables, punctuation, English words in between."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from models import store
from models.speaking.mandarin import STYLES, Mandarin
from models.speaking.numerals import cardinal, spelled
from models.speaking.pinyin import phonemes


@pytest.fixture(scope="module")
def alphabet() -> Mapping[str, int]:
    numbers: Mapping[str, int] = json.loads(store.file("hibari/vocab.json").read_text("utf-8"))
    return numbers


@pytest.fixture(scope="module")
def mandarin(alphabet: Mapping[str, int]) -> Mandarin:
    return Mandarin(alphabet, lambda words: "")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2024年5月3日", "二零二四年五月三日"),
        ("30%的客户", "百分之三十的客户"),
        ("0.5%", "百分之零点五"),
        ("3-5年", "三到五年"),
        ("1,250,000元", "一百二十五万元"),
        ("13800138000", "一三八零零一三八零零零"),
        ("007号", "零零七号"),
        ("3.14", "三点一四"),
        ("9:05开始", "九点零五分开始"),
        ("10:00开始", "十点整开始"),
        ("2个人、2 次、第2题", "两个人、两 次、第二题"),
        ("血压125/80", "血压一百二十五，八十"),
        ("没有数字", "没有数字"),
    ],
)
def test_numbers_are_read_as_people_read_them(written: str, said: str) -> None:
    # A space before the measure word stays: it is taken out with all others between characters.
    assert spelled(written) == said


@pytest.mark.parametrize(
    ("digits", "said"),
    [
        ("0", "零"),
        ("10", "十"),
        ("15", "十五"),
        ("100", "一百"),
        ("101", "一百零一"),
        ("110", "一百一十"),
        ("1010", "一千零一十"),
        ("10005", "一万零五"),
        ("20000", "二万"),
        ("100000000", "一亿"),
        ("100010000", "一亿零一万"),
        ("1" + "0" * 12, "一" + "零" * 12),
    ],
)
def test_cardinals(digits: str, said: str) -> None:
    assert cardinal(digits) == said


@pytest.mark.parametrize(
    ("syllable", "said"),
    [
        ("zhong1", "ꭧʊ→ŋ"),
        ("shi4", "ʂɨ↘"),
        ("zi5", "ʦɨ"),
        ("xue2", "ɕɥe↗"),
        ("yuan2", "ɥɛ↗n"),
        ("wo3", "wo↓"),
        ("er4", "ɚ↘"),
        ("lü3", "ly↓"),
        ("jiu4", "ʨjou↘"),
        ("abc", ""),
        ("", ""),
    ],
)
def test_syllables(syllable: str, said: str) -> None:
    assert phonemes(syllable) == said


def test_every_syllable_is_in_the_alphabet(alphabet: Mapping[str, int]) -> None:
    from pypinyin import Style, lazy_pinyin

    common = [chr(code) for code in range(0x4E00, 0x9FA6)]
    syllables = set(lazy_pinyin(common, style=Style.TONE3, neutral_tone_with_five=True))
    # Some characters have no reading; they come back as they are.
    syllables = {one for one in syllables if one[-1:].isdigit() and one[:-1].replace("ü", "u").isascii()}
    assert len(syllables) > 1000
    assert {one for one in syllables if not phonemes(one)} == set()
    assert {char for one in syllables for char in phonemes(one)} <= alphabet.keys()


def test_words_stand_apart_and_punctuation_stays(mandarin: Mandarin) -> None:
    assert mandarin.phonemes("请介绍一下，好吗？") == ["ʨʰi↓ŋ ʨje↘ʂau↘ i→ɕja↘, xau↓ ma?"]


def test_english_words_are_read_by_the_english_rules(alphabet: Mapping[str, int]) -> None:
    given: list[str] = []

    def english(words: str) -> str:
        given.append(words)
        return "əbi"

    said = Mandarin(alphabet, english).phonemes("用C++、TCP/IP写 Node.js 和 REST API. 好")
    assert given == ["C++", "TCP", "IP", "Node.js", "REST API"]
    assert said[0].startswith("jʊ↘ŋ əbi,")


def test_closing_quotes_stay_with_their_sentence(mandarin: Mandarin) -> None:
    text = "我说：“你们到底管不管！”请直接回应我。" * 4
    pieces = mandarin.phonemes(text)
    assert len(pieces) > 1
    assert not any(piece.startswith(("”", ")", ",")) for piece in pieces)


def test_long_text_comes_in_pieces_that_fit(mandarin: Mandarin) -> None:
    for text in ("请讲一次你的经历。" * 60, "请讲一次你的经历，" * 60, "请讲一次你的经历" * 60):
        pieces = mandarin.phonemes(text)
        assert len(pieces) > 2
        assert max(map(len, pieces)) < STYLES
        assert sum(piece.count("ʨiŋ") + piece.count("ʨi→ŋ") for piece in pieces) == 60


def test_nothing_to_say_is_nothing(mandarin: Mandarin) -> None:
    assert mandarin.phonemes("……！？ 。") == []
    assert mandarin.phonemes("") == []
