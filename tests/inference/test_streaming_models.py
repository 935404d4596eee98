"""The engine with a model that hears each sample once and keeps caches."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from inference.messages import Marker
from inference.speech_engine import SpeechEngine
from models.streaming import Capabilities, FinalText, PartialText, SlotChunk, Spoken
from tests.inference.fakes import POISON, WORD, say, text_of
from tests.inference.gateways import Gateway, chunk

Engines = Callable[..., SpeechEngine]


class Transducer:
    """Half a second of sound is a chunk and a word; its caches are the words so far."""

    name = "transducer@1"
    slots = 4
    capabilities = Capabilities(mode="streaming", languages=("en",), word_times=False, chunk_s=0.5)

    def __init__(self) -> None:
        self.caches: dict[int, list[int]] = {}
        self.steps: list[int] = []

    def open(self, slot: int, language: Spoken) -> None:
        if language == "zh":
            raise ValueError("English alone")
        assert slot not in self.caches
        self.caches[slot] = []

    def close(self, slot: int) -> None:
        del self.caches[slot]

    def work_s(self, heard_s: float) -> float:
        return 0.5

    def step(self, chunks: Sequence[SlotChunk]) -> list[PartialText]:
        assert {c.pcm.size for c in chunks} == {WORD}
        words = [round(float(np.median(c.pcm)) / 100) for c in chunks]
        if POISON in words:
            raise RuntimeError("poisoned chunk")
        self.steps.append(len(chunks))
        for c, word in zip(chunks, words, strict=True):
            self.caches[c.slot].append(word)
        texts = [text_of(*self.caches[c.slot]) for c in chunks]
        return [PartialText(text, len(text), "en") for text in texts]

    def flush(self, rests: Sequence[SlotChunk]) -> list[FinalText]:
        assert all(rest.pcm.size < WORD for rest in rests)
        finals = []
        for rest in rests:
            words, self.caches[rest.slot] = self.caches[rest.slot], []
            finals.append(FinalText(text_of(*words), "en"))
        return finals


def test_each_sample_is_heard_once_in_chunks(engines: Engines) -> None:
    gateway = Gateway(engines(Transducer()))
    pcm = say(1, 2, 3, 4)
    cuts = [0, 100, 9000, 9001, 30_000, pcm.size]
    for begin, end in itertools.pairwise(cuts):
        gateway.send(chunk("a", pcm[begin:end], offset=begin, final=end == pcm.size))
    gateway.until(lambda: bool(gateway.finals()))
    assert gateway.finals() == {("a", 1): "w1 w2 w3 w4"}
    assert gateway.captions[-1].heard == pcm.size


def test_a_step_runs_all_slots_as_one_batch(engines: Engines) -> None:
    transducer = Transducer()
    gateway = Gateway(engines(transducer, batch=1))
    gateway.send(*(chunk(name, say(1, 2), final=False) for name in "abcd"))
    gateway.until(lambda: [c.text for c in gateway.captions].count("w1 w2") == 4)
    assert transducer.steps == [4, 4]
    assert all(c.stable == len(c.text) for c in gateway.captions)


def test_a_bad_chunk_is_skipped_and_harms_no_other(engines: Engines) -> None:
    gateway = Gateway(engines(Transducer()))
    gateway.send(chunk("a", say(1, POISON, 3)), chunk("b", say(4, 5, 6)))
    gateway.until(lambda: len(gateway.finals()) == 2)
    assert gateway.finals() == {("a", 1): "w1 w3", ("b", 1): "w4 w5 w6"}


def test_a_language_it_does_not_know_is_an_empty_final(engines: Engines) -> None:
    engine = engines(Transducer())
    gateway = Gateway(engine)
    gateway.send(chunk("a", say(*range(1, 9)), language="zh"), chunk("b", say(3)))
    gateway.until(lambda: len(gateway.finals()) == 2)
    assert gateway.finals() == {("a", 1): "", ("b", 1): "w3"}
    engine.check()  # no reason to replace the replica
    assert gateway.last is not None
    assert gateway.last.errors == 1


def test_a_slot_is_closed_before_another_session_opens_it(engines: Engines) -> None:
    transducer = Transducer()
    gateway = Gateway(engines(transducer))
    gateway.send(*(chunk(name, say(1), final=False) for name in "abcd"))
    gateway.until(lambda: len(gateway.captions) == 4)
    gateway.send(chunk("e", say(7)), closed=("b",))
    gateway.until(lambda: bool(gateway.finals()))
    assert gateway.finals() == {("e", 1): "w7"}
    gateway.send(closed=tuple("acde"))
    gateway.until(lambda: not transducer.caches)


def test_a_marker_passes_the_beginning_of_a_chunk(engines: Engines) -> None:
    gateway = Gateway(engines(Transducer()))
    pcm = say(1, 2)[: WORD + 10]
    gateway.send(chunk("a", pcm, final=False), markers=(Marker("a", 1, ((1, pcm.size),)),))
    gateway.until(lambda: bool(gateway.markers))
    assert [c.text for c in gateway.captions] == ["w1"]


def test_the_interval_told_is_the_chunk(engines: Engines) -> None:
    gateway = Gateway(engines(Transducer())).send()
    assert gateway.last is not None
    assert gateway.last.partial_interval_s == 0.5


def test_a_session_speaks_one_utterance_after_the_other(engines: Engines) -> None:
    gateway = Gateway(engines(Transducer()))
    gateway.send(chunk("a", say(1), final=False))
    gateway.until(lambda: bool(gateway.captions))
    gateway.send(chunk("a", say(5), utterance=2))
    time.sleep(0.05)
    assert gateway.collect().finals() == {}
    gateway.send(chunk("a", say(2), offset=WORD))
    gateway.until(lambda: len(gateway.finals()) == 2)
    assert list(gateway.finals().values()) == ["w1 w2", "w5"]


@pytest.mark.parametrize(("mode", "chunk_s"), [("segment", 0.5), ("streaming", None)])
def test_a_chunk_length_belongs_to_streaming_models(mode: str, chunk_s: float | None) -> None:
    with pytest.raises(ValueError, match="chunk length"):
        Capabilities(mode=mode, languages=("en",), word_times=False, chunk_s=chunk_s)
