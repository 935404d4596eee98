"""Sign-ins: what a browser's cookie stands for. Of its token only the SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select, update

from storage.database import Database
from storage.tables_people import signins

SEEN_EVERY = timedelta(minutes=1)  # a write at every request would be the dearest part of most of them


@dataclass(frozen=True, slots=True)
class SignIn:
    """`complete`: every factor was shown. `csrf` is told to the page and must come back in a header."""

    id: str
    person: str
    csrf: str
    complete: bool
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class SignIns:
    """One is good for `idle_s` seconds since it was last seen and `lifetime_s` in all.

    Every method raises StorageFull or StorageError.
    """

    def __init__(self, database: Database, idle_s: float, lifetime_s: float) -> None:
        self._database = database
        self._idle, self._lifetime = timedelta(seconds=idle_s), timedelta(seconds=lifetime_s)

    async def begin(self, person: str, *, complete: bool, at: datetime | None = None) -> tuple[str, SignIn]:
        """A new token of 256 random bits, and the sign-in. Those that have run out are removed."""
        now = at or datetime.now(UTC)
        token = secrets.token_urlsafe(32)
        made = SignIn(
            _hash(token), person, secrets.token_urlsafe(24), complete, now, now, now + self._lifetime
        )
        row = {name: getattr(made, name) for name in SignIn.__slots__}
        async with self._database.write() as connection:
            await connection.execute(delete(signins).where(signins.c.expires_at <= now))
            await connection.execute(insert(signins), row)
        return token, made

    async def find(self, token: str, *, at: datetime | None = None) -> SignIn | None:
        """None for a token that nobody was given, or that has run out."""
        now = at or datetime.now(UTC)
        async with self._database.read() as connection:
            query = select(signins).where(signins.c.id == _hash(token))
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        found = SignIn(**row._asdict())
        if now >= min(found.expires_at, found.seen_at + self._idle):
            return None
        if now - found.seen_at >= SEEN_EVERY:
            async with self._database.write() as connection:
                await connection.execute(update(signins).where(signins.c.id == found.id).values(seen_at=now))
        return found

    async def end(self, id_: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(signins).where(signins.c.id == id_))

    async def end_all(self, person: str, *, but: str | None = None) -> int:
        """How many were ended: all of the person's but the one of id `but`."""
        query = delete(signins).where(signins.c.person == person)
        if but is not None:
            query = query.where(signins.c.id != but)
        async with self._database.write() as connection:
            return (await connection.execute(query)).rowcount


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
