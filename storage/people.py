"""People's accounts: who they are, their password's hash, their second factor sealed.

Nothing here decides who may do what: that is `interviews.roles`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from interviews.roles import Role
from storage.database import Database
from storage.errors import StorageError
from storage.sealing import SealingKey
from storage.tables_people import people, recovery_codes


class EmailTaken(StorageError):
    """Another account has this address."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """`password`: an Argon2id hash; None for whoever comes by the identity provider alone."""

    id: str
    email: str
    name: str
    role: Role
    branch: str
    password: str | None
    totp: bool  # a second factor is asked for
    disabled: bool
    created_at: datetime


class People:
    """Every method raises StorageFull or StorageError."""

    def __init__(self, database: Database, key: SealingKey) -> None:
        self._database = database
        self._key = key

    async def add(
        self, email: str, name: str, role: Role, branch: str, password: str | None, *, first: bool = False
    ) -> PersonRow | None:
        """With `first` only where nobody has an account yet, else None. Raises EmailTaken."""
        row = {
            "id": f"p-{secrets.token_hex(8)}",
            "email": normal(email),
            "name": name,
            "role": role,
            "branch": branch,
            "password": password,
            "totp_confirmed": False,
            "totp_step": 0,
            "disabled": False,
            "created_at": datetime.now(UTC),
        }
        async with self._database.write() as connection:
            if first and (await connection.execute(select(func.count()).select_from(people))).scalar_one():
                return None
            try:
                await connection.execute(insert(people), row)
            except IntegrityError as error:
                raise EmailTaken("the address is taken, or the branch unknown") from error
        return await self.get(str(row["id"]))

    async def none(self) -> bool:
        """Whether nobody has an account yet."""
        async with self._database.read() as connection:
            return (await connection.execute(select(people.c.id).limit(1))).first() is None

    async def get(self, person: str) -> PersonRow | None:
        return await self._one(people.c.id == person)

    async def by_email(self, email: str) -> PersonRow | None:
        return await self._one(people.c.email == normal(email))

    async def _one(self, where: object) -> PersonRow | None:
        async with self._database.read() as connection:
            row = (await connection.execute(select(people).where(where))).one_or_none()  # type: ignore[arg-type]
        return None if row is None else _person(row)

    async def list(self, branches: Collection[str]) -> list[PersonRow]:
        query = select(people).where(people.c.branch.in_(branches)).order_by(people.c.email)
        async with self._database.read() as connection:
            return [_person(row) for row in await connection.execute(query)]

    async def change(
        self,
        person: str,
        *,
        name: str | None = None,
        role: Role | None = None,
        branch: str | None = None,
        password: str | None = None,
        disabled: bool | None = None,
    ) -> PersonRow | None:
        """What is None stays. None where there is no such person; StorageError for an unknown branch."""
        given = {"name": name, "role": role, "branch": branch, "password": password, "disabled": disabled}
        values = {key: value for key, value in given.items() if value is not None}
        if values:
            async with self._database.write() as connection:
                await connection.execute(update(people).where(people.c.id == person).values(values))
        return await self.get(person)

    # --- the second factor (RFC 6238) ----------------------------------------------------------------

    async def offer_totp(self, person: str, secret: str) -> None:
        """Keeps a secret that counts once it was confirmed; what counted before is gone."""
        values = {
            "totp_sealed": self._key.seal(secret.encode(), _context(person)),
            "totp_key_id": self._key.id,
            "totp_confirmed": False,
            "totp_step": 0,
        }
        await self._set(person, values)

    async def totp_secret(self, person: str) -> str | None:
        """Raises WrongKey."""
        query = select(people.c.totp_sealed, people.c.totp_key_id).where(people.c.id == person)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None or row.totp_sealed is None:
            return None
        return self._key.open(row.totp_sealed, _context(person), row.totp_key_id).decode()

    async def take_step(self, person: str, step: int) -> bool:
        """Whether no code of this time step or a later one was taken before. One conditional UPDATE: of two
        sign-ins with the same code one succeeds."""
        change = update(people).where(people.c.id == person, people.c.totp_step < step)
        async with self._database.write() as connection:
            return (await connection.execute(change.values(totp_step=step))).rowcount == 1

    async def confirm_totp(self, person: str, codes: Sequence[str]) -> None:
        """From now on asked for; `codes` are the recovery codes, of which hashes are kept."""
        async with self._database.write() as connection:
            await connection.execute(update(people).where(people.c.id == person).values(totp_confirmed=True))
            await connection.execute(delete(recovery_codes).where(recovery_codes.c.person == person))
            rows = [{"person": person, "hash": _hash(code)} for code in codes]
            await connection.execute(insert(recovery_codes), rows)

    async def drop_totp(self, person: str) -> None:
        none: dict[str, object] = {"totp_sealed": None, "totp_key_id": None, "totp_confirmed": False}
        await self._set(person, none)
        async with self._database.write() as connection:
            await connection.execute(delete(recovery_codes).where(recovery_codes.c.person == person))

    async def take_recovery(self, person: str, code: str) -> bool:
        """Whether it was one of the person's; it is gone then."""
        there = (recovery_codes.c.person == person, recovery_codes.c.hash == _hash(code))
        async with self._database.write() as connection:
            return (await connection.execute(delete(recovery_codes).where(*there))).rowcount == 1

    async def _set(self, person: str, values: dict[str, object]) -> None:
        async with self._database.write() as connection:
            await connection.execute(update(people).where(people.c.id == person).values(values))


def normal(email: str) -> str:
    return email.strip().lower()


def _hash(code: str) -> str:
    """Recovery codes are 80 random bits: a plain hash cannot be searched for them."""
    return hashlib.sha256(code.replace("-", "").strip().lower().encode()).hexdigest()


def _context(person: str) -> str:
    return f"second factor of {person}"


def _person(row: Row[tuple[object, ...]]) -> PersonRow:
    return PersonRow(
        id=row.id,
        email=row.email,
        name=row.name,
        role=row.role,
        branch=row.branch,
        password=row.password,
        totp=row.totp_confirmed,
        disabled=row.disabled,
        created_at=row.created_at,
    )
