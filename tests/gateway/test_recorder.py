"""The one writer of a session: order, one transaction, and what happens while storage refuses."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway import recorder as module
from gateway.hub import Hub, Subscription
from gateway.metrics import Metrics
from gateway.recorder import Recorder
from interviews.events import (
    FaceMeasured,
    PictureState,
    QuestionStarted,
    SessionConnected,
    SessionCreated,
    SoundLevel,
)
from interviews.plan import Question
from interviews.state import SessionState
from storage.database import Database
from storage.errors import NotOwner, StorageError, StorageFull
from storage.event_log import EventLog
from storage.sessions import Sessions

CREATED = SessionCreated(
    candidate="a", language="en", policy="CN", questions=(Question(id="q", text={"en": "Why?"}),)
)
FACE = FaceMeasured(
    track=1, box=(0.1, 0.1, 0.2, 0.2), yaw=0, pitch=0, roll=0, eyes_open=1, brightness=0.5, sharpness=1
)


class Refusing(EventLog):
    """Refuses while `full` or `taken`."""

    full = False
    taken = False  # another gateway has the session
    gate: asyncio.Event | None = None  # held up until it is set

    async def append(self, session: str, entries: Any, *, at: Any = None, owner: str | None = None) -> Any:
        if self.gate:
            await self.gate.wait()
        if self.taken:
            raise NotOwner(session)
        if self.full:
            raise StorageFull("no space")
        return await super().append(session, entries, at=at, owner=owner)


class Written:
    def __init__(self, log: Refusing, sessions: Sessions, recorder: Recorder, seen: Subscription) -> None:
        self.log, self.sessions, self.recorder, self.seen = log, sessions, recorder, seen

    def shown(self) -> list[tuple[int, str]]:
        found = [(event.seq, event.data.type) for event in self.seen.queue]
        self.seen.queue.clear()
        return found


@pytest.fixture
async def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(module, "RETRY_S", 0.05)
    monkeypatch.setattr(module, "BACKLOG", 6)
    database = await Database.open(f"sqlite:///{tmp_path}/viva.db")
    await database.migrate()
    log, sessions = Refusing(database), Sessions(database)
    await sessions.create("s", CREATED)
    state = SessionState.of(await log.read("s"))
    hub = Hub()
    seen = hub.subscribe()

    def apply(event: Any) -> Any:
        state.apply(event)
        return state.state

    recorder = Recorder("s", log, sessions, hub, apply, Metrics(), "created")
    yield Written(log, sessions, recorder, seen)
    await recorder.close()
    await database.close()


async def test_events_are_shown_in_the_order_they_were_noted(written: Written) -> None:
    written.recorder.note(0.0, SessionConnected())
    written.recorder.note(0.1, SoundLevel(dbfs=-20, speaking=True))
    event = await written.recorder.record(0.2, QuestionStarted(question="q"))
    assert (event.seq, event.media_time) == (3, 0.2)
    assert written.shown() == [(0, "sound.level"), (2, "session.connected"), (3, "question.started")]
    await written.recorder.flush()
    assert (await written.sessions.get("s")).state == "live"
    log = await written.log.read("s")
    assert log[1].at == log[2].at  # one transaction


async def test_a_full_disk_is_told_once_and_made_good(written: Written) -> None:
    written.log.full = True
    event = await written.recorder.record(1.0, SessionConnected())
    assert event.seq == 0
    await written.recorder.record(2.0, QuestionStarted(question="q"))
    assert written.shown() == [(0, "alarm"), (0, "session.connected"), (0, "question.started")]
    written.log.full = False
    await asyncio.sleep(0.3)
    assert [(e.seq, e.media_time, e.data.type) for e in await written.log.read("s", after=1)] == [
        (2, 1.0, "alarm"),
        (3, 1.0, "session.connected"),
        (4, 2.0, "question.started"),
    ]
    assert written.shown() == [(2, "alarm"), (3, "session.connected"), (4, "question.started")]


async def test_the_backlog_is_bounded_and_measures_go_first(written: Written) -> None:
    written.log.full = True
    written.recorder.note(0.0, SessionConnected())
    for second in range(20):
        await written.recorder.record(second, FACE)
    await written.recorder.record(20.0, QuestionStarted(question="q"))
    written.log.full = False
    await asyncio.sleep(0.3)
    log = await written.log.read("s", after=1)
    kinds = [event.data.type for event in log]
    assert kinds[:2] == ["alarm", "session.connected"]
    assert kinds.count("face.measured") == 3
    assert "question.started" in kinds
    assert log[-1].data.type == "alarm"
    assert log[-1].data.detail == "17 measures were not kept"


async def test_what_is_transient_waits_for_no_storage(written: Written) -> None:
    written.log.gate = asyncio.Event()
    written.recorder.note(0.0, PictureState(state="ok"))
    await asyncio.sleep(0.05)
    written.recorder.note(0.0, SoundLevel(dbfs=-20, speaking=False))
    assert written.shown() == [(0, "sound.level")]
    written.log.gate.set()
    await written.recorder.flush()
    assert written.shown() == [(2, "picture.state")]
    await written.recorder.close()
    written.recorder.note(0.0, SoundLevel(dbfs=-20, speaking=False))
    assert written.shown() == []


async def test_what_comes_while_the_log_closes_is_kept_or_refused(written: Written) -> None:
    """Nobody waits for ever: neither who comes before the last write is over, nor who comes after."""
    written.log.gate = asyncio.Event()
    written.recorder.note(0.0, SessionConnected())
    closing = asyncio.create_task(written.recorder.close())
    asked = []
    for turn in range(300):  # of the loop: before the last write, in it, and after
        asked.append(asyncio.create_task(written.recorder.record(turn, QuestionStarted(question="q"))))
        await asyncio.sleep(0 if turn < 200 else 0.001)
        if turn == 3:
            written.log.gate.set()
    async with asyncio.timeout(5):
        await closing
        asked.append(asyncio.create_task(written.recorder.record(300, QuestionStarted(question="q"))))
        answers = await asyncio.gather(*asked, return_exceptions=True)
    kept = [one for one in answers if not isinstance(one, BaseException)]
    assert {type(one) for one in answers if one not in kept} == {StorageError}
    assert len(kept) >= 4  # those from before the last write
    assert [one.seq for one in kept] == list(range(3, 3 + len(kept)))
    assert len(await written.log.read("s")) == 2 + len(kept)


async def test_who_waits_is_told_that_another_gateway_has_the_session(written: Written) -> None:
    written.log.gate = asyncio.Event()
    first = asyncio.create_task(written.recorder.record(0.0, SessionConnected()))
    await asyncio.sleep(0.05)  # it is being written
    second = asyncio.create_task(written.recorder.record(1.0, QuestionStarted(question="q")))
    await asyncio.sleep(0)
    written.log.taken = True
    written.log.gate.set()
    for waits in (first, second):
        with pytest.raises(NotOwner):
            await asyncio.wait_for(waits, 5)
