"""A candidate whose network is gone for half a minute, with everything on it, and comes back by itself."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from bench.browser import BrowserMissing, CandidatePage, Capture, chromium, executable
from tests.e2e.namespaces import Namespace, join, namespaces, unavailable
from tests.e2e.pages import DESKTOP, Watched, create, events
from tests.e2e.threaded import ThreadedServer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(unavailable() is not None, reason=str(unavailable())),
]
GATEWAY, CANDIDATE = "10.78.1.1", "10.78.1.2"
OUTAGE_S = 30.0
BACK_S = 10.0


class Stream:
    """What an interviewer's page is told (server-sent events), each event with when it came."""

    def __init__(self, server: ThreadedServer, session: str) -> None:
        self.events: list[tuple[float, Any]] = []
        self._request = urllib.request.Request(
            f"{server.url}/api/v1/sessions/{session}/events",
            headers={"Authorization": f"Bearer {server.token}", "Accept": "text/event-stream"},
        )
        threading.Thread(target=self._read, name="interviewer", daemon=True).start()

    def _read(self) -> None:
        with urllib.request.urlopen(self._request, timeout=60) as answer:
            for line in answer:
                if line.startswith(b"data:"):
                    event = json.loads(line[5:])
                    self.events.append((time.monotonic(), event))
                    if event["data"]["type"] == "session.ended":
                        return

    def of(self, kind: str) -> list[tuple[float, Any]]:
        return [(at, event) for at, event in self.events if event["data"]["type"] == kind]

    def until(
        self, kind: str, count: int, timeout_s: float, where: Callable[[Any], bool] = lambda data: True
    ) -> None:
        deadline = time.monotonic() + timeout_s
        while sum(where(event["data"]) for _, event in self.of(kind)) < count:
            if time.monotonic() > deadline:
                pytest.fail(f"no {kind} number {count} among {[e['data']['type'] for _, e in self.events]}")
            time.sleep(0.05)


@dataclass(frozen=True, slots=True)
class Wired:
    """A server and a candidate's network, on one cable."""

    server: ThreadedServer
    gateway: Namespace
    candidate: Namespace
    device: str

    def unplug(self) -> None:
        self.candidate.unplug(self.device)

    def plug_in(self) -> None:
        self.candidate.address(None, self.device)


@contextmanager
def wired(folder: Path) -> Iterator[Wired]:
    with namespaces("gate", "cand") as (gateway, candidate):
        _, device = join(gateway, f"{GATEWAY}/24", candidate, f"{CANDIDATE}/24")
        server = ThreadedServer(None, folder, host=GATEWAY)
        gateway.run(server.__enter__)
        try:
            yield Wired(server, gateway, candidate, device)
        finally:
            server.__exit__(None, None, None)


def test_an_interview_outlives_half_a_minute_without_network(tmp_path: Path, capture: Capture) -> None:
    try:
        executable()
    except BrowserMissing as lacking:
        pytest.skip(str(lacking))
    with wired(tmp_path) as wire:
        made = wire.gateway.run(lambda: create(wire.server))
        stream = wire.gateway.run(lambda: Stream(wire.server, made["id"]))

        def interview() -> tuple[float, list[Any]]:
            with chromium(capture, secure=wire.server.url) as browser:
                watched = Watched(browser, DESKTOP)
                try:
                    back_at = outage(wire, stream, watched, made["candidate_url"])
                    return back_at, events(wire.server, made["id"])
                finally:
                    watched.close()

        back_at, log = wire.candidate.run(interview)
    lost_at, lost = stream.of("session.disconnected")[0]
    found_at, found = stream.of("session.connected")[1]
    sound_at = next(at for at, _ in stream.of("sound.level") if at > found_at)
    print(
        f"after {OUTAGE_S:.0f} s without network: connected {found_at - back_at:.2f} s and sound"
        f" {sound_at - back_at:.2f} s after its return; gap told {found['data']['gap_s']:.1f} s"
    )
    assert sound_at - back_at <= BACK_S
    # The gap is marked, and media time went on through it as the clock on the wall did.
    assert found["data"]["gap_s"] == pytest.approx(found["media_time"] - lost["media_time"], abs=0.1)
    assert found["media_time"] - lost["media_time"] == pytest.approx(found_at - lost_at, abs=1.5)
    assert found["data"]["gap_s"] > OUTAGE_S - 5
    kinds = [event["data"]["type"] for event in log]
    assert kinds.count("session.disconnected") == 1
    assert kinds.count("session.connected") == 2
    assert kinds.count("question.started") == 1  # the same answer went on
    finals = [event["data"] for event in log if event["data"]["type"] == "transcript.final"]
    assert any(final["start"] < lost["media_time"] for final in finals)
    assert any(final["start"] > found["media_time"] for final in finals)
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))


def outage(wire: Wired, stream: Stream, watched: Watched, url: str) -> float:
    """The interview as the candidate sees it; when the network came back (time.monotonic)."""
    page = CandidatePage(watched.page(), url)
    page.agree()
    page.begin()
    page.wait_for_words("word", 30)
    stream.until("transcript.final", 1, 30)
    question = page.page.text_content(".question-number")
    notices = page.page.locator("candidate-interview .notices").first
    wire.unplug()
    began = time.monotonic()
    expect(notices).to_contain_text("Connection lost, reconnecting")
    expect(notices).to_contain_text("Your answer is saved.")
    stream.until("session.disconnected", 1, 15)
    page.page.wait_for_timeout(1000 * (OUTAGE_S - (time.monotonic() - began)))
    expect(notices).to_contain_text("Connection lost, reconnecting")
    wire.plug_in()
    back_at = time.monotonic()
    stream.until("session.connected", 2, 30)
    expect(notices).not_to_contain_text("Connection lost, reconnecting")
    found = stream.of("session.connected")[1][1]["media_time"]
    stream.until("transcript.final", 1, 40, lambda data: data["start"] > found)
    assert page.page.text_content(".question-number") == question
    # Nobody clicked, nothing was loaded anew, and the page's own stream of events is back too.
    assert stream.of("session.ended") == []
    captions = page.page.locator("candidate-captions .caption-lines")
    expect(captions).not_to_have_text(captions.text_content() or "")
    return back_at
