"""Once a second: how often captions come, to the log; that the session is alive, to the database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from gateway.captions import CaptionPace
from gateway.problems import Problem
from gateway.shared import Shared
from interviews.events import CaptionsPaced, Payload
from storage.errors import NotOwner, StorageError

EVERY_S = 5.0  # in the database
log = structlog.get_logger("viva.live")


class Heartbeat:
    """`note` writes to the log at a media time. `taken` is called where another gateway has the session."""

    def __init__(
        self,
        session: str,
        shared: Shared,
        media_time: Callable[[], float],
        note: Callable[[float, Payload], None],
        taken: Callable[[], None],
    ) -> None:
        self._session, self._shared = session, shared
        self._media_time, self._note, self._taken = media_time, note, taken
        self.captions_interval_s = shared.settings.inference.speech.partial_interval_s
        self._pace = CaptionPace(self.captions_interval_s)
        self._beat_at = time.monotonic()

    def tick(self, *, connected: bool) -> None:
        inference = self._shared.inference
        if inference and connected:
            self.captions_interval_s = inference.speech.partial_interval_s
            if change := self._pace.change(self.captions_interval_s):
                self._note(self._media_time(), CaptionsPaced(interval_s=change[0], slower=change[1]))
        if time.monotonic() - self._beat_at >= EVERY_S:
            self._beat_at = time.monotonic()
            asyncio.create_task(self._beat()).add_done_callback(log_failure)

    async def _beat(self) -> None:
        try:
            await self._shared.sessions.heartbeat(self._session, self._shared.owner, self._media_time())
        except NotOwner:
            self._taken()
        except StorageError:
            pass  # tried again


def log_failure(task: asyncio.Task[object]) -> None:
    """For tasks that nobody waits for."""
    if (
        not task.cancelled()
        and isinstance(error := task.exception(), Exception)
        and not isinstance(error, Problem)
    ):
        log.error("background task failed", error=repr(error))
