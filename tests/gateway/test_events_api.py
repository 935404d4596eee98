"""Events as pages of JSON, as a stream that is taken up again, and over WebSocket."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from bench.clip import EncodedClip
from interviews.events import CANDIDATE_TYPES
from tests.gateway.conftest import API_TOKEN, Running, Start


async def read_stream(running: Running, session: str, token: str, **headers: str) -> list[dict[str, Any]]:
    """Until the server closes it: `id`, `event` and parsed `data` of each message, comments as `ping`."""
    found: list[dict[str, Any]] = []
    url = f"{running.server.url}/api/v1/sessions/{session}/events"
    sent = {"Accept": "text/event-stream", "Authorization": f"Bearer {token}", **headers}
    async with running.http.get(url, headers=sent) as stream:
        assert stream.status == 200
        assert stream.content_type == "text/event-stream"
        text = (await stream.read()).decode()
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if block.startswith(":"):
            found.append({"ping": True})
        elif "data" in fields:
            found.append({**fields, "data": json.loads(fields["data"])})
    return found


async def test_a_stream_is_complete_and_can_be_resumed(start: Start, clip: EncodedClip) -> None:
    running: Running = await start(ping_s=0.3)
    session = await running.create()
    id_ = session["id"]
    watching = asyncio.create_task(read_stream(running, id_, API_TOKEN))
    own = asyncio.create_task(read_stream(running, id_, session["candidate_token"]))
    await asyncio.sleep(0.8)
    async with running.peer(session, clip) as peer:
        await peer.connect()
        await running.until(id_, "transcript.final")
        await peer.end()
    log = await running.until(id_, "result.ready")
    seen, candidate = await asyncio.wait_for(asyncio.gather(watching, own), 5)

    assert {"ping": True} in seen
    seen = [message for message in seen if "data" in message]
    assert [int(m["id"]) for m in seen if "id" in m] == [event.seq for event in log]
    partials = [m for m in seen if m["event"] == "transcript.partial"]
    assert partials
    assert all("id" not in m and m["data"]["seq"] == 0 for m in partials)
    assert all(m["event"] == m["data"]["data"]["type"] for m in seen)
    assert {m["event"] for m in candidate if "event" in m} <= CANDIDATE_TYPES
    # The candidate's stream ends too, although its last event is hidden from the candidate.
    again = await read_stream(running, id_, API_TOKEN, **{"Last-Event-ID": str(len(log) - 2)})
    assert [m["id"] for m in again] == [str(len(log) - 1), str(len(log))]

    path = f"/api/v1/sessions/{id_}/events"
    _, page, _ = await running.call("GET", f"{path}?limit=4")
    assert ([event["seq"] for event in page["events"]], page["next_after"]) == ([1, 2, 3, 4], 4)
    _, page, _ = await running.call("GET", f"{path}?after={len(log)}")
    assert (page["events"], page["next_after"]) == ([], len(log))
    _, page, _ = await running.call("GET", path, token=session["candidate_token"])
    assert {event["data"]["type"] for event in page["events"]} <= CANDIDATE_TYPES
    assert page["next_after"] == len(log)


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=5000", "after=1&after=2"])
async def test_faulty_queries(running: Running, query: str) -> None:
    session = await running.create()
    status, problem, _ = await running.call("GET", f"/api/v1/sessions/{session['id']}/events?{query}")
    assert (status, problem["code"]) == (422, "request.invalid")


async def test_faulty_last_event_id(running: Running) -> None:
    session = await running.create()
    headers = {"Accept": "text/event-stream", "Last-Event-ID": "abc"}
    status, problem, _ = await running.call(
        "GET", f"/api/v1/sessions/{session['id']}/events", headers=headers
    )
    assert (status, problem["code"]) == (422, "request.invalid")


async def test_websocket(running: Running, hum: EncodedClip) -> None:
    session = await running.create()
    url = f"{running.server.url}/api/v1/sessions/{session['id']}/ws"
    async with running.http.ws_connect(url, protocols=("viva.v1", f"bearer.{API_TOKEN}")) as socket:
        assert socket.protocol == "viva.v1"
        assert (await socket.receive_json(timeout=5))["data"]["type"] == "session.created"
        async with running.peer(session, hum) as peer:
            await peer.connect()
            await running.until(session["id"], "session.connected")
            await peer.end()
        types = []
        async for message in socket:
            types.append(json.loads(message.data)["data"]["type"])
        assert types[-1] == "result.ready"
        assert socket.close_code == 1000
    log = await running.log(session["id"])
    async with running.http.ws_connect(f"{url}?after={len(log) - 1}", headers=_bearer(API_TOKEN)) as socket:
        assert (await socket.receive_json(timeout=5))["seq"] == len(log)


async def test_websocket_refusals(running: Running) -> None:
    session = await running.create()
    url = f"{running.server.url}/api/v1/sessions/{session['id']}/ws"
    for protocols, status in ((("viva.v1",), 401), (("viva.v1", "bearer.wrong"), 401)):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await running.http.ws_connect(url, protocols=protocols)
        assert refused.value.status == status
    status, problem, answer = await running.call("GET", f"/api/v1/sessions/{session['id']}/ws")
    assert (status, problem["code"], answer.headers["Upgrade"]) == (426, "request.upgrade", "websocket")


async def test_a_watcher_who_leaves_is_forgotten(running: Running) -> None:
    session = await running.create()
    live = running.server.service.registry.resident(session["id"])
    assert live is not None
    url = f"{running.server.url}/api/v1/sessions/{session['id']}"
    async with running.http.ws_connect(f"{url}/ws", headers=_bearer(API_TOKEN)) as socket:
        await socket.receive_json(timeout=5)
        assert len(live.hub._subscriptions) == 1
    async with asyncio.timeout(5):
        while live.hub._subscriptions:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
