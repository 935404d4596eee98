"""The deployments: a model each (Liveness may carry a second), its thread, and the gateway's calls.

Ray Serve calls these classes; nothing in them imports Ray. A model is imported where it is loaded, so that a
replica holds only what it needs, and it has run once before the replica counts as ready.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from inference.coalesce import Coalescer
from inference.messages import (
    AFFECT_CROP,
    IDENTITY_CROP,
    LIVENESS_CROP,
    SAMPLE_RATE,
    AffectResult,
    AnswerRequest,
    AnswerResult,
    Crop,
    FaceEmbeddings,
    FlagResult,
    LivenessResult,
    MeasureResult,
    Pcm,
    SpeechBatch,
    SpeechReply,
)
from inference.model_thread import ModelThread, lower_priority
from inference.pcm import as_pcm
from inference.settings import (
    AffectSettings,
    AnswerSettings,
    Device,
    IdentitySettings,
    LivenessSettings,
    SpeechSettings,
)
from inference.speech_engine import SpeechEngine
from models import recognizers
from models.streaming import StreamingRecognizer
from models.topics import JobMatch, JobText

if TYPE_CHECKING:
    from models.answers import AnswerRater
    from models.llm.rater import LlmRater

LONG_POLL_S = 0.2

Result = TypeVar("Result")

_log = logging.getLogger("ray.serve")


class SpeechRecognition:
    """Captions for sound; see `SpeechEngine`. Raises at start when the model's weights are missing."""

    def __init__(self, settings: SpeechSettings) -> None:
        recognizer = recognizers.load(
            settings.model,
            slots=settings.slots,
            device=settings.torch_device,
            dtype=settings.dtype,
            threads=settings.threads,
            beams=settings.beams,
            lookahead=settings.lookahead,
        )
        warm_up(recognizer, settings.batch)
        self._name = recognizer.name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._calls: dict[str, asyncio.Event] = {}  # of each gateway, the newest call that waits
        self._engine = SpeechEngine(
            recognizer,
            settings,
            self._ready,
            on_thread=lambda: lower_priority(settings.nice),
            on_error=lambda error: _log.error("a clip could not be recognised", exc_info=error),
        )
        self._engine.start()

    async def exchange(self, batch: SpeechBatch) -> SpeechReply:
        """Takes sound and returns captions as soon as there are any, at the latest after `LONG_POLL_S`."""
        self._loop = asyncio.get_running_loop()
        older, event = self._calls.get(batch.gateway), asyncio.Event()
        self._calls[batch.gateway] = event
        self._engine.accept(batch)
        if older is not None:
            older.set()
        try:
            async with asyncio.timeout(LONG_POLL_S):
                while not self._engine.ready(batch.gateway, batch.tick):
                    event.clear()
                    await event.wait()
        except TimeoutError:
            pass
        finally:
            if self._calls.get(batch.gateway) is event:
                del self._calls[batch.gateway]
        return self._engine.collect(batch.gateway, batch.tick)

    def _ready(self, gateway: str) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake, gateway)

    def _wake(self, gateway: str) -> None:
        event = self._calls.get(gateway)
        if event is not None:
            event.set()

    async def ping(self) -> str:
        return self._name

    def check_health(self) -> None:
        self._engine.check()


class FacialAffect:
    """Expression of faces. Calls that meet are run as one batch."""

    def __init__(self, settings: AffectSettings) -> None:
        from models.affect import LABELS, AffectModel, valence

        self._labels, self._valence = LABELS, valence
        self._thread, self._limit = ModelThread(settings.nice), settings.batch
        self._model = self._thread.now(
            lambda: AffectModel.load(settings.model, device=settings.torch_device, threads=settings.threads)
        )
        self._thread.now(
            lambda: self._model.probabilities(np.zeros((self._limit, AFFECT_CROP, AFFECT_CROP, 3), np.uint8))
        )
        self._batch = Coalescer(self._run, limit=settings.max_ongoing, waiting=settings.max_ongoing)

    async def observe(self, crops: Crop) -> list[AffectResult]:
        """`crops`: n × 112 × 112 × 3, uint8 RGB."""
        return await self._batch.submit(crops) or []

    async def _run(self, stacks: list[Crop]) -> Sequence[list[AffectResult]]:
        rows = await self._thread.run(lambda: _in_passes(self._model.probabilities, stacks, self._limit))
        results = []
        for row in rows:
            band, confidence = self._valence(row)
            probabilities = {label: float(p) for label, p in zip(self._labels, row, strict=True)}
            results.append(AffectResult(probabilities, band, float(confidence), self._model.name))
        return _split(results, stacks)

    async def ping(self) -> str:
        return self._model.name

    def check_health(self) -> None:
        self._thread.check()


