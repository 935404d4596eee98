"""One session while it runs: where its media, its captions, its measures and its log meet.

Everything here happens on the event loop. Media items come from `media.ingest`, words and measures come back
from inference, and all of it leaves through the session's one `Recorder`.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Literal

import structlog

from gateway.auth import Role
from gateway.captions import Captioner
from gateway.coding import Coding
from gateway.conduct import Conduct
from gateway.early_rating import EarlyRating
from gateway.heartbeat import Heartbeat, log_failure
from gateway.hub import Hub
from gateway.identity import IdentityVerifier
from gateway.observing import FaceObserver
from gateway.plain_items import payload_of
from gateway.presence import Presence
from gateway.problems import Problem
from gateway.publisher import Publication, Publisher
from gateway.rating import rate_session
from gateway.recorder import Recorder
from gateway.recording import SessionRecording
from gateway.shared import Shared
from gateway.turns import Turns
from gateway.watching import Watching
from inference.messages import Deployment
from interviews.events import (
    Alarm,
    EndReason,
    Event,
    InferenceGap,
    LivenessObserved,
    Payload,
    SessionConnected,
    SessionCreated,
    SessionDisconnected,
    SessionEnded,
    TranscriptFinal,
)
from interviews.state import SessionState, State
from media.clock import MediaClock
from media.items import (
    ConnectionChanged,
    CueChanged,
    FaceColours,
    FaceGlance,
    FaceSample,
    FaceUnclear,
    LinkSample,
    MediaItem,
    TurnEnded,
    UtteranceEnded,
    UtteranceSound,
    UtteranceStarted,
)

RATING_S = 20.0  # at the end, for a rating that has begun already
log = structlog.get_logger("viva.live")


class LiveSession:
    """A session without its result yet. `state`: the fold of its log; `elapsed`: where its clock stands."""

    def __init__(
        self,
        session: str,
        shared: Shared,
        created: SessionCreated,
        created_at: datetime,
        state: SessionState,
        elapsed: float | None = None,
    ) -> None:
        self.id = session
        self.created = created
        self.created_at = created_at
        self.state = state
        self.hub = Hub()
        self._shared = shared
        self._settings = shared.settings
        self._clock = MediaClock(elapsed)
        self._recorder = Recorder(
            session,
            shared.events,
            shared.sessions,
            self.hub,
            self._apply,
            shared.metrics,
            state.state,
            shared.owner,
            self._was_taken,
        )
        self.taken = False
        self.publisher = Publisher(
            session,
            shared.settings.media,
            self._clock,
            max(state.utterances_started, default=0) + 1,
            self._take,
        )
        self.recording = SessionRecording(
            session,
            created.record,
            shared.recordings,
            self.publisher.frames,
            self.publisher.request_key_frame,
            lambda payload: self._recorder.note(self.media_time, payload),
            shared.metrics,
        )
        self.watching = Watching(
            shared.settings, self.publisher, self._clock, self._recorder.note, shared.metrics
        )
        self._turns = Turns(self._clock.now, self._recorder.note)
        self._presence = Presence(
            shared.settings.presence, self.publisher, self._clock.now, self._recorder.note
        )
        self.conduct = Conduct(
            session,
            state=lambda: self.state,
            over=lambda: self.over,
            now=lambda: self.media_time,
            record=self._recorder.record,
            end=self._end_by,
            asked=self._turns.asked,
            paused_changed=lambda: self.start_grace(self.grace_s) if self._grace else None,
        )
        self.coding = Coding(
            session,
            shared.code,
            shared.settings.code,
            state=lambda: self.state,
            over=lambda: self.over,
            now=lambda: self.media_time,
            record=self._recorder.record,
        )
        self._early = EarlyRating(
            session, lambda: self.state, shared.wait_inference, self._record, shared.metrics
        )
        self._captioner: Captioner | None = None
        self._faces: FaceObserver | None = None
        self.identity = IdentityVerifier(
            session,
            shared,
            created.policy,
            state=lambda: self.state,
            record=self.record,
            note=self._recorder.note,
            live=lambda: self._connected and not self.over,
            want=self.publisher.want_identity,
        )
        self._ask_at_once = True
        self._connected = False
        self._lost_at: float | None = state.media_time if state.state in ("live", "disconnected") else None
        self._sound_lost_ms = 0.0
        self._grace: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[Event] | None = None
        self._finishing: asyncio.Task[None] | None = None
        self.link_reported_at = float("-inf")  # by the page
        self._heartbeat = Heartbeat(
            session, shared, lambda: self.media_time, self._recorder.note, self._was_taken
        )

    # --- what it looks like --------------------------------------------------------------------------

    @property
    def media_time(self) -> float:
        return self.state.media_time if self.over else max(self._clock.now(), self.state.media_time)

    @property
    def captions_interval_s(self) -> float:
        return self._heartbeat.captions_interval_s

    @property
    def over(self) -> bool:
        return self._ending is not None or self.state.over or self.taken

    @property
    def takes_place(self) -> bool:
        """Whether it counts against the number of sessions that the server carries."""
        return not self.over and (self.publisher.alive or self._lost_at is not None or self._connected)

    @property
    def grace_s(self) -> float:
        """How long it waits for the candidate to come back: longer while paused or devices are checked."""
        if self.state.clock.paused:
            return self._settings.conduct.pause_grace_s
        asked = self.state.current_question is not None
        return self._settings.grace_s if asked else self._settings.check_grace_s

    def waiting(self) -> dict[str, int]:
        """How many wait in each of its queues."""
        words = self._captioner.waiting if self._captioner else 0
        media = {str(kind): depth for kind, depth in self.publisher.waiting.items()}
        return {"events": self._recorder.waiting, "utterances": words, **media}

    # --- what people ask of it -----------------------------------------------------------------------

    async def publish(self, offer: str, *, ask_at_once: bool = True, record: bool = False) -> Publication:
        """Answer a WHIP offer. `ask_at_once`: the first question comes with the media, not by `next`.
        `record`: the candidate agrees to be recorded; where `consent.given` says more, that holds.

        Raises Problem: session.ended, session.publishing, inference.*, offer.*.
        """
        if self.over:
            raise Problem("session.ended")
        refusal = self._shared.refusal()
        if refusal:
            raise refusal
        if not self.takes_place and self._shared.live() >= self._shared.capacity:
            raise self._shared.later("inference.full")
        inference, analysers = self._shared.inference, self._shared.analysers
        if inference is None or analysers is None:
            raise self._shared.later("inference.starting")
        if self._captioner is None or self._faces is None:
            metrics = self._shared.metrics
            self._captioner = Captioner(
                self.id, self.created.spoken, inference.speech, metrics, self._clock.now, self._note_words
            )
            # Affect needs the consent to faces where the candidate was asked for it.
            affect = self._settings.affect_allowed(self.created.policy) and self.state.journey.allows("face")
            liveness = self._settings.inference.liveness
            self._faces = FaceObserver(inference, metrics, self._note_face, affect=affect, liveness=liveness)
        publication = await self.publisher.publish(offer, analysers)
        agreed = self.state.journey
        await self.recording.consent(agreed.allows("recording") if agreed.consent else record)
        self._ask_at_once = ask_at_once
        if self.over:  # ended while the offer was being answered
            await self.publisher.close()
            raise Problem("session.ended")
        self._stop_grace()
        return publication

    def presence(self, *, seen: bool = True) -> Presence:
        """Its liveness checks. Raises Problem: session.ended; session.not-started where it must be `seen`."""
        if self.over:
            raise Problem("session.ended")
        if seen and not self._connected:
            raise Problem("session.not-started")
        return self._presence

    async def _end_by(self, role: Role, command: str, by: str) -> Event:
        return await self.end("candidate" if role == "candidate" else "hr", command=command, by=by)

    async def end(
        self, reason: EndReason, *, rate: bool = True, command: str = "", by: str | None = None
    ) -> Event:
        """The event that ends it; late words and the result follow. Raises Problem session.ended."""
        if self.over:
            raise Problem("session.ended")
        self._stop_grace()
        self._presence.stop()
        self.conduct.stop()
        ended = SessionEnded(reason=reason, command=command, by=by)
        self._ending = asyncio.create_task(self._recorder.record(self.media_time, ended))
        try:
            return await self._ending
        finally:
            log.info("session ended", session=self.id, reason=reason)
            self.finish(rate=rate)

    def finish(self, *, rate: bool = True) -> None:
        """Bring a session that has ended to its result, in the background."""
        if self._finishing is None:
            self._finishing = asyncio.create_task(self._finish(rate), name=f"finish-{self.id}")

    def without_affect(self) -> None:
        """The candidate does not agree to it (any more)."""
        if self._faces:
            self._faces.without_affect()

    async def record(self, payload: Payload) -> Event:
        """Something that was decided or done now, by a person rather than by media. Raises StorageError."""
        return await self._recorder.record(self.media_time, payload)

    async def stop(self, timeout_s: float) -> None:
        """The server stops: end what runs, keep every word that can be had in that time, close everything.

        Answers are rated when the server is back.
        """
        if not self.over and self.takes_place:
            await self.end("server-stopped", rate=False)
        if self._finishing:
            _, late = await asyncio.wait({self._finishing}, timeout=timeout_s)
            if late:
                self._finishing.cancel()
                await asyncio.wait(late)
        self._stop_grace()
        self.conduct.stop()
        self.coding.stop()
        await self.watching.close()
        await self.publisher.close()
        await self.recording.stop()
        await self._recorder.close()
        self.hub.close()

    # --- what media says -----------------------------------------------------------------------------

    def _take(self, item: MediaItem) -> None:
        match item:
            case UtteranceSound():
                if self._captioner:
                    self._captioner.hear(item)
            case UtteranceEnded():
                if self._captioner:
                    self._captioner.finish(item)
            case ConnectionChanged():
                self._connection_changed(item)
            case TurnEnded():
                if not self.over:
                    self._turns.silent(item)
            case FaceSample() | FaceUnclear():
                if self._faces and not self.over:
                    self._faces.see(item)
                    self.identity.see(item)
                if isinstance(item, FaceSample) and not self.over:
                    self._presence.see(item)
            case FaceGlance() | FaceColours() | CueChanged():
                if not self.over:
                    self._presence.see(item)
            case _:
                if isinstance(item, LinkSample):
                    lost = max(0.0, item.sound_lost_ms - self._sound_lost_ms)
                    self._sound_lost_ms += lost
                    self._shared.metrics.sound_lost.inc(lost / 1000)
                    self._shared.metrics.link("server", item.loss, item.rtt_ms, item.jitter_ms)
                elif isinstance(item, UtteranceStarted):
                    self._turns.speaks(item.utterance)
                if not self.over:
                    self._recorder.note(item.media_time, payload_of(item))

    def _connection_changed(self, item: ConnectionChanged) -> None:
        if self.over:
            return
        if item.state == "connected":
            self._stop_grace()
            gap = item.media_time - self._lost_at if self._lost_at is not None else 0.0
            first = not self._connected and self._lost_at is None
            self._connected, self._lost_at = True, None
            self._recorder.note(item.media_time, SessionConnected(gap_s=round(max(0.0, gap), 3)))
            if first and self._ask_at_once and (question := self.conduct.first_question()):
                self._recorder.note(item.media_time, question)
            log.info("session connected", session=self.id, gap_s=round(gap, 1))
        elif self._connected:
            self._connected, self._lost_at = False, item.media_time
            self.recording.lost()
            reason = item.reason or "no-media"
            self._recorder.note(item.media_time, SessionDisconnected(reason=reason))
            self.start_grace(self.grace_s)
            log.info("session disconnected", session=self.id, reason=reason)
        elif self._lost_at is not None:
            self.start_grace(self.grace_s)  # coming back failed; it may be tried again

    def mark_disconnected(self, at: float) -> None:
        """For a session that was live when the server went away, at media time `at`."""
        if self.state.state == "live":
            self._recorder.note(at, SessionDisconnected(reason="no-media"))

    def start_grace(self, seconds: float) -> None:
        self._stop_grace()
        self._grace = asyncio.get_running_loop().call_later(seconds, self._grace_over)

    def _stop_grace(self) -> None:
        if self._grace:
            self._grace.cancel()
            self._grace = None

    def _grace_over(self) -> None:
        self._grace = None
        if self.over or self.publisher.alive:
            return
        if self._shared.refusal():
            self.start_grace(self.grace_s)  # nobody can come back while the server itself takes nobody
        else:
            task = asyncio.create_task(self.end("grace-expired"))
            task.add_done_callback(log_failure)

    # --- what inference says -------------------------------------------------------------------------

    def _note_words(self, media_time: float, payload: Payload) -> None:
        self._recorder.note(media_time, payload)
        if isinstance(payload, TranscriptFinal) and not self.over:
            self._turns.says(payload)

    def _note_face(self, media_time: float, payload: Payload) -> None:
        self._recorder.note(media_time, payload)
        if isinstance(payload, LivenessObserved) and not self.over:
            self._presence.heard(media_time, payload)

    def gap(self, deployment: Deployment, state: Literal["lost", "recovered"], gap_s: float) -> None:
        if self.takes_place or self._finishing:
            event = InferenceGap(deployment=deployment, state=state, gap_s=round(gap_s, 2))
            self._recorder.note(self.media_time, event)

    def tick(self) -> None:
        """Once a second: tell when partials became rarer or quicker; say in the database that it is alive."""
        self.watching.count()
        if not self.takes_place:
            return
        self._heartbeat.tick(connected=self._connected)

    # --- another gateway has it ------------------------------------------------------------------------

    def _was_taken(self) -> None:
        """This gateway was thought dead: it lets go of everything and writes nothing more."""
        if not self.taken:
            self.taken = True
            self._shared.metrics.fenced.inc()
            log.warning("another gateway has the session", session=self.id)
            self._letting_go = asyncio.create_task(self.let_go(), name=f"let-go-{self.id}")

    async def let_go(self) -> None:
        """Without ending it: connections are closed, readers of events come back and find who has it."""
        self.taken = True
        self._stop_grace()
        self.conduct.stop()
        self.coding.stop()
        self._presence.stop()
        if self._finishing:
            self._finishing.cancel()
        await self._early.stop(0)
        self.hub.close()
        self.recording.abandon()
        await self.watching.close()
        await self.publisher.close()
        await self._recorder.close()
        if self._captioner:
            self._captioner.stop()
        if self._faces:
            self._faces.stop()
        await self.identity.close()

    # --- the end -------------------------------------------------------------------------------------

    async def _finish(self, rate: bool) -> None:
        try:
            await self.watching.close()
            await self.publisher.close()
            await self.recording.stop()
            if self._faces:
                self._faces.stop()
            await self.identity.close()
            if self._captioner and not await self._captioner.drain(self._settings.drain_s):
                await self._record(Alarm(code="inference.words-late", detail=""))
            await self._recorder.flush()
            await self._early.stop(RATING_S)
            if rate:
                await self.coding.settle()
                await rate_session(
                    self.id,
                    self.state,
                    self._shared.wait_inference,
                    self._record,
                    self._shared.metrics,
                    self._settings.rating_patience_s,
                )
                await self.identity.close()
        except Exception:
            log.exception(
                "session could not be finished", session=self.id
            )  # tried again when it is asked for
        if rate:
            await self._recorder.close()
            self.hub.close()

    @property
    def finished(self) -> bool:
        return self.taken or (self._finishing is not None and self._finishing.done())

    async def _record(self, payload: Payload) -> Event:
        return await self._recorder.record(self.state.media_time, payload)

    def _apply(self, event: Event) -> State:
        self.state.apply(event)
        self.conduct.seen(event)
        self.coding.seen(event)
        if not self.over:
            self._early.seen(event)
            self.identity.asked(event)
        return self.state.state
