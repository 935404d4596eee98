"""The client with several replicas, each an engine in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from inference.calls import InferenceFailed, InferenceUnavailable
from inference.messages import Caption
from inference.settings import InferenceSettings, SpeechSettings
from inference.speech_client import SpeechClient
from tests.inference.fakes import WORD, FakeRecogniser, say
from tests.inference.test_speech_client import Replica


class Pair:
    """`heard(n)`: the sessions whose sound the n-th replica was sent."""

    def __init__(self, **settings: Any) -> None:
        of = SpeechSettings(partial_interval_s=0.02, replicas=2, **settings)
        self.replicas = [Replica(FakeRecogniser(), of) for _ in range(2)]
        for replica in self.replicas:
            replica.state = "ready"
        self.client = SpeechClient(self.replicas, of)
        self.captions: list[Caption] = []

    def open(self, *sessions: str) -> None:
        for session in sessions:
            self.client.open(session, "en", self.captions.append)

    def heard(self, replica: int) -> set[str]:
        return {chunk.session for batch in self.replicas[replica].batches for chunk in batch.chunks}

    def finals(self) -> dict[tuple[str, int], str]:
        finals = [c for c in self.captions if c.final]
        assert len({(c.session, c.utterance) for c in finals}) == len(finals)  # each once
        return {(c.session, c.utterance): c.text for c in finals}


@pytest.fixture
async def pairs() -> AsyncIterator[Callable[..., Pair]]:
    made: list[Pair] = []

    def make(**settings: Any) -> Pair:
        pair = Pair(**settings)
        pair.client.start()
        made.append(pair)
        return pair

    yield make
    for pair in made:
        await pair.client.close_all()
        for replica in pair.replicas:
            await replica.close()
            replica.engine.stop()


async def test_sessions_spread_and_stay_with_their_replica(pairs: Callable[..., Pair]) -> None:
    pair = pairs()
    sessions = [f"s{n}" for n in range(6)]
    pair.open(*sessions)
    for n in range(4):
        for session in sessions:
            pair.client.hear(session, 1, n * WORD, say(n + 1))
        await asyncio.sleep(0.03)
    for session in sessions:
        pair.client.finish(session, 1)
    for session in sessions:
        assert await pair.client.drain(session, 5)
    assert len(pair.heard(0)) == len(pair.heard(1)) == 3
    assert not pair.heard(0) & pair.heard(1)
    assert set(pair.finals().values()) == {"w1 w2 w3 w4"}


async def test_a_lost_replicas_sessions_go_on_at_the_other(pairs: Callable[..., Pair]) -> None:
    pair = pairs()
    sessions = [f"s{n}" for n in range(4)]
    pair.open(*sessions)
    for session in sessions:
        pair.client.hear(session, 1, 0, say(1, 2))
    await asyncio.sleep(0.1)
    orphans = pair.heard(0)
    pair.replicas[0].fail = InferenceUnavailable("killed")
    for session in sessions:
        pair.client.hear(session, 1, 2 * WORD, say(3))
        pair.client.finish(session, 1)
    for session in sessions:
        assert await pair.client.drain(session, 2)
    assert len(orphans) == pair.client.moved == 2
    assert pair.heard(1) == set(sessions)
    assert pair.finals() == {(session, 1): "w1 w2 w3" for session in sessions}


async def test_a_replica_that_is_back_gets_sessions_at_their_next_utterance(
    pairs: Callable[..., Pair],
) -> None:
    pair = pairs()
    pair.open("a", "b", "c", "d")
    pair.replicas[0].fail = InferenceUnavailable("killed")
    pair.replicas[0].state = "lost"
    for session in "abcd":
        pair.client.hear(session, 1, 0, say(1))
    await asyncio.sleep(0.1)
    assert pair.heard(1) == set("abcd")
    await asyncio.to_thread(pair.replicas[0].replace)
    pair.replicas[0].fail, pair.replicas[0].state = None, "ready"
    for session in "abcd":
        pair.client.hear(session, 1, WORD, say(2))  # amid an utterance nobody moves
        pair.client.finish(session, 1)
        assert await pair.client.drain(session, 5)
    assert pair.heard(0) == set()
    for session in "abcd":
        pair.client.hear(session, 2, 0, say(3))
        pair.client.finish(session, 2)
    for session in "abcd":
        assert await pair.client.drain(session, 5)
    assert len(pair.heard(0)) == 2
    assert set(pair.finals().values()) == {"w1 w2", "w3"}
    await asyncio.sleep(0.1)
    assert len(pair.replicas[1].engine._slots) == 2  # those that left have freed theirs


async def test_a_slow_replicas_late_words_are_not_taken_for_those_of_the_next(
    pairs: Callable[..., Pair],
) -> None:
    pair = pairs()
    pair.open("a")
    pair.replicas[0].recogniser.gate.clear()
    pair.client.hear("a", 1, 0, say(1, 2))
    pair.client.finish("a", 1)
    await asyncio.sleep(0.1)
    pair.replicas[0].lose_replies, pair.replicas[0].fail = 0, InferenceUnavailable("slow")
    assert await pair.client.drain("a", 5)
    pair.client.hear("a", 2, 0, say(7))
    pair.client.finish("a", 2)
    pair.replicas[0].recogniser.gate.set()
    pair.replicas[0].fail, pair.replicas[0].state = None, "ready"
    assert await pair.client.drain("a", 5)
    assert pair.finals() == {("a", 1): "w1 w2", ("a", 2): "w7"}


async def test_a_full_replica_sends_a_session_to_the_other(pairs: Callable[..., Pair]) -> None:
    pair = pairs(slots=1)
    # Another gateway has taken the only slot of the first, of which this one knows nothing.
    other = SpeechClient([pair.replicas[0]], pair.replicas[0].settings)
    other.start()
    other.open("x", "en", lambda caption: None)
    other.hear("x", 1, 0, say(1))
    await asyncio.sleep(0.1)
    pair.open("a")
    pair.client.hear("a", 1, 0, say(5, 6))
    pair.client.finish("a", 1)
    assert await pair.client.drain("a", 5)
    assert pair.finals() == {("a", 1): "w5 w6"}
    assert "a" in pair.heard(1)
    await other.close_all()


async def test_an_error_of_a_replica_itself_moves_nobody(pairs: Callable[..., Pair]) -> None:
    pair = pairs()
    pair.open("a")
    pair.replicas[0].fail = InferenceFailed("bug")
    pair.client.hear("a", 1, 0, say(1))
    pair.client.finish("a", 1)
    assert not await pair.client.drain("a", 0.2)
    pair.replicas[0].fail = None
    assert await pair.client.drain("a", 5)
    assert pair.client.moved == 0


async def test_a_marker_goes_along_to_the_next_replica(pairs: Callable[..., Pair]) -> None:
    pair = pairs()
    pair.open("a")
    pair.client.hear("a", 1, 0, say(1, 2))
    await asyncio.sleep(0.1)
    pair.replicas[0].fail = InferenceUnavailable("killed")
    async with asyncio.timeout(5):
        seconds = await pair.client.marker("a")
    assert 0 < seconds < 5
    assert pair.captions[-1].heard == 2 * WORD
    assert pair.client.moved == 1


async def test_a_marker_comes_back_after_the_captions_before_it(pairs: Callable[..., Pair]) -> None:
    pair = pairs()
    pair.open("a")
    pair.client.hear("a", 1, 0, say(1, 2))
    pair.client.finish("a", 1)
    async with asyncio.timeout(5):
        await pair.client.marker("a")
    assert pair.finals() == {("a", 1): "w1 w2"}


async def test_the_marker_of_a_session_that_closes_raises(pairs: Callable[..., Pair]) -> None:
    pair = pairs()
    with pytest.raises(KeyError):
        await pair.client.marker("never opened")
    pair.open("a")
    for replica in pair.replicas:
        replica.recogniser.gate.clear()
    pair.client.hear("a", 1, 0, say(1))
    waiting = asyncio.create_task(pair.client.marker("a"))
    await asyncio.sleep(0.05)
    pair.client.close("a")
    for replica in pair.replicas:
        replica.recogniser.gate.set()
    with pytest.raises(KeyError):
        await waiting


def test_each_replica_is_an_application_of_its_own() -> None:
    settings = InferenceSettings(speech=SpeechSettings(replicas=3))
    speech = [name for name, of in settings.applications().items() if of == "SpeechRecognition"]
    assert speech == ["SpeechRecognition", "SpeechRecognition-2", "SpeechRecognition-3"]
    assert list(InferenceSettings().applications()) == list(InferenceSettings().deployments())
