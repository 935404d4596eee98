"""Recordings through the server's own speech path, paced like a microphone, without network and Ray.

Sound goes in blocks of 20 ms into `media.endpointing` with the voice activity model, what that hands on into
`inference.speech_engine.SpeechEngine`, and captions come back; several sessions share the engine. Each
recording is a session of its own, and silence follows it until its last utterance has ended.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from bench.core.statistics import percentile
from bench.stream_session import BLOCK, Recording, Session, Streamed
from inference.messages import SAMPLE_RATE, SpeechBatch, UtteranceChunk
from inference.settings import SpeechSettings
from inference.speech_engine import SpeechEngine
from media.endpointing import VoiceActivityModel
from media.settings import EndpointingSettings
from models.streaming import StreamingRecognizer

STAGGER_S = 0.37  # between the starts of sessions: people do not begin on the same tick
HANGS_S = 120.0  # without any caption although one is owed
_HELLO_S = 5.0
_GATEWAY = "bench"


class StreamingFailed(Exception):
    """The engine refused, failed or stopped answering: nothing was measured."""


class SpeechPath:
    """The path for `sessions` recordings at once, each spoken `speed` times as fast as it was recorded.

    `on_tick` is called every 20 ms or so with the seconds since the start.
    """

    def __init__(
        self,
        recogniser: StreamingRecognizer,
        activity: VoiceActivityModel,
        settings: SpeechSettings,
        endpointing: EndpointingSettings,
        *,
        sessions: int = 1,
        speed: float = 1.0,
        on_tick: Callable[[float], None] = lambda elapsed: None,
    ) -> None:
        self._activity = activity
        self._endpointing = endpointing
        self._sessions = sessions
        self._speed = speed
        self._on_tick = on_tick
        self._running: dict[str, Session] = {}
        self._lock = threading.Lock()  # around `_running`: captions come on the device's thread
        self._tick = -1
        self._last_sent = self._last_caption = 0.0
        self._errors: list[Exception] = []
        self._lags_s: list[float] = []  # how late the pacer itself was, per tick
        self._engine = SpeechEngine(recogniser, settings, self._collect, on_error=self._errors.append)

    def run(self, recordings: Sequence[Recording]) -> list[Streamed]:
        """Streams all, in this order; to be called once. Raises `StreamingFailed`."""
        waiting = deque(recordings)
        done: dict[str, Streamed] = {}
        began = self._last_caption = time.monotonic()
        not_before = began
        self._engine.start()
        try:
            while waiting or self._running:
                if waiting and len(self._running) < self._sessions and time.monotonic() >= not_before:
                    self._begin(waiting.popleft())
                    not_before = time.monotonic() + STAGGER_S / self._speed
                self._send([chunk for session in self._running.values() for chunk in session.speak()])
                for session in [s for s in self._running.values() if s.due is None and s.answered]:
                    done[session.name] = session.streamed
                    with self._lock:
                        del self._running[session.name]
                    self._send([], closed=(session.name,))
                self._check()
                self._on_tick(time.monotonic() - began)
                self._sleep()
        finally:
            self._engine.stop()
        return [done[recording.name] for recording in recordings]

    @property
    def lag_p95_ms(self) -> float | None:
        """How late blocks were spoken: a busy machine delays the microphone, no caption's fault."""
        return percentile([1000 * lag for lag in self._lags_s], 0.95)

    def _begin(self, recording: Recording) -> None:
        began = time.monotonic()
        session = Session(
            recording,
            self._endpointing,
            self._activity,
            lambda: (time.monotonic() - began) * self._speed,
        )
        with self._lock:
            self._running[recording.name] = session

    def _send(self, chunks: Sequence[UtteranceChunk], closed: tuple[str, ...] = ()) -> None:
        now = time.monotonic()
        if chunks or closed or now - self._last_sent > _HELLO_S:
            self._last_sent = now
            self._tick += 1
            self._engine.accept(SpeechBatch(_GATEWAY, self._tick, tuple(chunks), closed))

    def _collect(self, gateway: str) -> None:
        """Called by the engine when something is ready, on its thread or within `accept`."""
        reply = self._engine.collect(gateway, self._tick)
        for key in (*reply.refused, *reply.resend):
            self._errors.append(RuntimeError(f"the engine refused or lost utterance {key}"))
        with self._lock:
            for caption in reply.captions:
                self._last_caption = time.monotonic()
                if session := self._running.get(caption.session):
                    utterance = session.streamed.utterances[caption.utterance]
                    utterance.captions.append((session.now(), caption))

    def _check(self) -> None:
        if self._errors:
            raise StreamingFailed(str(self._errors[0])) from self._errors[0]
        owed = [s.name for s in self._running.values() if not s.answered]
        if not owed:
            self._last_caption = time.monotonic()
        elif time.monotonic() - self._last_caption > HANGS_S:
            raise StreamingFailed(f"no caption for {HANGS_S:g} s; finals are owed for {', '.join(owed)}")

    def _sleep(self) -> None:
        """Until the next block of any session has been spoken."""
        ahead = [s.due - s.now() for s in self._running.values() if s.due is not None]
        if ahead:
            self._lags_s.append(max(0.0, -min(ahead)))
        wait = min(ahead, default=BLOCK / SAMPLE_RATE) / self._speed
        time.sleep(min(max(wait, 0.0), BLOCK / SAMPLE_RATE))
