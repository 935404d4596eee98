"""Two gateway processes on one database: passing on, death, draining, and the supervisor."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
import av
import pytest

from bench.clip import EncodedClip
from bench.peer import Peer
from bench.virtual_camera import FPS
from tests.gateway.processes import API_TOKEN, COMMAND, Process, environment

pytestmark = pytest.mark.realtime

Json = dict[str, Any]
MOST_LOST_S = 11.0  # a segment, which may wait 9.5 s for a key frame, and the candidate's way back
HR = {"Authorization": f"Bearer {API_TOKEN}"}


async def ready(http: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(40):
        while True:
            try:
                async with http.get(f"{url}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)


async def create(http: aiohttp.ClientSession, url: str, **more: Any) -> Json:
    body = {"candidate": "Li Lei", "language": "en", **more}
    async with http.post(f"{url}/api/v1/sessions", json=body, headers=HR) as answer:
        assert answer.status == 201, await answer.text()
        return dict(await answer.json())


async def log_of(http: aiohttp.ClientSession, url: str, session: str) -> list[Json]:
    address = f"{url}/api/v1/sessions/{session}/events?limit=1000"
    async with http.get(address, headers=HR) as answer:
        return list((await answer.json())["events"]) if answer.status == 200 else []


async def until(
    http: aiohttp.ClientSession, url: str, session: str, type_: str, count: int = 1, timeout_s: float = 60.0
) -> list[Json]:
    log: list[Json] = []
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                log = await log_of(http, url, session)
                if sum(event["data"]["type"] == type_ for event in log) >= count:
                    return log
                await asyncio.sleep(0.1)
    except TimeoutError:
        pytest.fail(f"no {type_} among {[event['data']['type'] for event in log]}")


async def end(http: aiohttp.ClientSession, url: str, session: str) -> None:
    async with http.post(f"{url}/api/v1/sessions/{session}/end", headers=HR) as answer:
        assert answer.status == 200


def at(url: str, session: Json) -> str:
    return f"{url}/whip/{session['id']}"


async def come_back(http: aiohttp.ClientSession, url: str, session: Json, clip: EncodedClip) -> Peer:
    """As the candidate's page does: a new offer, again while the server asks to wait."""
    query = "?record=yes" if session.get("record") else ""
    async with asyncio.timeout(30):
        while True:
            peer = Peer(http, at(url, session) + query, session["candidate_token"], clip)
            try:
                await peer.connect()
                return peer
            except Exception:
                await peer.__aexit__(None, None, None)
                await asyncio.sleep(0.25)


async def test_any_gateway_takes_any_request(tmp_path: Path, clip: EncodedClip) -> None:
    async with Process(tmp_path) as one, Process(tmp_path) as two, aiohttp.ClientSession() as http:
        await asyncio.gather(ready(http, one.url), ready(http, two.url))
        session = await create(http, one.url)
        id_, token = session["id"], session["candidate_token"]
        seen: list[str] = []

        async def watch() -> None:
            headers = {**HR, "Accept": "text/event-stream"}
            async with http.get(f"{two.url}/api/v1/sessions/{id_}/events", headers=headers) as answer:
                assert answer.headers["Content-Type"] == "text/event-stream"
                async for line in answer.content:
                    if line.startswith(b"id:"):
                        seen.append(line.decode().strip())

        async def socket() -> list[Json]:
            protocols = ("viva.v1", f"bearer.{token}")
            address = f"{two.url}/api/v1/sessions/{id_}/ws"
            async with http.ws_connect(address, protocols=protocols) as ws:
                assert ws.protocol == "viva.v1"
                # More than one frame of 4 KiB, through the gateway that does not have the session.
                await ws.send_str('{"command": "page-hidden", "id": "p1", "hidden_s": 1}' + " " * 6000)
                return [json.loads(message.data) async for message in ws]

        watching, listening = asyncio.create_task(watch()), asyncio.create_task(socket())
        async with Peer(http, at(two.url, session), token, clip, trickle=True) as peer:
            await peer.connect()
            await until(http, two.url, id_, "session.connected")
            view = f"{two.url}/api/v1/sessions/{id_}"
            asked = {**HR, "X-Request-ID": "request-of-the-test"}
            async with http.get(view, headers=asked) as answer:
                assert answer.headers["X-Request-ID"] == "request-of-the-test"
                assert (await answer.json())["connected"] is True
            async with http.get(view, headers={**HR, "Viva-Gateway": "nobody"}) as answer:
                assert (answer.status, (await answer.json())["code"]) == (421, "gateway.moving")
            async with http.post(
                f"{two.url}/api/v1/sessions/{id_}/viewers", headers={**HR, "Host": "viva.test"}
            ) as answer:
                assert (await answer.json())["whep_url"] == f"http://viva.test/whep/{id_}"
            await until(http, two.url, id_, "utterance.started")
            await peer.end()
        log = await until(http, two.url, id_, "result.ready")
        await asyncio.wait_for(watching, 5)
        assert seen == [f"id: {n}" for n in range(1, len(log) + 1)]
        messages = await asyncio.wait_for(listening, 5)
        [ack] = [message for message in messages if "ack" in message]
        assert (ack["ack"], ack["event"]["data"]["hidden_s"]) == ("p1", 1)
        heard = [message["data"]["type"] for message in messages if "data" in message]
        assert "session.connected" in heard
        async with http.get(f"{two.url}/metrics") as answer:
            proxied = [li for li in (await answer.text()).splitlines() if li.startswith("viva_proxied_total")]
        assert float(proxied[0].split()[1]) >= 5


