from __future__ import annotations

import time
from collections.abc import Callable

from inference.messages import SAMPLE_RATE, Marker
from inference.speech_engine import SpeechEngine
from tests.inference.fakes import WORD, FakeRecogniser, say
from tests.inference.gateways import Clock, Gateway, chunk

Engines = Callable[..., SpeechEngine]


def test_a_marker_before_any_sound_comes_back_at_once(engines: Engines) -> None:
    gateway = Gateway(engines(FakeRecogniser())).send(markers=(Marker("a", 7, ()),))
    assert gateway.markers == [("a", 7)]


def test_a_marker_waits_for_the_partial_and_does_not_wait_for_the_pace(engines: Engines) -> None:
    clock = Clock(running=False)  # no interval ever passes
    gateway = Gateway(engines(FakeRecogniser(), clock, partial_interval_s=5))
    gateway.send(chunk("a", say(1)[:1600], final=False))
    time.sleep(0.05)
    assert gateway.collect().captions == []
    gateway.send(chunk("a", say(1)[1600:], offset=1600, final=False), markers=(Marker("a", 1, ((1, WORD),)),))
    gateway.until(lambda: bool(gateway.markers))
    assert [(c.text, c.final, c.heard) for c in gateway.captions] == [("w1", False, WORD)]


def test_a_marker_waits_for_the_final_of_an_ended_utterance(engines: Engines) -> None:
    recogniser = FakeRecogniser()
    recogniser.gate.clear()
    gateway = Gateway(engines(recogniser))
    gateway.send(chunk("a", say(1, 2)), markers=(Marker("a", 1, ((1, 2 * WORD),)),))
    time.sleep(0.05)
    assert gateway.collect().markers == []
    recogniser.gate.set()
    gateway.until(lambda: bool(gateway.markers))
    assert gateway.finals() == {("a", 1): "w1 w2"}


def test_sound_after_a_marker_does_not_hold_it(engines: Engines) -> None:
    recogniser = FakeRecogniser()
    gateway = Gateway(engines(recogniser, Clock(running=False), partial_interval_s=5))
    gateway.send(chunk("a", say(1), final=False), markers=(Marker("a", 1, ((1, WORD),)),))
    gateway.send(chunk("a", say(2), offset=WORD, final=False))
    gateway.until(lambda: bool(gateway.markers))
    assert gateway.finals() == {}


def test_a_marker_about_sound_that_is_not_there_asks_for_it(engines: Engines) -> None:
    gateway = Gateway(engines(FakeRecogniser()))
    marker = Marker("a", 1, ((1, 2 * WORD),))
    gateway.send(markers=(marker,))
    assert (gateway.resend, gateway.markers) == ([("a", 1)], [])
    gateway.send(chunk("a", say(2), offset=WORD), markers=(marker,))
    assert (gateway.resend[1:], gateway.markers) == ([("a", 1)], [])
    gateway.send(chunk("a", say(1, 2)), markers=(marker,))
    gateway.until(lambda: bool(gateway.markers))
    assert gateway.finals() == {("a", 1): "w1 w2"}


def test_a_refused_sessions_marker_is_forgotten(engines: Engines) -> None:
    gateway = Gateway(engines(FakeRecogniser(), slots=1)).send(chunk("a", say(1), final=False))
    gateway.send(chunk("b", say(2)), markers=(Marker("b", 1, ((1, WORD),)),))
    assert (gateway.refused, gateway.resend, gateway.markers) == ([("b", 1)], [], [])


def test_the_marker_of_an_utterance_too_long_for_partials_waits_for_its_final(engines: Engines) -> None:
    gateway = Gateway(engines(FakeRecogniser()))
    pcm = say(*range(1, 61))
    gateway.send(chunk("a", pcm, final=False), markers=(Marker("a", 1, ((1, pcm.size),)),))
    time.sleep(0.05)
    assert gateway.collect().markers == []
    gateway.send(chunk("a", pcm[:0], offset=30 * SAMPLE_RATE))
    gateway.until(lambda: bool(gateway.markers))
    assert set(gateway.finals()) == {("a", 1)}
