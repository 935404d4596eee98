"""HR's pages in a real browser, without models: the live wall, and conducting an interview."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.browser import CandidatePage
from media.settings import MediaSettings
from tests.e2e.pages import DESKTOP, Watched, call, create, events
from tests.e2e.threaded import ThreadedServer

pytestmark = pytest.mark.browser
LOSE_SOCKET = """
    window.sockets = [];
    const Socket = window.WebSocket;
    window.WebSocket = class extends Socket {
        constructor(...given) { super(...given); window.sockets.push(this); }
    };
"""
REPLAY = """async ([session, token]) => {
    const { Channel } = await import("/static/js/channel.js");
    const { Commands } = await import("/static/js/commands.js");
    const channel = new Channel({ session, token });
    const commands = new Commands(channel, null);
    await new Promise((resolve) => channel.addEventListener("open", resolve, { once: true }));
    // The connection goes in the moment in which the command is sent: it may have arrived or not.
    const asked = commands.send("annotate", { text: "sent twice", tags: [] });
    channel.socket.close();
    const event = await asked;
    const stale = await commands.send("next", { after: 1 }).catch((refused) => refused);
    channel.stop();
    return { seq: event.seq, stale: stale.stale, question: stale.state?.question };
}"""
OFFSET = """async () => {
    const { ServerClock } = await import("/static/js/server-clock.js");
    const clock = new ServerClock().start();
    for (let i = 0; i < 100 && !(clock.uncertainty < 100); i += 1)
        await new Promise((done) => setTimeout(done, 100));
    clock.stop();
    clock.heard({ at: new Date(Date.now() - 5000).toISOString() }); // late: tells nothing new
    const told = new ServerClock();
    told.heard({ at: new Date(Date.now()).toISOString() });
    return { off: clock.now - Date.now(), uncertainty: clock.uncertainty, told: told.now - Date.now() };
}"""

OUTAGE = """async ([session, token]) => {
    const { Channel } = await import("/static/js/channel.js");
    const told = [];
    const onEvent = ({ seq, data }) => told.push([seq, data.type]);
    const channel = new Channel({ session, token, after: 100, onEvent });
    await new Promise((resolve) => channel.addEventListener("open", resolve, { once: true }));
    const { socket } = channel;
    const hear = (seq, media_time, payload) => {
        const data = JSON.stringify({ seq, media_time, data: payload });
        socket.dispatchEvent(new MessageEvent("message", { data }));
    };
    const more = { type: "time.extended", seconds: 30 }, level = { type: "sound.level", dbfs: -20 };
    hear(0, 5, more); // shown while storage refuses
    hear(0, 5, level);
    hear(0, 5, level);
    hear(101, 5, more); // and again once it is on the log
    hear(102, 5, more); // another just like it
    channel.stop();
    return { told, after: channel.seq };
}"""
MEDIA_CLOCK = """async () => {
    const { MediaNow } = await import("/static/js/hr/media-now.js");
    const server = { now: Date.parse("2026-06-01T09:00:00Z") }, clock = new MediaNow(server), told = [];
    const began = server.now, at = (second) => new Date(began + 1000 * second).toISOString();
    told.push(clock.now);
    clock.read({ at: at(0), media_time: 10 });
    const heard = (second, noted, media_time, seq = 0) => {
        server.now = began + 1000 * second;
        clock.heard({ seq, at: at(noted), media_time });
        told.push(Math.round(10 * clock.now) / 10);
    };
    heard(3, 0.6, 10.6); // long on its way
    heard(4, 3.9, 10.5); // noted long after its sound
    heard(5, 5, 15.2); // the answer before had been made late
    heard(6, 6, 30, 7); // from the log, which tells of other clocks
    clock.lost();
    heard(26, 26, 20); // taken up by another gateway, further back
    heard(27, 27, 21);
    return told;
}"""

# A wall of one interview for each way to need somebody, in the order in which it is shown.
ATTENTION = """async () => {
    const { attention, byAttention } = await import("/static/js/hr/attention.js");
    const questions = [{ id: "one", kind: "structured" }, { id: "two", kind: "live" }];
    const view = (more, conduct = {}) => ({
        state: "live", questions, concerns: [], created_at: "2026", media_time: 5, ...more,
        conduct: { question: "one", running: true, paused: false, ...conduct },
    });
    const calm = { picture: "ok", sound: "ok", faces: 1, conduct: { alarming: () => false } };
    const model = (more) => ({ ...calm, ...more });
    const wall = [
        [view({ state: "created" })], [view({})], [view({}, { paused: true })],
        [view({}), model({ conduct: { alarming: () => true } })], [view({}), model({ sound: "silent" })],
        [view({}), model({ faces: 2 })], [view({}), model({ faces: 0 })], [view({ concerns: ["attack"] })],
        [view({ concerns: ["no-match", "attack"] }), model({ faces: 0 })],
        [view({ concerns: ["somebody-else"] })], [view({ state: "disconnected" })],
        [view({ concerns: ["human-check", "no-match"] }, { paused: true })],
        [view({}, { question: "two" })], [view({}, { question: "two", running: false, paused: true })],
        [view({}, { question: "two" }), model({ talking: true })],
    ];
    const told = wall.map(([view, model = null]) => ({ view, need: attention(view, model) }));
    return told.sort(byAttention).map(({ need }) => need);
}"""
WHOLE = """async () => {
    const { standing, whole } = await import("/static/js/hr/standing.js");
    const questions = [
        { think_s: 0, answer_s: 120 }, { think_s: 30, answer_s: 60 },
        { think_s: 0, answer_s: 0.5 }, { think_s: 10, answer_s: 300 },
    ];
    const at = (phase, question, remaining) => whole({ phase, question, remaining }, questions);
    const told = (left) => standing({
        phase: "answering", question: 4, total: 4, remaining: 12, paused: false, connected: true, whole: left,
    });
    return [
        at("idle", 0, 0), at("answering", 1, 90), at("over", 1, 55),
        at("thinking", 2, 20), at("answering", 4, 12), at("over", 4, 0),
        told(12), told(700), told(0),
    ];
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadedServer]:
    media = MediaSettings(ice_hosts=("127.0.0.1",))
    with ThreadedServer(None, tmp_path_factory.mktemp("data"), media=media) as threaded:
        yield threaded


