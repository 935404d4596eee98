"""What was said before is context for finals, wherever the session is heard."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.messages import SAMPLE_RATE, Known, Said, SpeechBatch
from inference.settings import SpeechSettings
from inference.speech_context import Context
from inference.speech_engine import SpeechEngine
from tests.inference.fakes import MANDARIN, FakeRecogniser, say, streaming, text_of
from tests.inference.gateways import Gateway, chunk

Engines = Callable[..., SpeechEngine]


def said(seconds: float, text: str = "so", language: str = "en") -> Said:
    return Said(np.zeros(int(seconds * SAMPLE_RATE), np.int16), text, "zh" if language == "zh" else "en")


def test_the_last_utterances_that_fit() -> None:
    context = Context(10)
    for number, seconds in enumerate((4, 3, 2), start=1):
        context.add(number, said(seconds, f"t{number}"))
    assert [each.text for each in context.before(4, SAMPLE_RATE)] == ["t1", "t2", "t3"]
    assert [each.text for each in context.before(4, 3 * SAMPLE_RATE)] == ["t2", "t3"]
    assert [each.text for each in context.before(3, 3 * SAMPLE_RATE)] == ["t1", "t2"]
    assert context.before(4, 9 * SAMPLE_RATE) == ()
    assert context.before(1, 0) == ()


def test_without_words_it_is_no_context() -> None:
    context = Context(10)
    context.add(1, said(1, ""))
    assert context.items() == []


@given(st.lists(st.floats(0.1, 15), max_size=12), st.floats(0, 15))
def test_never_more_than_the_room_and_always_the_newest(lengths: list[float], own: float) -> None:
    context = Context(12)
    for number, seconds in enumerate(lengths):
        context.add(number, said(seconds, str(number)))
    before = context.before(len(lengths), int(own * SAMPLE_RATE))
    assert sum(each.pcm.size for each in before) + int(own * SAMPLE_RATE) <= 12 * SAMPLE_RATE or not before
    newest = range(len(lengths) - len(before), len(lengths))
    assert [each.text for each in before] == [str(number) for number in newest]


@pytest.fixture
def fake() -> FakeRecogniser:
    return FakeRecogniser()


@pytest.fixture
def gateway(fake: FakeRecogniser) -> Gateway:
    engine = SpeechEngine(streaming(fake), SpeechSettings(context_s=4), lambda gateway: None)
    engine.start()
    return Gateway(engine)


def test_each_final_is_heard_with_what_went_before(fake: FakeRecogniser, gateway: Gateway) -> None:
    utterances = {1: (1, 2), 2: (3, 4), 3: (5, 6, 7, 8), 4: tuple(range(20, 30)), 5: (9,)}
    for number, words in utterances.items():
        gateway.send(chunk("a", say(*words), utterance=number), chunk("b", say(40), utterance=number))
        gateway.until(lambda number=number: ("a", number) in gateway.finals())
    heard = [context for context in fake.contexts if context[0] != "w40"]
    # Of the fourth there is more than fits; the fifth must not go on from the third as if nothing had been.
    known = ["", text_of(1, 2), text_of(1, 2, 3, 4), "", ""]
    assert heard == [(text_of(*words), text) for words, text in zip(utterances.values(), known, strict=True)]


def test_another_language_before_is_none(fake: FakeRecogniser, gateway: Gateway) -> None:
    gateway.send(chunk("a", say(MANDARIN), utterance=1, language="zh"))
    gateway.send(chunk("a", say(2), utterance=2, language="en"))
    gateway.until(lambda: len(gateway.finals()) == 2)
    assert fake.contexts[1] == ("w2", "")


def test_a_replica_that_takes_over_is_told_what_was_said(fake: FakeRecogniser, gateway: Gateway) -> None:
    known = Known("a", 1, Said(say(1, 2), text_of(1, 2), "en"))
    batch = SpeechBatch("gateway", 1, (chunk("a", say(3), utterance=2),), known=(known,))
    gateway.tick = 1
    gateway.engine.accept(batch)
    gateway.until(lambda: bool(gateway.finals()))
    assert fake.contexts == [("w3", text_of(1, 2))]
    assert gateway.finals() == {("a", 2): "w3"}
