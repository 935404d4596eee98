"""What all sessions of one gateway process share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from gateway.code_runner.runner import CodeRunner
from gateway.designs import Designs
from gateway.identity_photo import PhotoReader
from gateway.inviting import Inviting
from gateway.membership import Membership
from gateway.metrics import Metrics
from gateway.ports import Inference
from gateway.problems import Problem
from gateway.recordings import Recordings
from gateway.settings import Settings
from gateway.spoken import Spoken
from interviews.plan import Question
from media.analysers import Analysers
from storage.event_log import EventLog
from storage.faces import FaceReferences
from storage.sessions import Sessions


@dataclass(slots=True)
class Shared:
    """`inference` and `analysers` are None until they have started; `ready` is set when both have.

    `spoken` is None where questions are not read aloud.
    """

    settings: Settings
    events: EventLog
    sessions: Sessions
    metrics: Metrics
    membership: Membership
    references: FaceReferences
    inviting: Inviting
    designs: Designs
    code: CodeRunner
    photos: PhotoReader = field(default_factory=PhotoReader)
    live: Callable[[], int] = field(default=lambda: 0)
    inference: Inference | None = None
    analysers: Analysers | None = None
    recordings: Recordings | None = None
    spoken: Spoken | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def owner(self) -> str:
        """The id of this gateway, as the sessions that it has name it."""
        return self.membership.id

    @property
    def capacity(self) -> int:
        speech = self.settings.inference.speech
        return min(self.settings.max_live, speech.slots * speech.replicas)

    def read_aloud(self, questions: Iterable[Question]) -> None:
        """Have them ready before they are asked."""
        if self.spoken is not None:
            self.spoken.want(questions)

    def later(self, code: str) -> Problem:
        """A refusal that says when to try again."""
        return Problem(code, headers={"Retry-After": str(self.settings.retry_after_s)})

    def refusal(self) -> Problem | None:
        """Why no session can start now; None when one can."""
        if self.inference is None or self.analysers is None or not self.ready.is_set():
            return self.later("inference.starting")
        speech = self.inference.status().get("SpeechRecognition")
        if speech != "ready":
            return self.later("inference.starting" if speech == "starting" else "inference.lost")
        return None

    async def wait_inference(self) -> Inference:
        await self.ready.wait()
        if self.inference is None:
            raise RuntimeError("ready without inference")
        return self.inference
