from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from inference.messages import SAMPLE_RATE, SpeechBatch
from inference.settings import SpeechSettings
from inference.speech_engine import SpeechEngine
from tests.inference.fakes import MANDARIN, POISON, FakeRecogniser, say, streaming, text_of
from tests.inference.gateways import Clock, Gateway, chunk


def test_final_has_words_with_times_from_the_first_sample(engines: Callable[..., SpeechEngine]) -> None:
    gateway = Gateway(engines(FakeRecogniser())).send(chunk("a", say(1, 2, 3)))
    gateway.until(lambda: bool(gateway.captions))
    (final,) = gateway.captions
    assert (final.text, final.stable, final.heard) == ("w1 w2 w3", 8, 3 * SAMPLE_RATE // 2)
    assert [(w.text, w.start, w.end) for w in final.words] == [("w1", 0, 0.5), ("w2", 0.5, 1), ("w3", 1, 1.5)]


def test_partials_grow_and_their_stable_part_never_changes(engines: Callable[..., SpeechEngine]) -> None:
    gateway = Gateway(engines(FakeRecogniser()))
    for n in range(4):
        before = len(gateway.captions)
        gateway.send(chunk("a", say(n + 1), offset=n * SAMPLE_RATE // 2, final=False))
        gateway.until(lambda before=before: len(gateway.captions) > before)
    assert [c.text for c in gateway.captions] == [text_of(*range(1, n + 1)) for n in range(1, 5)]
    assert [c.text[: c.stable] for c in gateway.captions] == ["", "w1", "w1 w2", "w1 w2 w3"]
    assert not any(c.final or c.words for c in gateway.captions)


def test_sound_sent_twice_is_heard_once(engines: Callable[..., SpeechEngine]) -> None:
    gateway = Gateway(engines(FakeRecogniser()))
    gateway.send(chunk("a", say(1, 2), final=False))
    gateway.send(chunk("a", say(2, 3), offset=SAMPLE_RATE // 2, final=False))
    gateway.send(chunk("a", say(1, 2, 3)))
    gateway.until(lambda: bool(gateway.finals()))
    assert gateway.finals() == {("a", 1): "w1 w2 w3"}


def test_a_hole_is_asked_for_and_the_utterance_waits(engines: Callable[..., SpeechEngine]) -> None:
    gateway = Gateway(engines(FakeRecogniser()))
    gateway.send(chunk("a", say(2), offset=SAMPLE_RATE // 2))
    assert gateway.resend == [("a", 1)]
    gateway.send(chunk("a", say(1, 2)))
    gateway.until(lambda: bool(gateway.finals()))
    assert gateway.finals() == {("a", 1): "w1 w2"}


def test_finals_of_all_sessions_go_first_and_together(engines: Callable[..., SpeechEngine]) -> None:
    recogniser = FakeRecogniser()
    recogniser.gate.clear()
    gateway = Gateway(engines(recogniser, batch=3))
    gateway.send(chunk("warm", say(9)))
    time.sleep(0.05)  # the device is busy with the first
    gateway.send(
        chunk("p", say(1, 2), final=False), *(chunk(name, say(n, n)) for n, name in enumerate("abcd", 1))
    )
    recogniser.gate.set()
    gateway.until(lambda: len(gateway.captions) == 6)
    assert recogniser.batches == [(1, True), (3, True), (1, True), (1, False)]
    assert [(c.session, c.text) for c in gateway.captions[1:5]] == [
        (name, text_of(n, n)) for n, name in enumerate("abcd", 1)
    ]


def test_finals_of_one_session_keep_their_order(engines: Callable[..., SpeechEngine]) -> None:
    gateway = Gateway(engines(FakeRecogniser()))
    gateway.send(*(chunk("a", say(*range(1, 20, step)), utterance=n) for n, step in ((1, 1), (2, 9), (3, 1))))
    gateway.until(lambda: len(gateway.finals()) == 3)
    assert [c.utterance for c in gateway.captions] == [1, 2, 3]


def test_without_a_free_slot_a_session_is_refused_until_one_closes(
    engines: Callable[..., SpeechEngine],
) -> None:
    gateway = Gateway(engines(FakeRecogniser(), slots=2))
    gateway.send(chunk("a", say(1), final=False), chunk("b", say(1), final=False), chunk("c", say(7)))
    assert gateway.refused == [("c", 1)]
    gateway.send(chunk("c", say(7)), closed=("a",))
    gateway.until(lambda: bool(gateway.finals()))
    assert gateway.finals() == {("c", 1): "w7"}


def test_one_bad_clip_harms_no_other(engines: Callable[..., SpeechEngine]) -> None:
    recogniser = FakeRecogniser()
    recogniser.gate.clear()
    gateway = Gateway(engines(recogniser))
    gateway.send(chunk("warm", say(9)))
    time.sleep(0.05)
    gateway.send(chunk("a", say(1)), chunk("bad", say(POISON)), chunk("b", say(2)))
    recogniser.gate.set()
    gateway.until(lambda: len(gateway.finals()) == 4)
    assert gateway.finals()[("bad", 1)] == ""
    assert gateway.finals()[("a", 1)] == "w1"
    assert gateway.finals()[("b", 1)] == "w2"
    assert gateway.last is not None
    assert gateway.last.errors == 1


def test_a_recogniser_that_always_fails_is_unhealthy(engines: Callable[..., SpeechEngine]) -> None:
    engine = engines(FakeRecogniser())
    engine.check()
    gateway = Gateway(engine).send(*(chunk(f"s{n}", say(POISON)) for n in range(5)))
    gateway.until(lambda: len(gateway.finals()) == 5)
    with pytest.raises(RuntimeError, match="5 clips in a row"):
        engine.check()


def test_an_endless_utterance_is_cut_and_keeps_every_word(engines: Callable[..., SpeechEngine]) -> None:
    recogniser = FakeRecogniser()
    words = range(1, 81)
    pcm = np.concatenate([say(n) for n in words])
    pcm[27 * SAMPLE_RATE - 100 : 27 * SAMPLE_RATE + 1700] = 0  # a pause to cut at
    gateway = Gateway(engines(recogniser)).send(chunk("a", pcm))
    gateway.until(lambda: bool(gateway.finals()))
    (final,) = gateway.captions
    assert recogniser.longest_s <= 28
    assert {f"w{n}" for n in words} - set(final.text.split()) == set()
    assert final.words[-1].end == pytest.approx(40, abs=0.6)


@pytest.mark.parametrize("samples", [0, 1, 800])
def test_next_to_no_sound_is_an_empty_final(engines: Callable[..., SpeechEngine], samples: int) -> None:
    recogniser = FakeRecogniser()
    gateway = Gateway(engines(recogniser)).send(chunk("a", say(5)[:samples], language="auto"))
    gateway.until(lambda: bool(gateway.captions))
    assert gateway.finals() == {("a", 1): ""}
    assert recogniser.batches == []


def test_a_silent_gateways_slots_are_freed_after_the_lease(engines: Callable[..., SpeechEngine]) -> None:
    clock = Clock()
    engine = engines(FakeRecogniser(), clock, slots=1)
    Gateway(engine, "gone").send(chunk("a", say(1), final=False))
    other = Gateway(engine, "other").send(chunk("b", say(2)))
    assert other.refused == [("b", 1)]
    clock.ahead = 31
    other.until(lambda: not other.send(chunk("b", say(2))).refused or bool(other.finals()))
    other.until(lambda: bool(other.finals()))
    assert other.finals() == {("b", 1): "w2"}


def test_a_late_message_changes_nothing(engines: Callable[..., SpeechEngine]) -> None:
    engine = engines(FakeRecogniser(), slots=1)
    engine.accept(SpeechBatch("g", 2, (), ("a",)))
    engine.accept(SpeechBatch("g", 1, (chunk("a", say(1)),)))
    assert not engine.ready("g", 2)
    gateway = Gateway(engine).send(chunk("b", say(2)))  # the only slot is still free
    gateway.until(lambda: bool(gateway.finals()))
    assert engine.ready("g", 1)  # and its call need not wait
    assert engine.collect("g", 1).captions == ()


def test_a_finished_utterance_told_again_gets_the_same_final(engines: Callable[..., SpeechEngine]) -> None:
    recogniser = FakeRecogniser()
    gateway = Gateway(engines(recogniser)).send(chunk("a", say(1, 2)))
    gateway.until(lambda: len(gateway.captions) == 1)
    gateway.send(chunk("a", say(1, 2)))
    assert gateway.captions[0] == gateway.captions[1]
    assert len(recogniser.batches) == 1


def test_a_session_closed_meanwhile_gets_nothing_and_its_successor_no_foreign_words(
    engines: Callable[..., SpeechEngine],
) -> None:
    recogniser = FakeRecogniser()
    recogniser.gate.clear()
    gateway = Gateway(engines(recogniser)).send(chunk("a", say(1)))
    time.sleep(0.05)
    gateway.send(closed=("a",))
    gateway.send(chunk("a", say(2)))
    recogniser.gate.set()
    gateway.until(lambda: bool(gateway.captions))
    assert [c.text for c in gateway.captions] == ["w2"]


def test_language_is_detected_once_and_kept(engines: Callable[..., SpeechEngine]) -> None:
    recogniser = FakeRecogniser()
    gateway = Gateway(engines(recogniser))
    for n in (1, 2):
        gateway.send(chunk("a", say(*[MANDARIN] * 4), utterance=n, language="auto"))
        gateway.until(lambda n=n: len(gateway.finals()) == n)
    assert {c.language for c in gateway.captions} == {"zh"}
    assert recogniser.detections == 1


def test_a_language_found_in_little_sound_is_not_kept(engines: Callable[..., SpeechEngine]) -> None:
    recogniser = FakeRecogniser()
    gateway = Gateway(engines(recogniser)).send(chunk("a", say(MANDARIN), language="auto"))
    gateway.until(lambda: len(gateway.finals()) == 1)
    gateway.send(chunk("a", say(1, 2, 3, 4), utterance=2, language="auto"))
    gateway.until(lambda: len(gateway.finals()) == 2)
    assert [c.language for c in gateway.captions] == ["zh", "en"]


def test_partials_become_rarer_when_the_device_is_busy(engines: Callable[..., SpeechEngine]) -> None:
    gateway = Gateway(engines(FakeRecogniser(seconds_per_clip=0.05), partial_interval_s=0.05, batch=1))
    assert gateway.send().last is not None
    assert gateway.last.partial_interval_s == 0.05
    names = [f"s{n}" for n in range(4)]
    gateway.send(*(chunk(name, say(1, 2), final=False) for name in names))
    gateway.until(lambda: {c.session for c in gateway.captions} == set(names))
    # Four speakers at 50 ms each and 80 % of the device: 4 × 0.05 / 0.8 = 0.25 s, more on a busy machine.
    assert gateway.collect().last.partial_interval_s >= 0.24


def test_partials_that_are_nearly_due_share_a_step(engines: Callable[..., SpeechEngine]) -> None:
    recogniser, clock = FakeRecogniser(), Clock(running=False)
    gateway = Gateway(engines(recogniser, clock, partial_interval_s=0.4))
    for clock.ahead, name in ((0, "a"), (0.1, "b"), (0.2, "c"), (0.3, "d")):
        gateway.send(chunk(name, say(1, 2), final=False))
    clock.ahead = 0.45
    gateway.send()
    gateway.until(lambda: len(gateway.captions) == 3)
    assert recogniser.batches == [(3, False)]
    assert {c.session for c in gateway.captions} == {"a", "b", "c"}


def test_each_gateway_gets_its_own_captions(engines: Callable[..., SpeechEngine]) -> None:
    engine = engines(FakeRecogniser())
    one, two = Gateway(engine, "one"), Gateway(engine, "two")
    one.send(chunk("a", say(1)))
    two.send(chunk("b", say(2)))
    two.until(lambda: bool(two.finals()))
    one.until(lambda: bool(one.finals()))
    assert one.finals() == {("a", 1): "w1"}
    assert two.finals() == {("b", 1): "w2"}


def test_a_gateway_is_told_when_its_caption_is_ready() -> None:
    told: list[str] = []
    ready = threading.Event()

    def on_ready(gateway: str) -> None:
        told.append(gateway)
        if len(told) == 2:  # the first is for the message itself
            ready.set()

    engine = SpeechEngine(streaming(FakeRecogniser()), SpeechSettings(), on_ready)
    engine.start()
    try:
        Gateway(engine, "mine").send(chunk("a", say(1)))
        assert ready.wait(5)
        assert told == ["mine", "mine"]
        assert engine.ready("mine", 1)
    finally:
        engine.stop()
