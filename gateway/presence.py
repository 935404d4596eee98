"""Liveness checks of one session that ask something of the candidate: a challenge of the head, a flash.

On the event loop. The server draws every order, from the system's randomness; the page only shows it. What is
seen comes from `media` as items, what is found leaves as events. None of it refuses or ends anything.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Literal, Protocol

import numpy as np
import structlog

from gateway.presence_account import Account, Concluding
from gateway.presence_settings import PresenceSettings
from gateway.problems import Problem
from interviews.events import LivenessObserved, Payload
from interviews.presence import (
    ChallengeEnded,
    ChallengePrompted,
    DevicesNoted,
    FlashEnded,
    FlashPrompted,
    HumanCheckRequested,
    InjectionObserved,
)
from media.items import CueChanged, FaceColours, FaceGlance, FaceSample
from media.presentation import challenge, flash, injection

TICK_S = 0.1
LATE_S = 0.5  # a picture is told so much after it was taken, when the picture thread is busy
log = structlog.get_logger("viva.presence")


class Watching(Protocol):
    """The connection: what it looks at more closely, and for how many seconds."""

    def watch_eyes(self, seconds: float) -> None: ...

    def watch_colours(self, seconds: float) -> None: ...


class Presence:
    """`see` every item of the main face, `heard` every `LivenessObserved`. One check runs at a time."""

    def __init__(
        self,
        settings: PresenceSettings,
        watching: Watching,
        now: Callable[[], float],
        note: Callable[[float, Payload], None],
        chance: random.Random | None = None,
    ) -> None:
        """`now`: media time. `chance`: `random.SystemRandom` unless a test wants to know the order."""
        self._settings = settings
        self._watching = watching
        self._now = now
        self._note = note
        self._chance = chance or random.SystemRandom()
        self._account = Account(settings)
        self._attempts = 0
        self._passed = False
        self._flashes = 0
        self._challenge: challenge.Challenge | None = None
        self._prompted: challenge.Prompt | None = None
        self._steps: tuple[challenge.Step, ...] = ()
        self._colours: list[FaceColours] = []
        self._running: asyncio.Task[None] | None = None

    @property
    def attempts_left(self) -> int:
        return 0 if self._passed else max(0, self._settings.attempts - self._attempts)

    # --- what the candidate's page asks ---------------------------------------------------------------

    def start_challenge(self) -> int:
        """The number of this attempt. Raises Problem: liveness.running, liveness.spent."""
        self._idle()
        if not self.attempts_left:
            raise Problem("liveness.spent")
        self._attempts += 1
        self._steps = challenge.draw(self._chance, self._settings.steps)
        self._challenge = challenge.Challenge(self._steps, self._chance)
        self._prompted = None
        limits = challenge.Limits()
        per_step = limits.answer_s + limits.return_s + limits.pause_s[1]
        self._watching.watch_eyes(limits.answer_s + per_step * len(self._steps))
        self._running = asyncio.create_task(self._tick())
        return self._attempts

    def start_flash(self) -> FlashPrompted:
        """Raises Problem: liveness.running, liveness.spent."""
        self._idle()
        if self._flashes >= self._settings.flash_attempts:
            raise Problem("liveness.spent")
        self._flashes += 1
        settings, now = self._settings, self._now()
        shown = flash.sequence(self._chance, settings.flash_colours)
        prompted = FlashPrompted(
            colours=shown, starts=round(now + settings.flash_lead_s, 3), step_s=settings.flash_step_s
        )
        self._colours = []
        seconds = settings.flash_lead_s + len(shown) * settings.flash_step_s + flash.SEARCH_S[1]
        self._watching.watch_colours(seconds)
        self._note(now, prompted)
        self._running = asyncio.create_task(self._flash(prompted, seconds + LATE_S))
        return prompted

    def decline_flash(self) -> None:
        """Raises Problem liveness.running."""
        self._idle()
        self._tell(self._now(), FlashEnded(outcome="declined"))

    def ask_for_human(self) -> None:
        self._note(self._now(), HumanCheckRequested())

    def note_devices(self, camera: str | None, microphone: str | None) -> None:
        found = injection.virtual_camera(camera)
        virtual = None if found.value is None else bool(found.value)
        noted = DevicesNoted(camera=camera, microphone=microphone, virtual_camera=virtual)
        self._tell(self._now(), noted)

    # --- what is seen ---------------------------------------------------------------------------------

    def see(self, item: FaceSample | FaceGlance | FaceColours | CueChanged) -> None:
        match item:
            case FaceSample() | FaceGlance():
                if self._challenge is not None:
                    self._challenge.see(item)
                    self._follow()
            case FaceColours():
                if self._running is not None:
                    self._colours.append(item)
            case CueChanged():
                value = None if item.value is None else round(item.value, 4)
                observed = InjectionObserved(
                    cue=item.name, value=value, threshold=item.threshold, outcome=item.outcome,
                    detail=item.detail,
                )  # fmt: skip
                self._tell(item.media_time, observed)

    def heard(self, media_time: float, observed: LivenessObserved) -> None:
        """The running test's newest word; the event itself is noted by whoever observes."""
        if self._account.take(observed):
            self._note(media_time, self._account.conclusion())

    def stop(self) -> None:
        """The session ends: what still runs is dropped, and the account is told with its last values."""
        if self._account.known:
            self._note(self._now(), self._account.conclusion())
        if self._running is not None:
            self._running.cancel()
            self._running = None
        self._challenge = None

    def _idle(self) -> None:
        if self._running is not None and not self._running.done():
            raise Problem("liveness.running", headers={"Retry-After": "2"})

    def _tell(self, media_time: float, observed: Concluding) -> None:
        self._note(media_time, observed)
        if self._account.take(observed):
            self._note(media_time, self._account.conclusion())

    # --- the challenge --------------------------------------------------------------------------------

    async def _tick(self) -> None:
        """Time passes without a face, too, or nothing would ever expire."""
        while self._challenge is not None:
            await asyncio.sleep(TICK_S)
            if self._challenge is not None:
                self._challenge.tick(self._now() - LATE_S)
                self._follow()

    def _follow(self) -> None:
        running = self._challenge
        if running is None:
            return
        if running.prompt is not None and running.prompt != self._prompted:
            self._prompted = running.prompt
            prompted = ChallengePrompted(
                attempt=self._attempts, step=running.prompt.step, index=running.steps_done + 1,
                steps=len(self._steps),
            )  # fmt: skip
            self._note(running.prompt.media_time, prompted)
        if running.verdict is not None:
            self._end_challenge(running.verdict)

    def _end_challenge(self, verdict: challenge.Verdict) -> None:
        self._challenge = self._running = None
        self._passed = verdict.outcome == "passed"
        self._watching.watch_eyes(0.0)
        ended = ChallengeEnded(
            attempt=self._attempts, outcome=verdict.outcome, reason=verdict.reason,
            steps_done=verdict.steps_done, steps=len(self._steps), attempts_left=self.attempts_left,
        )  # fmt: skip
        self._tell(max(0.0, verdict.media_time), ended)
        log.info("challenge ended", outcome=verdict.outcome, reason=verdict.reason, attempt=self._attempts)

    # --- the flash ------------------------------------------------------------------------------------

    async def _flash(self, prompted: FlashPrompted, seconds: float) -> None:
        await asyncio.sleep(seconds)
        seen = _of_one_face(self._colours)
        # A few thousand correlations: a tenth of a second that the event loop does not have.
        found = await asyncio.to_thread(_judge, seen, prompted)
        outcome: Literal["passed", "failed", "insufficient"] = found.outcome
        ended = FlashEnded(
            outcome=outcome,
            reason=found.reason,
            confidence=round(found.confidence, 4),
            correlation=round(min(1.0, max(-1.0, found.correlation)), 4),
            lag_s=round(found.lag_s, 3),
            response=round(found.response, 5),
        )
        self._tell(self._now(), ended)
        log.info("flash ended", outcome=found.outcome, reason=found.reason)


def _of_one_face(seen: list[FaceColours]) -> list[FaceColours]:
    """Those of the face that was there longest: another one's skin is another colour."""
    tracks = [colours.track for colours in seen]
    longest = max(set(tracks), key=tracks.count, default=0)
    return [colours for colours in seen if colours.track == longest]


def _judge(seen: list[FaceColours], prompted: FlashPrompted) -> flash.Flash:
    times = np.asarray([colours.media_time for colours in seen], np.float64)
    face = np.asarray([colours.skin for colours in seen], np.float64).reshape(-1, 3)
    behind = np.asarray([colours.background for colours in seen], np.float64).reshape(-1, 3)
    return flash.judge(times, face, behind, prompted.colours, prompted.starts, prompted.step_s)
