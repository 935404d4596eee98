"""The application with its real weights, as a gateway uses it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import numpy as np
import pytest
import soundfile
import uvloop
from scipy.signal import resample_poly

from inference.client import InferenceClient, InferenceUnavailable
from inference.messages import SAMPLE_RATE, AnswerRequest, Caption, Pcm, Sentence
from inference.settings import AffectSettings, AnswerSettings, InferenceSettings
from models import store
from tests.inference.replicas import kill

CHUNK = SAMPLE_RATE // 10
READY_S = 60


class Gaps:
    def __init__(self) -> None:
        self.told: list[tuple[str, str, float]] = []

    def __call__(self, deployment: str, state: str, seconds: float) -> None:
        self.told.append((deployment, state, seconds))


@pytest.fixture
def gaps() -> Gaps:
    return Gaps()


@pytest.fixture
async def client(serving: InferenceSettings, gaps: Gaps) -> AsyncIterator[InferenceClient]:
    client = InferenceClient(serving, gaps)
    await client.start()
    assert await client.wait_ready(READY_S)
    yield client
    await client.close()


@pytest.fixture(scope="module")
def utterances() -> list[Pcm]:
    """Three sentences of the recorded reader, as endpointing would cut them."""
    sound, rate = soundfile.read(store.file("demo/two_cities.wav"))
    pcm = (resample_poly(sound, SAMPLE_RATE, rate) * 32767).astype(np.int16)
    return [pcm[start * SAMPLE_RATE : end * SAMPLE_RATE] for start, end in ((0, 4), (4, 9), (9, 13))]


class Speaker:
    """One candidate who speaks twice as fast as the clock."""

    def __init__(self, client: InferenceClient, session: str) -> None:
        self.client, self.session = client, session
        self.captions: list[Caption] = []
        client.speech.open(session, "en", self.captions.append)

    async def say(self, number: int, pcm: Pcm) -> None:
        for offset in range(0, pcm.size, CHUNK):
            self.client.speech.hear(self.session, number, offset, pcm[offset : offset + CHUNK])
            await asyncio.sleep(0.05)
        self.client.speech.finish(self.session, number)

    def finals(self) -> dict[int, str]:
        finals = [c for c in self.captions if c.final]
        assert len({c.utterance for c in finals}) == len(finals)  # each once
        return {c.utterance: c.text for c in finals}


async def test_every_deployment_names_its_model(client: InferenceClient) -> None:
    assert set(client.status().values()) == {"ready"}
    assert set(client.models()) == set(client.status())
    assert client.speech.model.startswith("whisper-base@")


async def test_speech_is_heard_while_it_is_spoken(client: InferenceClient, utterances: list[Pcm]) -> None:
    speaker = Speaker(client, "one")
    await speaker.say(1, utterances[0])
    assert await client.speech.drain("one", 30)
    final = speaker.captions[-1]
    assert "best of times" in final.text.lower()
    assert any(not c.final and "best" in c.text.lower() for c in speaker.captions)
    assert [w.start for w in final.words] == sorted(w.start for w in final.words)
    assert 0 <= final.words[0].start < final.words[-1].end <= 4.1


async def test_a_killed_replica_loses_no_words(
    client: InferenceClient, gaps: Gaps, utterances: list[Pcm]
) -> None:
    undisturbed = Speaker(client, "undisturbed")
    for number, pcm in enumerate(utterances, 1):
        undisturbed.client.speech.hear("undisturbed", number, 0, pcm)
        undisturbed.client.speech.finish("undisturbed", number)
    assert await client.speech.drain("undisturbed", 60)

    speaker = Speaker(client, "disturbed")
    await speaker.say(1, utterances[0])
    speaking = asyncio.create_task(speaker.say(2, utterances[1]))
    await asyncio.sleep(1.2)
    assert await asyncio.to_thread(kill, "SpeechRecognition") == 1
    await speaking
    await speaker.say(3, utterances[2])
    assert await client.speech.drain("disturbed", 90)
    assert speaker.finals() == undisturbed.finals()
    assert all(speaker.finals().values())
    assert [told[:2] for told in gaps.told] == [
        ("SpeechRecognition", "lost"),
        ("SpeechRecognition", "recovered"),
    ]
    assert gaps.told[1][2] > 0


async def test_two_gateways_share_a_replica(
    serving: InferenceSettings, client: InferenceClient, gaps: Gaps, utterances: list[Pcm]
) -> None:
    other = InferenceClient(serving, gaps)
    await other.start()
    one, two = Speaker(client, "first"), Speaker(other, "second")
    await asyncio.gather(one.say(1, utterances[0]), two.say(1, utterances[1]))
    assert await client.speech.drain("first", 30)
    assert await other.speech.drain("second", 30)
    await other.close()
    assert "best of times" in one.finals()[1].lower()
    assert "best of times" not in two.finals()[1].lower()
    assert "wisdom" in two.finals()[1].lower()


async def test_pictures_of_many_sessions(client: InferenceClient) -> None:
    grey = np.full((112, 112, 3), 127, np.uint8)
    noise = np.random.default_rng(1).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    affects = await asyncio.gather(*(client.affect(grey) for _ in range(6)))
    lives = await asyncio.gather(*(client.liveness(noise) for _ in range(6)))
    for affect in affects:
        assert affect is not None
        assert sum(affect.probabilities.values()) == pytest.approx(1, abs=1e-3)
        assert affect.model == client.models()["FacialAffect"]
    assert {live is not None and 0 <= live.score <= 1 for live in lives} == {True}
    assert client.dropped == {"FacialAffect": 0, "Liveness": 0}


async def test_faces_are_embedded_beside_liveness(client: InferenceClient) -> None:
    faces = np.random.default_rng(0).integers(0, 255, (3, 112, 112, 3), dtype=np.uint8)
    found = await client.embed(faces)
    assert found.vectors.shape == (3, 512)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-5)
    assert found.model == client.models()["FaceIdentity"] == "faceplugin-fr-feature@0.0.1"


async def test_more_pictures_than_can_wait_drop_the_oldest(client: InferenceClient) -> None:
    crop = np.zeros((128, 128, 3), np.uint8)
    results = await asyncio.gather(*(client.liveness(crop) for _ in range(60)))
    assert client.dropped["Liveness"] == results.count(None) == 60 - 32
    assert results[-1] is not None


async def test_an_answer_is_rated(client: InferenceClient) -> None:
    said = (
        "In my last job I designed the database for our orders.",
        "We split the tables by customer because the reports had become slow.",
        "After that change the slowest query took two hundred milliseconds.",
    )
    request = AnswerRequest(
        session="s",
        question="q1",
        language="en",
        question_text="Tell me about a database you designed and what you would do better today.",
        key_points=("reason for the design", "measured outcome"),
        sentences=tuple(Sentence(text, n * 5.0, n * 5.0 + 4) for n, text in enumerate(said)),
    )
    result = await client.rate(request)
    measures = {measure.name: measure for measure in result.measures}
    assert measures["relevance"].value is not None
    assert all(0 <= index < 3 for index, _ in measures["relevance"].evidence)
    assert measures["lexical_richness"].insufficient
    assert result.model == client.models()["AnswerQuality"]


async def test_an_answer_is_retried_when_its_replica_dies(client: InferenceClient, gaps: Gaps) -> None:
    assert await asyncio.to_thread(kill, "AnswerQuality") == 1
    request = AnswerRequest("s", "q1", "en", "Why?", (), (Sentence("Because.", 0, 1),))
    result = await client.rate(request)
    assert all(measure.value is None for measure in result.measures)
    assert client.status()["AnswerQuality"] == "ready"


async def test_a_deadline_is_kept(serving: InferenceSettings, gaps: Gaps) -> None:
    settings = serving.model_copy(update={"answers": AnswerSettings(deadline_s=0.001)})
    client = InferenceClient(settings, gaps)
    await client.start()
    began = time.monotonic()
    with pytest.raises(InferenceUnavailable, match="did not answer within"):
        await client.rate(AnswerRequest("s", "q", "en", "Why?", (), (Sentence("Because.", 0, 1),)))
    assert time.monotonic() - began < 2
    await client.close()


async def test_forbidden_affect_is_off(serving: InferenceSettings, gaps: Gaps) -> None:
    settings = serving.model_copy(update={"affect": AffectSettings(enabled=False)})
    client = InferenceClient(settings, gaps)
    await client.start()
    assert await client.wait_ready(READY_S)
    assert client.status()["FacialAffect"] == "off"
    assert await client.affect(np.zeros((112, 112, 3), np.uint8)) is None
    await client.close()


def test_the_client_runs_on_uvloop(serving: InferenceSettings, gaps: Gaps, utterances: list[Pcm]) -> None:
    async def interview() -> dict[int, str]:
        client = InferenceClient(serving, gaps)
        await client.start()
        assert await client.wait_ready(READY_S)
        speaker = Speaker(client, "uv")
        client.speech.hear("uv", 1, 0, utterances[0])
        client.speech.finish("uv", 1)
        assert await client.speech.drain("uv", 30)
        await client.close()
        return speaker.finals()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert "best of times" in runner.run(interview())[1].lower()
