from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from interviews.events import SessionCreated
from storage.database import Database
from storage.errors import NotOwner, SessionMissing, StorageError
from storage.event_log import EventLog
from storage.sessions import Sessions
from tests.storage.conftest import CREATED


async def test_a_session_begins_with_its_creation(database: Database) -> None:
    at = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
    event = await Sessions(database).create("s1", CREATED, at=at)
    assert (event.seq, event.media_time, event.data) == (1, 0.0, CREATED)
    assert await EventLog(database).read("s1") == [event]
    row = await Sessions(database).get("s1")
    assert (row.candidate, row.state, row.language, row.policy) == ("李雷", "created", "zh", "CN")
    assert (row.created_at, row.last_seq, row.owner) == (at, 1, None)


async def test_an_id_is_taken_once(database: Database, session: str) -> None:
    with pytest.raises(StorageError, match="exists"):
        await Sessions(database).create(session, CREATED)
    assert len(await EventLog(database).read(session)) == 1


async def test_listing_pages_newest_first(database: Database) -> None:
    sessions = Sessions(database)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(7):
        await sessions.create(f"s{number}", CREATED, at=start + timedelta(minutes=number // 2))
    seen: list[str] = []
    while page := await sessions.list(limit=3, after=seen[-1] if seen else None):
        seen.extend(row.id for row in page)
    assert seen == ["s6", "s5", "s4", "s3", "s2", "s1", "s0"]
    with pytest.raises(SessionMissing):
        await sessions.list(after="nobody")


async def test_one_made_long_ago_is_found_by_its_state(database: Database) -> None:
    sessions = Sessions(database)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(203):
        await sessions.create(f"s{number}", CREATED, at=start + timedelta(minutes=number))
    await sessions.set_state("s0", "live")
    await sessions.set_state("s1", "disconnected")
    assert [row.id for row in await sessions.list({"live", "disconnected"}, limit=200)] == ["s1", "s0"]
    newest = await sessions.list(limit=200)
    assert [row.id for row in await sessions.list(limit=200, after=newest[-1].id)] == ["s2", "s1", "s0"]


async def test_states_and_heartbeats(database: Database, session: str) -> None:
    sessions = Sessions(database)
    await sessions.create("s2", SessionCreated(candidate="b", language="en", policy="EU", questions=()))
    await sessions.set_state(session, "live")
    at = datetime(2026, 3, 1, tzinfo=UTC)
    with pytest.raises(NotOwner):
        await sessions.heartbeat(session, "g2", 12.5, at=at)
    await sessions.heartbeat(session, "g1", 12.5, at=at)
    [row] = await sessions.list({"live", "disconnected"})
    assert (row.id, row.owner, row.media_time, row.heartbeat_at) == (session, "g1", 12.5, at)
    assert [row.id for row in await sessions.list({"created"})] == ["s2"]
    for unknown in (sessions.set_state("x", "live"), sessions.heartbeat("x", "g", 1.0), sessions.get("x")):
        with pytest.raises(SessionMissing):
            await unknown
