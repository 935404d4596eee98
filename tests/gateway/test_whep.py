"""WHEP: who may watch, what is told of it, and an interviewer's voice to the candidate."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from bench.clip import OPUS_SAMPLES, EncodedClip, encode_opus
from bench.peer import Pace, PacketTrack
from bench.sound import OPUS_TICKS
from bench.viewer import Viewer
from interviews.events import TalkbackChanged, ViewerJoined, ViewerLeft
from tests.gateway.conftest import Running, Start
from tests.gateway.test_whip import offer as publishing_offer

pytestmark = pytest.mark.realtime


def hr_token(session: dict[str, Any]) -> str:
    return parse_qs(urlsplit(session["hr_url"]).fragment)["t"][0]


def tone() -> PacketTrack:
    """An interviewer's microphone: three seconds of a loud hum, then silence."""
    wave = (12_000 * np.sin(np.arange(3 * 48_000) * 0.06)).astype(np.int16)
    return PacketTrack("audio", encode_opus([wave]), Pace(), Fraction(OPUS_SAMPLES, OPUS_TICKS), OPUS_TICKS)


class Watch:
    """A viewer over HTTP."""

    def __init__(self, running: Running, session: str, token: str, **options: Any) -> None:
        self.viewer = Viewer(**options)
        self.running, self.session, self.token = running, session, token
        self.resource = self.etag = ""

    async def __aenter__(self) -> Watch:
        await self.viewer.connect(self._post)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.viewer.close()

    async def _post(self, sdp: str) -> str:
        status, text, answer = await post(self.running, self.session, self.token, sdp)
        assert status == 201, text
        self.resource, self.etag = answer.headers["Location"], answer.headers["ETag"]
        return str(text)

    async def talk(self, wants: bool, token: str | None = None) -> tuple[int, Any]:
        path = f"{self.resource}/talkback"
        status, body, _ = await self.running.call("POST", path, {"open": wants}, token=token or self.token)
        return status, body.get("code", body.get("open"))


async def post(running: Running, session: str, token: str | None, sdp: str) -> Any:
    headers = {"Content-Type": "application/sdp"}
    return await running.call("POST", f"/whep/{session}", token=token, data=sdp, headers=headers)


async def watching_offer() -> str:
    async with Viewer() as viewer:
        await viewer.pc.setLocalDescription(await viewer.pc.createOffer())
        return str(viewer.pc.localDescription.sdp)


async def test_who_watches_is_told_and_counted(running: Running, clip: EncodedClip) -> None:
    session = await running.create()
    id_ = session["id"]
    async with running.peer(session, clip) as peer:
        await peer.connect()
        status, link, _ = await running.call("POST", f"/api/v1/sessions/{id_}/viewers")
        assert (status, link["whep_url"]) == (201, f"{running.server.url}/whep/{id_}")
        async with Watch(running, id_, hr_token(session)) as hr, Watch(running, id_, link["token"]) as guest:
            for watch in (hr, guest):
                await watch.viewer.until(lambda w=watch: len(w.viewer.pictures) > 5)
            assert running.server.service.shared.metrics.viewers._value.get() == 2
            status, _, _ = await running.call("DELETE", guest.resource, token=guest.token)
            assert status == 200
            events = await running.until(id_, "viewer.left")
            status, _, _ = await running.call("DELETE", guest.resource, token=guest.token)
            assert status == 200  # a second time as once: the closed connection may be seen before its DELETE
            assert len([event for event in events if isinstance(event.data, ViewerLeft)]) == 1
        events = await running.until(id_, "viewer.left", 2)
        told = [e.data for e in events if isinstance(e.data, ViewerJoined | ViewerLeft)]
        assert [(one.type, one.watching) for one in told] == [
            ("viewer.joined", 1),
            ("viewer.joined", 2),
            ("viewer.left", 1),
            ("viewer.left", 0),
        ]
        assert [one.by for one in told] == ["hr", "viewer", "viewer", "hr"]
        await asyncio.sleep(1.1)
        text = running.server.service.shared.metrics.text().decode()
        forwarded = next(li for li in text.splitlines() if li.startswith("viva_forwarded_frames_total"))
        assert float(forwarded.split()[1]) > 10


