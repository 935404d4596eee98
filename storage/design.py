"""Jobs, and the dimensions and questions that a branch has made for itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from sqlalchemy import RowMapping, Table, insert, select, update
from sqlalchemy.exc import IntegrityError

from interviews.bank import BankQuestion
from interviews.dimensions import Dimension
from interviews.jobs import Job
from storage.database import Database
from storage.errors import StorageError
from storage.tables_design import bank_questions, dimensions, jobs


class DesignMissing(StorageError):
    """There is none of this id in the branch."""


class DesignTaken(StorageError):
    """There is one of this id already."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """`by`: who changed it last. A closed job is kept for what refers to it."""

    job: Job
    closed: bool
    created_at: datetime
    updated_at: datetime
    by: str


class Jobs:
    """Every method raises StorageFull or StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, job: Job, by: str, *, at: datetime | None = None) -> JobRow:
        """Raises DesignTaken."""
        row = JobRow(job, False, at or datetime.now(UTC), at or datetime.now(UTC), by)
        values = {
            "id": job.id,
            "branch": job.branch,
            "data": job.model_dump_json(),
            "closed": False,
            "by": by,
        }
        async with self._database.write() as connection:
            try:
                await connection.execute(
                    insert(jobs), values | {"created_at": row.created_at, "updated_at": row.updated_at}
                )
            except IntegrityError as error:
                raise DesignTaken(job.id) from error
        return row

    async def save(self, job: Job, by: str, *, closed: bool = False, at: datetime | None = None) -> JobRow:
        """Its branch included. Raises DesignMissing."""
        values = {"branch": job.branch, "data": job.model_dump_json(), "closed": closed, "by": by}
        change = update(jobs).where(jobs.c.id == job.id)
        async with self._database.write() as connection:
            done = await connection.execute(change.values(values | {"updated_at": at or datetime.now(UTC)}))
            if not done.rowcount:
                raise DesignMissing(job.id)
        return await self.get(job.id)

    async def get(self, id_: str) -> JobRow:
        """Raises DesignMissing."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(jobs).where(jobs.c.id == id_))).one_or_none()
        if row is None:
            raise DesignMissing(id_)
        return _job(row._mapping)

    async def list(self, branches: Collection[str] | None = None, *, closed: bool = False) -> list[JobRow]:
        """Newest first; of all branches where none are named."""
        query = select(jobs).order_by(jobs.c.created_at.desc(), jobs.c.id)
        if branches is not None:
            query = query.where(jobs.c.branch.in_(branches))
        if not closed:
            query = query.where(jobs.c.closed.is_(False))
        async with self._database.read() as connection:
            return [_job(row._mapping) for row in await connection.execute(query)]


Model = TypeVar("Model", Dimension, BankQuestion)


@dataclass(frozen=True, slots=True)
class OwnRow(Generic[Model]):
    """What a branch made for itself. A retired one is offered no more."""

    branch: str
    value: Model
    retired: bool
    updated_at: datetime
    by: str


class _Own(Generic[Model]):
    def __init__(self, database: Database, table: Table, model: type[Model]) -> None:
        self._database, self._table = database, table
        self._model: type[Model] = model

    async def create(self, branch: str, value: Model, by: str) -> OwnRow[Model]:
        """Raises DesignTaken."""
        row = OwnRow(branch, value, False, datetime.now(UTC), by)
        async with self._database.write() as connection:
            try:
                await connection.execute(
                    insert(self._table), {"id": value.id, "branch": branch, **_values(row)}
                )
            except IntegrityError as error:
                raise DesignTaken(value.id) from error
        return row

    async def save(self, branch: str, value: Model, by: str, *, retired: bool = False) -> OwnRow[Model]:
        """Raises DesignMissing."""
        row = OwnRow(branch, value, retired, datetime.now(UTC), by)
        columns = self._table.c
        change = update(self._table).where(columns.branch == branch, columns.id == value.id)
        async with self._database.write() as connection:
            if not (await connection.execute(change.values(_values(row)))).rowcount:
                raise DesignMissing(value.id)
        return row

    async def list(self, branches: Collection[str], *, retired: bool = True) -> list[OwnRow[Model]]:
        """By id. Of several branches: in the order of the branches' ids where they share one."""
        columns = self._table.c
        query = select(self._table).where(columns.branch.in_(branches)).order_by(columns.id, columns.branch)
        if not retired:
            query = query.where(columns.retired.is_(False))
        async with self._database.read() as connection:
            rows = [row._mapping for row in await connection.execute(query)]
        return [
            OwnRow(
                r["branch"],
                self._model.model_validate_json(r["data"]),
                r["retired"],
                r["updated_at"],
                r["by"],
            )
            for r in rows
        ]


class OwnDimensions(_Own[Dimension]):
    def __init__(self, database: Database) -> None:
        super().__init__(database, dimensions, Dimension)


class OwnQuestions(_Own[BankQuestion]):
    def __init__(self, database: Database) -> None:
        super().__init__(database, bank_questions, BankQuestion)


def _values(row: OwnRow[Model]) -> dict[str, object]:
    return {
        "data": row.value.model_dump_json(),
        "retired": row.retired,
        "updated_at": row.updated_at,
        "by": row.by,
    }


def _job(values: RowMapping) -> JobRow:
    job = Job.model_validate_json(values["data"])
    return JobRow(job, values["closed"], values["created_at"], values["updated_at"], values["by"])
