"""WHIP as RFC 9725 asks: statuses, headers, faults, second publishers, and a candidate who vanishes."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection

from bench.clip import EncodedClip
from bench.server import ServerError
from gateway.problems import KINDS
from interviews.events import ConnectionRerouted, SessionConnected, SessionDisconnected, SessionEnded
from tests.gateway.conftest import MEDIA, Running, Start
from tests.media.reroute import ask_in_vain, reroute

EVAL = Path(os.environ.get("VIVA_EVAL") or Path(__file__).parents[2] / "../shared/eval")


async def offer() -> str:
    """A complete offer of sound and picture whose sender never comes."""
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    pc.addTransceiver("audio", direction="sendonly")
    pc.addTransceiver("video", direction="sendonly")
    await pc.setLocalDescription(await pc.createOffer())
    sdp = pc.localDescription.sdp
    await pc.close()
    return str(sdp)


async def test_a_publication_has_location_etag_and_ice_servers(start: Start) -> None:
    running = await start(
        stun_urls=("stun:stun.example:3478",),
        turn_urls=("turn:turn.example?transport=udp",),
        turn_secret="s3cret",
    )
    session = await running.create()
    status, text, answer = await running.post_offer(session["id"], session["candidate_token"], await offer())
    assert status == 201
    assert answer.content_type == "application/sdp"
    assert text.startswith("v=0")
    assert answer.headers["Location"].startswith(f"/whip/{session['id']}/")
    assert answer.headers["ETag"].startswith('"')
    stun, turn = answer.headers.getall("Link")
    assert stun == '<stun:stun.example:3478>; rel="ice-server"'
    assert turn.startswith('<turn:turn.example?transport=udp>; rel="ice-server"; username="')
    assert 'credential-type="password"' in turn
    status, _, answer = await running.call("OPTIONS", f"/whip/{session['id']}", token=None)
    assert (status, answer.headers["Accept-Post"]) == (204, "application/sdp")


async def test_trickle_needs_the_right_etag(running: Running, hum: EncodedClip) -> None:
    session = await running.create()
    token = session["candidate_token"]
    status, _, answer = await running.post_offer(session["id"], token, await offer())
    assert status == 201
    resource, etag = answer.headers["Location"], answer.headers["ETag"]
    fragment = "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n"

    async def patch(path: str, **headers: str) -> tuple[int, str]:
        sent = {"Content-Type": "application/trickle-ice-sdpfrag", **headers}
        status, body, _ = await running.call("PATCH", path, token=token, data=fragment, headers=sent)
        return status, body["code"] if isinstance(body, dict) else body

    assert await patch(resource) == (428, "whip.etag-required")
    assert await patch(resource, **{"If-Match": '"other"'}) == (412, "whip.etag-mismatch")
    assert await patch(resource, **{"If-Match": "*"}) == (409, "ice.not-connected")
    assert await patch(f"/whip/{session['id']}/other", **{"If-Match": etag}) == (404, "whip.resource-unknown")
    status, body, _ = await running.call(
        "PATCH", resource, token=token, data="x", headers={"If-Match": etag, "Content-Type": "text/plain"}
    )
    assert (status, body["code"]) == (415, "request.media-type")


async def test_trickled_candidates_connect(running: Running, hum: EncodedClip) -> None:
    session = await running.create()
    async with running.peer(session, hum, trickle=True) as peer:
        await peer.connect()
        await running.until(session["id"], "session.connected")
        await peer.end()
    await running.until(session["id"], "result.ready")


async def test_an_ice_restart_keeps_the_publication(running: Running, hum: EncodedClip) -> None:
    session = await running.create()
    token = session["candidate_token"]
    async with running.peer(session, hum) as peer:
        await peer.connect()
        await running.until(session["id"], "session.connected")
        assert peer._resource is not None
        resource = peer._resource.removeprefix(running.server.url)
        sdpfrag = {"Content-Type": "application/trickle-ice-sdpfrag"}
        etags: list[str] = []

        async def patch(
            body: str, match: str = "*", path: str = resource, who: str = token
        ) -> tuple[int, Any]:
            headers = {"If-Match": match, **sdpfrag}
            status, text, answer = await running.call("PATCH", path, token=who, data=body, headers=headers)
            if status != 200:
                return status, text["code"] if isinstance(text, dict) else text
            assert answer.content_type == "application/trickle-ice-sdpfrag"
            etags.append(answer.headers["ETag"])
            return status, text

        async def restart(body: str) -> str:
            status, text = await patch(body)
            assert status == 200, text
            return str(text)

        fresh = "m=audio 9 X 0\r\na=mid:0\r\na=ice-ufrag:new1\r\na=ice-pwd:0123456789abcdefghijkl\r\n"
        for body in ("", "hello", "a=ice-ufrag:new1\r\n", "a=ice-pwd:0123456789abcdefghijkl\r\n"):
            assert await patch(body) == (400, "ice.malformed")
        assert await patch(fresh, path=f"/whip/{session['id']}/other") == (404, "whip.resource-unknown")
        assert await patch(fresh, who="nonsense") == (401, "token.invalid")
        stranger = (await running.create())["candidate_token"]
        assert await patch(fresh, who=stranger) == (403, "token.forbidden")

        await ask_in_vain(peer._pc, restart)
        await reroute(peer._pc, restart)
        await running.until(session["id"], "connection.rerouted")
        await reroute(peer._pc, restart)
        log = await running.until(session["id"], "connection.rerouted", 2)
        assert len(set(etags)) == 3
        assert await patch("a=end-of-candidates\r\n", match=etags[0]) == (412, "whip.etag-mismatch")
        assert await patch("a=end-of-candidates\r\n", match=etags[-1]) == (204, "")
        gaps = [event.data.gap_s for event in log if isinstance(event.data, ConnectionRerouted)]
        assert all(gap < 0.5 for gap in gaps)
        kinds = [event.data.type for event in log]
        assert kinds.count("session.connected") == 1
        assert "session.disconnected" not in kinds
        await peer.end()
    assert await patch(fresh) == (409, "session.ended")


async def test_a_second_publisher_is_refused_while_the_first_is_there(
    running: Running, hum: EncodedClip
) -> None:
    session = await running.create()
    async with running.peer(session, hum) as first:
        await first.connect()
        await running.until(session["id"], "session.connected")  # a client is so a moment earlier
        async with running.peer(session, hum) as second:
            with pytest.raises(ServerError, match=r"409.*session\.publishing"):
                await second.connect()
        _, view, _ = await running.call("GET", f"/api/v1/sessions/{session['id']}")
        assert view["connected"] is True


async def test_a_candidate_who_vanishes_may_come_back(start: Start, hum: EncodedClip) -> None:
    running = await start(grace_s=10.0)
    session = await running.create()
    async with running.peer(session, hum) as first:
        await first.connect()
        await running.until(session["id"], "session.connected")
    await running.until(session["id"], "session.disconnected")  # closed without DELETE
    await asyncio.sleep(0.5)
    async with running.peer(session, hum) as second:
        await second.connect()
        log = await running.until(session["id"], "session.connected", 2)
        gaps = [event.data.gap_s for event in log if isinstance(event.data, SessionConnected)]
        assert gaps[0] == 0
        assert 0.4 < gaps[1] < 5
        times = [event.media_time for event in log if isinstance(event.data, SessionConnected)]
        assert times[1] > 0.5  # one clock: it ran on
        assert [event.data.type for event in log].count("question.started") == 1
        await second.end()
    await running.until(session["id"], "result.ready")


async def test_a_candidate_who_stays_away_ends_the_session_with_its_data(
    start: Start, clip: EncodedClip
) -> None:
    running = await start(grace_s=0.6)
    session = await running.create()
    async with running.peer(session, clip) as peer:
        await peer.connect()
        await running.until(session["id"], "utterance.started")
        await asyncio.sleep(1.5)
    log = await running.until(session["id"], "result.ready")
    kinds = [event.data.type for event in log]
    assert next(e.data for e in log if isinstance(e.data, SessionDisconnected)).reason == "left"
    assert next(e.data for e in log if isinstance(e.data, SessionEnded)).reason == "grace-expired"
    assert "transcript.final" in kinds
    assert "answer.scored" in kinds
    status, problem, _ = await running.post_offer(session["id"], session["candidate_token"], await offer())
    assert (status, problem["code"]) == (409, "session.ended")


async def test_an_offer_nobody_follows_leaves_room_for_another(start: Start, hum: EncodedClip) -> None:
    running = await start(media=MEDIA.model_copy(update={"connect_s": 0.7}))
    session = await running.create()
    status, _, _ = await running.post_offer(session["id"], session["candidate_token"], await offer())
    assert status == 201
    status, problem, answer = await running.post_offer(
        session["id"], session["candidate_token"], await offer()
    )
    assert (status, problem["code"], answer.headers["Retry-After"]) == (409, "session.publishing", "2")
    await asyncio.sleep(2.0)
    async with running.peer(session, hum) as peer:
        await peer.connect()
        log = await running.until(session["id"], "session.connected")
    assert "session.disconnected" not in {event.data.type for event in log}


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        ("", "application/sdp", 400, "offer.malformed"),
        ("no sdp", "application/sdp", 400, "offer.malformed"),
        ("v=0\r\n", "application/json", 415, "request.media-type"),
        ("v=0\r\n" + "a=x\r\n" * 20_000, "application/sdp", 413, "request.too-large"),
        ("v=0\r\n" + "a=x\r\n" * 100_000, "application/sdp", 413, "request.too-large"),
        (b"\xff\xfe\x00", "application/sdp", 400, "request.malformed"),
    ],
)
async def test_faulty_bodies(running: Running, body: Any, content_type: str, status: int, code: str) -> None:
    session = await running.create()
    headers = {"Content-Type": content_type}
    answer = await running.post_offer(session["id"], session["candidate_token"], body, headers=headers)
    assert (answer[0], answer[1]["code"]) == (status, code)


@pytest.mark.eval
@pytest.mark.skipif(not (EVAL / "sdp").is_dir(), reason="no labelled material: set VIVA_EVAL")
async def test_real_offers_are_answered_or_refused_for_a_reason(start: Start) -> None:
    running = await start(max_live=16)
    codes: dict[str, str] = {}
    for file in sorted((EVAL / "sdp").glob("*.sdp")):
        session = await running.create()
        status, body, answer = await running.post_offer(
            session["id"], session["candidate_token"], file.read_bytes()
        )
        codes[file.name] = body["code"] if status >= 400 else "answered"
        assert status in (201, 400, 415, 422), (file.name, status, body)
        if status >= 400:
            assert body["code"].startswith(("offer.", "request.malformed")), (file.name, body)
            assert body["code"] in KINDS
            assert body["messages"]["zh"]
        else:
            await running.call("DELETE", answer.headers["Location"], token=session["candidate_token"])
    assert len(codes) > 50
    assert "answered" in codes.values()


async def test_other_methods_are_named(running: Running) -> None:
    session = await running.create()
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        status, problem, answer = await running.call(method, f"/whip/{session['id']}")
        assert (status, problem["code"]) == (405, "request.method")
        assert "POST" in answer.headers["Allow"]
