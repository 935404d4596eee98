from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from interviews.events import QuestionStarted, SessionConnected, SoundLevel, TranscriptFinal, Word
from storage.database import Database
from storage.errors import SessionMissing, StorageError
from storage.event_log import EventLog, write_events
from storage.sessions import Sessions

FINAL = TranscriptFinal(
    utterance=1,
    text="我叫李雷。",
    language="zh",
    start=1.25,
    end=2.5,
    words=(Word(text="我", start=1.3, end=1.5, probability=0.9),),
    model="whisper-base@1",
)


async def test_what_is_appended_is_read_back(database: Database, session: str) -> None:
    log = EventLog(database)
    at = datetime(2026, 3, 1, 8, 30, 0, 123456, tzinfo=UTC)
    appended = await log.append(session, [(0.0, SessionConnected()), (2.6, FINAL)], at=at)
    assert [event.seq for event in appended] == [2, 3]
    assert (await log.read(session, after=1)) == appended
    assert (await log.read(session, after=1))[1].at == at
    assert (await Sessions(database).get(session)).media_time == 2.6


async def test_reading_pages(database: Database, session: str) -> None:
    log = EventLog(database)
    await log.append(session, [(float(i), SessionConnected()) for i in range(9)])
    assert [event.seq for event in await log.read(session, after=3, limit=4)] == [4, 5, 6, 7]
    assert [event.seq for event in await log.read_all(session)] == list(range(1, 11))
    assert await log.read(session, after=10) == []
    without = await log.read_all(session, without=["session.connected"])
    assert [event.data.type for event in without] == ["session.created"]
    assert await log.firsts([session, "nobody"]) == {session: (await log.read(session, limit=1))[0]}
    assert await log.firsts([]) == {}


async def test_what_was_decided_on_an_older_log_is_not_appended(database: Database, session: str) -> None:
    log = EventLog(database)
    entries = [(1.0, SessionConnected())]
    tries = (log.append(session, entries, seen=1) for _ in range(4))
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["LogMoved"] * 3 + ["list"]
    [next_] = await log.append(session, entries, seen=2)
    assert [event.seq for event in await log.read_all(session)] == [1, 2, next_.seq]


async def test_concurrent_appenders_leave_no_hole(database: Database, session: str) -> None:
    """Two pools on one database, as two gateway processes have, eight tasks on each."""
    other = await Database.open(database.engine.url.render_as_string(hide_password=False))

    async def appender(log: EventLog, number: int) -> None:
        for batch in range(5):
            payloads = [(float(number), QuestionStarted(question=f"q{number}-{batch}")) for _ in range(3)]
            events = await log.append(session, payloads)
            assert [e.seq for e in events] == list(range(events[0].seq, events[0].seq + 3))

    await asyncio.gather(*(appender(EventLog(db), n) for n, db in enumerate([database, other] * 8)))
    await other.close()
    log = await EventLog(database).read_all(session)
    assert [event.seq for event in log] == list(range(1, 16 * 5 * 3 + 2))
    per_batch: dict[str, list[int]] = {}
    for event in log[1:]:
        assert isinstance(event.data, QuestionStarted)
        per_batch.setdefault(event.data.question, []).append(event.seq)
    assert all(seqs == list(range(seqs[0], seqs[0] + 3)) for seqs in per_batch.values())


async def test_a_batch_is_all_or_nothing(database: Database, session: str) -> None:
    log = EventLog(database)
    with pytest.raises(ValueError, match="SoundLevel"):
        await log.append(session, [(1.0, SessionConnected()), (1.0, SoundLevel(dbfs=-20, speaking=True))])
    with pytest.raises(ValueError, match="media_time"):
        await log.append(session, [(1.0, SessionConnected()), (-1.0, SessionConnected())])
    assert len(await log.read(session)) == 1
    assert (await log.append(session, [(1.0, SessionConnected())]))[0].seq == 2


@pytest.mark.parametrize("in_one_turn", [True, False])
async def test_cancelled_appends_leave_the_log_whole_and_open(
    database: Database, session: str, in_one_turn: bool
) -> None:
    """Wherever an append is broken off: SQLite's write lock is not left behind."""
    log = EventLog(database)

    async def append() -> None:
        if in_one_turn:
            await log.append(session, [(1.0, SessionConnected())])
        else:
            async with database.write() as connection:
                await connection.run_sync(
                    write_events, session, [(1.0, SessionConnected())], datetime.now(UTC)
                )

    for round_ in range(40):
        tasks = [asyncio.create_task(append()) for _ in range(6)]
        await asyncio.sleep(0.0002 * (round_ % 20))
        for task in tasks[::2]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await log.append(session, [(2.0, SessionConnected())])
    seqs = [event.seq for event in await log.read(session, limit=1000)]
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) >= 40 * 4


async def test_no_session_no_log(database: Database) -> None:
    with pytest.raises(SessionMissing):
        await EventLog(database).append("nobody", [(0.0, SessionConnected())])
    assert await EventLog(database).read("nobody") == []
    assert await EventLog(database).append("nobody", []) == []


@pytest.mark.parametrize("statement", ["UPDATE events SET media_time = 9", "DELETE FROM events"])
async def test_the_database_refuses_to_change_the_log(
    database: Database, session: str, statement: str
) -> None:
    with pytest.raises(StorageError) as refused:
        async with database.write() as connection:
            await connection.execute(text(statement))
    assert isinstance(refused.value.__cause__, DBAPIError)
    assert "append-only" in str(refused.value.__cause__)
    assert (await EventLog(database).read(session))[0].media_time == 0.0
