"""A browser whose way to the server changes: the publication, its streams and its timeline go on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.pages import DESKTOP, Watched, create, events
from tests.e2e.threaded import ThreadedServer

pytestmark = pytest.mark.browser

PUBLISH = """async ({ url, token, kinds }) => {
    const { WhipPublisher } = await import("/static/js/whip.js");
    const stream = await navigator.mediaDevices.getUserMedia(kinds);
    window.publisher = new WhipPublisher({ url, token, stream });
    window.states = [];
    publisher.addEventListener("state", () => window.states.push(publisher.state));
    await publisher.start();
}"""
REPLACE = """async (kinds) => {
    publisher.stream.getTracks().forEach((track) => track.stop());
    await publisher.replace(await navigator.mediaDevices.getUserMedia(kinds));
}"""
REFUSE_RESTARTS = """() => {
    const plain = window.fetch;
    window.fetch = (url, options) => options?.headers?.["If-Match"] === "*"
        ? Promise.resolve(new Response("{}", { status: 422 })) : plain(url, options);
}"""


@pytest.fixture(scope="module")
def faked_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadedServer]:
    with ThreadedServer(None, tmp_path_factory.mktemp("data")) as threaded:
        yield threaded


class Publishing:
    """A page that publishes into a session, and what the server knows of it."""

    def __init__(self, server: ThreadedServer, browser: Browser, audio: bool = True) -> None:
        self.made = create(server)
        self.server = server
        self.watched = Watched(browser, DESKTOP)
        self.page: Page = self.watched.page()
        self.page.goto(f"{server.url}/candidate")
        kinds = {"audio": audio, "video": True}
        where = {"url": self.made["whip_url"], "token": self.made["candidate_token"]}
        self.page.evaluate(PUBLISH, {**where, "kinds": kinds})
        self.until("session.connected")

    def log(self) -> list[dict[str, Any]]:
        return [event["data"] for event in events(self.server, self.made["id"])]

    def until(self, kind: str, count: int = 1, timeout_s: float = 60.0) -> list[dict[str, Any]]:
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            found = [data for data in self.log() if data["type"] == kind]
            if len(found) >= count:
                return found
            self.page.wait_for_timeout(100)
        pytest.fail(f"no {kind} among {[data['type'] for data in self.log()]}")

    @property
    def _peer(self) -> Any:
        assert self.server.server
        session = self.server.server.service.registry._sessions[self.made["id"]]
        return session.publisher._ingest._peer  # type: ignore[union-attr]

    def lose_the_way(self) -> None:
        """Nothing arrives any more on the way in use: Chromium cannot be unplugged."""
        for protocol in self._peer._rerouting.current._protocols:
            protocol.datagram_received = lambda *given: None

    def frames(self) -> dict[str, int]:
        return {kind: self._peer.totals(kind).received for kind in ("audio", "video")}

    def still_flows(self) -> None:
        before = self.frames()
        self.page.wait_for_timeout(1500)
        after = self.frames()
        assert after["audio"] - before["audio"] > 40
        assert after["video"] - before["video"] > 8


@pytest.fixture
def publishing(faked_server: ThreadedServer, browser: Browser) -> Iterator[Publishing]:
    made = Publishing(faked_server, browser)
    yield made
    made.page.evaluate("publisher.end()")
    made.watched.close()


def test_a_microphone_that_comes_later_is_heard_and_other_devices_need_no_new_way(
    faked_server: ThreadedServer, browser: Browser
) -> None:
    late = Publishing(faked_server, browser, audio=False)
    late.page.evaluate(REPLACE, {"audio": True, "video": True})
    late.until("session.connected", 2)
    late.still_flows()
    peer = late._peer
    late.page.evaluate(REPLACE, {"audio": True, "video": True})
    late.still_flows()
    assert late._peer is peer
    late.page.evaluate("publisher.end()")
    late.watched.close()


def test_a_change_of_networks_is_not_a_disconnection(publishing: Publishing) -> None:
    resource = publishing.page.evaluate("publisher.resource")
    peer = publishing._peer
    for number in (1, 2):
        publishing.page.evaluate("dispatchEvent(new Event('online'))")
        assert publishing.until("connection.rerouted", number)[-1]["gap_s"] < 0.5
        publishing.still_flows()
    publishing.lose_the_way()
    publishing.page.wait_for_timeout(500)
    publishing.page.evaluate("dispatchEvent(new Event('online'))")
    assert publishing.until("connection.rerouted", 3)[-1]["gap_s"] < 3.0
    publishing.still_flows()
    kinds = [data["type"] for data in publishing.log()]
    assert kinds.count("session.connected") == 1
    assert "session.disconnected" not in kinds
    assert publishing._peer is peer
    assert publishing.page.evaluate("publisher.resource") == resource
    assert publishing.watched.faults == []


def test_a_way_that_falls_silent_is_replaced_by_itself(publishing: Publishing) -> None:
    resource, peer = publishing.page.evaluate("publisher.resource"), publishing._peer
    publishing.lose_the_way()
    gap = publishing.until("connection.rerouted")[-1]["gap_s"]
    assert 1.5 < gap < 12
    # The watchdog had told of the silence; it is over without a new connection.
    assert publishing.until("session.connected", 2)[-1]["gap_s"] > 0
    publishing.still_flows()
    assert publishing._peer is peer
    assert publishing.page.evaluate("publisher.resource") == resource
    assert publishing.page.evaluate("publisher.state") == "connected"


def test_where_a_restart_is_refused_the_page_publishes_anew(publishing: Publishing) -> None:
    publishing.page.evaluate(REFUSE_RESTARTS)
    publishing.page.evaluate("dispatchEvent(new Event('online'))")
    publishing.page.wait_for_timeout(1000)
    publishing.still_flows()  # nothing was lost by asking
    publishing.lose_the_way()
    publishing.until("session.connected", 2, 30.0)
    publishing.still_flows()
    assert "connection.rerouted" not in [data["type"] for data in publishing.log()]
