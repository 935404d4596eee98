"""The sessions that this gateway process serves: made, found, brought back after a restart, let go."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import Counter
from datetime import UTC, datetime
from typing import Literal

import structlog

from gateway.live import LiveSession
from gateway.problems import Problem
from gateway.shared import Shared
from inference.messages import Deployment
from interviews.events import Event, Language, Payload, Policy, SessionCreated, Spoken
from interviews.plan import Question
from interviews.rubric import RubricDimension
from interviews.state import SessionState
from storage.errors import NotOwner, SessionMissing, StorageError
from storage.sessions import SessionRow

log = structlog.get_logger("viva.registry")


class Registry:
    """Holds a `LiveSession` for every session that has no result yet and was asked for."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._sessions: dict[str, LiveSession] = {}
        self._loading = asyncio.Lock()
        self._leaving = asyncio.Lock()  # held while one is given up
        shared.live = self.live

    def live(self) -> int:
        return sum(session.takes_place for session in self._sessions.values())

    def resident(self, session: str) -> LiveSession | None:
        return self._sessions.get(session)

    async def create(
        self,
        candidate: str,
        language: Language,
        spoken: Spoken,
        policy: Policy,
        questions: tuple[Question, ...],
        record: bool = False,
        *,
        dimensions: tuple[RubricDimension, ...] = (),
        practice: bool = True,
        survey: bool = True,
        branch: str | None = None,
        created_by: str | None = None,
    ) -> LiveSession:
        """Raises Problem when no session can be taken now; StorageFull, StorageError."""
        refusal = self._shared.refusal()
        if self._shared.membership.draining:
            refusal = self._shared.later("gateway.draining")
        if refusal is None and self.live() >= self._shared.capacity:
            refusal = self._shared.later("inference.full")
        if refusal:
            self._shared.metrics.refused.labels(refusal.code).inc()
            raise refusal
        created = SessionCreated(
            candidate=candidate,
            language=language,
            spoken=spoken,
            policy=policy,
            questions=questions,
            dimensions=dimensions,
            record=record,
            practice=practice,
            survey=survey,
        )
        id_ = secrets.token_hex(10)
        event = await self._shared.sessions.create(
            id_, created, owner=self._shared.owner, branch=branch, created_by=created_by
        )
        session = LiveSession(id_, self._shared, created, event.at, SessionState.of([event]))
        self._sessions[id_] = session
        self._shared.metrics.created.inc()
        self._shared.metrics.events.labels(event.data.type).inc()
        return session

    async def row(self, session: str) -> SessionRow:
        """Raises Problem session.unknown, StorageError."""
        async with self._leaving:  # one that is being given up has no owner a moment later
            try:
                return await self._shared.sessions.get(session)
            except SessionMissing:
                raise Problem("session.unknown") from None

    async def find(self, session: str) -> LiveSession | None:
        """The session until it has a result, then None. Raises Problem session.unknown, StorageError."""
        if found := self._sessions.get(session):
            return found
        row = await self.row(session)
        if row.state == "scored":
            return None
        async with self._loading:
            return self._sessions.get(session) or await self._load(row)

    async def running(self, session: str) -> LiveSession:
        """Like `find`, for what only a session that has not ended can do: raises session.ended too."""
        found = await self.find(session)
        if found is None or found.over:
            raise Problem("session.ended")
        return found

    async def tell(self, session: str, payload: Payload) -> Event:
        """Put what a person did on a session's log: by its own writer while it has one.

        Raises Problem session.unknown, gateway.moving; NotOwner, StorageFull, StorageError: not there then.
        """
        live = await self.find(session)
        if live is not None and not live.finished:
            try:
                return await live.record(payload)
            except NotOwner:
                raise  # whoever has it now must know it too
            except StorageError:
                pass  # its own log has just closed
        return await self._append(session, payload)

    async def note(self, session: str, payload: Payload) -> Event:
        """Put something that was done to a session on its log, whether it still runs, is closing, or not.

        Raises SessionMissing, StorageFull, StorageError; then it is not on the log.
        """
        live = self._sessions.get(session)
        if live is not None:
            with contextlib.suppress(StorageError):  # its own log is closed already
                return await live.record(payload)
        return await self._append(session, payload)

    async def _append(self, session: str, payload: Payload) -> Event:
        row = await self._shared.sessions.get(session)
        [event] = await self._shared.events.append(session, [(row.media_time, payload)])
        return event

    async def restore(self) -> None:
        """After a start: sessions cut off with the last process come back or are brought to their end."""
        await self._adopt(wait=False)

    async def sweep(self) -> None:
        """Now and then: sessions of a dead gateway that nobody has asked for while their grace lasted."""
        if not self._shared.membership.draining:
            await self._adopt(wait=True)

    async def _adopt(self, wait: bool) -> None:
        membership = self._shared.membership
        for row in await membership.table.orphans({"live", "disconnected", "ended"}, membership.id):
            if self.resident(row.id):
                continue
            if wait and row.state != "ended" and row.owner != membership.id:
                heard = row.heartbeat_at or row.created_at
                if (datetime.now(UTC) - heard).total_seconds() < self._shared.settings.grace_s:
                    continue  # its candidate may come back, to whichever gateway
            try:
                async with self._loading:
                    if not self.resident(row.id):
                        await self._load(row)
            except Problem:
                continue  # another gateway was faster
            except StorageError as error:
                log.error("session not restored", session=row.id, error=str(error))

    async def release(self) -> None:
        """Give up the sessions whose candidates have not come yet: other gateways take them."""
        for id_ in list(self._sessions):
            await self.give_up(id_)

    async def give_up(self, id_: str) -> None:
        """One of them, if this gateway has it and its candidate has not come yet."""
        async with self._leaving:
            session = self._sessions.get(id_)
            if session and session.state.state == "created" and not session.takes_place and not session.over:
                del self._sessions[id_]
                await session.let_go()
                await self._shared.membership.table.release(id_, self._shared.owner)

    @property
    def busy(self) -> bool:
        """Whether a session takes place or is on its way to its result."""
        return any(not session.finished for session in self._sessions.values())

    async def _load(self, row: SessionRow) -> LiveSession | None:
        """From the log. A live one may be rejoined while its grace lasts; an ended one gets its result.

        Raises Problem gateway.moving where another gateway has it; StorageError.
        """
        if not await self._shared.membership.claim(row):
            raise Problem("gateway.moving", headers={"Retry-After": "1"})
        events = await self._shared.events.read_all(row.id)
        state = await asyncio.to_thread(SessionState.of, events)
        if state.created is None or state.state == "scored":
            return None
        away = _away(row, events)
        elapsed = max(row.media_time, state.media_time) + away if state.state != "created" else None
        session = LiveSession(row.id, self._shared, state.created, row.created_at, state, elapsed)
        self._sessions[row.id] = session
        if state.state in ("live", "disconnected"):
            # The clock of a question stood still from then on.
            session.mark_disconnected(max(row.media_time, state.media_time))
            session.start_grace(max(0.0, session.grace_s - away))
            log.info("session restored", session=row.id, away_s=round(away, 1))
        elif state.state == "ended":
            session.finish()
        return session

    def gap(self, deployment: Deployment, state: Literal["lost", "recovered"], gap_s: float) -> None:
        log.warning("inference gap", deployment=deployment, state=state, gap_s=round(gap_s, 2))
        for session in self._sessions.values():
            session.gap(deployment, state, gap_s)

    def tick(self) -> None:
        """Once a second."""
        for id_ in [id_ for id_, session in self._sessions.items() if session.finished]:
            del self._sessions[id_]
        states = Counter(session.state.state for session in self._sessions.values())
        for name in ("created", "live", "disconnected", "ended"):
            self._shared.metrics.sessions.labels(name).set(states[name])
        waiting = Counter[str]()
        for session in self._sessions.values():
            session.tick()
            waiting.update(session.waiting())
        for name in ("audio", "video", "events", "utterances"):
            self._shared.metrics.waiting.labels(name).set(waiting[name])
        self._shared.metrics.tasks.set(len(asyncio.all_tasks()))

    async def stop(self, timeout_s: float) -> None:
        stopping = [session.stop(timeout_s) for session in self._sessions.values()]
        for result in await asyncio.gather(*stopping, return_exceptions=True):
            if isinstance(result, BaseException):
                log.error("session did not stop cleanly", error=repr(result))
        self._sessions.clear()


def _away(row: SessionRow, events: list[Event]) -> float:
    """Seconds since the session was last heard of."""
    heard = max(filter(None, [row.heartbeat_at, row.created_at, *(event.at for event in events[-1:])]))
    return max(0.0, (datetime.now(UTC) - heard).total_seconds())