class Liveness:
    """Probability that a face is a bona fide presentation. Calls that meet are run as one batch.

    With `identity` the same replica and thread also carry face verification (`FaceIdentity`).
    """

    def __init__(self, settings: LivenessSettings, identity: IdentitySettings | None = None) -> None:
        from models.liveness import LivenessModel

        self._thread, self._limit = ModelThread(settings.nice), settings.batch
        self._model = self._thread.now(
            lambda: LivenessModel.load(settings.model, device=settings.torch_device, threads=settings.threads)
        )
        self._thread.now(
            lambda: self._model.score(np.zeros((self._limit, LIVENESS_CROP, LIVENESS_CROP, 3), np.uint8))
        )
        self._faces: FaceIdentity | None = None
        if identity is not None:
            device, threads = settings.torch_device, settings.threads
            self._faces = FaceIdentity(identity, device, threads, self._thread)
        self._batch = Coalescer(self._run, limit=settings.max_ongoing, waiting=settings.max_ongoing)

    async def observe(self, crops: Crop) -> list[LivenessResult]:
        """`crops`: n × 128 × 128 × 3, uint8 RGB."""
        return await self._batch.submit(crops) or []

    async def _run(self, stacks: list[Crop]) -> Sequence[list[LivenessResult]]:
        scores = await self._thread.run(lambda: _in_passes(self._model.score, stacks, self._limit))
        return _split([LivenessResult(float(score), self._model.name) for score in scores], stacks)

    async def embed(self, crops: Crop) -> FaceEmbeddings:
        """`crops`: n × 112 × 112 × 3, uint8 RGB, aligned; none are fine, to ask for the model's name.

        Raises RuntimeError where face verification is off.
        """
        if self._faces is None:
            raise RuntimeError("face verification is off")
        return await self._faces.embed(crops)

    async def ping(self) -> str:
        return self._model.name

    def check_health(self) -> None:
        self._thread.check()


class FaceIdentity:
    """Faces as vectors. Calls that meet are run as one batch, on the thread of whoever carries it."""

    def __init__(self, settings: IdentitySettings, device: Device, threads: int, thread: ModelThread) -> None:
        from models.identity.embedding import FaceEmbedder

        self._thread, self._limit = thread, settings.batch
        self._model = thread.now(lambda: FaceEmbedder.load(settings.model, device=device, threads=threads))
        full = np.zeros((self._limit, IDENTITY_CROP, IDENTITY_CROP, 3), np.uint8)
        self._dimensions = thread.now(lambda: self._model.embed(full)).shape[1]
        self._batch: Coalescer[Crop, NDArray[np.float32]] = Coalescer(self._run, limit=16, waiting=64)

    async def embed(self, crops: Crop) -> FaceEmbeddings:
        none = np.zeros((0, self._dimensions), np.float32)
        vectors = await self._batch.submit(crops) if len(crops) else none
        if vectors is None:
            raise RuntimeError("too many faces at a time")
        return FaceEmbeddings(vectors, self._model.name)

    async def _run(self, stacks: list[Crop]) -> Sequence[NDArray[np.float32]]:
        vectors = await self._thread.run(lambda: _in_passes(self._model.embed, stacks, self._limit))
        return np.split(vectors, np.cumsum([len(stack) for stack in stacks])[:-1])


