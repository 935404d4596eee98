from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import numpy as np
import pytest

from inference.calls import Callee, InferenceFailed, InferenceUnavailable
from inference.messages import SAMPLE_RATE, Caption, Pcm, SpeechBatch, SpeechReply
from inference.settings import SpeechSettings
from inference.speech_client import SpeechClient
from inference.speech_engine import SpeechEngine
from tests.inference.fakes import MANDARIN, FakeRecogniser, say, streaming, text_of


class Replica(Callee):
    """A deployment in this process: an engine that can die, refuse to answer, or lose its replies."""

    def __init__(self, recogniser: FakeRecogniser, settings: SpeechSettings) -> None:
        self.gaps: list[str] = []
        super().__init__("SpeechRecognition", 5, lambda name, state, s: self.gaps.append(state))
        self.recogniser, self.settings = recogniser, settings
        self.batches: list[SpeechBatch] = []
        self.lose_replies = 0
        self.fail: Exception | None = None
        self.engine = self._start_engine()

    def _start_engine(self) -> SpeechEngine:
        engine = SpeechEngine(
            streaming(self.recogniser, self.settings.slots), self.settings, lambda gateway: None
        )
        engine.start()
        return engine

    def replace(self) -> None:
        """The replica dies with all it knows; another takes its place."""
        self.engine.stop()
        self.engine = self._start_engine()

    async def _call(self, method: str, args: tuple[Any, ...], deadline_s: float) -> Any:
        if self.fail is not None:
            raise self.fail
        if method == "ping":
            return "fake@1"
        (batch,) = args
        self.batches.append(batch)
        self.engine.accept(batch)
        for _ in range(20):
            await asyncio.sleep(0.005)
            if self.engine.ready(batch.gateway, batch.tick):
                break
        reply: SpeechReply = self.engine.collect(batch.gateway, batch.tick)
        if self.lose_replies and reply.captions:
            self.lose_replies -= 1
            raise InferenceUnavailable("the reply was lost")
        return reply


class Rig:
    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.client = SpeechClient([replica], replica.settings)
        self.captions: list[Caption] = []

    def open(self, *sessions: str) -> None:
        for session in sessions:
            self.client.open(session, "en", self.captions.append)

    def say(self, session: str, *words: int, utterance: int = 1) -> None:
        self.client.hear(session, utterance, 0, say(*words))
        self.client.finish(session, utterance)

    def finals(self) -> list[tuple[str, int, str]]:
        return [(c.session, c.utterance, c.text) for c in self.captions if c.final]


@pytest.fixture
async def rigs() -> AsyncIterator[Callable[..., Rig]]:
    made: list[Rig] = []

    def make(recogniser: FakeRecogniser | None = None, **settings: Any) -> Rig:
        settings.setdefault("partial_interval_s", 0.02)
        rig = Rig(Replica(recogniser or FakeRecogniser(), SpeechSettings(**settings)))
        rig.client.start()
        made.append(rig)
        return rig

    yield make
    for rig in made:
        await rig.client.close_all()
        await rig.replica.close()
        rig.replica.engine.stop()


