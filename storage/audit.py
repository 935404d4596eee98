"""The audit trail: who did or read what, appended and never changed.

Each row holds the SHA-256 over the hash before it and its own content, so a row that was changed, removed or
put in between breaks the chain from there on. What was cut off at the end shows only against a hash that was
noted elsewhere: an export holds them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Row, Select, insert, select, text

from storage.database import Database
from storage.tables_people import audit

PAGE = 500
GENESIS = "0" * 64
_LOCK = 0x56495642  # PostgreSQL's advisory lock that one appender holds: the chain has one end


@dataclass(frozen=True, slots=True)
class Entry:
    """`person` None: a token, of the `role` named. `session`: the candidate's, where there is one."""

    action: str
    role: str
    person: str | None = None
    branch: str | None = None
    subject_kind: str = "session"
    subject: str = ""
    session: str | None = None
    request: str = ""
    outcome: str = "done"


@dataclass(frozen=True, slots=True)
class AuditRow:
    seq: int
    at: datetime
    entry: Entry
    hash: str


class Audit:
    """Every method raises StorageFull or StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, entry: Entry, *, at: datetime | None = None) -> AuditRow:
        at = (at or datetime.now(UTC)).astimezone(UTC)

        def add(connection: Connection) -> AuditRow:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            query = select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
            last = connection.execute(query).one_or_none()
            seq, before = (last.seq + 1, last.hash) if last else (1, GENESIS)
            made = AuditRow(seq, at, entry, digest(before, seq, at, entry))
            connection.execute(insert(audit), {"seq": seq, "at": at, "hash": made.hash, **asdict(entry)})
            return made

        return await self._database.transact(add)

    async def list(
        self,
        *,
        person: str | None = None,
        session: str | None = None,
        action: str | None = None,
        branches: Collection[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[AuditRow]:
        """Newest first, at most `limit`, from below the number `before`; `until` is left out itself."""
        query = select(audit).order_by(audit.c.seq.desc()).limit(limit)
        for column, value in ((audit.c.person, person), (audit.c.session, session), (audit.c.action, action)):
            if value is not None:
                query = query.where(column == value)
        if branches is not None:
            query = query.where(audit.c.branch.in_(branches))
        if since is not None:
            query = query.where(audit.c.at >= since)
        if until is not None:
            query = query.where(audit.c.at < until)
        if before is not None:
            query = query.where(audit.c.seq < before)
        return [*await self._rows(query)]

    async def verify(self) -> int | None:
        """The number of the first row at which the chain is broken; None where it is whole."""
        before, expected = GENESIS, 1
        async for row in self._all():
            if row.seq != expected or row.hash != digest(before, row.seq, row.at, row.entry):
                return expected
            before, expected = row.hash, expected + 1
        return None

    async def _all(self) -> AsyncIterator[AuditRow]:
        after = 0
        while True:
            query = select(audit).where(audit.c.seq > after).order_by(audit.c.seq).limit(PAGE)
            rows = await self._rows(query)
            for row in rows:
                yield row
            if len(rows) < PAGE:
                return
            after = rows[-1].seq

    async def _rows(self, query: Select[tuple[object, ...]]) -> Sequence[AuditRow]:
        async with self._database.read() as connection:
            return [_row(row) for row in await connection.execute(query)]


def digest(before: str, seq: int, at: datetime, entry: Entry) -> str:
    """Over JSON with sorted keys and the time in UTC to the microsecond."""
    content = {"before": before, "seq": seq, "at": at.isoformat(timespec="microseconds"), **asdict(entry)}
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def _row(row: Row[tuple[object, ...]]) -> AuditRow:
    values = row._asdict()
    seq, at, hash_ = values.pop("seq"), values.pop("at"), values.pop("hash")
    return AuditRow(seq, at, Entry(**values), hash_)
