"""Media through a TURN relay, where nothing but the relay leads from the candidate to the server."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import aiohttp
import pytest
from aiortc import RTCIceServer

from bench.browser import COLLECT_PEERS, BrowserMissing, CandidatePage, Capture, chromium, executable
from bench.clip import EncodedClip, encode
from bench.peer import Peer
from bench.server import ServerError
from gateway.turn import credentials
from tests.e2e.pages import DESKTOP, Watched, create, events
from tests.e2e.relay import GATEWAY, RELAY, SECRET, Behind, behind, missing

pytestmark = [pytest.mark.realtime, pytest.mark.skipif(missing() is not None, reason=str(missing()))]

NOMINATED = """async () => {
    const all = await window.peers.at(-1).getStats();
    for (const report of all.values())
        if (report.type === "transport" && report.selectedCandidatePairId) {
            const pair = all.get(report.selectedCandidatePairId);
            return [all.get(pair.localCandidateId).candidateType, pair.bytesSent];
        }
    return null;
}"""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    with behind(tmp_path_factory.mktemp("relay")) as made:
        yield made


@pytest.fixture(scope="module")
def clip() -> EncodedClip:
    return encode(None, seconds=8.0)


def publishing(
    network: Behind,
    clip: EncodedClip,
    servers: list[RTCIceServer] | None,
    meet: Callable[[Peer], Awaitable[Any]],
) -> list[Any]:
    """One candidate with these ICE servers, or those that the server tells of; the session's log after."""

    async def candidate() -> str:
        made = create(network.server)
        token = made["candidate_token"]
        async with aiohttp.ClientSession() as http:
            given = servers
            if given is None:
                headers = {"Authorization": f"Bearer {token}"}
                async with http.get(network.server.url + "/api/v1/config", headers=headers) as answer:
                    given = [RTCIceServer(**one) for one in (await answer.json())["ice_servers"]]
            async with Peer(http, made["whip_url"], token, clip, ice_servers=given) as peer:
                await meet(peer)
        return str(made["id"])

    return network.candidate.run(lambda: events(network.server, asyncio.run(candidate())))


def of(log: list[Any], kind: str) -> list[Any]:
    return [event["data"] for event in log if event["data"]["type"] == kind]


def test_no_datagram_reaches_the_server_from_the_candidate(network: Behind) -> None:
    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"hello", (GATEWAY, 9))

    with pytest.raises(OSError, match="unreachable"):
        network.candidate.run(send)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_sound_and_picture_pass_the_relay(network: Behind, clip: EncodedClip, transport: str) -> None:
    """First with what `GET /api/v1/config` tells, the relay over UDP first; then with a Link header."""
    servers = None if transport == "udp" else [by_link(network, clip, "tcp")]

    async def interview(peer: Peer) -> None:
        await peer.connect()
        assert peer.pair[0] == "relay"
        await peer.finished()
        await asyncio.sleep(1.0)
        await peer.end()

    log = publishing(network, clip, servers, interview)
    assert [one["gap_s"] for one in of(log, "session.connected")] == [0]
    heard_s = sum(len(final["words"]) for final in of(log, "transcript.final"))  # the fake hears one a second
    assert heard_s >= 5
    assert "one" in [one["state"] for one in of(log, "face.state")]  # pictures were decoded
    assert of(log, "session.ended")[0]["reason"] == "candidate"


def by_link(network: Behind, clip: EncodedClip, transport: str) -> RTCIceServer:
    """The relay as the answer to an offer tells of it (RFC 9725 section 4.6)."""
    links: list[str] = []

    async def ask(peer: Peer) -> None:
        with pytest.raises(ServerError, match="no media path"):
            await peer.connect(0.1)
        links.extend(peer.links)

    publishing(network, clip, [], ask)
    (link,) = [field for field in links if f"transport={transport}>" in field]
    url, name, password = re.findall(r'<([^>]+)>|(?:username|credential)="([^"]+)"', link)
    return RTCIceServer(url[0], name[1], password[1])


EXPIRED, WRONG = credentials(SECRET, "late", -60), credentials("another secret", "wrong", 60)


@pytest.mark.parametrize("login", [None, EXPIRED, WRONG], ids=["no relay", "expired", "wrong secret"])
def test_without_good_credentials_nothing_connects(
    network: Behind, clip: EncodedClip, login: tuple[str, str] | None
) -> None:
    servers = [RTCIceServer(f"turn:{RELAY}:3478?transport=udp", *login)] if login else []

    async def refused(peer: Peer) -> None:
        with pytest.raises(ServerError, match="no media path"):
            await peer.connect(5.0)

    log = publishing(network, clip, servers, refused)
    assert not of(log, "session.connected")


@pytest.mark.browser
def test_a_browser_finds_its_way_through_the_relay(network: Behind, capture: Capture) -> None:
    try:
        executable()
    except BrowserMissing as lacking:
        pytest.skip(str(lacking))

    def interview() -> tuple[list[Any], Any]:
        made = create(network.server)
        with chromium(capture) as browser:
            watched = Watched(browser, DESKTOP, COLLECT_PEERS)
            page = CandidatePage(watched.page(), made["candidate_url"])
            page.agree()
            page.begin()
            page.wait_for_words("word", 30)
            nominated = page.page.evaluate(NOMINATED)
            watched.context.close()
        return events(network.server, made["id"]), nominated

    log, nominated = network.candidate.run(interview)
    assert nominated[0] == "relay"
    assert nominated[1] > 10_000
    assert of(log, "session.connected")
    assert "one" in [one["state"] for one in of(log, "face.state")]


def test_networks_are_gone_afterwards(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("passing")
    with behind(folder) as made:
        names = {made.candidate.name, made.gateway.name}
    listed = json.loads(subprocess.check_output(["ip", "-json", "netns", "list"]) or b"[]")
    assert not names & {one["name"] for one in listed}
