"""The table of gateways, and which of them has a session: at any time one, changed by compare and set."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from interviews.state import State
from storage.database import Database
from storage.sessions import SessionRow, session_row
from storage.tables import gateways, sessions


@dataclass(frozen=True, slots=True)
class GatewayRow:
    """One gateway process. `url`: where the other gateways reach it."""

    id: str
    url: str
    started_at: datetime
    heartbeat_at: datetime
    draining: bool


class Gateways:
    """A gateway heard of within `dead_s` seconds is living. Clocks of several machines must agree to well
    within that. Every method raises StorageFull or StorageError.
    """

    def __init__(self, database: Database, dead_s: float) -> None:
        self._database = database
        self._dead = timedelta(seconds=dead_s)

    async def beat(self, id_: str, url: str, *, draining: bool = False, at: datetime | None = None) -> None:
        """Say that it lives; enters it in the table, also where others have taken it out of it."""
        at = at or datetime.now(UTC)
        row = {"url": url, "heartbeat_at": at, "draining": draining}

        def enter(connection: Connection) -> None:
            if not connection.execute(update(gateways).where(gateways.c.id == id_).values(row)).rowcount:
                connection.execute(insert(gateways), {"id": id_, "started_at": at, **row})

        await self._database.transact(enter)

    async def remove(self, id_: str) -> None:
        """It has left, or is known to be dead."""
        async with self._database.write() as connection:
            await connection.execute(delete(gateways).where(gateways.c.id == id_))

    async def living(self) -> list[GatewayRow]:
        """The longest running first."""
        query = select(gateways).where(self._alive()).order_by(gateways.c.started_at, gateways.c.id)
        async with self._database.read() as connection:
            return [GatewayRow(**row._asdict()) for row in await connection.execute(query)]

    async def claim(self, session: str, gateway: str, seen: str | None) -> bool:
        """Take a session whose owner was `seen` and is not living. False where somebody else was faster.

        One conditional UPDATE: of any number of gateways that try at the same time one succeeds.
        """
        same = sessions.c.owner.is_(None) if seen is None else sessions.c.owner == seen
        change = update(sessions).where(sessions.c.id == session, same).values(owner=gateway)
        if seen is not None and seen != gateway:
            change = change.where(self._orphaned())
        async with self._database.write() as connection:
            return (await connection.execute(change)).rowcount == 1

    async def release(self, session: str, gateway: str) -> bool:
        """Give a session up, for whoever asks for it next."""
        mine = (sessions.c.id == session, sessions.c.owner == gateway)
        async with self._database.write() as connection:
            return (await connection.execute(update(sessions).where(*mine).values(owner=None))).rowcount == 1

    async def orphans(
        self, states: Collection[State], gateway: str, *, limit: int = 1000
    ) -> list[SessionRow]:
        """Sessions in one of `states` that no living gateway has, or that `gateway` itself has."""
        free = or_(sessions.c.owner.is_(None), sessions.c.owner == gateway, self._orphaned())
        query = select(sessions).where(sessions.c.state.in_(states), free).limit(limit)
        async with self._database.read() as connection:
            return [session_row(row) for row in await connection.execute(query)]

    def _alive(self) -> ColumnElement[bool]:
        return gateways.c.heartbeat_at > datetime.now(UTC) - self._dead

    def _orphaned(self) -> ColumnElement[bool]:
        return sessions.c.owner.not_in(select(gateways.c.id).where(self._alive()))
