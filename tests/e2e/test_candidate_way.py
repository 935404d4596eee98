"""The candidate's way on a phone, without models: from consent to the survey and to one's own data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.browser import COLLECT_PEERS, LOSE_PEER, CandidatePage
from media.settings import MediaSettings
from tests.e2e.pages import Watched, call, create, events
from tests.e2e.test_wall_page import fits, until
from tests.e2e.threaded import ThreadedServer

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
QUESTIONS = [
    {
        "id": "team",
        "text": {"en": "Tell us about a team that you led.", "zh": "请谈谈您带过的团队。"},
        "think_s": 120,
        "answer_s": 90,
        "retries": 1,
    },
    {
        "id": "brief",
        "text": {"en": "And in one sentence?", "zh": "用一句话呢？"},
        "think_s": 2,
        "answer_s": 4,
    },
]
PICTURES = os.environ.get("VIVA_PICTURES")  # a folder: what the steps look like
# Another voice than the machine's own, so that what is read can be asserted anywhere.
VOICE = """
    window.spoken = [];
    window.SpeechSynthesisUtterance = class extends EventTarget {
        constructor(text) { super(); this.text = text; }
    };
    Object.defineProperty(window, "speechSynthesis", { value: Object.assign(new EventTarget(), {
        getVoices: () => [{ lang: "en-GB", localService: true }],
        speak: (words) => {
            window.spoken.push(words.text);
            setTimeout(() => words.dispatchEvent(new Event("end")), 50);
        },
        cancel: () => {},
    }) });
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadedServer]:
    media = MediaSettings(ice_hosts=("127.0.0.1",))
    with ThreadedServer(None, tmp_path_factory.mktemp("data"), media=media) as threaded:
        yield threaded


@pytest.fixture
def phone(browser: Browser) -> Iterator[Watched]:
    watched = Watched(browser, PHONE, COLLECT_PEERS, VOICE)
    yield watched
    watched.close()


def hr(server: ThreadedServer, session: str, command: str, **fields: Any) -> None:
    body = {"command": command, "id": f"hr-{command}", **fields}
    call(server, "POST", f"/api/v1/sessions/{session}/commands", body)


def looked_at(page: Page, name: str) -> None:
    """Nothing sticks out and nothing is too small to touch; a picture of it where one is wanted."""
    assert fits(page), name
    small = page.evaluate(
        """[...document.querySelectorAll("button, input, select, summary")]
            .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.height < 44 || box.width < 44)).map(([html]) => html)"""
    )
    assert small == [], name
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png")
        page.emulate_media(color_scheme="dark")
        page.screenshot(path=f"{PICTURES}/{name}-dark.png")
        page.emulate_media(color_scheme="light")


def primary(page: Page) -> Any:
    return page.locator("main .actions .primary")


