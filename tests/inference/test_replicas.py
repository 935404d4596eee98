"""Two speech replicas with the real weights, one of which is killed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

from inference import runtime
from inference.calls import Callee
from inference.client import InferenceClient
from inference.messages import SAMPLE_RATE, Caption, Pcm
from inference.settings import InferenceSettings
from models import store
from tests.inference.replicas import kill

CHUNK = SAMPLE_RATE // 10
SECOND = "SpeechRecognition-2"
SESSIONS = [f"s{n}" for n in range(8)]


@pytest.fixture(scope="module")
def two(serving: InferenceSettings) -> Iterator[InferenceSettings]:
    from ray import serve

    settings = serving.model_copy(update={"speech": serving.speech.model_copy(update={"replicas": 2})})
    runtime.run(settings, {SECOND})
    yield settings
    serve.delete(SECOND)


@pytest.fixture(scope="module")
def utterances() -> list[Pcm]:
    """Eight stretches of three seconds, no two alike."""
    sound, rate = soundfile.read(store.file("demo/two_cities.wav"))
    pcm = (resample_poly(sound, SAMPLE_RATE, rate) * 32767).astype(np.int16)
    starts = (int(n * 1.4 * SAMPLE_RATE) for n in range(8))
    return [pcm[start : start + 3 * SAMPLE_RATE] for start in starts]


class Answered:
    """Which exchanges were answered: when, by which application, with the sound of which sessions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.exchanges: list[tuple[float, str, set[str]]] = []
        call = Callee.call

        async def recorded(callee: Callee, method: str, *args: Any, **options: Any) -> Any:
            reply = await call(callee, method, *args, **options)
            if method == "exchange":
                sessions = {chunk.session for chunk in args[0].chunks}
                self.exchanges.append((time.monotonic(), callee.application, sessions))
            return reply

        monkeypatch.setattr(Callee, "call", recorded)

    def by(self, application: str) -> set[str]:
        return set().union(*(sessions for _, at, sessions in self.exchanges if at == application))

    def first_after(self, when: float, session: str) -> float:
        return next(at for at, _, sessions in self.exchanges if at > when and session in sessions)


@pytest.fixture
async def client(two: InferenceSettings) -> AsyncIterator[InferenceClient]:
    told: list[str] = []
    client = InferenceClient(two, lambda deployment, state, seconds: told.append(state))
    await client.start()
    assert await client.wait_ready(60)
    yield client
    await client.close()
    assert told == []  # speech as such was never lost


async def interview(
    client: InferenceClient, utterances: list[Pcm], kill_after_s: float | None = None
) -> tuple[dict[str, str], float]:
    """All sessions speak at once, each its utterance. The finals, and when the kill was."""
    captions: list[Caption] = []
    killed_at, killing = 0.0, None
    for session in SESSIONS:
        client.speech.open(session, "en", captions.append)
    began = time.monotonic()
    for offset in range(0, utterances[0].size, CHUNK):
        for session, pcm in zip(SESSIONS, utterances, strict=True):
            client.speech.hear(session, 1, offset, pcm[offset : offset + CHUNK])
        if kill_after_s is not None and killing is None and time.monotonic() - began >= kill_after_s:
            killed_at = time.monotonic()
            killing = asyncio.create_task(asyncio.to_thread(kill, "SpeechRecognition"))
        await asyncio.sleep(0.1)
    for session in SESSIONS:
        client.speech.finish(session, 1)
    for session in SESSIONS:
        assert await client.speech.drain(session, 60)
        client.speech.close(session)
    if killing is not None:
        assert await killing == 1
    finals = [caption for caption in captions if caption.final]
    assert len(finals) == len(SESSIONS)
    return {caption.session: caption.text for caption in finals}, killed_at


async def test_a_killed_replicas_sessions_go_on_at_the_other_at_once(
    client: InferenceClient, utterances: list[Pcm], monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = Answered(monkeypatch)
    undisturbed, _ = await interview(client, utterances)
    assert len(answered.by("SpeechRecognition")) == len(answered.by(SECOND)) == 4
    assert all(undisturbed.values())

    answered.exchanges.clear()
    finals, killed_at = await interview(client, utterances, kill_after_s=1.2)
    moved = answered.by("SpeechRecognition")
    gaps = {session: answered.first_after(killed_at, session) - killed_at for session in moved}
    assert client.speech.moved == len(moved) == 4
    assert answered.by(SECOND) == set(SESSIONS)
    assert finals == undisturbed
    assert max(gaps.values()) <= 2, gaps
    print(f"longest gap {max(gaps.values()):.2f} s")
    assert await client.wait_ready(60)  # Serve has replaced the replica


async def test_a_marker_comes_back_after_the_final_before_it(
    client: InferenceClient, utterances: list[Pcm]
) -> None:
    captions: list[Caption] = []
    client.speech.open("m", "en", captions.append)
    assert await client.speech.marker("m") < 2  # nothing was said
    client.speech.hear("m", 1, 0, utterances[0])
    seconds = await client.speech.marker("m")
    assert [caption.final for caption in captions] == [False]
    assert captions[0].heard == utterances[0].size
    client.speech.finish("m", 1)
    assert await client.speech.marker("m") > 0
    assert captions[-1].final
    assert 0 < seconds < 10
    client.speech.close("m")
