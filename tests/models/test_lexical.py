from __future__ import annotations

from itertools import combinations
from math import log

import pytest

from models import lexical


def test_english_words() -> None:
    assert lexical.tokens("I don't — 3.5 TIMES!", "en", list) == ["i", "don't", "3.5", "times"]


def test_mandarin_words_are_the_given_pieces_without_punctuation() -> None:
    pieces = ["▁", "我在", "一家", "公司", "，", "▁Python", "。"]
    assert lexical.tokens("", "zh", lambda _: pieces) == ["我在", "一家", "公司", "python"]


@pytest.mark.parametrize(
    ("text", "english", "mandarin"),
    [
        ("I led the team and we shipped it on time.", True, False),
        ("我们按时上线了。", False, True),
        ("我用 Python 写了一个 API 接口，给 iOS 团队用。", False, True),
        ("Nous avons corrigé le programme et les clients étaient satisfaits.", False, False),
        ("Wir haben den Fehler gefunden und am Montag behoben.", False, False),
        ("", False, False),
        ("… 。", False, False),
    ],
)
def test_languages(text: str, english: bool, mandarin: bool) -> None:
    assert lexical.is_language(text, "en") == english
    assert lexical.is_language(text, "zh") == mandarin


def test_mtld_by_hand() -> None:
    # Types over tokens fall to .5 at the second and fourth word: two whole factors in four words, both ways.
    assert lexical.mtld(["a", "a", "b", "b"]) == 2.0
    # Never below the threshold, and no partial factor: the length itself.
    assert lexical.mtld(["a", "b", "c"]) == 3.0
    # .75 at the end: a partial factor of .25/.28 in four words.
    assert lexical.mtld(["a", "b", "c", "a"]) == pytest.approx(4 / (0.25 / 0.28))


def test_mtld_hardly_varies_with_length() -> None:
    text = [f"w{number * number % 53}" for number in range(400)]
    assert lexical.mtld(text) == pytest.approx(lexical.mtld(text[:200]), rel=0.15)


def test_an_echo_is_the_other_text_again() -> None:
    question = "Tell us about a difficult problem you solved at work. 请讲一件你解决过的难题。"
    assert lexical.echo("Tell us about a difficult problem you solved", question) == 1.0
    assert lexical.echo("请讲一件你解决过的难题", question) == 1.0
    assert lexical.echo("A difficult problem I solved at work was a slow database", question) < 0.4
    assert lexical.echo("我解决过的难题是数据库太慢", question) < 0.5
    assert lexical.echo("Yes", question) == 0.0


def test_hd_d_is_the_mean_ratio_of_all_draws() -> None:
    words = ["a", "a", "a", "b", "b", "c"]
    draws = list(combinations(range(len(words)), 3))
    by_hand = sum(len({words[index] for index in draw}) for draw in draws) / 3 / len(draws)
    assert lexical.hd_d(words, draw=3) == pytest.approx(by_hand)
    assert lexical.hd_d(["a", "b", "b"], draw=42) == pytest.approx(2 / 3)
    assert lexical.hd_d([f"w{number}" for number in range(100)]) == pytest.approx(1.0)
    assert lexical.hd_d([]) == 0.0


def test_maas_by_hand() -> None:
    assert lexical.maas(["a", "b", "c", "a"]) == pytest.approx((log(4) - log(3)) / log(4) ** 2)
    assert lexical.maas(["a", "b", "c", "d"]) == 0.0
    assert lexical.maas(["a"]) == 0.0
    varied, dull = [f"w{n}" for n in range(120)], ["w1", "w2", "w3"] * 40
    assert lexical.maas(varied) < lexical.maas(dull)
    assert lexical.hd_d(varied) > lexical.hd_d(dull)
