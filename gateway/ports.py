"""What the gateway asks of inference. `inference.client.InferenceClient` is it; tests bring their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, Protocol

from inference.messages import (
    AffectResult,
    AnswerRequest,
    AnswerResult,
    Caption,
    Crop,
    Deployment,
    FaceEmbeddings,
    LivenessResult,
    Pcm,
)
from models.topics import JobMatch, JobText

DeploymentState = Literal["starting", "ready", "lost", "off"]
OnGap = Callable[[Deployment, Literal["lost", "recovered"], float], None]


class Speech(Protocol):
    """Streaming recognition. Every utterance that is finished yields exactly one final caption."""

    @property
    def partial_interval_s(self) -> float: ...

    @property
    def model(self) -> str: ...

    def open(
        self, session: str, language: Literal["auto", "en", "zh"], on_caption: Callable[[Caption], None]
    ) -> None: ...

    def hear(self, session: str, utterance: int, offset: int, pcm: Pcm) -> None: ...

    def finish(self, session: str, utterance: int) -> None: ...

    async def drain(self, session: str, timeout_s: float) -> bool: ...

    def close(self, session: str) -> None: ...


class Inference(Protocol):
    """All deployments, from one event loop. `affect` and `liveness` give None for a dropped picture."""

    @property
    def speech(self) -> Speech: ...

    @property
    def dropped(self) -> Mapping[Deployment, int]: ...

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    def status(self) -> Mapping[Deployment, DeploymentState]: ...

    def models(self) -> Mapping[Deployment, str]: ...

    async def wait_ready(self, timeout_s: float) -> bool: ...

    async def affect(self, crop: Crop) -> AffectResult | None: ...

    async def liveness(self, crop: Crop) -> LivenessResult | None: ...

    async def embed(self, crops: Crop) -> FaceEmbeddings:
        """Raises InferenceUnavailable (try again) or InferenceFailed (it would fail again)."""
        ...

    async def rate(self, request: AnswerRequest) -> AnswerResult:
        """Raises InferenceUnavailable (try again) or InferenceFailed (it would fail again)."""
        ...

    async def match(self, job: JobText) -> JobMatch:
        """What a job description asks for. Raises as `rate`."""
        ...
