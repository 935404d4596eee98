"""The one ordered writer of a session: append to the event log, then show.

Whatever happened together is one transaction. While storage refuses, people still see everything (with `seq`
0, as it is not logged), and what should have been logged waits in a bounded backlog; once storage works again
it is appended with its own times and published with its numbers. When the backlog is full the measures go
first: words, questions and the end of the session are kept longest. What is transient is shown at once: it is
never logged, so it waits for no storage.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from gateway.hub import Hub
from gateway.metrics import Metrics
from interviews.events import Alarm, Event, Payload, SoundLevel, TranscriptPartial
from interviews.state import State
from storage.errors import NotOwner, StorageError, StorageFull
from storage.event_log import EventLog
from storage.sessions import Sessions

BACKLOG = 5000
RETRY_S = 1.0
MEASURES = frozenset(
    {
        "face.measured",
        "face.unclear",
        "face.fault",
        "face.blinked",
        "face.hint",
        "affect.observed",
        "liveness.observed",
        "link.measured",
        "link.reported",
        "speech.measured",
    }
)

log = structlog.get_logger("viva.recorder")


class _Entry:
    __slots__ = ("at", "done", "media_time", "payload")

    def __init__(self, media_time: float, payload: Any, done: asyncio.Future[Event] | None) -> None:
        self.media_time = max(0.0, round(media_time, 3))
        self.payload = payload
        self.done = done
        self.at = datetime.now(UTC)


class Recorder:
    """`note` on the event loop; `record` waits for the event. `apply` folds it before it is seen.

    Once another gateway has the session nothing more is logged or shown: `taken` is called, once.
    """

    def __init__(
        self,
        session: str,
        events: EventLog,
        sessions: Sessions,
        hub: Hub,
        apply: Callable[[Event], State],
        metrics: Metrics,
        state: State,
        owner: str | None = None,
        taken: Callable[[], None] = lambda: None,
    ) -> None:
        self._owner = owner
        self._taken = taken
        self._session = session
        self._events = events
        self._sessions = sessions
        self._hub = hub
        self._apply = apply
        self._metrics = metrics
        self._stored_state = self._state = state
        self._pending: deque[_Entry] = deque()
        self._owed: deque[_Entry] = deque()
        self._lost = 0
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task = asyncio.create_task(self._run(), name=f"recorder-{session}")

    def note(self, media_time: float, payload: Payload) -> None:
        entry = _Entry(media_time, payload, None)
        if isinstance(payload, TranscriptPartial | SoundLevel):
            self._show_at_once(entry)
        else:
            self._push(entry)

    @property
    def waiting(self) -> int:
        """Events that are not written yet, or owed to a storage that refuses."""
        return len(self._pending) + len(self._owed)

    async def record(self, media_time: float, payload: Payload) -> Event:
        """The event as shown: logged, or with seq 0 while storage refuses.

        Raises StorageError once the log is closed, NotOwner where another gateway has the session.
        """
        if self._task.done():
            raise StorageError("the session's log is closed")
        done: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._push(_Entry(media_time, payload, done))
        return await asyncio.shield(done)

    async def flush(self) -> None:
        """Until everything noted so far has been shown."""
        idle = asyncio.create_task(self._idle.wait())
        await asyncio.wait({idle, self._task}, return_when=asyncio.FIRST_COMPLETED)
        idle.cancel()

    async def close(self) -> None:
        """Flush, try once more to log what is owed, and stop."""
        while not self._idle.is_set() and not self._task.done():  # something may come while it is waited for
            await self.flush()
        self._task.cancel()
        await asyncio.wait({self._task})
        with contextlib.suppress(StorageError):
            await self._settle()
        self._refuse(self._pending, StorageError("the session's log is closed"))
        if self._owed:
            log.error("events not kept", session=self._session, events=len(self._owed))

    @staticmethod
    def _refuse(entries: Iterable[_Entry], error: StorageError) -> None:
        """Whoever waits for one of these learns that it was not kept."""
        for entry in entries:
            if entry.done and not entry.done.done():
                entry.done.set_exception(error)

    def _push(self, entry: _Entry) -> None:
        self._pending.append(entry)
        self._idle.clear()
        self._wake.set()

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RETRY_S if self._behind else None):
                    await self._wake.wait()
            self._wake.clear()
            batch, self._pending = self._pending, deque()
            try:
                await self._write(batch)
            except NotOwner:
                self._owed.clear()
                self._refuse([*batch, *self._pending], NotOwner(self._session))
                self._pending.clear()
                self._idle.set()
                self._taken()
                return
            except Exception:
                # A fault here must not silence the session: it is logged, and waiting callers are told.
                log.exception("recorder failed", session=self._session)
            self._refuse(batch, StorageError("the event could not be recorded"))
            if not self._pending:
                self._idle.set()

    @property
    def _behind(self) -> bool:
        return bool(self._owed) or self._state != self._stored_state

    async def _write(self, batch: deque[_Entry]) -> None:
        refused: StorageError | None = None
        logged: list[Event] = []
        try:
            await self._settle()
            if batch:
                entries = [(entry.media_time, entry.payload) for entry in batch]
                logged = await self._events.append(self._session, entries, owner=self._owner)
        except NotOwner:
            raise
        except StorageError as error:
            refused = error
        if refused:
            self._owe(batch, refused)
        numbered = iter(logged)
        for entry in batch:
            event = self._unlogged(entry) if refused else next(numbered)
            self._show(event)
            if entry.done:
                entry.done.set_result(event)
        if not refused:
            await self._store_state()

    async def _settle(self) -> None:
        """Append what is owed, oldest first, keeping the wall time at which it happened."""
        while self._owed:
            together = [self._owed[0]]
            for entry in list(self._owed)[1:500]:
                if (entry.at - together[0].at).total_seconds() > 1:
                    break
                together.append(entry)
            entries = [(entry.media_time, entry.payload) for entry in together]
            events = await self._events.append(self._session, entries, at=together[0].at, owner=self._owner)
            for event in events:
                self._owed.popleft()
                self._hub.publish(event)
            if not self._owed:
                log.info("storage takes events again", session=self._session, lost=self._lost)
                if self._lost:
                    alarm = Alarm(code="storage.full", detail=f"{self._lost} measures were not kept")
                    self._push(_Entry(together[-1].media_time, alarm, None))
                    self._lost = 0

    async def _store_state(self) -> None:
        if self._state != self._stored_state:
            try:
                await self._sessions.set_state(self._session, self._state, owner=self._owner)
            except NotOwner:
                raise
            except StorageError:
                return  # tried again; the log is the truth meanwhile
            self._stored_state = self._state

    def _owe(self, lasting: Sequence[_Entry], error: StorageError) -> None:
        if not self._owed:
            code = "storage.full" if isinstance(error, StorageFull) else "storage.failed"
            log.error("storage refuses events", session=self._session, code=code, error=str(error))
            alarm = _Entry(lasting[-1].media_time if lasting else 0.0, Alarm(code=code, detail=""), None)
            self._show(self._unlogged(alarm))
            self._owed.append(alarm)
        self._owed.extend(lasting)
        while len(self._owed) > BACKLOG:
            index = next((i for i, e in enumerate(self._owed) if e.payload.type in MEASURES), 0)
            del self._owed[index]
            self._lost += 1
            self._metrics.dropped.labels("unlogged").inc()

    def _show_at_once(self, entry: _Entry) -> None:
        if self._task.done():  # another gateway has the session, or it is over
            return
        try:
            self._show(self._unlogged(entry))
        except Exception:
            log.exception("an event could not be shown", session=self._session, type=entry.payload.type)

    def _show(self, event: Event) -> None:
        self._state = self._apply(event)
        self._metrics.events.labels(event.data.type).inc()
        self._hub.publish(event)

    def _unlogged(self, entry: _Entry) -> Event:
        return Event.model_construct(
            session=self._session, seq=0, media_time=entry.media_time, at=entry.at, data=entry.payload
        )
