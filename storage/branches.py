"""The organisation: branches below branches, one head."""

from __future__ import annotations

import json

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from interviews.roles import Branch, reach
from storage.database import Database
from storage.errors import StorageError
from storage.tables_people import branches


class BranchRefused(StorageError):
    """The id is taken, the parent is unknown, or a branch would stand below itself."""


class Branches:
    """Every method raises StorageFull or StorageError. Branches are renamed and moved, never removed:
    sessions, people and the audit trail name them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self) -> list[Branch]:
        async with self._database.read() as connection:
            rows = (await connection.execute(select(branches).order_by(branches.c.id))).all()
        return [Branch(id=r.id, parent=r.parent, name=json.loads(r.name), policy=r.policy) for r in rows]

    async def add(self, branch: Branch) -> None:
        """Raises BranchRefused."""
        if branch.parent is None:
            raise BranchRefused("there is one head")
        async with self._database.write() as connection:
            try:
                await connection.execute(insert(branches), _row(branch))
            except IntegrityError as error:
                raise BranchRefused("the id is taken, or the parent unknown") from error

    async def change(self, branch: Branch) -> None:
        """Raises BranchRefused."""
        known = await self.list()
        old = next((one for one in known if one.id == branch.id), None)
        if old is None or (branch.parent is None) != (old.parent is None):
            raise BranchRefused("no such branch, or the head would be another")
        if branch.parent in reach(known, branch.id):
            raise BranchRefused("a branch cannot stand below itself")
        async with self._database.write() as connection:
            try:
                await connection.execute(
                    update(branches).where(branches.c.id == branch.id).values(_row(branch))
                )
            except IntegrityError as error:
                raise BranchRefused("the parent is unknown") from error


def _row(branch: Branch) -> dict[str, object]:
    name = json.dumps(branch.name, ensure_ascii=False)
    return {"id": branch.id, "parent": branch.parent, "name": name, "policy": branch.policy}
