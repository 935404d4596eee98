"""A real browser as candidate, another page of it as interviewer: live picture, sound, and talk-back."""

from __future__ import annotations

import json
import statistics
import urllib.request
from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.browser import CandidatePage
from media.encoded import EncodedFrame
from media.settings import MediaSettings
from tests.e2e.pages import DESKTOP, LOOK, Watched, create, events
from tests.e2e.threaded import ThreadedServer

pytestmark = pytest.mark.browser
JOIN_MS = 500
JOIN = """async ([url, token]) => {
    const { WhepViewer } = await import("/static/js/whep.js");
    const viewer = new WhepViewer({ url, token });
    const video = Object.assign(document.createElement("video"), { muted: true, autoplay: true });
    document.body.append(video);
    viewer.addEventListener("stream", () => { video.srcObject = viewer.stream; });
    const began = performance.now();
    const first = await new Promise((resolve) => {
        video.requestVideoFrameCallback(resolve);
        viewer.start();
    });
    viewer.close();
    video.remove();
    return first - began;
}"""
ENERGY = """async (of) => {
    let energy = 0;
    for (const peer of window.peers) {
        if (peer.connectionState !== "connected") continue;
        for (const report of (await peer.getStats()).values()) {
            const sound = report.type === "inbound-rtp" && report.kind === "audio";
            if (sound) energy += report.totalAudioEnergy ?? 0;
        }
    }
    return energy;
}"""
COLLECT = """
    window.peers = [];
    const Peer = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Peer {
        constructor(...given) { super(...given); window.peers.push(this); }
    };
"""


APART = """async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const at = {};
    for (const report of (await window.peers[0].getStats()).values()) {
        if (report.type === "inbound-rtp") at[report.kind] = report.estimatedPlayoutTimestamp;
    }
    return at.audio - at.video;
}"""


class Layers:
    """Counts temporal layers, and the pictures of each that depend on the base layer alone."""

    def __init__(self) -> None:
        self.count: Counter[int | None] = Counter()
        self.sync: Counter[int | None] = Counter()

    def on_frame(self, frame: EncodedFrame, media_time: float) -> None:
        if frame.kind == "video":
            self.count[frame.temporal] += 1
            self.sync[frame.temporal] += frame.sync


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadedServer]:
    media = MediaSettings(ice_hosts=("127.0.0.1",))
    with ThreadedServer(None, tmp_path_factory.mktemp("data"), media=media) as threaded:
        yield threaded


@pytest.fixture
def desk(browser: Browser) -> Iterator[Watched]:
    watched = Watched(browser, DESKTOP, COLLECT)
    yield watched
    watched.close()


def metric(server: ThreadedServer, name: str) -> float:
    with urllib.request.urlopen(server.url + "/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


def until(page: Page, condition: str, timeout_s: float = 60.0) -> None:
    """The page's policy forbids the evaluation within it that `wait_for_function` does."""
    for _ in range(int(timeout_s / 0.1)):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never came true: {condition}")


def open_hr(desk: Watched, server: ThreadedServer, session: str) -> Page:
    page = desk.page()
    page.goto(f"{server.url}/hr?lang=en#s={session}&t={server.token}")
    until(page, "document.querySelector('hr-picture video')?.videoWidth > 0")
    return page


def test_an_interviewer_watches_and_speaks(server: ThreadedServer, desk: Watched) -> None:
    made = create(server)
    candidate = CandidatePage(desk.page(), made["candidate_url"], "?lang=en&fidelity=1")
    candidate.agree()
    candidate.begin()
    hr = open_hr(desk, server, made["id"])
    assert hr.evaluate("document.querySelector('hr-picture video').muted") is True
    assert hr.evaluate(LOOK) > 0.5
    hr.click("hr-picture .picture-actions button:first-child")
    assert hr.evaluate("document.querySelector('hr-picture video').muted") is False
    hr.wait_for_timeout(1500)
    assert hr.evaluate(ENERGY) > 1e-4
    expect(candidate.page.locator("figcaption")).to_contain_text("is watching live")

    # Late joiners, each after the last key frame has become too old to start from.
    before = metric(server, "viva_key_frame_requests_total")
    times = []
    for _ in range(5):
        hr.wait_for_timeout(1500)
        times.append(hr.evaluate(JOIN, [f"/whep/{made['id']}", server.token]))
    asked = metric(server, "viva_key_frame_requests_total") - before
    print(
        "join to first picture in Chromium (ms):", [round(time) for time in times], "key frames asked:", asked
    )
    assert statistics.median(times) < JOIN_MS
    assert asked <= 10

    layers = Layers()
    assert server.server
    session = server.server.service.registry.resident(made["id"])
    assert session
    leave = session.publisher.frames.subscribe(layers)
    hr.wait_for_timeout(3000)
    leave()
    print("temporal layers of Chromium's pictures:", dict(layers.count), "with sync:", dict(layers.sync))
    assert set(layers.count) == {0, 1, 2}
    assert layers.sync[1]  # where a viewer may take the layer up again
    apart = [hr.evaluate(APART) for _ in range(5)]
    print(
        "sound ahead of the picture in Chromium, by its estimated playout (ms):",
        [round(one) for one in apart],
    )
    assert abs(statistics.median(apart)) < 80

    heard = candidate.page.evaluate(ENERGY)
    talk = hr.locator("hr-picture .talk")
    talk.hover()
    hr.mouse.down()
    expect(talk).to_have_text("Speaking")
    expect(candidate.page.locator("candidate-interview .notices").first).to_contain_text("speaking to you")
    hr.wait_for_timeout(2000)
    hr.mouse.up()
    expect(talk).to_have_text("Hold to speak")
    expect(candidate.page.locator("candidate-interview .notices").first).not_to_contain_text(
        "speaking to you"
    )
    assert candidate.page.evaluate(ENERGY) > heard + 1e-4
    told = [event["data"] for event in events(server, made["id"])]
    reported = [one for one in told if one["type"] == "link.reported"][-1]
    print("Chromium reports its side of the link:", reported)
    assert reported["kbps"] > 100
    assert reported["fps"] > 5
    assert reported["rtt_ms"] is not None
    assert [one["open"] for one in told if one["type"] == "talkback.changed"] == [True, False]
    assert not desk.faults, json.dumps(desk.faults)
    assert not desk.violations()


def test_the_picture_goes_on_when_the_candidate_reloads(server: ThreadedServer, desk: Watched) -> None:
    made = create(server)
    candidate = CandidatePage(desk.page(), made["candidate_url"], "?lang=en&fidelity=1")
    candidate.agree()
    hr = open_hr(desk, server, made["id"])
    peers = hr.evaluate("window.peers.length")
    candidate.page.reload()
    candidate.page.wait_for_selector("candidate-welcome")
    candidate.agree()
    until(hr, "document.querySelector('hr-picture .picture-over').hidden")
    hr.wait_for_timeout(1000)
    assert hr.evaluate(LOOK) > 0.5
    assert hr.evaluate("window.peers.length") == peers  # the interviewer's connection stayed
