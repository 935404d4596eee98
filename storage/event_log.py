"""The append-only event log of each session: the truth that every view, result and report is folded from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, Select, case, insert, select, update

from interviews.events import AnyPayload, Event, Logged, Payload
from storage.database import Database
from storage.errors import LogMoved, NotOwner, SessionMissing
from storage.tables import events, sessions

PAGE = 1000
_payloads: TypeAdapter[Any] = TypeAdapter(AnyPayload)


class EventLog:
    """Appends and reads. Safe with any number of appenders, in one process or in several."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(
        self,
        session: str,
        entries: Sequence[tuple[float, Payload]],
        *,
        at: datetime | None = None,
        owner: str | None = None,
        seen: int | None = None,
    ) -> list[Event]:
        """Append `(media_time, payload)` pairs in one transaction, all or none; the events as logged.

        `seq` counts from 1 without holes. With `owner` nothing is appended unless that gateway has the
        session: one that was thought dead and comes back is refused. With `seen` nothing is appended unless
        that is the last seq there is: what was decided on the log holds still. Raises NotOwner, LogMoved,
        StorageFull, SessionMissing, StorageError; ValueError for a transient payload, which is never logged.
        """
        if not entries:
            return []
        now = at or datetime.now(UTC)
        return await self._database.transact(lambda c: write_events(c, session, entries, now, owner, seen))

    async def read(
        self, session: str, after: int = 0, limit: int = PAGE, *, without: Collection[str] = ()
    ) -> list[Event]:
        """Events with seq > `after` in order, at most `limit`; empty for an unknown session.

        `without`: types that are left out.
        """
        query = (
            select(events)
            .where(events.c.session == session, events.c.seq > after, events.c.type.not_in(without))
            .order_by(events.c.seq)
            .limit(limit)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [_event(row) for row in rows]

    async def firsts(self, sessions: Collection[str]) -> dict[str, Event]:
        """The first event of each, which says what was asked for; unknown sessions are left out."""
        if not sessions:
            return {}
        query = select(events).where(events.c.session.in_(sessions), events.c.seq == 1)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return {row.session: _event(row) for row in rows}

    async def read_all(self, session: str, *, without: Collection[str] = ()) -> list[Event]:
        """The whole log, page by page; `without` these types."""
        log: list[Event] = []
        while page := await self.read(session, after=log[-1].seq if log else 0, without=without):
            log.extend(page)
        return log


def _event(row: Row[Any]) -> Event:
    return Event(
        session=row.session,
        seq=row.seq,
        media_time=row.media_time,
        at=row.at,
        data=_payloads.validate_json(row.data),
    )


def known(session: str) -> Select[tuple[str]]:
    return select(sessions.c.id).where(sessions.c.id == session)


def write_events(
    connection: Connection,
    session: str,
    entries: Sequence[tuple[float, Payload]],
    at: datetime,
    owner: str | None = None,
    seen: int | None = None,
) -> list[Event]:
    """Append within a transaction that the caller holds."""
    logged: list[tuple[float, Logged]] = []
    for time, payload in entries:
        if not isinstance(payload, Logged):
            raise ValueError(f"{type(payload).__name__} is shown, not logged")
        logged.append((time, payload))
    # The row of the session is the counter: the update locks it until the commit, so two appenders take turns
    # and a transaction that fails gives its numbers back.
    latest = max(time for time, _ in logged)
    clock = case((sessions.c.media_time < latest, latest), else_=sessions.c.media_time)
    mine = [sessions.c.id == session] + ([sessions.c.owner == owner] if owner is not None else [])
    taken = connection.execute(
        update(sessions)
        .where(*mine)
        .values(last_seq=sessions.c.last_seq + len(logged), media_time=clock)
        .returning(sessions.c.last_seq)
    )
    last = taken.scalar_one_or_none()
    if last is not None and seen is not None and last - len(logged) != seen:
        raise LogMoved(session)  # the transaction gives the numbers back
    if last is None:
        if owner is not None and connection.execute(known(session)).first():
            raise NotOwner(session)
        raise SessionMissing(session)
    numbered = [
        Event(session=session, seq=seq, media_time=time, at=at, data=payload)
        for seq, (time, payload) in enumerate(logged, start=last - len(logged) + 1)
    ]
    rows = [
        {
            "session": session,
            "seq": event.seq,
            "media_time": event.media_time,
            "at": at,
            "type": event.data.type,
            "data": event.data.model_dump_json(),
        }
        for event in numbered
    ]
    connection.execute(insert(events), rows)
    return numbered
