"""Error rates: hand-counted cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.core.error_rates import error_rate, given_text, normalise


def test_english_counts_words_after_normalisation() -> None:
    rate = error_rate(
        "Mr. Smith won't pay $20, will he?", "mister smith will not pay 20 dollars will she", "en"
    )
    assert (rate.substitutions, rate.deletions, rate.insertions) == (1, 0, 0)
    assert rate.unit == "words"
    assert rate.rate == pytest.approx(1 / rate.reference)


def test_mandarin_counts_characters_whatever_the_script_and_punctuation() -> None:
    rate = error_rate("我們今天，討論ＡＢ計劃。", "我们今天讨论ab计画", "zh")
    assert rate.unit == "characters"
    assert rate.reference == 10
    assert (rate.substitutions, rate.deletions, rate.insertions) == (1, 0, 0)


def test_nothing_heard_is_all_deleted() -> None:
    assert error_rate("three words here", "", "en").rate == 1.0
    assert error_rate("三个字", "", "zh").rate == 1.0


def test_an_empty_reference_is_refused() -> None:
    with pytest.raises(ValueError, match="no words"):
        error_rate("…！", "话", "zh")


def test_mandarin_normalisation_keeps_letters_and_figures() -> None:
    assert normalise("他說：「２０２６年 Ray」", "zh") == "他说2026年ray"


def test_a_reference_is_a_file_or_the_text_itself(tmp_path: Path) -> None:
    (tmp_path / "said.txt").write_text("what is said")
    assert given_text(str(tmp_path / "said.txt")) == "what is said"
    assert given_text("word " * 200) == "word " * 200
    assert given_text(None) is None
