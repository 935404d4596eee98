"""A whole interview in a real browser: the candidate's page and the HR page beside it, on real weights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from bench.browser import COLLECT_PEERS, LOSE_PEER, CandidatePage
from tests.e2e.pages import DESKTOP, Watched, call, create, events
from tests.e2e.threaded import ThreadedServer

pytestmark = pytest.mark.browser

CONTENT = {
    "best",
    "worst",
    "times",
    "age",
    "wisdom",
    "foolishness",
    "epoch",
    "belief",
    "season",
    "light",
    "hope",
}


@dataclass(frozen=True)
class Played:
    """Everything one interview left behind."""

    session: str
    events: list[Any]
    report: Any
    captions_seen: str
    hr_captions: str
    hr_liveness: str
    hr_affect: str
    hr_link: str
    hr_result: str
    hr_address: str
    faults: list[str]

    def of(self, kind: str) -> list[Any]:
        return [event for event in self.events if event["data"]["type"] == kind]

    def first(self, kind: str) -> Any:
        return self.of(kind)[0]


def words(text: str) -> set[str]:
    return {word.strip(".,;:!?–").lower() for word in text.split()}


@pytest.fixture(scope="module")
def played(live_server: ThreadedServer, browser: Browser) -> Iterator[Played]:
    made = create(live_server)
    watched = Watched(browser, DESKTOP)
    hr = watched.page()
    hr.goto(f"{live_server.url}/hr?lang=en#t={live_server.token}&s={made['id']}")
    address = hr.url
    hr.wait_for_selector("hr-session hr-captions")

    candidate = CandidatePage(watched.page(), made["candidate_url"])
    candidate.agree()
    candidate.page.wait_for_selector('viva-camera[data-state="good"]')
    candidate.page.wait_for_timeout(1000)
    candidate.begin()
    captions = candidate.page.locator("candidate-captions .caption-lines")
    expect(captions).to_contain_text("age of", ignore_case=True, timeout=90_000)
    seen = captions.inner_text()
    expect(hr.locator("hr-captions .transcript-line[data-final=true]").first).to_be_visible()
    expect(hr.locator("hr-liveness .facts")).to_be_visible()
    candidate.next()
    candidate.page.wait_for_timeout(5000)
    heard, liveness, affect, link = (
        hr.inner_text(f"hr-{part}") for part in ("captions", "liveness", "affect", "link")
    )
    candidate.finish()
    expect(hr.locator("hr-result .overall")).to_be_visible(timeout=90_000)
    result = hr.inner_text("hr-result")

    yield Played(
        made["id"],
        events(live_server, made["id"]),
        call(live_server, "GET", f"/api/v1/sessions/{made['id']}/report"),
        seen,
        heard,
        liveness,
        affect,
        link,
        result,
        address,
        watched.faults + watched.violations(),
    )
    watched.close()


def test_words_are_heard(played: Played) -> None:
    text = " ".join(final["data"]["text"] for final in played.of("transcript.final"))
    assert len(words(text) & CONTENT) >= 5
    assert len(words(played.captions_seen) & CONTENT) >= 2


def test_a_face_is_found_and_measured(played: Played) -> None:
    assert played.of("face.state")[-1]["data"]["state"] == "one"
    measured = played.of("face.measured")
    assert len(measured) > 10
    x, y, width, height = measured[-1]["data"]["box"]
    assert 0 < x < x + width < 1
    assert 0 < y < y + height < 1


def test_events_are_in_order_with_media_time(played: Played) -> None:
    assert [event["seq"] for event in played.events] == list(range(1, len(played.events) + 1))
    order = [
        "session.created",
        "session.connected",
        "question.started",
        "session.ended",
        "answer.scored",
        "result.ready",
    ]
    firsts = [played.first(kind) for kind in order]
    assert [event["seq"] for event in firsts] == sorted(event["seq"] for event in firsts)
    times = [event["media_time"] for event in firsts]
    assert times == sorted(times)
    for final in played.of("transcript.final"):
        spoken = [word["start"] for word in final["data"]["words"]]
        assert spoken == sorted(spoken)
        assert all(final["data"]["start"] - 0.1 <= start <= final["data"]["end"] + 0.1 for start in spoken)


def test_the_first_question_waits_until_the_devices_are_checked(played: Played) -> None:
    connected, asked = played.first("session.connected"), played.of("question.started")
    assert asked[0]["media_time"] > connected["media_time"] + 1.0
    assert [event["data"]["question"] for event in asked] == ["two-cities", "own-time"]


def test_hr_sees_captions_liveness_and_the_link(played: Played) -> None:
    assert len(words(played.hr_captions) & CONTENT) >= 3
    assert "Question 1" in played.hr_captions
    assert "0.66" in played.hr_liveness
    assert "errs" in played.hr_liveness
    assert "Not scored" in played.hr_affect
    assert "kb/s" in played.hr_link


def test_hr_sees_the_result_with_its_evidence(played: Played) -> None:
    assert "Overall" in played.hr_result
    assert "Observed, not scored" in played.hr_result
    assert "Evidence" in played.hr_result
    assert played.report["state"] == "scored"


def test_the_token_leaves_the_address_bar(played: Played) -> None:
    assert "t=" not in played.hr_address.partition("#")[2]
    assert played.hr_address.endswith(f"#s={played.session}")


def test_nothing_was_blocked_and_nothing_failed_in_the_pages(played: Played) -> None:
    assert played.faults == []


# --- coming back -----------------------------------------------------------------------------------------


def test_a_lost_connection_and_a_reloaded_page_take_the_interview_up_again(
    live_server: ThreadedServer, browser: Browser
) -> None:
    made = create(live_server)
    watched = Watched(browser, DESKTOP, COLLECT_PEERS)
    candidate = CandidatePage(watched.page(), made["candidate_url"])
    page = candidate.page
    candidate.agree()
    candidate.begin()
    page.wait_for_timeout(1500)

    page.evaluate(LOSE_PEER)
    expect(page.locator("candidate-interview .notices").first).to_contain_text("Your answer is saved")
    expect(page.locator("candidate-interview .notices .warn")).to_have_count(0, timeout=30_000)
    assert page.evaluate("window.peers.length") > 1

    page.reload()
    expect(page.locator("candidate-welcome .notice")).to_contain_text("Welcome back")
    candidate.agree()
    candidate.begin()
    expect(page.locator(".question-number")).to_have_text("Question 1 of 2")
    candidate.next()
    candidate.finish()

    log = events(live_server, made["id"])
    kinds = [event["data"]["type"] for event in log]
    assert kinds.count("session.disconnected") >= 2
    gaps = [event["data"]["gap_s"] for event in log if event["data"]["type"] == "session.connected"]
    assert gaps[0] == 0
    assert all(0 < gap < 25 for gap in gaps[1:])
    assert kinds.count("question.started") == 2
    ended = next(event for event in log if event["data"]["type"] == "session.ended")
    assert ended["data"]["reason"] == "candidate"
    unexpected = [fault for fault in watched.faults if "409" not in fault]  # the server had not noticed yet
    assert unexpected == []
    watched.close()


def test_hr_ends_the_interview_and_the_candidate_is_told(
    live_server: ThreadedServer, browser: Browser
) -> None:
    made = create(live_server)
    watched = Watched(browser, DESKTOP)
    candidate = CandidatePage(watched.page(), made["candidate_url"])
    candidate.agree()
    candidate.begin()
    hr = watched.page()
    hr.goto(f"{made['hr_url'].replace('/hr#', '/hr?lang=en#')}")
    hr.click("hr-session .danger")
    hr.click("hr-session dialog .primary")
    expect(hr.locator("hr-session .chip").first).to_have_text(re.compile("Ended|Scored"))
    candidate.page.wait_for_selector("candidate-done")
    assert candidate.page.evaluate(
        "[...document.querySelectorAll('video')].every((video) => !video.srcObject?.active)"
    )
    ended = [e for e in events(live_server, made["id"]) if e["data"]["type"] == "session.ended"]
    assert [one["data"]["reason"] for one in ended] == ["hr"]
    watched.close()