@pytest.fixture
def desk(browser: Browser) -> Iterator[Watched]:
    watched = Watched(browser, DESKTOP, LOSE_SOCKET)
    yield watched
    watched.close()


def until(server: ThreadedServer, session: str, type_: str, count: int = 1) -> list[dict[str, Any]]:
    """The payloads of that type on the log, once there are so many."""
    found: list[dict[str, Any]] = []
    for _ in range(600):
        found = [event["data"] for event in events(server, session) if event["data"]["type"] == type_]
        if len(found) >= count:
            return found
        time.sleep(0.1)
    pytest.fail(f"{len(found)} of {count} {type_}")


def begun(server: ThreadedServer, desk: Watched) -> Any:
    made = create(server)
    candidate = CandidatePage(desk.page(), made["candidate_url"], "?lang=en&fidelity=1")
    candidate.agree()
    candidate.begin()
    until(server, made["id"], "question.started")
    return made


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_hr_annotates_pauses_and_asks(server: ThreadedServer, desk: Watched) -> None:
    made = begun(server, desk)
    session = made["id"]
    hr = desk.page()
    hr.goto(f"{server.url}/hr?lang=en#s={session}&t={server.token}")
    expect(hr.locator(".standing")).to_contain_text("Question 1 of 2")
    expect(hr.locator("hr-watermark span").first).to_contain_text("operator token ·")
    expect(hr.locator(".lag")).to_contain_text("ms behind live")
    print(hr.text_content(".lag"))

    hr.keyboard.press("n")
    field = hr.locator("hr-annotations textarea")
    expect(field).to_be_focused()
    hr.keyboard.press("Escape")
    expect(field).to_be_hidden()
    hr.keyboard.press("n")
    hr.keyboard.type("calm under pressure")
    hr.locator("hr-annotations input").fill("composure, follow up")
    hr.keyboard.press("Enter")
    [added] = until(server, session, "annotation.added")
    assert (added["text"], added["tags"]) == ("calm under pressure", ["composure", "follow up"])
    assert 0 < added["media_time"] <= call(server, "GET", f"/api/v1/sessions/{session}")["media_time"]

    hr.get_by_role("button", name="Edit", exact=True).click()
    field.fill("very calm")
    hr.keyboard.press("Enter")
    [edited] = until(server, session, "annotation.edited")
    assert (edited["id"], edited["text"]) == (added["id"], "very calm")
    assert edited["media_time"] == added["media_time"]
    hr.locator("hr-annotations summary").click()
    expect(hr.locator("hr-annotations details")).to_contain_text("calm under pressure")

    hr.locator(".reason input").fill("line noise")
    hr.get_by_role("button", name="Pause", exact=True).click()
    expect(hr.locator(".standing")).to_contain_text("the clock stands still")
    before = hr.text_content(".standing")
    hr.wait_for_timeout(2200)
    assert hr.text_content(".standing") == before
    assert until(server, session, "session.paused")[0]["reason"] == "line noise"
    hr.get_by_role("button", name="Resume", exact=True).click()
    until(server, session, "session.resumed")

    hr.get_by_role("button", name="30 s more").click()
    assert until(server, session, "time.extended")[0]["seconds"] == 30
    hr.locator(".session-name h1").click()
    hr.keyboard.press("i")
    hr.keyboard.type("Why that road?")
    hr.keyboard.press("Enter")
    assert until(server, session, "question.interjected")[0]["text"] == "Why that road?"

    hr.get_by_role("button", name="Delete", exact=True).click()
    assert until(server, session, "annotation.deleted")[0]["id"] == added["id"]
    expect(hr.locator("hr-annotations [data-deleted]")).to_contain_text("Deleted by")

    hr.get_by_role("button", name="End interview").first.click()
    hr.locator("dialog[aria-labelledby=end-ask] .primary").click()
    assert until(server, session, "session.ended")[0]["reason"] == "hr"
    assert not [fault for fault in desk.faults if "page error" in fault], desk.faults
    assert not desk.violations()


