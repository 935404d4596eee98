from __future__ import annotations

import pytest

from interviews.events import Word
from interviews.speech import Voice, band, count_words, delivery, measure, syllables
from tests.interviews.conftest import final


def _words(*texts: str, each: float = 0.3, gap: float = 0.1) -> list[Word]:
    return [
        Word(text=text, start=i * (each + gap), end=i * (each + gap) + each, probability=0.9)
        for i, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("text", "words", "count"),
    [
        ("It was the best of times", 6, 6),
        ("table little agree made while", 5, 2 + 2 + 2 + 1 + 1),
        ("asked wanted houses the", 4, 1 + 2 + 2 + 1),
        ("don't interview", 2, 1 + 3),
        ("我在学习Python", 5, 6),
        ("……!?", 0, 0),
        ("", 0, 0),
    ],
)
def test_words_and_syllables(text: str, words: int, count: int) -> None:
    assert (count_words(text), syllables(text)) == (words, count)


def test_rates_count_pauses_in() -> None:
    """Ten one-syllable words in 3.9 s, and the same with one second of pause in the middle."""
    plain = _words(*["go"] * 10)
    rates = delivery(plain, "en")
    assert rates.words_per_minute == pytest.approx(10 / 3.9 * 60, abs=0.1)
    assert (rates.syllables_per_minute, rates.pause_ratio) == (rates.words_per_minute, 0.0)
    late = [w.model_copy(update={"start": w.start + 0.9, "end": w.end + 0.9}) for w in plain[5:]]
    paused = delivery([*plain[:5], *late], "en")
    assert paused.words_per_minute == pytest.approx(10 / 4.8 * 60, abs=0.1)
    assert paused.pause_ratio == pytest.approx(1.0 / 4.8, abs=0.001)


def test_mandarin_is_counted_in_syllables_alone() -> None:
    words = final(1, 0.0, "我在一家公司做了三年的产品经理", language="zh").words
    rates = delivery(words, "zh")
    assert rates.words_per_minute is None
    assert rates.syllables_per_minute == pytest.approx(150, abs=0.1)
    assert band(rates, "zh") == "usual"


def test_bands() -> None:
    assert band(delivery(_words(*["go"] * 9, each=0.7), "en"), "en") == "slow"
    assert band(delivery(_words(*["go"] * 20, each=0.15, gap=0.05), "en"), "en") == "fast"


def test_too_little_speech_has_no_rate() -> None:
    assert delivery([], "en").pause_ratio == 0.0
    few = measure(7, _words("yes", "sir"), "en", Voice(-20.0), start=0.0, end=1.0)
    assert (few.utterance, few.words_per_minute, few.syllables_per_minute, few.dbfs) == (7, None, None, -20.0)
    assert band(delivery(_words("yes"), "en"), "en") is None


def test_articulation_leaves_pauses_out() -> None:
    """Ten syllables in 3.9 s with two pauses of half a second more."""
    plain = _words(*["go"] * 10)
    moved = [
        w.model_copy(
            update={
                "start": w.start + 0.5 * (i > 2) + 0.5 * (i > 6),
                "end": w.end + 0.5 * (i > 2) + 0.5 * (i > 6),
            }
        )
        for i, w in enumerate(plain)
    ]
    rates = delivery(moved, "en")
    assert rates.pauses == 2
    assert rates.syllables_per_minute == pytest.approx(10 / 4.9 * 60, abs=0.1)
    assert rates.articulation_rate == pytest.approx(10 / (4.9 - 1.2) * 60, abs=0.1)
    assert delivery(plain, "en").articulation_rate == delivery(plain, "en").syllables_per_minute


def test_fillers_are_a_share_of_the_words() -> None:
    rates = delivery(_words("Um,", "we", "built", "a", "uh,", "shop", "and", "sold", "it", "well."), "en")
    assert (rates.fillers, rates.filler_ratio) == (2, 0.2)
    few = delivery(_words("Um,", "yes"), "en")
    assert (few.fillers, few.filler_ratio, few.articulation_rate) == (1, None, None)


def test_the_event_holds_what_was_measured_on_the_sound() -> None:
    voice = Voice(-20.04, 24.44, 180.04, 7.06, 31.26, 0.0001234, 7843.75)
    event = measure(3, _words(*["go"] * 10), "en", voice, start=0.0, end=4.2)
    assert (event.dbfs, event.loudness_range_db, event.pitch_hz) == (-20.0, 24.4, 180.0)
    assert (event.pitch_range_semitones, event.snr_db) == (7.1, 31.3)
    assert (event.clipping, event.bandwidth_hz) == (0.00012, 7840)
