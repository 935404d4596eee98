"""Plans with all their versions: a save adds one, and none is ever changed or removed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from interviews.design import Plan
from storage.database import Database
from storage.design import DesignMissing, DesignTaken
from storage.errors import StorageError
from storage.tables_design import plan_versions, plans


class PlanStale(StorageError):
    """Somebody else has saved since. `newest` is the version that stands now."""

    def __init__(self, plan: str, newest: int) -> None:
        super().__init__(f"{plan} stands at version {newest}")
        self.newest = newest


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One version. `by`: who saved it. `newest`: the version that stands now."""

    plan: Plan
    branch: str
    job: str | None
    newest: int
    saved_at: datetime
    by: str


class Plans:
    """Every method raises StorageFull or StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, branch: str, plan: Plan, by: str, *, job: str | None = None) -> PlanRow:
        """Version 1, whatever the plan says. Raises DesignTaken, DesignMissing (the job)."""
        first = plan.model_copy(update={"version": 1})
        at = datetime.now(UTC)
        row = {"id": plan.id, "branch": branch, "job": job, "version": 1}
        async with self._database.write() as connection:
            taken = (await connection.execute(select(plans.c.id).where(plans.c.id == plan.id))).first()
            if taken:
                raise DesignTaken(plan.id)
            try:
                await connection.execute(insert(plans), row)
            except IntegrityError as error:
                raise DesignMissing(job or plan.id) from error
            await connection.execute(insert(plan_versions), _version(first, by, at))
        return PlanRow(first, branch, job, 1, at, by)

    async def save(self, plan: Plan, by: str, *, seen: int) -> PlanRow:
        """The next version, made from version `seen`. Raises PlanStale where that is not the newest any more,
        DesignMissing.

        One conditional UPDATE: of any number of editors that save at the same time one succeeds.
        """
        saved = plan.model_copy(update={"version": seen + 1})
        change = update(plans).where(plans.c.id == plan.id, plans.c.version == seen).values(version=seen + 1)
        async with self._database.write() as connection:
            if not (await connection.execute(change)).rowcount:
                now = (
                    await connection.execute(select(plans.c.version).where(plans.c.id == plan.id))
                ).scalar()
                raise DesignMissing(plan.id) if now is None else PlanStale(plan.id, now)
            await connection.execute(insert(plan_versions), _version(saved, by, datetime.now(UTC)))
        return await self.get(plan.id, saved.version)

    async def get(self, id_: str, version: int | None = None) -> PlanRow:
        """The newest version where none is named. Raises DesignMissing."""
        wanted = plans.c.version if version is None else version
        query = _joined().where(plans.c.id == id_, plan_versions.c.version == wanted)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise DesignMissing(id_)
        return _row(row)

    async def versions(self, id_: str) -> list[PlanRow]:
        """The newest first. Raises DesignMissing."""
        query = _joined().where(plans.c.id == id_).order_by(plan_versions.c.version.desc())
        async with self._database.read() as connection:
            rows = [_row(row) for row in await connection.execute(query)]
        if not rows:
            raise DesignMissing(id_)
        return rows

    async def list(self, branches: Collection[str] | None = None, *, job: str | None = None) -> list[PlanRow]:
        """The newest version of each, the one saved last first; of all branches where none are named."""
        query = _joined().where(plan_versions.c.version == plans.c.version)
        if branches is not None:
            query = query.where(plans.c.branch.in_(branches))
        if job is not None:
            query = query.where(plans.c.job == job)
        query = query.order_by(plan_versions.c.saved_at.desc(), plans.c.id)
        async with self._database.read() as connection:
            return [_row(row) for row in await connection.execute(query)]


def _version(plan: Plan, by: str, at: datetime) -> dict[str, object]:
    return {
        "plan": plan.id,
        "version": plan.version,
        "data": plan.model_dump_json(),
        "saved_at": at,
        "by": by,
    }


def _joined() -> Select[tuple[str, str | None, int, str, datetime, str]]:
    columns = plan_versions.c
    return select(
        plans.c.branch, plans.c.job, plans.c.version, columns.data, columns.saved_at, columns.by
    ).join_from(plans, plan_versions, columns.plan == plans.c.id)


def _row(row: Row[tuple[str, str | None, int, str, datetime, str]]) -> PlanRow:
    return PlanRow(Plan.model_validate_json(row.data), row.branch, row.job, row.version, row.saved_at, row.by)
