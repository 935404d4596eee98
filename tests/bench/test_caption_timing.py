"""Latency and rollback of captions whose times are known."""

from __future__ import annotations

import pytest

from bench.caption_timing import Timing, units
from bench.stream_session import Utterance
from inference.messages import Caption, TimedWord


def caption(text: str, stable: int = 0, *, ends: tuple[float, ...] = (), final: bool = False) -> Caption:
    words = tuple(TimedWord(word, 0.0, end, 0.9) for word, end in zip(text.split(), ends, strict=False))
    return Caption("s", 1, final, text, stable, "en", words, 0, 0.0)


def timing(*captions: tuple[float, Caption]) -> Timing:
    found = Timing()
    utterance = Utterance(10.0, onset=10.3, end=13.0, speech_end=12.7, ended_at=13.4, captions=list(captions))
    found.add(utterance)
    return found


def test_words_are_late_by_the_first_caption_that_shows_them() -> None:
    found = timing(
        (11.0, caption("the best")),
        (12.0, caption("the best off")),
        (13.6, caption("The best of times.", ends=(0.5, 0.9, 1.2, 2.5), final=True)),
    )
    assert found.word_ms == pytest.approx([500, 100, 2400, 1100])
    assert found.word_ends_s == pytest.approx([10.5, 10.9, 11.2, 12.5])
    assert found.first_by_final == 2
    assert found.first_partial_ms == pytest.approx([700])
    assert found.final_ms == pytest.approx([900])
    assert found.after_endpoint_ms == pytest.approx([200])


def test_only_words_that_go_are_rolled_back() -> None:
    found = timing(
        (11.0, caption("the best")),
        (11.5, caption("The best, off", stable=8)),  # the best: stable
        (12.0, caption("the very best of", stable=3)),  # very came between; off became of
        (13.6, caption("the very test of times", ends=(1,) * 5, final=True)),  # best went, stable or not
    )
    assert (found.shown, found.rolled_back) == (5, 2)
    assert (found.stable, found.stable_rolled_back) == (2, 1)


def test_a_final_alone_rolls_nothing_back() -> None:
    found = timing((13.6, caption("yes", ends=(0.8,), final=True)))
    assert (found.shown, found.rolled_back, found.first_by_final) == (0, 0, 1)


def test_an_utterance_without_words_counts_its_final_alone() -> None:
    found = timing((13.6, caption("", final=True)))
    assert found.final_ms == pytest.approx([900])
    assert found.word_ms == []
    assert found.first_partial_ms == []


def test_han_characters_are_words() -> None:
    assert units("你好，Viva 2 号。") == ["你", "好", "viva", "2", "号"]
