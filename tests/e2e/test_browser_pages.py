"""The pages where something is missing, on a small screen, in both languages; the event stream's parser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import FOREIGN_HOST
from tests.e2e.pages import PHONE, Watched, create
from tests.e2e.threaded import ThreadedServer

pytestmark = pytest.mark.browser

NO_WEBRTC = "delete window.RTCPeerConnection;"
DENIED = """
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
"""
NO_CAMERA = """
    const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wanted) =>
        wanted.video ? Promise.reject(new DOMException("no", "NotFoundError")) : getUserMedia(wanted);
"""


@pytest.fixture
def phone(browser: Browser) -> Iterator[Watched]:
    watched = Watched(browser, PHONE)
    yield watched
    watched.close()


def candidate_url(server: ThreadedServer, language: str = "en") -> str:
    return str(create(server)["candidate_url"]).replace("#", f"?lang={language}#")


def opened(phone: Watched, url: str, element: str) -> Page:
    page = phone.page()
    page.goto(url)
    page.wait_for_selector(element)
    return page


def test_a_page_without_tls_says_why_and_what_to_do(live_server: ThreadedServer, phone: Watched) -> None:
    url = candidate_url(live_server).replace("127.0.0.1", FOREIGN_HOST)
    page = opened(phone, url, "candidate-blocked")
    text = page.inner_text("main")
    assert "HTTPS or on localhost" in text
    assert f"http://{FOREIGN_HOST}" in text
    assert page.input_value("viva-copy input").startswith(f"https://{FOREIGN_HOST}")


def test_a_browser_without_webrtc_offers_the_link(live_server: ThreadedServer, phone: Watched) -> None:
    phone.context.add_init_script(NO_WEBRTC)
    url = candidate_url(live_server)
    page = opened(phone, url, "candidate-blocked")
    assert "in-app browser" in page.inner_text("h1")
    assert page.input_value("viva-copy input") == url


def test_a_refused_camera_is_explained_and_can_be_tried_again(
    live_server: ThreadedServer, phone: Watched
) -> None:
    phone.context.add_init_script(DENIED)
    page = opened(phone, candidate_url(live_server), "candidate-welcome")
    page.click("candidate-welcome .primary")
    page.click("candidate-consent .actions .primary")
    expect(page.locator("candidate-check .trouble").first).to_contain_text("allow camera and microphone")
    expect(page.locator("candidate-check .trouble").first.locator("button")).to_have_text("Try again")
    expect(page.locator("candidate-check .actions .primary")).to_be_hidden()
    expect(page.locator("candidate-elsewhere")).to_contain_text("Open in browser")
    assert page.input_value("candidate-elsewhere input") == page.url  # a link that no device is bound by


def test_without_a_camera_the_microphone_is_enough(live_server: ThreadedServer, phone: Watched) -> None:
    phone.context.add_init_script(NO_CAMERA)
    page = opened(phone, candidate_url(live_server), "candidate-welcome")
    page.click("candidate-welcome .primary")
    page.click("candidate-consent .actions .primary")
    expect(page.locator("candidate-check .trouble").first).to_contain_text("No camera found")
    expect(page.locator("candidate-check .primary")).to_be_enabled(timeout=30_000)


@pytest.mark.parametrize("fragment", ["", "#s=unknown"])
def test_an_incomplete_link_says_so(live_server: ThreadedServer, phone: Watched, fragment: str) -> None:
    page = opened(phone, f"{live_server.url}/candidate?lang=en{fragment}", "candidate-blocked")
    assert page.inner_text("h1") == "The link is incomplete"


def test_a_wrong_token_is_refused_in_words(live_server: ThreadedServer, phone: Watched) -> None:
    page = opened(phone, f"{live_server.url}/candidate?lang=en#s=x&t=wrong", "candidate-blocked")
    assert page.inner_text("h1") == "The interview cannot be opened now"
    assert len(page.inner_text("main").splitlines()) >= 2


def test_hr_without_a_token_asks_for_one(live_server: ThreadedServer, phone: Watched) -> None:
    page = opened(phone, f"{live_server.url}/hr?lang=en#token", "hr-token")
    page.fill("hr-token input", live_server.token)
    page.click("hr-token .primary")
    page.wait_for_selector("hr-sessions .list-head")


def test_hr_makes_an_interview_and_its_link_opens(live_server: ThreadedServer, phone: Watched) -> None:
    page = opened(phone, f"{live_server.url}/hr?lang=zh#t={live_server.token}", "hr-sessions .new-interview")
    page.click(".new-interview")
    page.fill("hr-new input[name=candidate]", "韩梅梅 <b>&")
    page.click("hr-new form .primary")
    page.wait_for_selector("hr-new viva-copy")
    link = page.input_value("hr-new viva-copy input")
    page.click("hr-new .primary[href]")
    expect(page.locator("hr-session h1")).to_have_text("韩梅梅 <b>&")
    candidate = opened(phone, link, "candidate-welcome")
    expect(candidate.locator("h1")).to_contain_text("韩梅梅 <b>&")
    assert phone.faults == []


def test_the_language_is_one_tap_away_and_remembered(live_server: ThreadedServer, phone: Watched) -> None:
    url = str(create(live_server, language="zh")["candidate_url"])
    page = opened(phone, url, "candidate-welcome")
    assert page.get_attribute("html", "lang") == "zh-CN"
    expect(page.locator("candidate-welcome .primary")).to_have_text("继续")
    page.click("viva-language button")
    expect(page.locator("candidate-welcome .primary")).to_have_text("Continue")
    assert "您" not in page.inner_text("body")
    page.reload()
    expect(page.locator("candidate-welcome .primary")).to_have_text("Continue")


def test_both_languages_say_the_same_things(live_server: ThreadedServer, phone: Watched) -> None:
    page = opened(phone, f"{live_server.url}/hr#token", "hr-token")
    tables = page.evaluate(
        """async () => {
            const load = async (name) => (await import(`/static/js/messages/${name}.js`)).default;
            return [await load("zh"), await load("en")];
        }"""
    )
    zh, en = tables
    assert {key for key in en if not key.endswith("#one")} == set(zh)
    for key, text in zh.items():
        placeholders = {part.split("}")[0] for part in text.split("{")[1:]}
        assert placeholders == {part.split("}")[0] for part in en[key].split("{")[1:]}, key


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_fit_a_small_phone_and_a_thumb(
    live_server: ThreadedServer, phone: Watched, language: str
) -> None:
    def fits(page: Page) -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        small = page.evaluate(
            """[...document.querySelectorAll("button, a.button, input, select, summary")]
                .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
                .filter(([, box]) => box.width && (box.height < 44 || box.width < 44))
                .map(([html]) => html)"""
        )
        assert small == []

    page = opened(phone, candidate_url(live_server, language), "candidate-welcome")
    fits(page)
    page.click("candidate-welcome .primary")
    page.wait_for_selector("candidate-consent")
    fits(page)
    page.check("candidate-consent input[name=face]")
    page.click("candidate-consent .actions .primary")
    page.wait_for_selector("candidate-identity")
    expect(page.locator("candidate-identity .consent .button >> nth=0")).to_be_enabled()
    fits(page)
    page.click("candidate-identity .actions .button:not(.primary)")
    page.click("candidate-identity .actions .primary")
    expect(page.locator("candidate-check .primary")).to_be_enabled(timeout=30_000)
    fits(page)
    page.click("candidate-check .primary")
    page.wait_for_selector("candidate-practice")
    fits(page)
    page.click("candidate-practice .actions .button:not(.primary)")
    page.wait_for_selector("candidate-guide")
    fits(page)
    page.click("candidate-guide .actions .primary")
    page.wait_for_selector("candidate-interview")
    fits(page)
    hr = opened(phone, f"{live_server.url}/hr?lang={language}#t={live_server.token}", ".session-list a")
    fits(hr)
    hr.click(".session-list a >> nth=0")
    hr.wait_for_selector("hr-session hr-timeline")
    fits(hr)


STREAM = ': ping\r\n\r\nid: 7\r\nevent: a\r\ndata: {"x":\r\ndata: "问题"}\r\n\r\ndata:last\n\nid: 9\n\n'


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_the_event_stream_is_read_wherever_it_breaks(
    live_server: ThreadedServer, phone: Watched, size: int
) -> None:
    page = opened(phone, f"{live_server.url}/hr#token", "hr-token")
    messages = page.evaluate(
        """async ([text, size]) => {
            const { EventParser } = await import("/static/js/events.js");
            const bytes = new TextEncoder().encode(text);
            const parser = new EventParser();
            const found = [];
            for (let at = 0; at < bytes.length; at += size)
                found.push(...parser.push(bytes.slice(at, at + size)));
            return found;
        }""",
        [STREAM, size],
    )
    assert messages == [
        {"id": "7", "event": "a", "data": '{"x":\n"问题"}'},
        {"id": None, "event": "message", "data": "last"},
    ]
