from __future__ import annotations

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
