"""Inference without models: what `gateway.ports.Inference` promises, under the test's control."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from gateway.ports import DeploymentState, OnGap
from inference.calls import InferenceUnavailable
from inference.messages import (
    SAMPLE_RATE,
    AffectResult,
    AnswerRequest,
    AnswerResult,
    Caption,
    Crop,
    Deployment,
    FaceEmbeddings,
    LivenessResult,
    MeasureResult,
    Pcm,
    TimedWord,
)
from models.topics import JobMatch, JobText, Keyword, Phrase, QuestionFit, TopicFit

PARTIAL_SAMPLES = SAMPLE_RATE // 2


@dataclass
class _Utterance:
    pieces: list[Pcm] = field(default_factory=list)
    shown: int = 0

    @property
    def heard(self) -> int:
        return sum(piece.size for piece in self.pieces)


class FakeSpeech:
    """Hears one word per second of sound: `word0 word1 …`. Finals wait while `hold` is set."""

    model = "fake-speech@1"

    def __init__(self) -> None:
        self.partial_interval_s = 0.7
        self.sessions: dict[str, Callable[[Caption], None]] = {}
        self.sound: dict[tuple[str, int], _Utterance] = {}
        self.waiting: list[tuple[str, int]] = []
        self.closed: list[str] = []
        self.hold = False

    def open(
        self, session: str, language: Literal["auto", "en", "zh"], on_caption: Callable[[Caption], None]
    ) -> None:
        self.sessions[session] = on_caption

    def hear(self, session: str, utterance: int, offset: int, pcm: Pcm) -> None:
        heard = self.sound.setdefault((session, utterance), _Utterance())
        assert offset == heard.heard, "sound must arrive once, in order, without holes"
        assert pcm.dtype == np.int16
        heard.pieces.append(pcm)
        if heard.heard - heard.shown >= PARTIAL_SAMPLES:
            heard.shown = heard.heard
            self._caption(session, utterance, final=False)

    def finish(self, session: str, utterance: int) -> None:
        self.waiting.append((session, utterance))
        if not self.hold:
            asyncio.get_running_loop().call_later(0.02, self.release)

    def release(self) -> None:
        """Deliver the finals that wait."""
        waiting, self.waiting = self.waiting, []
        for session, utterance in waiting:
            self._caption(session, utterance, final=True)

    async def drain(self, session: str, timeout_s: float) -> bool:
        try:
            async with asyncio.timeout(timeout_s):
                while any(of == session for of, _ in self.waiting):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        except TimeoutError:
            return False
        return True

    def close(self, session: str) -> None:
        self.closed.append(session)
        self.sessions.pop(session, None)

    def _caption(self, session: str, utterance: int, *, final: bool) -> None:
        heard = self.sound[session, utterance].heard
        seconds = max(1, heard // SAMPLE_RATE)
        words = tuple(TimedWord(f"word{i}", i * 1.0, i + 0.5, 0.9) for i in range(seconds))
        text = " ".join(word.text for word in words) + ("." if final else "")
        stable = len(text) if final else 0
        if session in self.sessions:
            self.sessions[session](
                Caption(session, utterance, final, text, stable, "en", words if final else (), heard, 5.0)
            )


class FakeInference:
    """`ratings_fail` calls of `rate` fail before one works; `states` is what `status` says."""

    def __init__(self, on_gap: OnGap) -> None:
        self.on_gap = on_gap
        self.speech = FakeSpeech()
        self.states: dict[Deployment, DeploymentState] = {
            "SpeechRecognition": "ready",
            "FacialAffect": "ready",
            "Liveness": "ready",
            "FaceIdentity": "ready",
            "AnswerQuality": "ready",
        }
        self.rated: list[AnswerRequest] = []
        self.ratings_fail = 0
        self.affect_calls = 0
        self.liveness_score = 0.9
        self.embeddings: list[list[float]] = []  # what the next faces point to; nothing left: all alike
        self.embed_fails = False
        self.embedder = "fake-faces@1"
        self.gate = asyncio.Event()  # start() waits for it
        self.gate.set()
        self.matched: list[JobText] = []
        self.match_fails = False
        self.closed = False

    @property
    def dropped(self) -> Mapping[Deployment, int]:
        return {"FacialAffect": 0, "Liveness": 0}

    async def start(self) -> None:
        await self.gate.wait()

    async def close(self) -> None:
        self.closed = True

    async def wait_ready(self, timeout_s: float) -> bool:
        return True

    def status(self) -> Mapping[Deployment, DeploymentState]:
        return self.states

    def models(self) -> Mapping[Deployment, str]:
        return {"SpeechRecognition": self.speech.model}

    async def affect(self, crop: Crop) -> AffectResult | None:
        assert crop.shape == (112, 112, 3)
        self.affect_calls += 1
        return AffectResult({"happy": 0.7, "neutral": 0.3}, "positive", 0.7, "fake-affect@1")

    async def liveness(self, crop: Crop) -> LivenessResult | None:
        assert crop.shape == (128, 128, 3)
        return LivenessResult(self.liveness_score, "fake-liveness@1")

    async def embed(self, crops: Crop) -> FaceEmbeddings:
        assert crops.shape[1:] == (112, 112, 3)
        if self.embed_fails:
            raise InferenceUnavailable("FaceIdentity is lost")
        rows = [self.embeddings.pop(0) if self.embeddings else [1.0, 0.0] for _ in crops]
        vectors = np.array(rows, np.float32).reshape(len(crops), -1)
        return FaceEmbeddings(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), self.embedder)

    async def rate(self, request: AnswerRequest) -> AnswerResult:
        if self.ratings_fail:
            self.ratings_fail -= 1
            raise InferenceUnavailable("AnswerQuality is lost")
        self.rated.append(request)
        if not request.sentences:
            return AnswerResult((MeasureResult("relevance", None, "no-answer", ()),), 0, "fake@1", "rubric-1")
        relevance = MeasureResult("relevance", 80.0, None, ((0, "on-topic"),), {"cosine": 0.85})
        return AnswerResult((relevance,), 12, "fake-answers@1", "rubric-1")

    async def match(self, job: JobText) -> JobMatch:
        """Topics whose keywords occur, all alike, and every question that looks at one of them."""
        if self.match_fails:
            raise InferenceUnavailable("AnswerQuality is lost")
        self.matched.append(job)
        found = [
            (topic.id, Phrase(word, at, at + len(word), 0.8, word))
            for topic in job.topics
            for word in topic.keywords
            if (at := job.description.find(word)) >= 0
        ]
        phrases = dict(found)
        share = 100 // max(1, len(phrases))
        topics = tuple(TopicFit(id_, share, (phrase,)) for id_, phrase in phrases.items())
        questions = tuple(
            QuestionFit(one.id, 0.5, phrases[topic])
            for one in job.questions
            for topic in one.topics[:1]
            if topic in phrases
        )
        keywords = tuple(Keyword(p.text, 1.0, ((p.start, p.end),)) for p in phrases.values())
        reason = "" if topics else "nothing-found"
        return JobMatch("zh", keywords, topics, questions, reason, "fake-answers@1")
