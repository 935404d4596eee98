"""One session's recording: wanted by HR, governed by the candidate's consent, told in the event log."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import structlog

from gateway.metrics import Metrics
from gateway.recordings import Recordings
from interviews.events import Alarm, Payload, RecordingConsent, RecordingState
from media.encoded import FrameHub
from media.record.items import Reason, Segment, State
from media.record.recording import Recording

FLUSH_S = 5.0
ALARMS: dict[str, str] = {"disk-full": "recording.full", "storage-failed": "recording.failed"}
log = structlog.get_logger("viva.recording")


class SessionRecording:
    """`note` puts a payload on the session's log at the media time given. Lives on one event loop."""

    def __init__(
        self,
        session: str,
        wanted: bool,
        recordings: Recordings | None,
        frames: FrameHub,
        request_key_frame: Callable[[], None],
        note: Callable[[Payload], None],
        metrics: Metrics,
    ) -> None:
        self.session = session
        self.wanted = wanted
        self.state: State | None = None
        self._recordings = recordings
        self._frames = frames
        self._request_key_frame = request_key_frame
        self._note = note
        self._metrics = metrics
        self._loop = asyncio.get_running_loop()
        self._consent: bool | None = None
        self._recording: Recording | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._counted = 0  # frames dropped that the metrics know of

    async def consent(self, given: bool) -> None:
        """What the candidate says, with every connection. Nothing happens where no recording is wanted."""
        if not self.wanted:
            return
        if given != self._consent:
            before, self._consent = self._consent, given
            self._note(RecordingConsent(given=given))
            if not given:
                await self.stop("withdrawn" if before else "no-consent")
        if given and self._recording is None and self._recordings is not None:
            self._begin(self._recordings)

    def _begin(self, recordings: Recordings) -> None:
        recording = Recording(
            recordings.writer(self.session),
            recordings.worker,
            self._request_key_frame,
            lambda state, reason: self._call(lambda: self._told(recording, state, reason)),
            lambda segment: self._call(lambda: self._kept(segment)),
        )
        self._recording = recording
        self._unsubscribe = self._frames.subscribe(recording)

    def lost(self) -> None:
        """The connection is gone: what came until now is made safe."""
        if self._recording:
            self._recording.flush()

    async def stop(self, reason: str = "finished") -> None:
        """Everything that came is kept when this returns, unless storage is slower than `FLUSH_S`."""
        if reason == "deleted":
            self.wanted = False  # a candidate who comes back is not recorded again
        recording, self._recording = self._recording, None
        self._unsubscribe()
        if recording is not None:
            done = asyncio.Event()
            recording.finish(lambda: self._call(done.set))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_S):
                    await done.wait()
            dropped = recording.counters.dropped
            log.info("recording ends", session=self.session, reason=reason, dropped=dropped)
        if recording is not None or reason == "no-consent":
            self._tell("stopped", reason)

    def abandon(self) -> None:
        """Another gateway records the session now: nothing more is taken, nothing is told."""
        self._unsubscribe()
        self._recording = None

    # --- from the recording thread, on the loop ------------------------------------------------------

    def _call(self, callback: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(callback)

    def _told(self, recording: Recording, state: State, reason: Reason) -> None:
        if recording is not self._recording:  # it was stopped meanwhile, which `stop` tells
            return
        self._tell(state, reason)
        if reason in ALARMS:
            self._note(Alarm(code=ALARMS[reason], detail=""))

    def _tell(self, state: State, reason: str) -> None:
        gauge = self._metrics.recordings
        if self.state is not None:
            gauge.labels(self.state).dec()
        over = reason in ("finished", "withdrawn", "deleted", "no-consent")
        self.state = None if over else state
        if self.state is not None:
            gauge.labels(self.state).inc()
        if state == "stopped":
            self._metrics.recording_stops.labels(reason).inc()
        self._note(RecordingState.model_validate({"state": state, "reason": reason}))

    def _kept(self, segment: Segment) -> None:
        self._metrics.recorded_bytes.inc(segment.size)
        self._metrics.recorded_segments.inc()
        recording = self._recording
        if recording is not None:
            dropped = recording.counters.dropped
            self._metrics.dropped.labels("recording").inc(dropped - self._counted)
            self._counted = dropped