def test_a_command_lost_with_its_connection_is_done_once(server: ThreadedServer, desk: Watched) -> None:
    made = begun(server, desk)
    page = desk.page()
    page.goto(f"{server.url}/hr?lang=en#token")
    call(server, "POST", f"/api/v1/sessions/{made['id']}/next")
    told = page.evaluate(REPLAY, [made["id"], server.token])
    added = [one for one in events(server, made["id"]) if one["data"]["type"] == "annotation.added"]
    assert [one["seq"] for one in added] == [told["seq"]]
    assert told["stale"] is True
    assert told["question"] == "own-time"
    clock = page.evaluate(OFFSET)
    assert abs(clock["off"]) <= clock["uncertainty"] + 20
    assert clock["uncertainty"] < 100
    assert abs(clock["told"]) < 100  # an event's own time alone tells nearly as much


def test_what_storage_owed_is_not_told_twice(server: ThreadedServer, desk: Watched) -> None:
    page = desk.page()
    page.goto(f"{server.url}/hr?lang=en#token")
    found = page.evaluate(OUTAGE, [create(server)["id"], server.token])
    more, level = "time.extended", "sound.level"
    assert found == {"told": [[0, more], [0, level], [0, level], [102, more]], "after": 102}


def test_the_media_clock_is_not_moved_by_what_comes_late(server: ThreadedServer, desk: Watched) -> None:
    page = desk.page()
    page.goto(f"{server.url}/hr?lang=en#token")
    assert page.evaluate(MEDIA_CLOCK) == [None, 13, 14, 15.2, 16.2, 20, 21]


def test_the_wall_puts_whoever_waits_for_a_person_first(server: ThreadedServer, desk: Watched) -> None:
    page = desk.page()
    page.goto(f"{server.url}/hr?lang=en#token")
    assert page.evaluate(ATTENTION) == [
        "turn",
        "away",
        "human-check",
        "somebody-else",
        "no-match",
        "attack",
        "no-face",
        "several",
        "silent",
        "alarm",
        "paused",
        "paused",
        "live",
        "live",
        "created",
    ]


def test_the_time_left_is_that_of_all_questions_to_come(server: ThreadedServer, desk: Watched) -> None:
    page = desk.page()
    page.goto(f"{server.url}/hr?lang=en#token")
    *left, ending, long, none = page.evaluate(WHOLE)
    assert left == [520.5, 490.5, 400.5, 390.5, 12, 0]
    assert ending == "Question 4 of 4 · answering, 0:12 left · about 1 min left in all"
    assert long.endswith(" · about 12 min left in all")
    assert none == "Question 4 of 4 · answering, 0:12 left"


def test_the_wall_shows_who_needs_a_person_first(server: ThreadedServer, desk: Watched) -> None:
    create(server, candidate="Not yet here")
    made = begun(server, desk)
    page = desk.page()
    page.goto(f"{server.url}/hr?lang=en#/wall&t={server.token}")
    assert page.url.endswith("#/wall")
    mine = page.locator(f"hr-tile:has(a[href='#s={made['id']}'])")
    expect(mine).to_contain_text("Question 1 of 2")
    expect(mine).to_contain_text("min left in all")
    expect(mine.locator(".chip")).to_have_text("Check identity")
    expect(mine.locator(".tile-over")).to_be_hidden(timeout=60_000)
    asked = {"command": "pause", "id": "from-a-script"}
    call(server, "POST", f"/api/v1/sessions/{made['id']}/commands", asked)
    expect(mine.locator(".chip")).not_to_have_text("Live")
    expect(mine).to_contain_text("the clock stands still")
    first = page.locator("hr-tile").first
    expect(first.locator(".chip")).not_to_have_text("Not started")
    expect(page.locator("hr-tile").last).to_contain_text("Not yet here")
    page.set_viewport_size({"width": 360, "height": 740})
    assert fits(page)
    mine.locator("a").click()
    expect(page.locator("hr-session h1")).to_have_text("Lin Xiaoyu")
    expect(page.locator(".standing")).to_contain_text("paused")
    assert fits(page)
    page.go_back()
    expect(page.locator("hr-wall h1")).to_be_visible()
    assert not [fault for fault in desk.faults if "page error" in fault], desk.faults
