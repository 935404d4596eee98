"""Firefox on both sides: a candidate's whole way through the page, and an interviewer who watches live."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from bench.browser import COLLECT_PEERS, LOSE_PEER, CandidatePage
from bench.viewer import Viewer
from media.settings import MediaSettings
from tests.e2e.firefox import Firefox, Tab, executable, firefox
from tests.e2e.pages import DESKTOP, LOOK, Watched, create, events
from tests.e2e.threaded import ThreadedServer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(400),
    pytest.mark.skipif(
        executable() is None, reason="Firefox is not installed (Debian: apt-get install firefox-esr)"
    ),
]
STATS = """(async () => {
    const found = {};
    for (const peer of window.peers) {
        if (peer.connectionState !== "connected") continue;
        for (const report of (await peer.getStats()).values()) {
            if (report.type.endsWith("bound-rtp")) found[`${report.type} ${report.kind}`] = report;
        }
    }
    return found;
})()"""
SPACE = "document.querySelector('hr-picture .talk').dispatchEvent(new KeyboardEvent('%s', { key: ' ' }))"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadedServer]:
    media = MediaSettings(ice_hosts=("127.0.0.1",))
    with ThreadedServer(None, tmp_path_factory.mktemp("data"), media=media) as threaded:
        yield threaded


@pytest.fixture(scope="module")
def fox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with firefox(tmp_path_factory.mktemp("firefox")) as started:
        yield started


class Log:
    """A session's events, looked at until something has come."""

    def __init__(self, server: ThreadedServer, session: str) -> None:
        self._server, self._session = server, session

    def of(self, kind: str) -> list[dict[str, Any]]:
        found = (event["data"] for event in events(self._server, self._session))
        return [data for data in found if data["type"] == kind]

    def until(self, kind: str, count: int = 1, timeout_s: float = 60.0) -> list[dict[str, Any]]:
        deadline = time.monotonic() + timeout_s
        while len(found := self.of(kind)) < count:
            if time.monotonic() > deadline:
                pytest.fail(f"no {kind} number {count}")
            time.sleep(0.2)
        return found


def to_the_interview(tab: Tab, url: str) -> None:
    """Welcome, consent to everything, identity by a person, the device check, no practice."""
    tab.goto(url.replace("/candidate#", "/candidate?lang=en&fidelity=1#"))
    tab.click("candidate-welcome .primary")
    tab.wait("document.querySelector('candidate-consent .actions .primary') !== null")
    tab.evaluate(
        "document.querySelectorAll('candidate-consent input:not(:checked)').forEach((one) => one.click())"
    )
    tab.click("candidate-consent .actions .primary")
    tab.click("candidate-identity .actions .button:not(.primary)")
    tab.click("candidate-identity .actions .primary")
    tab.wait("document.querySelector('candidate-check')?.innerText.includes('Connected')")
    tab.click("candidate-check .actions .primary, candidate-check .primary")
    tab.wait("document.querySelector('candidate-practice, candidate-interview') !== null")
    if tab.has("candidate-practice"):
        tab.click("candidate-practice .actions .button:not(.primary)")
        tab.click("candidate-guide .actions .primary")
    tab.wait("document.querySelector('candidate-interview') !== null")


def watched(server: ThreadedServer, session: str, seconds: float) -> Viewer:
    """An aiortc viewer who has looked on for so long."""

    def post(sdp: str) -> str:
        headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/sdp"}
        request = urllib.request.Request(f"{server.url}/whep/{session}", sdp.encode(), headers, method="POST")
        with urllib.request.urlopen(request, timeout=20) as answer:
            return str(answer.read().decode())

    async def watch() -> Viewer:
        async with Viewer() as viewer:
            await viewer.connect(lambda sdp: asyncio.to_thread(post, sdp))
            await viewer.until(lambda: viewer.pictures and viewer.sounds)
            await asyncio.sleep(seconds)
        return viewer

    return asyncio.run(watch())