async def test_interviews_outlive_a_gateway(tmp_path: Path, clip: EncodedClip) -> None:
    async with Process(tmp_path) as one, Process(tmp_path) as two, aiohttp.ClientSession() as http:
        await asyncio.gather(ready(http, one.url), ready(http, two.url))
        sessions = [{**await create(http, one.url, record=True), "record": True} for _ in range(4)]
        peers = await asyncio.gather(*(come_back(http, one.url, s, clip) for s in sessions))
        await asyncio.gather(*(until(http, one.url, s["id"], "utterance.started") for s in sessions))
        await asyncio.sleep(8.0)  # a segment is on the disk
        one.process.kill()
        await one.process.wait()
        killed = time.monotonic()
        back: list[float] = []

        async def again(session: Json, peer: Peer) -> Peer:
            await peer.__aexit__(None, None, None)
            peer = await come_back(http, two.url, session, clip)
            back.append(time.monotonic() - killed)
            return peer

        peers = await asyncio.gather(*(again(s, p) for s, p in zip(sessions, peers, strict=True)))
        print("resumed after", [round(s, 2) for s in back])
        assert max(back) < 15
        for session in sessions:
            await until(http, two.url, session["id"], "session.connected", 2)
        await asyncio.sleep(6.0)
        for peer in peers:
            await peer.end()
            await peer.__aexit__(None, None, None)
        for session in sessions:
            log = await until(http, two.url, session["id"], "result.ready")
            assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
            times = [event["media_time"] for event in log if event["data"]["type"] == "session.connected"]
            assert times == sorted(times)
            assert [event["data"]["type"] for event in log].count("result.ready") == 1
            started = [e["data"]["utterance"] for e in log if e["data"]["type"] == "utterance.started"]
            assert len(started) == len(set(started))
        for session in sessions:
            await plays_across_the_gap(http, two.url, session)


async def plays_across_the_gap(http: aiohttp.ClientSession, url: str, session: Json) -> None:
    """What was recorded before a gateway's death and after plays, but for the segment that was in memory."""
    connected = [
        event["media_time"]
        for event in await log_of(http, url, session["id"])
        if event["data"]["type"] == "session.connected"
    ]
    recording = f"{url}/api/v1/sessions/{session['id']}/recording"
    async with http.get(recording, headers=HR) as answer:
        segments = (await answer.json())["segments"]
    assert [one["number"] for one in segments] == list(range(1, len(segments) + 1))
    before = [one for one in segments if one["end"] <= connected[1]]
    after = [one for one in segments if one["start"] >= connected[1] - 0.5]
    assert len(before) + len(after) == len(segments)
    assert before
    assert after
    assert connected[1] - before[-1]["end"] < MOST_LOST_S
    for part in (before, after, segments):
        span = {"from": str(part[0]["start"]), "to": str(part[-1]["end"])}
        async with http.get(f"{recording}/media", params=span, headers=HR) as answer:
            assert answer.status == 200
            data = await answer.read()
        pictures, sounds = await asyncio.to_thread(decoded, data)
        recorded = sum(one["end"] - one["start"] for one in part)
        assert pictures > 0.8 * FPS * recorded
        assert sounds > 0.9 * recorded


def decoded(data: bytes) -> tuple[int, float]:
    """Pictures, and seconds of sound, in a file that is decoded from end to end."""
    with av.open(io.BytesIO(data)) as container:
        frames = list(container.decode())
    sounds = [frame for frame in frames if isinstance(frame, av.AudioFrame)]
    return len(frames) - len(sounds), sum(sound.samples / sound.sample_rate for sound in sounds)