async def test_who_may_watch(running: Running) -> None:
    session, other = await running.create(), await running.create()
    sdp = await watching_offer()
    link = (await running.call("POST", f"/api/v1/sessions/{session['id']}/viewers"))[1]
    for token, expected in (
        (None, (401, "token.missing")),
        (session["candidate_token"], (403, "token.forbidden")),
        (hr_token(other), (403, "token.forbidden")),
    ):
        status, body, _ = await post(running, session["id"], token, sdp)
        assert (status, body["code"]) == expected
    for path in ("", "/events", "/transcript"):  # a viewer's token opens nothing else
        path = f"/api/v1/sessions/{session['id']}{path}"
        status, body, _ = await running.call("GET", path, token=link["token"])
        assert (status, body["code"]) == (403, "token.forbidden")
    status, body, _ = await post(running, session["id"], hr_token(session), await publishing_offer())
    assert (status, body["code"]) == (422, "offer.no-media")
    status, _, answer = await post(running, session["id"], hr_token(session), sdp)
    assert status == 201
    patch = {"Content-Type": "application/trickle-ice-sdpfrag"}
    status, body, _ = await running.call(
        "PATCH",
        answer.headers["Location"],
        token=hr_token(session),
        data="a=end-of-candidates",
        headers=patch,
    )
    assert (status, body["code"]) == (428, "whip.etag-required")
    patch["If-Match"] = answer.headers["ETag"]
    status, _, _ = await running.call(
        "PATCH",
        answer.headers["Location"],
        token=hr_token(session),
        data="a=end-of-candidates",
        headers=patch,
    )
    assert status == 204


async def test_no_more_than_may_watch(start: Start) -> None:
    running = await start(max_viewers=1)
    session = await running.create()
    assert (await post(running, session["id"], hr_token(session), await watching_offer()))[0] == 201
    status, body, answer = await post(running, session["id"], hr_token(session), await watching_offer())
    assert (status, body["code"]) == (503, "whep.full")
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize("listens", [True, False])
async def test_one_interviewer_at_a_time_speaks(running: Running, clip: EncodedClip, listens: bool) -> None:
    session = await running.create()
    id_, token = session["id"], hr_token(session)
    async with running.peer(session, clip, listen=listens) as peer:
        await peer.connect()
        async with (
            Watch(running, id_, token, speak=tone()) as first,
            Watch(running, id_, token, speak=tone()) as second,
            Watch(running, id_, token) as mute,
        ):
            await first.viewer.until(lambda: first.viewer.pictures)
            if not listens:
                assert await first.talk(True) == (409, "talkback.unheard")
                return
            assert not peer.heard
            assert await mute.talk(True) == (409, "talkback.not-offered")
            assert await first.talk(True) == (200, True)
            assert await second.talk(True) == (409, "talkback.taken")
            await first.viewer.until(lambda: len(peer.heard) > 40)
            assert max(power for power, _ in peer.heard) > 1e6
            assert await first.talk(False) == (200, False)
            await asyncio.sleep(0.3)
            count = len(peer.heard)
            await asyncio.sleep(0.3)
            assert len(peer.heard) - count <= 1
            assert await second.talk(True) == (200, True)
        events = await running.until(
            id_, "talkback.changed", 4
        )  # the second's connection closed with it open
        changes = [event.data.open for event in events if isinstance(event.data, TalkbackChanged)]
        assert changes == [True, False, True, False]


async def test_the_end_of_the_session_ends_watching(running: Running, clip: EncodedClip) -> None:
    session = await running.create()
    async with running.peer(session, clip) as peer:
        await peer.connect()
        async with Watch(running, session["id"], hr_token(session)) as watch:
            await watch.viewer.until(lambda: watch.viewer.pictures)
            await peer.end()
            await running.until(session["id"], "viewer.left")
        status, body, _ = await post(running, session["id"], hr_token(session), await watching_offer())
        assert (status, body["code"]) == (409, "session.ended")
