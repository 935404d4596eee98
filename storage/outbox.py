"""The outbox: notices wait here until they are sent, through any crash, and whoever claims one sends it.

A claim is one conditional UPDATE, so of several gateways one has it. Once `sent` a notice is never claimed
again. A process that dies between the mail server's yes and `sent` leaves one that is sent a second time,
with the same Message-ID: no protocol can rule that out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Row, and_, func, or_, select, update

from interviews.invitations import Entry, Invitation
from interviews.notices import RESULTS
from storage.database import Database
from storage.invitations import write_change
from storage.outbox_rows import OutboxItem
from storage.tables_invitations import outbox


class Outbox:
    """Every method raises StorageFull or StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: datetime, channels: Collection[str], *, limit: int = 20) -> list[OutboxItem]:
        """Whose time has come and that can be sent, the longest due first; lost claims too."""
        waiting = and_(outbox.c.state == "queued", outbox.c.due_at <= now)
        lost = and_(outbox.c.state == "sending", outbox.c.claimed_until < now)
        query = select(outbox).where(or_(waiting, lost), outbox.c.channel.in_(channels))
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(outbox.c.due_at, outbox.c.id).limit(limit))
            return [_item(row) for row in rows]

    async def claim(self, item: OutboxItem, gateway: str, until: datetime) -> OutboxItem | None:
        """As seen by `due`. None where another gateway was faster."""
        claimed = replace(
            item, state="sending", attempts=item.attempts + 1, claimed_by=gateway, claimed_until=until
        )
        same = (
            outbox.c.id == item.id,
            outbox.c.state == item.state,
            outbox.c.attempts == item.attempts,
        )
        async with self._database.write() as connection:
            done = await connection.execute(update(outbox).where(*same).values(asdict(claimed)))
        return claimed if done.rowcount else None

    async def sent(
        self, item: OutboxItem, reference: str, at: datetime, change: tuple[Invitation, Entry] | None = None
    ) -> bool:
        """With what it means for the invitation, in one transaction. Raises InvitationChanged."""
        marks = {"state": "sent", "reference": reference, "sent_at": at, "error": ""}
        return await self._finish(item, marks, change)

    async def failed(
        self, item: OutboxItem, error: str, change: tuple[Invitation, Entry] | None = None
    ) -> bool:
        """For good. Raises InvitationChanged."""
        return await self._finish(item, {"state": "failed", "error": error}, change)

    async def again(self, item: OutboxItem, error: str, due_at: datetime) -> bool:
        return await self._finish(item, {"state": "queued", "error": error, "due_at": due_at}, None)

    async def cancelled(self, item: OutboxItem, why: str) -> bool:
        """There is no point in it any more."""
        return await self._finish(item, {"state": "cancelled", "error": why}, None)

    async def latest(self, invitations: Collection[str]) -> dict[str, OutboxItem]:
        """The newest notice of each invitation that has any."""
        newest = (
            select(outbox.c.invitation, func.max(outbox.c.created_at).label("at"))
            .where(outbox.c.invitation.in_(invitations))
            .group_by(outbox.c.invitation)
            .subquery()
        )
        query = select(outbox).join(
            newest, and_(outbox.c.invitation == newest.c.invitation, outbox.c.created_at == newest.c.at)
        )
        async with self._database.read() as connection:
            return {row.invitation: _item(row) for row in await connection.execute(query)}

    async def results(self, invitation: str) -> list[OutboxItem]:
        """What the candidate was told of the outcome, the oldest first."""
        query = select(outbox).where(outbox.c.invitation == invitation, outbox.c.kind.in_(RESULTS))
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(outbox.c.created_at, outbox.c.id))
            return [_item(row) for row in rows]

    async def _finish(
        self, item: OutboxItem, marks: dict[str, object], change: tuple[Invitation, Entry] | None
    ) -> bool:
        """False where the claim was lost to another gateway; nothing is kept then."""
        mine = (
            outbox.c.id == item.id,
            outbox.c.state == "sending",
            outbox.c.claimed_by == item.claimed_by,
            outbox.c.attempts == item.attempts,
        )
        values = {**marks, "claimed_by": None, "claimed_until": None}
        async with self._database.write() as connection:
            if not (await connection.execute(update(outbox).where(*mine).values(values))).rowcount:
                return False
            if change is not None:
                await write_change(connection, *change)
        return True


def _item(row: Row[tuple[object, ...]]) -> OutboxItem:
    return OutboxItem(**row._asdict())
