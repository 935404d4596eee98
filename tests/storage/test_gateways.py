"""Gateways and what they have: one owner at a time, and nobody else writes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from interviews.events import QuestionStarted
from storage.database import Database
from storage.errors import NotOwner, SessionMissing
from storage.event_log import EventLog
from storage.gateways import Gateways
from storage.sessions import Sessions
from tests.storage.conftest import CREATED

ASKED = [(1.0, QuestionStarted(question="intro"))]


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=60)


async def test_a_gateway_lives_while_its_heart_beats(database: Database) -> None:
    gateways = Gateways(database, dead_s=5)
    await gateways.beat("g1", "http://127.0.0.1:1")
    await gateways.beat("g2", "http://127.0.0.1:2", draining=True)
    await gateways.beat("g3", "http://127.0.0.1:3", at=long_ago())
    assert [(row.id, row.url, row.draining) for row in await gateways.living()] == [
        ("g1", "http://127.0.0.1:1", False),
        ("g2", "http://127.0.0.1:2", True),
    ]
    await gateways.beat("g3", "http://127.0.0.1:3")
    await gateways.remove("g1")
    assert {row.id for row in await gateways.living()} == {"g2", "g3"}


async def test_only_the_sessions_of_the_dead_are_claimed(database: Database, session: str) -> None:
    gateways, sessions = Gateways(database, dead_s=5), Sessions(database)
    await gateways.beat("g1", "u")
    assert not await gateways.claim(session, "g2", "g1")
    await gateways.beat("g1", "u", at=long_ago())
    assert not await gateways.claim(session, "g2", None)
    assert not await gateways.claim(session, "g2", "g3")
    assert await gateways.claim(session, "g2", "g1")
    assert (await sessions.get(session)).owner == "g2"
    assert not await gateways.release(session, "g1")
    assert await gateways.release(session, "g2")
    assert await gateways.claim(session, "g3", None)


async def test_of_many_who_claim_at_once_one_wins(database: Database, session: str) -> None:
    """Through pools of their own, as separate processes would."""
    others = [await Database.open(database.engine.url.render_as_string(False)) for _ in range(4)]
    try:
        names = [f"n{number}" for number in range(8)]
        for name in names:
            await Gateways(database, 5).beat(name, "u")
        claims = [
            Gateways(others[number % 4], 5).claim(session, name, "g1") for number, name in enumerate(names)
        ]
        won = [name for name, ok in zip(names, await asyncio.gather(*claims), strict=True) if ok]
    finally:
        for other in others:
            await other.close()
    assert len(won) == 1
    assert (await Sessions(database).get(session)).owner == won[0]


async def test_who_has_lost_a_session_cannot_write_to_it(database: Database, session: str) -> None:
    log, sessions = EventLog(database), Sessions(database)
    await log.append(session, ASKED, owner="g1")
    assert await Gateways(database, 5).claim(session, "g2", "g1")
    with pytest.raises(NotOwner):
        await log.append(session, ASKED, owner="g1")
    with pytest.raises(NotOwner):
        await sessions.set_state(session, "live", owner="g1")
    with pytest.raises(SessionMissing):
        await log.append("nobody", ASKED, owner="g1")
    await log.append(session, ASKED, owner="g2")
    assert [event.seq for event in await log.read_all(session)] == [1, 2, 3]


async def test_orphans_are_what_nobody_living_has(database: Database) -> None:
    gateways, sessions = Gateways(database, dead_s=5), Sessions(database)
    for id_, owner in (("a", "dead"), ("b", "living"), ("c", None), ("d", "me"), ("e", "dead")):
        await sessions.create(id_, CREATED, owner=owner)
        await sessions.set_state(id_, "created" if id_ == "e" else "live")
    await gateways.beat("living", "u")
    await gateways.beat("me", "u")
    await gateways.beat("dead", "u", at=long_ago())
    assert {row.id for row in await gateways.orphans({"live"}, "me")} == {"a", "c", "d"}