def test_from_consent_to_survey(server: ThreadedServer, phone: Watched) -> None:
    made = create(server, questions=QUESTIONS, record=True)
    session = made["id"]
    page = CandidatePage(phone.page(), made["candidate_url"], "?lang=en&fidelity=1").page
    looked_at(page, "welcome")
    primary(page).click()
    switches = page.locator("candidate-consent input[role=switch]")
    expect(switches).to_have_count(3)
    assert [switch.is_checked() for switch in switches.all()] == [False] * 3
    looked_at(page, "consent")
    page.get_by_role("switch", name="Rating of my answers by AI").check()
    primary(page).click()

    # Faces were refused: a person is asked, and the way leads on to the devices.
    expect(primary(page)).to_be_enabled(timeout=30_000)
    [agreed] = until(server, session, "consent.given")
    assert (agreed["recording"], agreed["face"], agreed["scoring"]) == (False, False, True)
    assert until(server, session, "identity.human")[0]["decision"] == "requested"
    looked_at(page, "check")
    primary(page).click()
    [devices] = until(server, session, "device.checked")
    assert (devices["microphone"], devices["camera"]) == ("ok", "ok")

    looked_at(page, "practice")
    primary(page).click()
    expect(page.locator(".practice-question")).to_be_visible()
    looked_at(page, "practising")
    primary(page).click()
    expect(page.locator(".guide-lines")).to_contain_text(
        "2 structured questions, up to 2 minutes to think about each"
    )
    looked_at(page, "guide")
    assert page.evaluate("window.spoken") == []
    primary(page).click()

    # Thinking: the question is read, the clock runs, and stands still in a pause.
    expect(primary(page)).to_have_text("Start answering now")
    expect(page.locator("candidate-timer")).to_contain_text("to think")
    for _ in range(50):
        if page.evaluate("window.spoken.length"):
            break
        page.wait_for_timeout(100)
    assert page.evaluate("window.spoken") == [QUESTIONS[0]["text"]["en"]]  # type: ignore[index]
    looked_at(page, "thinking")
    hr(server, session, "extend", seconds=30)
    expect(page.locator(".notices")).to_contain_text("30 s more")
    hr(server, session, "pause", reason="not for the candidate")
    overlay = page.locator("dialog.paused")
    expect(overlay).to_be_visible()
    assert "not for the candidate" not in page.inner_text("body")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(overlay).to_be_visible()
    looked_at(page, "paused")
    before = page.text_content("candidate-timer")
    page.wait_for_timeout(2200)
    assert page.text_content("candidate-timer") == before
    hr(server, session, "resume")
    expect(overlay).to_be_hidden()

    primary(page).click()
    expect(primary(page)).to_have_text("Finish answer")
    hr(server, session, "interject", text="How many were you?")
    expect(page.locator(".asked-text")).to_have_text("How many were you?")
    looked_at(page, "answering")
    primary(page).click()
    page.get_by_role("button", name="Begin anew (1 left)").click()
    expect(primary(page)).to_have_text("Finish answer")
    expect(page.get_by_role("button", name="Begin anew")).to_be_hidden()
    primary(page).click()
    expect(primary(page)).to_have_text("Next question")
    primary(page).click()
    expect(page.locator(".question-number")).to_have_text("Question 2 of 2")
    expect(page.locator(".asked-text")).to_have_count(0)
    # Nobody presses anything: the server ends the time to think, then the time to answer.
    expect(page.locator("candidate-timer")).to_contain_text("Time is up")
    looked_at(page, "over")
    primary(page).click()
    page.click("candidate-interview dialog[aria-labelledby=finish-ask] .primary")
    page.wait_for_selector("candidate-done")
    looked_at(page, "done")

    for topic, mark in (("overall", 5), ("clarity", 4), ("technical", 3)):
        page.check(f"candidate-survey input[name={topic}][value='{mark}']")
    page.fill("candidate-survey textarea", "It was quiet.")
    looked_at(page, "survey")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".survey-thanks")).to_be_visible()
    [survey] = until(server, session, "survey.answered")
    assert survey["ratings"] == {"overall": 5, "clarity": 4, "technical": 3}
    assert survey["text"] == "It was quiet."

    page.click(".my-data summary")
    looked_at(page, "my-data")
    with page.expect_download() as copied:
        page.get_by_role("button", name="Download my data").click()
    assert copied.value.suggested_filename == f"interview-{session}.json"
    assert "survey.answered" in copied.value.path().read_text()
    page.locator(".consents .button").click()
    page.click("dialog[aria-labelledby=withdraw-ask] .primary")
    assert until(server, session, "consent.withdrawn")[0]["what"] == ["scoring"]
    page.get_by_role("button", name="Ask for a human review").click()
    until(server, session, "human-review.requested")
    # What was done is known after a reload as well.
    page.reload()
    expect(page.locator(".survey-thanks")).to_be_visible()
    page.click(".my-data summary")
    expect(page.locator(".consents")).to_contain_text("Taken back")
    expect(page.locator(".review")).to_contain_text("has been noted")

    log = [event["data"] for event in events(server, session)]
    assert [one["type"] for one in log].count("candidate.opened") == 1
    kinds = {"answering.started", "answer.finished", "answer.retried"}
    told = [(one["type"], one.get("question"), one.get("by")) for one in log if one["type"] in kinds]
    assert told[:6] == [
        ("answering.started", "team", "candidate"),
        ("answer.finished", "team", "candidate"),
        ("answer.retried", "team", None),
        ("answer.finished", "team", "candidate"),
        ("answering.started", "brief", "timeout"),
        ("answer.finished", "brief", "timeout"),
    ]
    order = ["candidate.opened", "consent.given", "device.checked", "practice.started", "practice.ended"]
    order += ["question.started", "session.paused", "session.resumed", "session.ended", "survey.answered"]
    firsts = [next(n for n, one in enumerate(log) if one["type"] == kind) for kind in order]
    assert firsts == sorted(firsts)
    assert not [fault for fault in phone.faults if "page error" in fault], phone.faults
    assert not phone.violations()


