"""Subscribers: complete, in order, bounded."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.hub import QUEUE, Hub, follow
from interviews.events import Event, PictureState, ResultReady, SoundLevel
from interviews.live_events import AnnotationAdded
from storage.database import Database
from storage.event_log import EventLog
from storage.sessions import Sessions
from tests.gateway.test_recorder import CREATED


@pytest.fixture
async def log(tmp_path: Path) -> Any:
    database = await Database.open(f"sqlite:///{tmp_path}/viva.db")
    await database.migrate()
    await Sessions(database).create("s", CREATED)
    yield EventLog(database)
    await database.close()


async def _append(log: EventLog, hub: Hub, *payloads: Any, show: bool = True) -> list[Event]:
    events = await log.append("s", [(1.0, payload) for payload in payloads])
    for event in events:
        if show:
            hub.publish(event)
    return events


def _level(seq: int = 0) -> Event:
    return Event(
        session="s", seq=seq, media_time=1, at=datetime.now(UTC), data=SoundLevel(dbfs=-30, speaking=False)
    )


async def test_catching_up_then_live_then_the_end(log: EventLog) -> None:
    hub = Hub()
    await _append(log, hub, PictureState(state="ok"))
    got: list[int] = []

    async def read() -> None:
        async for event in follow(log, hub, "s", 1, 0.05):
            if event:
                got.append(event.seq)

    reading = asyncio.create_task(read())
    await asyncio.sleep(0.1)
    await _append(log, hub, PictureState(state="black"))
    hub.publish(_level())
    await _append(log, hub, ResultReady(overall=None))
    await asyncio.wait_for(reading, 2)
    assert got == [2, 3, 0, 4]


async def test_a_slow_reader_reads_the_log_again(log: EventLog) -> None:
    hub = Hub()
    source = follow(log, hub, "s", 0, 0.2)
    first = await anext(source)
    assert first is not None
    assert first.seq == 1
    waiting = asyncio.create_task(anext(source))
    await asyncio.sleep(0.05)
    for number in range(QUEUE + 50):
        await _append(log, hub, PictureState(state="ok" if number % 2 else "black"))
    await _append(log, hub, ResultReady(overall=1.0))
    got = [(await waiting)] + [event async for event in source]
    assert [event.seq for event in got if event] == list(range(2, QUEUE + 53))


async def test_an_event_that_was_not_shown_is_found_in_the_log(log: EventLog) -> None:
    hub = Hub()
    source = follow(log, hub, "s", 0, 0.2)
    await anext(source)
    waiting = asyncio.create_task(anext(source))
    await asyncio.sleep(0.05)
    await _append(log, hub, PictureState(state="ok"), show=False)
    await _append(log, hub, PictureState(state="black"))
    got = [await waiting, await anext(source)]
    assert [event.seq for event in got if event] == [2, 3]
    await source.aclose()
    assert not hub._subscriptions


async def test_closing_ends_readers_and_a_finished_session_needs_no_hub(log: EventLog) -> None:
    hub = Hub()
    reading = asyncio.create_task(_all(log, hub))
    await asyncio.sleep(0.05)
    hub.close()
    assert await asyncio.wait_for(reading, 2) == [1]
    assert await _all(log, hub) == [1]
    assert await _all(log, None) == [1]


async def _all(log: EventLog, hub: Hub | None) -> list[int]:
    return [event.seq async for event in follow(log, hub, "s", 0, 60) if event]


async def test_notes_after_the_result_are_read_wherever_a_page_of_the_log_ends(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = Hub()
    noted = AnnotationAdded(id="n", text="calm", media_time=1.0, by="hr", command="c")
    await _append(log, hub, ResultReady(overall=None), noted, noted)
    read = log.read
    monkeypatch.setattr(log, "read", lambda session, after: read(session, after, limit=2))
    assert [event.seq async for event in follow(log, None, "s", 0, 60) if event] == [1, 2, 3, 4]