class AnswerQuality:
    """Rates whole answers, and reads job descriptions with the same encoder, one after the other.

    A language model, where one is configured, is waited for on other threads: several answers at a time.
    """

    def __init__(self, settings: AnswerSettings) -> None:
        from models.answers import AnswerRater
        from models.matching import JobMatcher

        self._thread = ModelThread(settings.nice)
        self._rater = self._thread.now(
            lambda: AnswerRater.load(settings.model, device=settings.torch_device, threads=settings.threads)
        )
        self._matcher = JobMatcher(self._rater.encoder)
        self._llm = self._thread.now(lambda: _language_model(settings, self._rater))

    async def rate(self, request: AnswerRequest) -> AnswerResult:
        """Evidence names sentences of the request by index. A measure without a value says why."""
        asked = (request.question_text, list(request.key_points))
        said = [sentence.text for sentence in request.sentences]
        llm = self._llm
        if llm is None:
            rating = await self._thread.run(
                lambda: self._rater.rate(*asked, said, request.language, request.behaviours)
            )
        else:
            prepared = await self._thread.run(
                lambda: llm.prepare(*asked, said, request.language, request.dimensions, request.behaviours)
            )
            rating = await asyncio.to_thread(llm.judge, prepared)
        measures = tuple(
            MeasureResult(
                m.name, m.value, m.insufficient, tuple(m.evidence), dict(m.detail), m.missing, m.quotes
            )
            for m in rating.measures
        )
        flags = tuple(FlagResult(flag.name, flag.sentences) for flag in rating.flags)
        return AnswerResult(measures, rating.tokens, rating.model, rating.rubric, flags)

    async def match(self, job: JobText) -> JobMatch:
        """What a job description asks for. The first one takes a second longer, for jieba's dictionary."""
        return await self._thread.run(lambda: self._matcher.match(job))

    async def ping(self) -> str:
        return self._llm.model if self._llm else self._rater.model

    def check_health(self) -> None:
        self._thread.check()


def _language_model(settings: AnswerSettings, embedded: AnswerRater) -> LlmRater | None:
    """An endpoint is not called here: one that is down when the server starts may be back later."""
    if settings.llm is None:
        return None
    from models.llm.load import load
    from models.llm.rater import LlmRater
    from models.llm.sampler import Sampling

    of = settings.llm
    backend = load(
        of.model,
        endpoint=of.endpoint,
        api_key=of.api_key.get_secret_value() if of.api_key else None,
        device=settings.torch_device,
        temperature=of.temperature,
        max_tokens=of.max_tokens,
        timeout_s=of.timeout_s,
        attempts=of.attempts,
        concurrency=of.concurrency,
    )
    sampling = Sampling(of.samples, of.seed, of.budget_s)
    return LlmRater(embedded, backend, sampling, lambda: lower_priority(settings.nice))


def warm_up(recognizer: StreamingRecognizer, batch: int) -> None:
    """A full batch of the longest utterances: candidates meet a replica with all the memory it will need."""
    rows = recognizer.slots if recognizer.capabilities.chunk else min(batch, recognizer.slots)
    recognizers.whole(recognizer, [_speech()] * rows, recognizer.capabilities.languages[0])


def _speech(seconds: float = 15.0) -> Pcm:
    """Recorded speech, 16 kHz mono; noise where the recording was not fetched."""
    import soundfile

    from models import store

    size = int(seconds * SAMPLE_RATE)
    try:
        sound, rate = soundfile.read(store.file("demo/two_cities.wav"), dtype="float32", always_2d=True)
    except store.WeightsMissing:
        return as_pcm(np.random.default_rng(0).normal(0, 0.1, size))
    step = rate // SAMPLE_RATE  # plain averaging is no good resampler, and good enough to warm up on
    return as_pcm(sound[: size * step].mean(axis=1).reshape(-1, step).mean(axis=1))


def _in_passes(
    model: Callable[[Crop], NDArray[np.float32]], stacks: list[Crop], limit: int
) -> NDArray[np.float32]:
    """The model's rows for all crops, at most `limit` of them in one forward pass."""
    crops = np.concatenate(stacks)
    return np.concatenate([model(crops[start : start + limit]) for start in range(0, len(crops), limit)])


def _split(results: Sequence[Result], stacks: Sequence[Crop]) -> list[list[Result]]:
    """The results of one batch, back in the calls they came from."""
    rest = iter(results)
    return [[next(rest) for _ in range(len(stack))] for stack in stacks]
