"""What the server says while it cannot take sessions: starting, full, storage full, stopping."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import event

from bench.clip import EncodedClip
from gateway.server import Server
from storage.database import Database
from tests.gateway.conftest import API_TOKEN, Running, Start
from tests.gateway.test_whip import offer


async def test_not_ready_is_503_with_retry_after(start: Start) -> None:
    running: Running = await start(ready=False, gate=False)
    for method, path in (("GET", "/readyz"), ("POST", "/api/v1/sessions")):
        body = {"candidate": "a", "language": "zh"} if method == "POST" else None
        status, problem, answer = await running.call(method, path, body)
        assert (status, problem["code"]) == (503, "inference.starting")
        assert int(answer.headers["Retry-After"]) > 0
    status, health, _ = await running.call("GET", "/healthz", token=None)
    assert (status, health) == (200, {"status": "ok"})
    await asyncio.sleep(0.2)
    running.inference.gate.set()
    await running.server.ready(10)
    status, _, _ = await running.call("GET", "/readyz", token=None)
    assert status == 200
    session = await running.create()
    running.inference.states["SpeechRecognition"] = "lost"
    status, problem, answer = await running.post_offer(
        session["id"], session["candidate_token"], await offer()
    )
    assert (status, problem["code"]) == (503, "inference.lost")
    assert answer.headers["Retry-After"]


async def test_nobody_is_late_while_the_server_itself_takes_nobody(start: Start, hum: EncodedClip) -> None:
    running: Running = await start(grace_s=0.5)
    session = await running.create()
    async with running.peer(session, hum) as peer:
        await peer.connect()
        await running.until(session["id"], "question.started")
        running.inference.states["SpeechRecognition"] = "lost"
    await running.until(session["id"], "session.disconnected")
    await asyncio.sleep(1.5)
    assert "session.ended" not in [event.data.type for event in await running.log(session["id"])]
    running.inference.states["SpeechRecognition"] = "ready"
    log = await running.until(session["id"], "session.ended")
    assert [event.data.reason for event in log if event.data.type == "session.ended"] == ["grace-expired"]


async def test_full_is_503(start: Start, hum: EncodedClip) -> None:
    running: Running = await start(max_live=1)
    first, second = await running.create(), await running.create()
    async with running.peer(first, hum) as peer:
        await peer.connect()
        await running.until(first["id"], "session.connected")
        answers = [
            await running.call("POST", "/api/v1/sessions", {"candidate": "b", "language": "en"}),
            await running.post_offer(second["id"], second["candidate_token"], await offer()),
        ]
        for status, problem, answer in answers:
            assert (status, problem["code"]) == (503, "inference.full")
            assert answer.headers["Retry-After"]
        _, view, _ = await running.call("GET", "/api/v1/server")
        assert view["sessions"] == {"live": 1, "capacity": 1}
        await peer.end()
    await running.create()


class Disk:
    """SQLite's own page limit, which gives the error code of a full disk, set for every connection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.pages: int | None = None
        for engine in (database.engine.sync_engine, database.file_writer):
            event.listen(engine, "begin", self._limit)

    def _limit(self, connection: Any) -> None:
        # 2**30 is SQLite's own default. Below the present size the limit becomes the present size: full.
        connection.exec_driver_sql(f"PRAGMA max_page_count = {self.pages or 2**30}")


async def test_a_full_disk_refuses_new_sessions_and_keeps_live_ones(
    running: Running, clip: EncodedClip
) -> None:
    database = running.server._database
    assert database is not None
    disk = Disk(database)
    session = await running.create()
    id_ = session["id"]
    seen: list[Any] = []

    async def watch() -> None:
        headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {API_TOKEN}"}
        async with running.http.get(
            f"{running.server.url}/api/v1/sessions/{id_}/events", headers=headers
        ) as stream:
            async for line in stream.content:
                seen.append(line.decode().strip())

    watching = asyncio.create_task(watch())
    async with running.peer(session, clip) as peer:
        await peer.connect()
        await running.until(id_, "session.connected")
        disk.pages = 1
        status, problem = 0, {}
        for _ in range(40):  # until the space inside the file is used up
            status, problem, _ = await running.call(
                "POST", "/api/v1/sessions", {"candidate": "x" * 200, "language": "en"}
            )
            if status != 201:
                break
        assert (status, problem["code"]) == (507, "storage.full")
        await peer.finished()
        await asyncio.sleep(1.5)
        assert any('"code":"storage.full"' in line for line in seen)
        unlogged = [line for line in seen if line.startswith("data:") and '"seq":0' in line]
        assert any("transcript.final" in line for line in unlogged)  # captions go on
        status, _, _ = await running.call("GET", "/healthz")
        assert status == 200
        disk.pages = None
        await running.until(id_, "transcript.final")
        await peer.end()
    log = await running.until(id_, "result.ready")
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    await asyncio.wait_for(watching, 5)
    logged = [line for line in seen if line.startswith("id:")]
    assert logged == [f"id: {n}" for n in range(1, len(log) + 1)]


async def test_stopping_ends_live_sessions_and_a_restart_scores_them(start: Start, clip: EncodedClip) -> None:
    running: Running = await start()
    session = await running.create()
    async with running.peer(session, clip) as peer:
        await peer.connect()
        await running.until(session["id"], "utterance.started")
        await asyncio.sleep(1.5)
        await running.server.stop()
        assert running.inference.closed
    again: Running = await start()
    log = await again.until(session["id"], "result.ready")
    kinds = [event.data.type for event in log]
    ended = kinds.index("session.ended")
    assert log[ended].data.reason == "server-stopped"
    assert kinds.index("transcript.final") > ended
    assert [request.question for request in again.inference.rated] == ["introduction"]


@pytest.mark.parametrize("away_s", [0.0, 5.0])
async def test_a_crash_is_survived(start: Start, hum: EncodedClip, away_s: float) -> None:
    """After the process died a session can be rejoined, or ends when it was away too long."""
    running: Running = await start(grace_s=3.0)
    session = await running.create()
    id_ = session["id"]
    async with running.peer(session, hum) as peer:
        await peer.connect()
        log = await running.until(id_, "question.started")
        await _crash(running.server, id_)
    await asyncio.sleep(away_s)
    again: Running = await start(grace_s=3.0)
    if away_s:
        log = await again.until(id_, "result.ready")
        assert log[-2].data.type == "answer.scored"
        assert "grace-expired" in {getattr(event.data, "reason", None) for event in log}
        return
    await again.until(id_, "session.disconnected")
    async with again.peer({**session, "whip_url": f"{again.server.url}/whip/{id_}"}, hum) as peer:
        await peer.connect()
        log = await again.until(id_, "session.connected", 2)
        assert [event.media_time for event in log] == sorted(event.media_time for event in log)
        assert [event.data.type for event in log].count("question.started") == 1
        _, event_, _ = await again.call("POST", f"/api/v1/sessions/{id_}/next")
        assert event_["data"]["question"] == "problem"
        await peer.end()
    await again.until(id_, "result.ready")


async def _crash(server: Server, session: str) -> None:
    """As if the process had been killed: nothing more is written, nothing is said to anybody."""
    live = server.service.registry.resident(session)
    assert live is not None
    live._recorder._task.cancel()
    live._stop_grace()
    live.publisher._take = lambda item: None
    await live.publisher.close()
    server.service.registry._sessions.clear()
    await server.stop()