async def test_a_draining_gateway_leaves_when_its_sessions_have_ended(
    tmp_path: Path, hum: EncodedClip
) -> None:
    async with Process(tmp_path) as one, Process(tmp_path) as two, aiohttp.ClientSession() as http:
        await asyncio.gather(ready(http, one.url), ready(http, two.url))
        running, idle = await create(http, one.url), await create(http, one.url)
        async with Peer(http, at(one.url, running), running["candidate_token"], hum) as peer:
            await peer.connect()
            async with http.get(f"{two.url}/api/v1/gateways", headers=HR) as answer:
                rows = (await answer.json())["gateways"]
            [leaving] = [row["id"] for row in rows if not row["here"]]
            async with http.post(f"{two.url}/api/v1/gateways/{leaving}/drain", headers=HR) as answer:
                assert answer.status == 202
            async with asyncio.timeout(5):
                while True:
                    async with http.get(f"{one.url}/readyz") as answer:
                        if answer.status == 503:
                            break
                    await asyncio.sleep(0.05)
            made = await create(http, one.url)  # the other one takes it
            async with Peer(http, at(one.url, idle), idle["candidate_token"], hum) as other:
                await other.connect()
                await asyncio.sleep(1.0)
                assert one.process.returncode is None
                await peer.end()
                assert await asyncio.wait_for(one.process.wait(), 15) == 0
                await until(http, two.url, idle["id"], "session.connected")
                await end(http, two.url, idle["id"])
        log = await until(http, two.url, running["id"], "result.ready")
        assert "candidate" in {event["data"].get("reason") for event in log}
        async with http.get(f"{two.url}/api/v1/sessions/{made['id']}", headers=HR) as answer:
            assert answer.status == 200
        async with http.get(f"{two.url}/api/v1/gateways", headers=HR) as answer:
            assert [row["here"] for row in (await answer.json())["gateways"]] == [True]


async def test_what_nobody_asks_for_is_ended_by_one_gateway(tmp_path: Path, hum: EncodedClip) -> None:
    grace = {"VIVA_GRACE_S": "3", "VIVA_GATEWAYS__DEAD_S": "2"}
    async with (
        Process(tmp_path, **grace) as one,
        Process(tmp_path, **grace) as two,
        Process(tmp_path, **grace) as three,
        aiohttp.ClientSession() as http,
    ):
        await asyncio.gather(*(ready(http, process.url) for process in (one, two, three)))
        session = await create(http, one.url)
        async with Peer(http, at(one.url, session), session["candidate_token"], hum) as peer:
            await peer.connect()
            await until(http, one.url, session["id"], "question.started")
            one.process.kill()
            await one.process.wait()
        await asyncio.sleep(12.0)  # nobody asks meanwhile
        log = await until(http, three.url, session["id"], "result.ready")
        assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
        kinds = [event["data"]["type"] for event in log]
        assert (kinds.count("session.ended"), kinds.count("session.disconnected")) == (1, 1)
        assert "grace-expired" in {event["data"].get("reason") for event in log}


async def test_a_gateway_that_was_thought_dead_writes_nothing_more(tmp_path: Path, hum: EncodedClip) -> None:
    """Stopped for longer than `dead_s` and woken again, as by a debugger or a moved virtual machine."""
    async with Process(tmp_path) as one, Process(tmp_path) as two, aiohttp.ClientSession() as http:
        await asyncio.gather(ready(http, one.url), ready(http, two.url))
        session = await create(http, one.url)
        peer = await come_back(http, one.url, session, hum)
        await until(http, one.url, session["id"], "question.started")
        one.process.send_signal(signal.SIGSTOP)
        stopped = time.monotonic()
        try:
            await peer.__aexit__(None, None, None)
            peer = await come_back(http, two.url, session, hum)
            print("resumed after", round(time.monotonic() - stopped, 2))
            await until(http, two.url, session["id"], "session.connected", 2)
        finally:
            one.process.send_signal(signal.SIGCONT)
        await asyncio.sleep(7.0)
        async with http.get(f"{one.url}/metrics") as answer:
            assert "viva_fenced_total 1.0" in await answer.text()
        await end(http, one.url, session["id"])  # which passes it on
        await peer.__aexit__(None, None, None)
        log = await until(http, one.url, session["id"], "result.ready")
        assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
        assert [event["data"]["type"] for event in log].count("session.disconnected") == 1


SUPERVISED = """
import sys
from rich.console import Console
from gateway.settings import Settings
from gateway.supervisor import supervise
sys.exit(supervise(Settings.load(), 2, sys.argv[1:], Console(stderr=True), None))
"""


async def test_the_supervisor_starts_a_dead_gateway_again(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-c", SUPERVISED, *COMMAND],
        env=environment(tmp_path, VIVA_GATEWAYS__RESTART_S="0.1"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    try:
        url = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().split("/hr#")[0].split()[-1]
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
            await ready(http, url)

            async def gateways(wanted: int, without: str = "") -> list[str]:
                async with asyncio.timeout(30):
                    while True:
                        try:
                            async with http.get(f"{url}/api/v1/gateways", headers=HR) as answer:
                                rows = (await answer.json())["gateways"]
                        except aiohttp.ClientError:
                            rows = []
                        names = [row["id"] for row in rows if row["id"] != without]
                        if len(names) >= wanted:
                            return names
                        await asyncio.sleep(0.2)

            first = (await gateways(2))[0]
            os.kill(int(first.split("-")[-2]), signal.SIGKILL)
            assert first not in await gateways(2, without=first)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 30) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
