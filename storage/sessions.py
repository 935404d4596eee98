"""The table of sessions: an index over the event logs, and who serves each session now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from interviews.events import Event, Language, Policy, SessionCreated
from interviews.roles import HEAD
from interviews.state import State
from storage.database import Database
from storage.errors import NotOwner, SessionMissing, StorageError
from storage.event_log import known, write_events
from storage.tables import sessions


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as the list shows it. `owner` is the gateway process that has it."""

    id: str
    state: State
    candidate: str
    language: Language
    policy: Policy
    created_at: datetime
    owner: str | None
    heartbeat_at: datetime | None
    media_time: float  # seconds: the latest on the session's log or heartbeat
    last_seq: int  # events logged
    branch: str | None = None  # None: the head
    created_by: str | None = None  # a person's id; None: the API token


class Sessions:
    """Create, find and mark sessions. Every method raises StorageFull or StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self,
        session: str,
        created: SessionCreated,
        *,
        owner: str | None = None,
        at: datetime | None = None,
        branch: str | None = None,
        created_by: str | None = None,
    ) -> Event:
        """Make the session and log its `session.created`, or neither. StorageError if the id is taken."""
        at = at or datetime.now(UTC)
        async with self._database.write() as connection:
            return await write_session(
                connection, session, created, owner=owner, branch=branch, created_by=created_by, at=at
            )

    async def get(self, session: str) -> SessionRow:
        """Raises SessionMissing."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(sessions).where(sessions.c.id == session))).one_or_none()
        if row is None:
            raise SessionMissing(session)
        return session_row(row)

    async def list(
        self,
        states: Collection[State] | None = None,
        *,
        limit: int = 50,
        after: str | None = None,
        branches: Collection[str] | None = None,
    ) -> list[SessionRow]:
        """Newest first, at most `limit`, from behind the session `after`. Raises SessionMissing.

        With `branches` only theirs; a session without a branch is the head's.
        """
        query = select(sessions).order_by(sessions.c.created_at.desc(), sessions.c.id.desc()).limit(limit)
        if states is not None:
            query = query.where(sessions.c.state.in_(states))
        if branches is not None:
            query = query.where(func.coalesce(sessions.c.branch, HEAD).in_(branches))
        if after is not None:
            last = await self.get(after)
            created = sessions.c.created_at
            older = and_(created == last.created_at, sessions.c.id < last.id)
            query = query.where(or_(created < last.created_at, older))
        async with self._database.read() as connection:
            return [session_row(row) for row in await connection.execute(query)]

    async def set_state(self, session: str, state: State, *, owner: str | None = None) -> None:
        """With `owner` only if that gateway has the session. Raises NotOwner, SessionMissing."""
        await self._set(session, owner, state=state)

    async def move(self, session: str, branch: str) -> None:
        """To another branch, whose people have it from now on. Raises SessionMissing."""
        await self._set(session, None, branch=branch)

    async def heartbeat(
        self, session: str, owner: str, media_time: float, *, at: datetime | None = None
    ) -> None:
        """`owner` serves the session; how far its media clock is. Raises NotOwner, SessionMissing."""
        await self._set(session, owner, media_time=media_time, heartbeat_at=at or datetime.now(UTC))

    async def _set(self, session: str, owner: str | None, **values: object) -> None:
        change = update(sessions).where(sessions.c.id == session).values(values)
        if owner is not None:
            change = change.where(sessions.c.owner == owner)

        def set_(connection: Connection) -> None:
            if not connection.execute(change).rowcount:
                there = connection.execute(known(session)).first()
                raise NotOwner(session) if there else SessionMissing(session)

        await self._database.transact(set_)


async def write_session(
    connection: AsyncConnection,
    session: str,
    created: SessionCreated,
    *,
    owner: str | None,
    at: datetime,
    branch: str | None,
    created_by: str | None,
) -> Event:
    """`Sessions.create` within a transaction that the caller holds. StorageError if the id is taken."""
    row = {
        "id": session,
        "state": "created",
        "candidate": created.candidate,
        "language": created.language,
        "policy": created.policy,
        "created_at": at,
        "owner": owner,
        "heartbeat_at": at if owner else None,
        "media_time": 0.0,
        "last_seq": 0,
        "branch": branch,
        "created_by": created_by,
    }
    try:
        await connection.execute(insert(sessions), row)
    except IntegrityError as error:
        raise StorageError(f"a session named {session} exists") from error
    [event] = await connection.run_sync(write_events, session, [(0.0, created)], at)
    return event


def session_row(row: Row[tuple[object, ...]]) -> SessionRow:
    return SessionRow(**row._asdict())