async def test_words_come_back_while_they_are_spoken(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.open("a")
    for n in range(4):
        rig.client.hear("a", 1, n * SAMPLE_RATE // 2, say(n + 1))
        await asyncio.sleep(0.05)
    assert any(not c.final and c.text for c in rig.captions)
    rig.client.finish("a", 1)
    assert await rig.client.drain("a", 5)
    assert rig.finals() == [("a", 1, "w1 w2 w3 w4")]


async def test_a_replaced_replica_hears_everything_again(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.open("a")
    for n in range(6):
        rig.client.hear("a", 1, n * SAMPLE_RATE // 2, say(n + 1))
        if n == 3:
            rig.replica.fail = InferenceUnavailable("killed")
            await asyncio.sleep(0.3)
            await asyncio.to_thread(rig.replica.replace)
            rig.replica.fail = None
        await asyncio.sleep(0.05)
    rig.client.finish("a", 1)
    assert await rig.client.drain("a", 5)
    assert rig.finals() == [("a", 1, text_of(1, 2, 3, 4, 5, 6))]
    assert rig.replica.gaps == ["lost", "recovered"]


async def test_a_replica_that_lost_its_memory_unnoticed_asks_for_the_sound(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.open("a")
    rig.client.hear("a", 1, 0, say(1, 2))
    await asyncio.sleep(0.1)
    await asyncio.to_thread(rig.replica.replace)
    rig.client.hear("a", 1, SAMPLE_RATE, say(3))
    rig.client.finish("a", 1)
    assert await rig.client.drain("a", 5)
    assert rig.finals() == [("a", 1, "w1 w2 w3")]


async def test_lost_replies_lose_no_final_and_double_none(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.open("a", "b")
    rig.replica.lose_replies = 3
    for utterance in (1, 2, 3):
        rig.say("a", utterance, utterance=utterance)
        rig.say("b", 10 + utterance, utterance=utterance)
    assert await rig.client.drain("a", 8)
    assert await rig.client.drain("b", 8)
    assert rig.replica.lose_replies == 0
    assert sorted(rig.finals()) == [
        *(("a", n, f"w{n}") for n in (1, 2, 3)),
        *(("b", n, f"w{10 + n}") for n in (1, 2, 3)),
    ]


async def test_an_error_of_the_deployment_itself_is_survived(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.open("a")
    rig.replica.fail = InferenceFailed("bug")
    rig.say("a", 1)
    assert not await rig.client.drain("a", 0.2)
    rig.replica.fail = None
    assert await rig.client.drain("a", 5)
    assert rig.finals() == [("a", 1, "w1")]


async def test_a_refused_session_waits_and_is_heard_from_its_start(rigs: Callable[..., Rig]) -> None:
    rig = rigs(slots=1)
    rig.open("a", "b")
    rig.client.hear("a", 1, 0, say(1))
    await asyncio.sleep(0.1)
    rig.say("b", 5, 6)
    assert not await rig.client.drain("b", 0.3)
    assert rig.client.refused == {"b"}
    rig.client.close("a")
    assert await rig.client.drain("b", 5)
    assert rig.finals() == [("b", 1, "w5 w6")]
    assert rig.client.refused == set()


async def test_one_message_carries_all_sessions(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.open(*(f"s{n}" for n in range(8)))
    for n in range(8):
        rig.say(f"s{n}", n + 1)
    assert await rig.client.drain("s7", 5)
    assert [len(batch.chunks) for batch in rig.replica.batches if batch.chunks] == [8]


async def test_a_closed_session_hears_nothing_more(rigs: Callable[..., Rig]) -> None:
    recogniser = FakeRecogniser()
    recogniser.gate.clear()
    rig = rigs(recogniser)
    rig.open("a")
    rig.say("a", 1)
    await asyncio.sleep(0.05)
    rig.client.close("a")
    recogniser.gate.set()
    rig.open("b")
    rig.say("b", 2)
    assert await rig.client.drain("b", 5)
    assert rig.finals() == [("b", 1, "w2")]


async def test_sound_told_twice_or_with_a_hole(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.open("a")
    rig.client.hear("a", 1, 0, say(1, 2))
    rig.client.hear("a", 1, SAMPLE_RATE // 2, say(2, 3))
    rig.client.hear("a", 1, 2 * SAMPLE_RATE, say(5))
    rig.client.finish("a", 1)
    assert await rig.client.drain("a", 5)
    assert rig.finals() == [("a", 1, "w1 w2 w3 w0 w5")]


async def test_a_found_language_goes_along_to_the_next_replica(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.client.open("a", "auto", rig.captions.append)
    rig.say("a", *[MANDARIN] * 4)
    assert await rig.client.drain("a", 5)
    await asyncio.to_thread(rig.replica.replace)
    rig.say("a", 1, utterance=2)
    assert await rig.client.drain("a", 5)
    assert [c.language for c in rig.captions if c.final] == ["zh", "zh"]


async def test_held_sound_is_bounded_and_the_loss_counted(rigs: Callable[..., Rig]) -> None:
    rig = rigs(held_s=2)
    rig.replica.fail = InferenceUnavailable("gone for good")
    rig.open("a")
    for utterance in (1, 2, 3):
        rig.say("a", 1, 2, utterance=utterance)
    assert rig.client.lost_s == 1.0
    rig.replica.fail = None
    assert await rig.client.drain("a", 8)
    assert [utterance for _, utterance, _ in rig.finals()] == [2, 3]


async def test_a_receiver_that_fails_does_not_stop_the_others(rigs: Callable[..., Rig]) -> None:
    rig = rigs()

    def broken(caption: Caption) -> None:
        raise ValueError("page gone")

    rig.client.open("a", "en", broken)
    rig.open("b")
    rig.say("a", 1)
    rig.say("b", 2)
    assert await rig.client.drain("b", 5)
    assert await rig.client.drain("a", 5)
    assert rig.finals() == [("b", 1, "w2")]


async def test_an_utterance_without_sound_still_gets_its_final(rigs: Callable[..., Rig]) -> None:
    rig = rigs()
    rig.open("a")
    empty: Pcm = np.empty(0, np.int16)
    rig.client.hear("a", 1, 0, empty)
    rig.client.finish("a", 1)
    assert await rig.client.drain("a", 5)
    assert rig.finals() == [("a", 1, "")]


async def test_a_new_replica_is_told_what_was_said_before(rigs: Callable[..., Rig]) -> None:
    fake = FakeRecogniser()
    rig = rigs(fake)
    rig.open("a", "b")
    for utterance, word in ((1, 1), (2, 2)):
        rig.say("a", word, utterance=utterance)
        assert await rig.client.drain("a", 5)
    assert fake.contexts == [("w1", ""), ("w2", "w1")]
    await asyncio.to_thread(rig.replica.replace)  # between utterances: no call fails
    rig.say("b", 50)
    assert await rig.client.drain("b", 5)
    rig.say("a", 3, utterance=3)
    assert await rig.client.drain("a", 5)
    assert fake.contexts[-1] == ("w3", "w1 w2")


async def test_a_lost_replica_is_made_up_for_with_the_same_context(rigs: Callable[..., Rig]) -> None:
    fake = FakeRecogniser()
    rig = rigs(fake)
    rig.open("a")
    rig.say("a", 1)
    assert await rig.client.drain("a", 5)
    rig.client.hear("a", 2, 0, say(2, 3))
    await asyncio.sleep(0.05)
    rig.replica.fail = InferenceUnavailable("killed")
    await asyncio.to_thread(rig.replica.replace)
    await asyncio.sleep(0.2)
    rig.replica.fail = None
    rig.client.finish("a", 2)
    assert await rig.client.drain("a", 5)
    assert fake.contexts[-1] == ("w2 w3", "w1")
