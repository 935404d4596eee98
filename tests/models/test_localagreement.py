from __future__ import annotations

from models.localagreement import StablePrefix


def stable_parts(*hypotheses: str) -> list[str]:
    prefix = StablePrefix()
    return [text[:stable] for text, stable in (prefix.update(h) for h in hypotheses)]


def test_what_two_hypotheses_agree_on_is_stable() -> None:
    assert stable_parts("it was", "it was the best", "it was the rest") == ["", "it was", "it was the"]


def test_agreement_ignores_case_and_punctuation_but_shows_what_came_last() -> None:
    prefix = StablePrefix()
    prefix.update("it was the best.")
    assert prefix.update("It was the best of times") == ("It was the best of times", len("It was the best"))


def test_stable_words_stay_when_a_later_hypothesis_contradicts_them() -> None:
    prefix = StablePrefix()
    prefix.update("it was the")
    prefix.update("it was the best")
    assert prefix.update("It wars the best of") == ("it was the best of", len("it was the"))


def test_a_shorter_hypothesis_takes_nothing_back() -> None:
    assert stable_parts("one two", "one two", "one") == ["", "one two", "one two"]


def test_mandarin_is_compared_by_character() -> None:
    assert stable_parts("今天天气", "今天天汽很好", "今天天气很好 OK") == ["", "今天天", "今天天"]
    assert stable_parts("我用Python", "我用Python写") == ["", "我用Python"]


def test_nothing_heard_is_nothing_stable() -> None:
    assert stable_parts("", "  ", "one") == ["", "", ""]
