"""Failures in a row to sign in, counted by whatever is named: an address, an account. Each failure past the
free ones doubles the time in which nothing more is tried."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select, update

from storage.database import Database
from storage.tables_people import attempts

FORGET = timedelta(days=1)  # after so long without a failure the count begins anew


class Attempts:
    """`free` failures cost nothing, the next `first_s` seconds, then twice that and so on up to `most_s`.

    Whether the name belongs to anybody makes no difference. Every method raises StorageFull or StorageError.
    """

    def __init__(self, database: Database, free: int, first_s: float, most_s: float) -> None:
        self._database = database
        self._free, self._first_s, self._most_s = free, first_s, most_s

    async def blocked_s(self, name: str, *, at: datetime | None = None) -> float:
        """For how many seconds more nothing is tried; 0.0 where it may be."""
        now = at or datetime.now(UTC)
        query = select(attempts.c.blocked_until).where(attempts.c.id == _hash(name))
        async with self._database.read() as connection:
            until = (await connection.execute(query)).scalar_one_or_none()
        return max(0.0, (until - now).total_seconds()) if until else 0.0

    async def take(self, name: str, *, at: datetime | None = None) -> float:
        """Count an attempt as failed, until `clear`; 0.0. Where none may be made: for how many seconds not.

        Counted before its outcome is known: else a burst of guesses would be over before the first counts.
        """
        now = at or datetime.now(UTC)
        id_ = _hash(name)
        async with self._database.write() as connection:
            await connection.execute(delete(attempts).where(attempts.c.last_at < now - FORGET))
            query = select(attempts).where(attempts.c.id == id_).with_for_update()
            known = (await connection.execute(query)).one_or_none()
            if known and known.blocked_until and known.blocked_until > now:
                return float((known.blocked_until - now).total_seconds())
            failures = (known.failures if known else 0) + 1
            over = failures - self._free
            wait = min(self._first_s * 2.0 ** min(over - 1, 30), self._most_s) if over > 0 else 0.0
            until = now + timedelta(seconds=wait) if wait else None
            values = {"failures": failures, "last_at": now, "blocked_until": until}
            if known is None:
                await connection.execute(insert(attempts), {"id": id_, **values})
            else:
                await connection.execute(update(attempts).where(attempts.c.id == id_).values(values))
        return 0.0

    async def clear(self, name: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(attempts).where(attempts.c.id == _hash(name)))


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