def test_a_pause_holds_nobody(server: ThreadedServer, phone: Watched) -> None:
    """Whoever paused may never come back: the candidate can take back what they agreed to, and go."""
    made = create(server, questions=QUESTIONS)
    session = made["id"]
    candidate = CandidatePage(phone.page(), made["candidate_url"], "?lang=en&fidelity=1")
    page = candidate.page
    candidate.agree()
    candidate.begin()
    expect(page.locator("candidate-timer")).to_contain_text("to think")
    hr(server, session, "pause")
    overlay = page.locator("dialog.paused")
    expect(overlay).to_be_visible()
    expect(page.locator("#paused-title")).to_be_focused()
    overlay.get_by_role("button", name="End interview").click()
    sure = page.get_by_role("dialog", name="Finish the interview?")
    expect(sure).to_be_visible()
    page.keyboard.press("Escape")
    expect(sure).to_be_hidden()
    expect(overlay).to_be_visible()
    # What is asked when the pause ends does not stay over the page.
    overlay.get_by_role("button", name="End interview").click()
    hr(server, session, "resume")
    expect(overlay).to_be_hidden()
    expect(page.locator("dialog[open]")).to_have_count(0)
    primary(page).click()
    expect(primary(page)).to_have_text("Finish answer")

    hr(server, session, "pause", id="hr-pause-2")
    expect(overlay).to_be_visible()
    overlay.locator("summary").click()
    looked_at(page, "paused-my-data")
    overlay.locator(".consents .button").last.click()
    page.get_by_role("dialog", name="Take back").get_by_role("button", name="Take back").click()
    until(server, session, "consent.withdrawn")
    expect(overlay.locator(".consents")).to_contain_text("Taken back")
    overlay.get_by_role("button", name="End interview").click()
    sure.get_by_role("button", name="Finish").click()
    page.wait_for_selector("candidate-done")
    expect(overlay).to_be_hidden()
    assert until(server, session, "session.ended")[0]["reason"] == "candidate"
    assert not [fault for fault in phone.faults if "page error" in fault], phone.faults
    assert not phone.violations()


def test_without_practice_and_survey(server: ThreadedServer, phone: Watched) -> None:
    """As a plan may have it: the guidance follows the devices, and nothing is asked after the end."""
    made = create(server, questions=QUESTIONS[1:], practice=False, survey=False)
    candidate = CandidatePage(phone.page(), made["candidate_url"], "?lang=en&fidelity=1")
    page = candidate.page
    candidate.agree()
    expect(page.locator("#steps")).not_to_contain_text("Practice")
    page.click("candidate-check .primary")
    expect(page.locator("candidate-guide h1")).to_be_visible()
    expect(page.locator("#steps [aria-current]")).to_have_text("Answers")
    looked_at(page, "guide-without-practice")
    primary(page).click()
    page.wait_for_selector("candidate-interview")
    hr(server, made["id"], "end")
    page.wait_for_selector("candidate-done")
    expect(page.locator("candidate-my-data")).to_be_visible()
    expect(page.locator("candidate-survey")).to_have_count(0)
    looked_at(page, "done-without-survey")
    kinds = {event["data"]["type"] for event in events(server, made["id"])}
    assert kinds.isdisjoint({"practice.started", "survey.answered"})
    assert not [fault for fault in phone.faults if "page error" in fault], phone.faults


def test_a_lost_connection_and_a_reload_keep_the_time_to_think(
    server: ThreadedServer, phone: Watched
) -> None:
    made = create(server, questions=QUESTIONS)
    candidate = CandidatePage(phone.page(), made["candidate_url"], "?lang=en&fidelity=1")
    page = candidate.page
    candidate.agree()
    candidate.begin()
    expect(page.locator("candidate-timer")).to_contain_text("to think")
    page.route("**/whip/*", lambda route: route.abort())
    page.evaluate(LOSE_PEER)
    expect(page.locator(".notices")).to_contain_text("Your answer is saved")
    page.unroute("**/whip/*")
    expect(page.locator(".notices .warn")).to_have_count(0, timeout=30_000)
    page.reload()
    page.wait_for_selector("candidate-welcome")
    candidate.agree()
    expect(page.locator("candidate-consent")).to_have_count(0)
    candidate.begin()
    expect(page.locator("candidate-timer")).to_contain_text("to think")
    expect(page.locator(".question-number")).to_have_text("Question 1 of 2")
    kinds = [event["data"]["type"] for event in events(server, made["id"])]
    assert kinds.count("consent.given") == 1
    assert kinds.count("question.started") == 1
    assert "answering.started" not in kinds
