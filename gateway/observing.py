"""What the picture models say frame by frame, gathered into what a person can read about once a second.

Observed, not scored. A picture that is dropped or a model that is away leaves a gap, never a guess.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Literal, TypeVar

import structlog

from gateway.metrics import Metrics
from gateway.ports import Inference
from inference.messages import AffectResult, Deployment, LivenessResult
from inference.settings import LivenessSettings
from interviews import events
from interviews.events import AffectObserved, FaceMeasured, LivenessObserved, Payload, Unusable
from media.items import FaceSample, FaceUnclear
from media.presentation.sequential import Targets
from media.presentation.track import TrackTest

EVERY_S = 1.0
AFFECT_FRAMES = 8  # two seconds at 4 frames a second: valence is smoothed over these
MAX_IN_FLIGHT = 8

Use = Literal["affect", "liveness", "identity", "eyes"]
Result = TypeVar("Result", AffectResult, LivenessResult)
log = structlog.get_logger("viva.observing")


class AffectWindow:
    """Mean probabilities over the last frames of one face, and the valence that most confidence is behind."""

    def __init__(self, track: int) -> None:
        self.track = track
        self._frames: deque[AffectResult] = deque(maxlen=AFFECT_FRAMES)

    def add(self, result: AffectResult) -> AffectObserved:
        self._frames.append(result)
        n = len(self._frames)
        behind: dict[Literal["positive", "neutral", "negative"], float] = {}
        for frame in self._frames:
            behind[frame.valence] = behind.get(frame.valence, 0.0) + frame.confidence / n
        valence = max(behind, key=lambda band: behind[band])
        return AffectObserved(
            track=self.track,
            valence=valence,
            confidence=round(min(1.0, behind[valence]), 3),
            probabilities={
                label: round(sum(f.probabilities[label] for f in self._frames) / n, 4)
                for label in result.probabilities
            },
            frames=n,
            model=result.model,
        )


class LivenessTrack:
    """One face's sequential test (`media.presentation.track`), and the running mean of its frame scores."""

    def __init__(self, track: int, settings: LivenessSettings | None = None) -> None:
        settings = settings or LivenessSettings()
        self.track = track
        self._threshold = settings.threshold
        self._targets = Targets(bpcer=settings.bpcer, apcer=settings.apcer)
        self._test = TrackTest(self._targets)
        self._frames = 0
        self._mean = 0.0

    def add(self, result: LivenessResult, sample: FaceSample) -> LivenessObserved:
        """`sample` is the one that `result` was asked for."""
        self._frames += 1
        self._mean += (result.score - self._mean) / self._frames
        score = min(1.0, max(0.0, result.score))
        decision = self._test.add(score, sample.media_time, sample.border, sample.motion_within)
        return LivenessObserved(
            track=self.track,
            score=round(min(1.0, max(0.0, self._mean)), 4),
            decision=decision,
            frames=self._frames,
            threshold=self._threshold,
            model=result.model,
            ratios={cue: round(ratio, 2) for cue, ratio in self._test.ratios.items()},
            bpcer=self._targets.bpcer,
            apcer=self._targets.apcer,
        )


class Paced:
    """Lets one event through per second of media time."""

    def __init__(self, every_s: float = EVERY_S) -> None:
        self._every = every_s
        self._next = 0.0

    def due(self, media_time: float) -> bool:
        if media_time < self._next:
            return False
        # A little early is in time: 4 frames a second with jitter must not turn into one event per 1.25 s.
        self._next = media_time + self._every - 0.1
        return True


class FaceObserver:
    """Takes samples of the main face; tells once a second what they, affect and liveness say."""

    def __init__(
        self,
        inference: Inference,
        metrics: Metrics,
        note: Callable[[float, Payload], None],
        *,
        affect: bool,
        liveness: LivenessSettings | None = None,
    ) -> None:
        self._inference = inference
        self._metrics = metrics
        self._note = note
        self._with_affect = affect
        self._affect = AffectWindow(-1)
        self._settings = liveness or LivenessSettings()
        self._liveness = LivenessTrack(-1, self._settings)
        self._paced = {kind: Paced() for kind in ("face", "affect", "liveness")}
        self._tasks: set[asyncio.Task[None]] = set()

    def see(self, sample: FaceSample | FaceUnclear) -> None:
        """Crops that cannot tell (`FaceSample.usable`) are not asked; `face.measured` says why."""
        if self._paced["face"].due(sample.media_time):
            self._note(sample.media_time, _measured(sample))
        if isinstance(sample, FaceUnclear):
            return
        if sample.track != self._liveness.track:
            self._affect = AffectWindow(sample.track)
            self._liveness = LivenessTrack(sample.track, self._settings)
        if sample.liveness_usable:
            self._spawn(self._observe_liveness(sample, self._liveness))
        if self._with_affect and sample.affect_usable:
            self._spawn(self._observe_affect(sample, self._affect))

    def without_affect(self) -> None:
        """From now on: the candidate no longer agrees to it."""
        self._with_affect = False

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if len(self._tasks) >= MAX_IN_FLIGHT:
            self._metrics.dropped.labels("picture").inc()
            work.close()
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _observe_affect(self, sample: FaceSample, window: AffectWindow) -> None:
        result = await self._ask("FacialAffect", self._inference.affect(sample.affect_crop))
        if result:
            observed = window.add(result)
            if self._paced["affect"].due(sample.media_time):
                self._note(sample.media_time, observed)

    async def _observe_liveness(self, sample: FaceSample, track: LivenessTrack) -> None:
        result = await self._ask("Liveness", self._inference.liveness(sample.liveness_crop))
        if result:
            observed = track.add(result, sample)
            if self._paced["liveness"].due(sample.media_time):
                self._note(sample.media_time, observed)

    async def _ask(self, deployment: Deployment, call: Awaitable[Result | None]) -> Result | None:
        asked = time.perf_counter()
        try:
            result = await call
        except Exception as error:  # the gap is told by the client; a picture is worth no retry
            log.debug("picture not observed", deployment=deployment, error=repr(error))
            return None
        if result:
            self._metrics.inference.labels(deployment).observe(time.perf_counter() - asked)
        return result


def _measured(sample: FaceSample | FaceUnclear) -> Payload:
    x, y, width, height = (round(share, 4) for share in sample.box)
    if isinstance(sample, FaceUnclear):
        return events.FaceUnclear(track=sample.track, box=(x, y, width, height), insufficient=sample.reason)
    usable = sample.usable
    reasons: dict[Use, Unusable | None] = {
        "affect": usable.affect,
        "liveness": usable.liveness,
        "identity": usable.identity,
        "eyes": usable.eyes,
    }
    seen = sample.eyes_usable
    return FaceMeasured(
        track=sample.track,
        box=(x, y, width, height),
        yaw=round(sample.yaw, 1),
        pitch=round(sample.pitch, 1),
        roll=round(sample.roll, 1),
        eyes_open=round(min(1.0, max(0.0, sample.eyes_open)), 3) if seen else None,
        gaze=(round(sample.gaze[0], 2), round(sample.gaze[1], 2)) if seen and sample.gaze else None,
        insufficient={use: reason for use, reason in reasons.items() if reason is not None},
        brightness=round(min(1.0, max(0.0, sample.brightness)), 3),
        sharpness=round(max(0.0, sample.sharpness), 2),
    )
