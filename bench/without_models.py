"""`viva serve` without Ray and models: every utterance ends in an empty text, no picture is judged.

For measuring the gateway alone (`bench churn --without-models`): media, analysis in the gateway's own
threads, log, events and recordings are the product's. Takes the arguments of `viva`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import uvloop
from rich.console import Console

from gateway import cli, logs
from gateway.ports import DeploymentState, OnGap
from gateway.settings import Settings
from inference.calls import InferenceUnavailable
from inference.messages import (
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
)
from models.topics import JobMatch, JobText

NAME = "none@1"
READY: tuple[Deployment, ...] = (
    "SpeechRecognition",
    "FacialAffect",
    "Liveness",
    "FaceIdentity",
    "AnswerQuality",
)


class Deaf:
    """Hears nothing, at once."""

    model = NAME
    partial_interval_s = 0.7

    def __init__(self) -> None:
        self._sessions: dict[str, Callable[[Caption], None]] = {}

    def open(
        self, session: str, language: Literal["auto", "en", "zh"], on_caption: Callable[[Caption], None]
    ) -> None:
        self._sessions[session] = on_caption

    def hear(self, session: str, utterance: int, offset: int, pcm: Pcm) -> None:
        pass

    def finish(self, session: str, utterance: int) -> None:
        if tell := self._sessions.get(session):
            tell(Caption(session, utterance, True, "", 0, "en", (), 0, 0.0))

    async def drain(self, session: str, timeout_s: float) -> bool:
        return True

    def close(self, session: str) -> None:
        self._sessions.pop(session, None)


class NoModels:
    """What `gateway.ports.Inference` asks for, with nothing behind it."""

    def __init__(self, on_gap: OnGap) -> None:
        self.speech = Deaf()
        self.dropped: Mapping[Deployment, int] = {}

    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def wait_ready(self, timeout_s: float) -> bool:
        return True

    def status(self) -> Mapping[Deployment, DeploymentState]:
        return dict.fromkeys(READY, "ready")

    def models(self) -> Mapping[Deployment, str]:
        return dict.fromkeys(READY, NAME)

    async def affect(self, crop: Crop) -> AffectResult | None:
        return None

    async def liveness(self, crop: Crop) -> LivenessResult | None:
        return None

    async def embed(self, crops: Crop) -> FaceEmbeddings:
        return FaceEmbeddings(np.zeros((len(crops), 0), np.float32), NAME)

    async def rate(self, request: AnswerRequest) -> AnswerResult:
        return AnswerResult((MeasureResult("relevance", None, "no-answer", ()),), 0, NAME, "rubric-1")

    async def match(self, job: JobText) -> JobMatch:
        raise InferenceUnavailable("no models")


def main() -> int:
    options = cli._parser().parse_args()
    settings = Settings.load(options.config, host=options.host, port=options.port)
    logs.configure(settings.log, settings.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(cli.serve(settings, Console(stderr=True), inference=NoModels))


if __name__ == "__main__":
    sys.exit(main())
