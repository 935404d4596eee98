"""Sound as it should not be: each kind with its outcome, and the engine as healthy as before."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from inference.messages import SAMPLE_RATE, Pcm, UtteranceChunk
from inference.pcm import as_pcm
from inference.settings import SpeechSettings
from inference.speech_engine import SpeechEngine
from models import store
from models.whisper import Whisper
from models.whisper.streaming import WhisperStreaming
from tests.inference.fakes import FakeRecogniser, say
from tests.inference.gateways import Gateway, chunk

Engines = Callable[..., SpeechEngine]


def heard(engine: SpeechEngine, *chunks: UtteranceChunk, name: str = "gateway") -> Gateway:
    """Sends one message per chunk and waits for the finals of all sessions that end."""
    gateway = Gateway(engine, name)
    wanted = {(c.session, c.utterance) for c in chunks if c.final}
    for one in chunks:
        gateway.send(one)
    gateway.until(lambda: set(gateway.finals()) >= wanted, 30)
    engine.check()
    return gateway


def test_floats_that_are_no_numbers_are_silence_and_the_rest_is_heard(engines: Engines) -> None:
    floats = say(1, 2, 3).astype(np.float32) / 32768
    floats[100:200] = np.nan
    floats[9000:9100] = np.inf
    floats[20_000:20_100] = -np.inf
    gateway = heard(engines(FakeRecogniser()), chunk("a", floats))
    assert gateway.finals() == {("a", 1): "w1 w2 w3"}


@given(npst.arrays(st.sampled_from([np.float16, np.float32, np.float64]), st.integers(0, 50)))
def test_any_floats_become_samples(floats: np.ndarray) -> None:
    pcm = as_pcm(floats)
    assert (pcm.dtype, pcm.shape) == (np.int16, floats.shape)
    assert not pcm[~np.isfinite(floats)].any()
    assert (pcm[floats >= 1] == 32767)[np.isfinite(floats[floats >= 1])].all()


@pytest.mark.parametrize("declared", [8000, 44_100, 48_000, 0, -1])
def test_another_rate_ends_the_utterance_without_a_word(engines: Engines, declared: int) -> None:
    engine = engines(FakeRecogniser())
    gateway = heard(engine, chunk("a", say(1, 2), rate=declared), chunk("a", say(3), utterance=2))
    assert gateway.finals() == {("a", 1): "", ("a", 2): "w3"}
    assert gateway.last is not None
    assert gateway.last.errors == 1


def test_a_rate_that_changes_within_an_utterance_ends_it(engines: Engines) -> None:
    engine = engines(FakeRecogniser())
    gateway = Gateway(engine).send(chunk("a", say(1, 2), final=False))
    gateway.until(lambda: bool(gateway.captions))
    gateway.send(chunk("a", say(3), offset=SAMPLE_RATE, rate=8000))
    gateway.send(chunk("a", say(4), utterance=2))
    gateway.until(lambda: len(gateway.finals()) == 2)
    assert gateway.finals() == {("a", 1): "", ("a", 2): "w4"}  # nothing of the first is in the second


@pytest.mark.parametrize(
    "samples", [np.zeros((2, 800), np.int16), np.zeros(800, np.int32), np.zeros(8, complex), None, "sound"]
)
def test_what_is_no_row_of_samples_ends_the_utterance(engines: Engines, samples: Pcm) -> None:
    gateway = heard(engines(FakeRecogniser()), chunk("a", samples), chunk("b", say(2)))
    assert gateway.finals() == {("a", 1): "", ("b", 1): "w2"}


def test_an_impossible_offset_ends_the_utterance(engines: Engines) -> None:
    gateway = heard(engines(FakeRecogniser()), chunk("a", say(1), offset=-5))
    assert gateway.finals() == {("a", 1): ""}


@pytest.mark.parametrize("seed", range(3))
def test_chunks_of_any_size_in_any_order_and_twice_make_the_same_text(engines: Engines, seed: int) -> None:
    """Out of order costs a repetition, as the gateway does it: from the utterance's start."""
    rng = random.Random(seed)
    pcm = say(1, 2, 3, 4)
    cuts = sorted({0, pcm.size, *(rng.randrange(pcm.size) for _ in range(30))})
    pieces = [(a, b) for a, b in itertools.pairwise(cuts) for _ in range(2)]
    rng.shuffle(pieces)
    gateway = Gateway(engines(FakeRecogniser()))
    for begin, end in pieces:
        asked = len(gateway.resend)
        gateway.send(chunk("a", pcm[begin:end], offset=begin, final=False))
        if len(gateway.resend) > asked:
            gateway.send(chunk("a", pcm[:end], final=False))
    gateway.send(chunk("a", pcm))
    gateway.until(lambda: bool(gateway.finals()))
    assert gateway.finals() == {("a", 1): "w1 w2 w3 w4"}


def test_single_samples_make_the_same_text(engines: Engines) -> None:
    pcm = say(1, 2)
    ones = [chunk("a", pcm[n : n + 1], offset=n, final=n == pcm.size - 1) for n in range(pcm.size)]
    assert heard(engines(FakeRecogniser()), *ones).finals() == {("a", 1): "w1 w2"}


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    return Whisper.load(None, dtype="auto")


@pytest.fixture
def real(engines: Engines, whisper: Whisper) -> SpeechEngine:
    settings = SpeechSettings()
    return engines(WhisperStreaming(whisper, slots=settings.slots, beams=1), partial_interval_s=0.7)


@pytest.fixture(scope="module")
def speech() -> Pcm:
    from bench.sound import read_clip

    return as_pcm(read_clip(store.file("demo/two_cities.wav"))[: 4 * SAMPLE_RATE])


@pytest.mark.parametrize("level", [0, 1, 12_000, -32_768])
def test_silence_and_a_level_without_sound_have_no_words(real: SpeechEngine, level: int) -> None:
    gateway = heard(real, chunk("a", np.full(4 * SAMPLE_RATE, level, np.int16)))
    assert gateway.finals() == {("a", 1): ""}
    assert gateway.last is not None
    assert gateway.last.errors == 0


def test_speech_off_centre_or_clipped_is_still_heard(real: SpeechEngine, speech: Pcm) -> None:
    wide = speech.astype(np.int32)
    shifted = np.clip(wide + 6000, -32_768, 32_767).astype(np.int16)
    gain = 32_767 / np.quantile(np.abs(wide), 0.95)  # one sample in twenty beyond full scale
    clipped = np.clip(wide * gain, -32_768, 32_767).astype(np.int16)
    gateway = heard(real, chunk("dc", shifted), chunk("clipped", clipped))
    for text in gateway.finals().values():
        assert "best of times" in text.lower()


def test_speech_with_holes_of_nan_is_still_heard(real: SpeechEngine, speech: Pcm) -> None:
    floats = speech.astype(np.float32) / 32768
    floats[:: SAMPLE_RATE // 2] = np.nan
    assert "best of times" in heard(real, chunk("a", floats)).finals()[("a", 1)].lower()


def test_ten_seconds_at_once_and_the_same_in_pieces_are_one_text(real: SpeechEngine, speech: Pcm) -> None:
    long = np.concatenate([speech, speech, speech])[: 10 * SAMPLE_RATE]
    pieces = [
        chunk("b", long[at : at + 1601], offset=at, final=at + 1601 >= long.size)
        for at in range(0, long.size, 1601)
    ]
    finals = heard(real, chunk("a", long), *pieces).finals()
    assert finals[("a", 1)] == finals[("b", 1)] != ""