def test_a_candidate_in_firefox_goes_all_the_way(server: ThreadedServer, fox: Firefox) -> None:
    made = create(server)
    log = Log(server, made["id"])
    tab = fox.page()
    tab.before_load(COLLECT_PEERS)
    to_the_interview(tab, made["candidate_url"])
    log.until("question.started")
    assert "What were the times like" in tab.text("candidate-interview")

    # The microphone's tone is heard, and pictures are decoded.
    assert log.until("sound.state")[-1]["state"] == "ok"
    link = log.until("link.measured", 3)[-1]
    print(f"Firefox's link: {link['kbps']:.0f} kb/s, {link['fps']:.1f} pictures decoded a second")
    assert link["fps"] > 2
    assert link["sound_heard_ms"] > 2000
    assert link["loss"] < 0.05

    reported = log.until("link.reported")[-1]
    print(f"Firefox reports {reported}")
    assert reported["kbps"] > 20

    viewer = watched(server, made["id"], 3.0)
    print(f"a viewer saw {len(viewer.pictures)} pictures, the first after {viewer.first_picture_s:.2f} s")
    assert len(viewer.pictures) > 20
    assert max(power for _, _, power in viewer.sounds) > 1000

    # Another network: the way changes under the streams. Then the connection is lost, and comes back.
    tab.evaluate("dispatchEvent(new Event('online')) && null")
    assert log.until("connection.rerouted")[-1]["gap_s"] < 1.5
    assert log.of("session.disconnected") == []
    tab.evaluate(f"({LOSE_PEER})()")
    assert 0 < log.until("session.connected", 2)[-1]["gap_s"] < 20
    tab.wait("!document.querySelector('candidate-interview .notices').innerText.includes('Connection lost')")

    tab.click("candidate-interview .actions .primary")
    tab.wait("document.querySelector('.question-number').innerText.includes('2')")
    tab.click("candidate-interview .actions .primary")
    tab.click("candidate-interview dialog[aria-labelledby=finish-ask] .primary")
    tab.wait("document.querySelector('candidate-done') !== null")
    assert [one["reason"] for one in log.until("session.ended")] == ["candidate"]
    assert len(log.of("question.started")) == 2
    unexpected = [fault for fault in tab.faults if "409" not in fault]  # the server had not noticed yet
    assert not unexpected, json.dumps(unexpected)


def test_an_interviewer_in_firefox_sees_and_hears_a_candidate_in_chromium(
    server: ThreadedServer, fox: Firefox, browser: Browser
) -> None:
    made = create(server)
    chrome = Watched(browser, DESKTOP)
    candidate = CandidatePage(chrome.page(), made["candidate_url"], "?lang=en&fidelity=1")
    candidate.agree()
    candidate.begin()
    tab = fox.page()
    tab.before_load(COLLECT_PEERS)
    tab.goto(f"{server.url}/hr?lang=en#s={made['id']}&t={server.token}")
    tab.wait("document.querySelector('hr-picture video')?.videoWidth > 0")
    tab.click("hr-picture .picture-actions button:first-child")
    assert tab.evaluate("document.querySelector('hr-picture video').muted") is False
    before = tab.evaluate(STATS)
    tab.wait(f"({LOOK})().then((change) => change > 0.5)")
    time.sleep(3)
    after = tab.evaluate(STATS)
    pictures, sound = (
        after[f"inbound-rtp {kind}"][count] - before[f"inbound-rtp {kind}"][count]
        for kind, count in (("video", "framesDecoded"), ("audio", "totalAudioEnergy"))
    )
    print(f"Firefox decoded {pictures} pictures in three seconds; energy of what it played {sound:.1e}")
    assert pictures > 25
    assert sound > 1e-4

    # The other way: what is said into Firefox's microphone is heard in the candidate's page.
    tab.evaluate(SPACE % "keydown")
    tab.wait("document.querySelector('hr-picture .talk').innerText.includes('Speaking')")
    time.sleep(2)
    tab.evaluate(SPACE % "keyup")
    assert [one["open"] for one in Log(server, made["id"]).until("talkback.changed", 2)] == [True, False]
    assert tab.evaluate(STATS)["outbound-rtp audio"]["packetsSent"] > 50
    assert not tab.faults, json.dumps(tab.faults)
    assert not chrome.faults, json.dumps(chrome.faults)
    chrome.close()
