"""A real browser is recorded, and another page of it plays what was recorded; words are a fake's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.browser import STEP_MS, CandidatePage
from media.settings import MediaSettings
from tests.e2e.pages import DESKTOP, Watched, call, create, events
from tests.e2e.threaded import ThreadedServer
from tests.gateway.fakes import FakeInference

pytestmark = pytest.mark.browser
LINE = "hr-captions .transcript-line[data-at]"
MOMENT = "() => { const v = document.querySelector('hr-recording video');"
PICTURES = "v.getVideoPlaybackQuality().totalVideoFrames"


@dataclass
class Recorded:
    server: ThreadedServer
    watched: Watched
    hr: Page
    session: str


@pytest.fixture(scope="module")
def recorded(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    media = MediaSettings(ice_hosts=("127.0.0.1",))
    data = tmp_path_factory.mktemp("data")
    with ThreadedServer(None, data, inference=FakeInference, media=media) as server:
        made = create(server, record=True)
        watched = Watched(browser, DESKTOP)
        candidate = CandidatePage(watched.page(), made["candidate_url"])
        page = candidate.page
        page.click("candidate-welcome .primary")
        expect(page.locator("candidate-consent input[name=recording]")).not_to_be_checked()
        candidate.consent()
        candidate.identify()
        expect(page.locator("candidate-check .primary")).to_be_enabled(timeout=STEP_MS)
        candidate.begin()
        expect(page.locator(".recorded")).to_be_visible()
        page.wait_for_timeout(16_000)
        hr = watched.page()
        hr.goto(f"{server.url}/hr?lang=en#t={server.token}&s={made['id']}")
        expect(hr.locator("hr-recording .chip")).to_have_text("Recording")
        candidate.next()
        candidate.finish()
        hr.wait_for_selector("hr-result .overall", timeout=60_000)
        yield Recorded(server, watched, hr, made["id"])
        watched.close()


def shown(hr: Page) -> Any:
    return hr.evaluate(
        f"{MOMENT} return {{ at: v.currentTime, width: v.videoWidth, error: v.error?.message ?? null,"
        f" pictures: {PICTURES} }}; }}"
    )


def reads(recorded: Recorded) -> list[Any]:
    log = events(recorded.server, recorded.session)
    return [event for event in log if event["data"]["type"] == "recording.read"]


def test_a_line_plays_from_where_it_was_said(recorded: Recorded) -> None:
    hr = recorded.hr
    lines = hr.locator(LINE)
    expect(lines.first).to_be_visible()
    path = f"/api/v1/sessions/{recorded.session}/recording"
    assert lines.count() >= 2
    begins = call(recorded.server, "GET", f"{path}/link")["start"]
    for index in reversed(range(lines.count())):  # backwards: every click but the first seeks
        said = float(lines.nth(index).get_attribute("data-at") or "nan")
        lines.nth(index).click()
        hr.wait_for_function(f"{MOMENT} return v && !v.paused && !v.seeking && v.readyState >= 3; }}")
        began, at = time.monotonic(), shown(hr)
        assert at["error"] is None
        assert said - 0.5 <= begins + at["at"] <= said + 0.5 + (time.monotonic() - began)
        # A camera that began after the microphone: what was decoded ahead is shown before more is.
        goes_on = f"v.currentTime > {at['at'] + 0.8} && {PICTURES} > {at['pictures']}"
        hr.wait_for_function(f"{MOMENT} return {goes_on}; }}", timeout=60_000)
        assert shown(hr)["width"] >= 320
    expect(lines.first).to_have_attribute("data-now", "")


def test_the_keyboard_plays_too(recorded: Recorded) -> None:
    hr = recorded.hr
    hr.evaluate("document.querySelector('hr-recording video').pause()")
    hr.locator(LINE).first.focus()
    hr.keyboard.press("Enter")
    hr.wait_for_function(f"{MOMENT} return !v.paused; }}")


def test_the_player_asks_for_ranges_and_each_link_is_audited_once(recorded: Recorded) -> None:
    recorded.hr.reload()
    asked: list[int] = []
    recorded.hr.on("response", lambda one: "/media?link=" in one.url and asked.append(one.status))
    before = len(
        [e for e in events(recorded.server, recorded.session) if e["data"]["type"] == "recording.read"]
    )
    recorded.hr.locator(LINE).last.click()
    recorded.hr.wait_for_function(f"{MOMENT} return v && !v.paused && v.readyState >= 3; }}")
    recorded.hr.evaluate("document.querySelector('hr-recording video').currentTime = 0.5")
    recorded.hr.wait_for_function(f"{MOMENT} return !v.seeking && v.readyState >= 3; }}")
    assert set(asked) == {206}
    assert len(reads(recorded)) == before + 1


def test_no_page_found_fault(recorded: Recorded) -> None:
    assert recorded.watched.violations() == []
    assert recorded.watched.faults == []
