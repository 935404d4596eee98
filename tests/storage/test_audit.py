"""The audit trail: what was done to it afterwards shows."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import delete, insert, select, update

from storage.audit import Audit, Entry
from storage.database import Database
from storage.tables_people import audit

READ = Entry("getReport", "recruiter", person="p-1", branch="east", subject="s1", session="s1", request="r")


@pytest.fixture
async def trail(database: Database) -> Audit:
    kept = Audit(database)
    for n in range(6):
        await kept.append(replace(READ, request=f"r{n}", person=f"p-{n % 2}"))
    return kept


async def test_a_trail_that_nobody_touched_is_whole(trail: Audit) -> None:
    assert await trail.verify() is None
    rows = await trail.list()
    assert [row.seq for row in rows] == [6, 5, 4, 3, 2, 1]
    assert len({row.hash for row in rows}) == 6


async def test_appending_at_once_keeps_one_chain(trail: Audit) -> None:
    await asyncio.gather(*(trail.append(READ) for _ in range(20)))
    assert [row.seq for row in await trail.list()] == list(range(26, 0, -1))
    assert await trail.verify() is None


@pytest.mark.parametrize(
    "values", [{"person": "p-9"}, {"outcome": "refused"}, {"session": None}, {"request": "r9"}]
)
async def test_a_changed_row_is_found(
    trail: Audit, database: Database, values: dict[str, str | None]
) -> None:
    async with database.write() as connection:
        await connection.execute(update(audit).where(audit.c.seq == 3).values(values))
    assert await trail.verify() == 3


async def test_a_removed_row_is_found(trail: Audit, database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(delete(audit).where(audit.c.seq == 2))
    assert await trail.verify() == 2


async def test_rows_that_changed_places_are_found(trail: Audit, database: Database) -> None:
    async with database.write() as connection:
        rows = {row.seq: row._asdict() for row in await connection.execute(select(audit))}
        await connection.execute(delete(audit).where(audit.c.seq.in_([4, 5])))
        await connection.execute(insert(audit), [{**rows[4], "seq": 5}, {**rows[5], "seq": 4}])
    assert await trail.verify() == 4


async def test_what_was_cut_off_at_the_end_shows_against_a_hash_noted_elsewhere(
    trail: Audit, database: Database
) -> None:
    noted = (await trail.list(limit=1))[0].hash
    async with database.write() as connection:
        await connection.execute(delete(audit).where(audit.c.seq == 6))
    assert await trail.verify() is None
    assert noted not in {row.hash for row in await trail.list()}


async def test_filters(trail: Audit) -> None:
    rows = await trail.list()
    assert [row.seq for row in await trail.list(person="p-1")] == [6, 4, 2]
    assert [row.seq for row in await trail.list(before=3)] == [2, 1]
    assert [row.seq for row in await trail.list(limit=2)] == [6, 5]
    assert await trail.list(branches=["west"]) == []
    assert await trail.list(action="getScores") == []
    assert len(await trail.list(session="s1", branches=["east"])) == 6
    assert [row.seq for row in await trail.list(since=rows[2].at, until=rows[0].at)] == [5, 4]
