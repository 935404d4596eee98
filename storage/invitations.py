"""Invitations with what was done to them. Every change names the revision that it was made from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from interviews.events import SessionCreated, SessionEnded
from interviews.invitations import CLOSED, Entry, InterviewDesign, Invitation, InvitationState, Invitee
from storage.database import Database
from storage.errors import InvitationChanged, InvitationMissing
from storage.event_log import write_events
from storage.outbox_rows import OutboxItem, write_item
from storage.sessions import write_session
from storage.tables import sessions
from storage.tables_invitations import invitation_entries, invitations

TOGETHER = 100  # invitations per transaction: some 50 ms of the one writer


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """What is written together, or not at all. `created_by`: the id of the person who invites, if any."""

    invitation: Invitation
    entry: Entry
    created: SessionCreated
    notice: OutboxItem | None
    created_by: str | None = None


class Invitations:
    """Every method raises StorageFull or StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, made: Sequence[NewInvitation]) -> None:
        """Each with its session, entry and notice in one transaction, up to a hundred in the same."""
        for start in range(0, len(made), TOGETHER):
            async with self._database.write() as connection:
                for new in made[start : start + TOGETHER]:
                    await _write_new(connection, new)

    async def again(self, changed: Invitation, entry: Entry, new: NewInvitation) -> None:
        """As `save`, and another invitation in its place. Raises InvitationChanged, InvitationMissing."""
        async with self._database.write() as connection:
            await write_change(connection, changed, entry)
            await _write_new(connection, new)

    async def get(self, invitation: str) -> Invitation:
        """Raises InvitationMissing."""
        async with self._database.read() as connection:
            return await read_invitation(connection, invitation)

    async def of_session(self, session: str) -> Invitation | None:
        """The one that the session was made for, if any."""
        query = select(invitations).where(invitations.c.session == session)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
            return _invitation(row) if row else None

    async def page(
        self,
        job: str,
        states: Collection[InvitationState] | None = None,
        *,
        limit: int = 50,
        after: str | None = None,
    ) -> list[Invitation]:
        """Newest first, at most `limit`, from behind the invitation `after`. Raises InvitationMissing."""
        query = _newest().where(invitations.c.job == job).limit(limit)
        if states is not None:
            query = query.where(invitations.c.state.in_(states))
        if after is not None:
            last = await self.get(after)
            made = invitations.c.created_at
            query = query.where(
                or_(made < last.created_at, and_(made == last.created_at, invitations.c.id < last.id))
            )
        async with self._database.read() as connection:
            return [_invitation(row) for row in await connection.execute(query)]

    async def invited(self, job: str) -> list[Invitee]:
        """Those whose invitation to the job was neither revoked nor has expired nor was made again."""
        replaced = select(invitation_entries.c.invitation).where(invitation_entries.c.act == "again")
        query = select(invitations.c.invitee).where(
            invitations.c.job == job,
            invitations.c.state.not_in(("revoked", "expired")),
            invitations.c.id.not_in(replaced),
        )
        async with self._database.read() as connection:
            found = (await connection.execute(query)).scalars()
            return [Invitee.model_validate_json(text) for text in found]

    async def unsettled(self, now: datetime, *, limit: int = 200) -> list[tuple[Invitation, bool]]:
        """Open ones whose time is over, or whose interview has ended (True)."""
        ended = sessions.c.state.in_(("ended", "scored"))
        late = and_(invitations.c.expires_at <= now, sessions.c.state == "created")
        query = (
            select(invitations, ended.label("ended"))
            .join(sessions, sessions.c.id == invitations.c.session)
            .where(invitations.c.state.not_in(CLOSED), or_(late, ended))
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [(_invitation(row), bool(row.ended)) for row in await connection.execute(query)]

    async def save(self, changed: Invitation, entry: Entry, notice: OutboxItem | None = None) -> None:
        """A change made from the revision before. Raises InvitationChanged, InvitationMissing."""
        async with self._database.write() as connection:
            await write_change(connection, changed, entry)
            if notice is not None:
                await write_item(connection, notice)

    async def end_session(self, changed: Invitation, entry: Entry) -> bool:
        """As `save`, and the session ends where it has not begun and no gateway has it; else False."""
        async with self._database.write() as connection:
            await write_change(connection, changed, entry)
            return await _end(connection, changed.session, entry)

    async def replace_session(
        self, changed: Invitation, entry: Entry, before: str, created: SessionCreated
    ) -> bool:
        """Another session in place of `before`, which ends. False, and nothing kept, where that has begun
        or a gateway has it. Raises InvitationChanged, InvitationMissing."""
        async with self._database.write() as connection:
            if not await _end(connection, before, entry):
                return False
            found = await connection.execute(select(sessions.c.created_by).where(sessions.c.id == before))
            await write_session(
                connection,
                changed.session,
                created,
                owner=None,
                at=entry.at,
                branch=changed.branch,
                created_by=found.scalar_one(),
            )
            await write_change(connection, changed, entry)
        return True

    async def entries(self, invitation: str) -> list[Entry]:
        """What was done to it, in order; empty for an unknown one."""
        rows = invitation_entries.c
        query = select(rows.at, rows.actor, rows.act, rows.state, rows.detail)
        query = query.where(rows.invitation == invitation).order_by(rows.revision)
        async with self._database.read() as connection:
            return [Entry.model_validate(row._asdict()) for row in await connection.execute(query)]


async def read_invitation(connection: AsyncConnection, invitation: str) -> Invitation:
    """Raises InvitationMissing."""
    row = (await connection.execute(select(invitations).where(invitations.c.id == invitation))).one_or_none()
    if row is None:
        raise InvitationMissing(invitation)
    return _invitation(row)


async def write_change(connection: AsyncConnection, changed: Invitation, entry: Entry) -> None:
    """`Invitations.save` within a transaction that the caller holds."""
    same = (invitations.c.id == changed.id, invitations.c.revision == changed.revision - 1)
    done = await connection.execute(update(invitations).where(*same).values(_values(changed)))
    if not done.rowcount:
        await read_invitation(connection, changed.id)
        raise InvitationChanged(changed.id)
    await _write_entry(connection, changed, entry)


async def _end(connection: AsyncConnection, session: str, entry: Entry) -> bool:
    free = (sessions.c.id == session, sessions.c.owner.is_(None), sessions.c.state == "created")
    if not (await connection.execute(update(sessions).where(*free).values(state="ended"))).rowcount:
        return False
    ended = SessionEnded(reason="hr", by=entry.actor)
    await connection.run_sync(write_events, session, [(0.0, ended)], entry.at)
    return True


async def _write_new(connection: AsyncConnection, new: NewInvitation) -> None:
    invitation = new.invitation
    await write_session(
        connection,
        invitation.session,
        new.created,
        owner=None,
        at=new.entry.at,
        branch=invitation.branch,
        created_by=new.created_by,
    )
    await connection.execute(insert(invitations), _values(invitation))
    await _write_entry(connection, invitation, new.entry)
    if new.notice is not None:
        await write_item(connection, new.notice)


async def _write_entry(connection: AsyncConnection, invitation: Invitation, entry: Entry) -> None:
    values = {"invitation": invitation.id, "revision": invitation.revision, **entry.model_dump()}
    await connection.execute(insert(invitation_entries), values)


def _newest() -> Select[tuple[object, ...]]:
    return select(invitations).order_by(invitations.c.created_at.desc(), invitations.c.id.desc())


def _values(invitation: Invitation) -> dict[str, object]:
    values = invitation.model_dump(exclude={"invitee", "design"})
    return {
        **values,
        "invitee": invitation.invitee.model_dump_json(),
        "design": invitation.design.model_dump_json(),
    }


def _invitation(row: Row[tuple[object, ...]]) -> Invitation:
    values = {name: value for name, value in row._asdict().items() if name != "ended"}
    values["invitee"] = Invitee.model_validate_json(values["invitee"])
    values["design"] = InterviewDesign.model_validate_json(values["design"])
    return Invitation.model_validate(values)
