"""What the gateway holds: all deployments of the application, on the gateway's event loop."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential

from inference.calls import Callee, InferenceFailed, InferenceUnavailable, OnGap, State
from inference.coalesce import Coalescer
from inference.messages import (
    IDENTITY_CROP,
    AffectResult,
    AnswerRequest,
    AnswerResult,
    Crop,
    Deployment,
    FaceEmbeddings,
    LivenessResult,
)
from inference.settings import InferenceSettings
from inference.speech_client import SpeechClient
from models.topics import JobMatch, JobText

__all__ = ["InferenceClient", "InferenceFailed", "InferenceUnavailable"]

_PICTURES_PER_CALL = 16
_PICTURES_WAITING = 32
_ASK_AGAIN_S = 1.0
_ALL: tuple[Deployment, ...] = (
    "SpeechRecognition",
    "FacialAffect",
    "Liveness",
    "FaceIdentity",
    "AnswerQuality",
)
_BESIDE: dict[Deployment, Deployment] = {"FaceIdentity": "Liveness"}  # carried by another's replica

Result = TypeVar("Result")


class InferenceClient:
    """One per gateway process; everything but the constructor runs on the gateway's event loop.

    `on_gap(deployment, "lost" | "recovered", seconds)` is called on that loop. The application must have been
    started (`runtime.start`) before `start`.
    """

    def __init__(self, settings: InferenceSettings, on_gap: OnGap) -> None:
        self._settings = settings
        self._on_gap = on_gap
        self._speechless_at: float | None = None
        deployments = settings.deployments()
        self._callees = {
            application: Callee(
                name,
                deployments[name].deadline_s,
                self._speech_gap if name == "SpeechRecognition" else on_gap,
                stall_s=deployments[name].stall_s,
                application=application,
            )
            for application, name in settings.applications().items()
        }
        self._replicas = [callee for callee in self._callees.values() if callee.name == "SpeechRecognition"]
        self.speech = SpeechClient(self._replicas, settings.speech)
        self._pictures: dict[Deployment, _Pictures[Any]] = {
            name: _Pictures(self._callees[name])
            for name in ("FacialAffect", "Liveness")
            if name in self._callees
        }
        self._identity = settings.identity.mode == "face"
        self._embedder = ""
        self._embedder_known = asyncio.Event()
        self._asking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connects; `status` turns from starting to ready as the deployments answer."""
        for callee in self._callees.values():
            callee.start()
        self.speech.start()
        if self._identity:
            self._asking = asyncio.create_task(self._ask_embedder())

    async def close(self) -> None:
        await self.speech.close_all()
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
        for pictures in self._pictures.values():
            await pictures.close()
        for callee in self._callees.values():
            await callee.close()

    async def wait_ready(self, timeout_s: float) -> bool:
        """Whether all deployments answered in that time."""
        try:
            async with asyncio.timeout(timeout_s):
                await asyncio.gather(*(callee.ready.wait() for callee in self._callees.values()))
                if self._identity:
                    await self._embedder_known.wait()
        except TimeoutError:
            return False
        return True

    def status(self) -> dict[Deployment, State]:
        """`off`: not started under these settings, facial affect where it is forbidden."""
        found: dict[Deployment, State] = {
            name: self._callees[name].state if name in self._callees else "off" for name in _ALL
        }
        if self._identity:
            found["FaceIdentity"] = self._callees[_BESIDE["FaceIdentity"]].state
        if any(replica.state == "ready" for replica in self._replicas):
            found["SpeechRecognition"] = "ready"
        return found

    def models(self) -> dict[Deployment, str]:
        """Which model answers, as in the results; without those that have not answered yet."""
        found = {callee.name: callee.model for callee in self._callees.values() if callee.model}
        return found | ({"FaceIdentity": self._embedder} if self._embedder else {})

    def _speech_gap(
        self, deployment: Deployment, state: Literal["lost", "recovered"], seconds: float
    ) -> None:
        """Speech is lost with its last replica; until then the sessions of one go on at another."""
        ready = sum(replica.state == "ready" for replica in self._replicas)
        if state == "lost" and ready == 0:
            self._speechless_at = time.monotonic() - seconds
            self._on_gap(deployment, "lost", 0.0)
        elif state == "recovered" and self._speechless_at is not None:
            gap_s, self._speechless_at = time.monotonic() - self._speechless_at, None
            self._on_gap(deployment, "recovered", gap_s)

    @property
    def dropped(self) -> dict[Deployment, int]:
        """Pictures without a result: pushed out by newer ones, or sent while the deployment was lost."""
        return {name: pictures.dropped for name, pictures in self._pictures.items()}

    async def affect(self, crop: Crop) -> AffectResult | None:
        """`crop`: 112 × 112 × 3, uint8 RGB. None when dropped, and always where facial affect is off."""
        pictures = self._pictures.get("FacialAffect")
        return None if pictures is None else await pictures.observe(crop)

    async def liveness(self, crop: Crop) -> LivenessResult | None:
        """`crop`: 128 × 128 × 3, uint8 RGB. None when dropped."""
        return await self._pictures["Liveness"].observe(crop)

    async def embed(self, crops: Crop) -> FaceEmbeddings:
        """`crops`: n × 112 × 112 × 3, uint8 RGB, aligned (`models.identity.alignment`).

        Raises InferenceUnavailable (try again; always where face verification is off), InferenceFailed.
        """
        if not self._identity:
            raise InferenceUnavailable("face verification is off")
        found: FaceEmbeddings = await self._callees[_BESIDE["FaceIdentity"]].call("embed", crops)
        self._embedder = found.model
        self._embedder_known.set()
        return found

    async def _ask_embedder(self) -> None:
        """Which model embeds: Liveness answers pings for both."""
        while not self._embedder:
            await self._callees[_BESIDE["FaceIdentity"]].ready.wait()
            try:
                await self.embed(np.zeros((0, IDENTITY_CROP, IDENTITY_CROP, 3), np.uint8))
            except (InferenceUnavailable, InferenceFailed):
                await asyncio.sleep(_ASK_AGAIN_S)

    async def rate(self, request: AnswerRequest) -> AnswerResult:
        """Tries again while the deployment is lost or full; raises InferenceUnavailable after its deadline.

        Raises InferenceFailed when the model cannot rate this answer at all.
        """
        result: AnswerResult = await self._patiently("rate", request)
        return result

    async def match(self, job: JobText) -> JobMatch:
        """What a job description asks for. Tries again and raises as `rate`."""
        result: JobMatch = await self._patiently("match", job)
        return result

    async def _patiently(self, method: str, request: AnswerRequest | JobText) -> Any:
        callee = self._callees["AnswerQuality"]
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(InferenceUnavailable),
            stop=stop_after_delay(callee.deadline_s),
            wait=wait_exponential(multiplier=0.2, max=2),
            reraise=True,
        )
        return await retrying(callee.call, method, request)


class _Pictures(Generic[Result]):
    """Crops of one kind on their way to one deployment, gathered while a call is in flight."""

    def __init__(self, callee: Callee) -> None:
        self._callee = callee
        self._coalescer: Coalescer[Crop, Result] = Coalescer(
            self._send, limit=_PICTURES_PER_CALL, waiting=_PICTURES_WAITING
        )
        self._failed = 0

    @property
    def dropped(self) -> int:
        return self._coalescer.dropped + self._failed

    async def observe(self, crop: Crop) -> Result | None:
        try:
            return await self._coalescer.submit(crop)
        except (InferenceUnavailable, InferenceFailed):
            self._failed += 1  # a picture is stale by the time it could be sent again: the next one tells
            return None

    async def _send(self, crops: list[Crop]) -> list[Result]:
        results: list[Result] = await self._callee.call("observe", np.stack(crops))
        return results

    async def close(self) -> None:
        await self._coalescer.close()
