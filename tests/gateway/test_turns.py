"""The end of a turn: what media hears and what was said, together."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.turns import Turns
from interviews.events import TranscriptFinal, TurnEnded
from media import items


class Told:
    """A session's clock, and what was noted on it."""

    def __init__(self) -> None:
        self.now = 50.0
        self.events: list[tuple[float, TurnEnded]] = []
        self.turns = Turns(lambda: self.now, self.note)

    def note(self, at: float, payload: Any) -> None:
        assert isinstance(payload, TurnEnded)
        self.events.append((at, payload))

    def says(self, utterance: int, text: str) -> None:
        self.turns.says(
            TranscriptFinal(
                utterance=utterance, text=text, language="en", start=0, end=1, words=(), model="asr@1"
            )
        )

    def silent(self, utterance: int, *, sure: bool = False) -> None:
        self.turns.silent(items.TurnEnded(40.0, utterance, 3.5 if sure else 1.8, sure))


@pytest.fixture
def told() -> Told:
    one = Told()
    one.turns.speaks(1)
    return one


def test_a_whole_sentence_and_the_shorter_silence(told: Told) -> None:
    told.says(1, "I led a team.")
    told.silent(1)
    told.silent(1, sure=True)
    assert told.events == [(40.0, TurnEnded(utterance=1, silence_s=1.8, broken_off=False))]


def test_words_that_break_off_need_the_longer_silence(told: Told) -> None:
    told.says(1, "I led a team, and")
    told.silent(1)
    assert told.events == []
    told.silent(1, sure=True)
    assert told.events == [(40.0, TurnEnded(utterance=1, silence_s=3.5, broken_off=True))]


def test_late_words_decide_when_they_come(told: Told) -> None:
    told.silent(1)
    assert told.events == []
    told.says(1, "I led a team.")
    assert [at for at, _ in told.events] == [50.0]


def test_speech_that_goes_on_takes_it_back(told: Told) -> None:
    told.silent(1)
    told.turns.speaks(2)
    told.says(1, "I led a team.")
    assert told.events == []
    told.says(2, "It was large.")
    told.silent(2)
    assert [event.utterance for _, event in told.events] == [2]


def test_a_noise_is_no_turn_but_may_end_one(told: Told) -> None:
    told.says(1, "")
    told.silent(1)
    told.silent(1, sure=True)
    assert told.events == []
    told.turns.speaks(2)
    told.says(2, "I led a team.")
    told.turns.speaks(3)
    told.says(3, " ")
    told.silent(3)
    assert [event.utterance for _, event in told.events] == [3]


def test_where_no_words_come_the_longer_silence_decides(told: Told) -> None:
    told.silent(1)
    told.silent(1, sure=True)
    assert [event.silence_s for _, event in told.events] == [3.5]
    told.says(1, "I led a team.")  # too late to end it again
    told.silent(1, sure=True)
    assert len(told.events) == 1


def test_silence_after_a_new_question_is_thinking(told: Told) -> None:
    told.says(1, "I led a team, and")
    told.silent(1)
    told.turns.asked()
    told.silent(1, sure=True)
    assert told.events == []
