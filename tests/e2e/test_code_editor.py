"""Code in the browser, on a phone and a desktop: written, run, lost and found again, submitted, reported."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.browser import COLLECT_PEERS, CandidatePage
from bench.screens.coding import TASK
from gateway.code_runner import sandbox
from gateway.code_settings import CodeSettings
from media.settings import MediaSettings
from tests.e2e.pages import DESKTOP, Watched, call, create, events
from tests.e2e.test_wall_page import fits, until
from tests.e2e.threaded import ThreadedServer

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
PICTURES = os.environ.get("VIVA_PICTURES")
QUESTIONS: list[dict[str, Any]] = [
    TASK,
    {"id": "own-time", "text": {"en": "And our own time?", "zh": "今天呢？"}, "answer_s": 60},
]
# Right for the examples alone.
CHEAT = "numbers = input().split()\nprint({'1': 6, '4': 4}.get(numbers[0], 7))\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadedServer]:
    media = MediaSettings(ice_hosts=("127.0.0.1",))
    data = tmp_path_factory.mktemp("data")
    with ThreadedServer(None, data, media=media, code=CodeSettings(nice=0)) as threaded:
        yield threaded


def looked_at(page: Page, name: str) -> None:
    assert fits(page), name
    small = page.evaluate(
        """[...document.querySelectorAll("button, input, select, summary")]
            .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.height < 44 || box.width < 44)).map(([html]) => html)"""
    )
    assert small == [], name
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def runs_here() -> bool:
    try:
        sandbox.tools()
    except sandbox.NoSandbox:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "viewport", "language"), [("phone", PHONE, "zh"), ("desktop", DESKTOP, "en")]
)
def test_from_the_first_line_to_the_report(
    server: ThreadedServer, browser: Browser, name: str, viewport: dict[str, int], language: str
) -> None:
    watched = Watched(browser, viewport, COLLECT_PEERS)
    try:
        made = create(server, questions=QUESTIONS, language=language)
        session = made["id"]
        candidate = CandidatePage(watched.page(), made["candidate_url"], f"?lang={language}&fidelity=1")
        page = candidate.page
        candidate.agree()
        candidate.begin()
        editor = page.locator("candidate-editor")
        text = editor.locator("textarea")
        expect(text).to_have_value("numbers = input().split()\n")
        expect(text).to_be_editable()
        expect(editor.locator(".code-example")).to_have_count(2)

        # The keyboard: Tab indents, Enter keeps the indentation, Escape and Tab leave.
        text.fill("if True:")
        text.press("End")
        text.press("Enter")
        page.keyboard.type("print(1)")
        assert text.input_value() == "if True:\n    print(1)"
        text.press("Tab")
        assert text.input_value().endswith("print(1)    ")
        text.press("Escape")
        text.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "BUTTON"

        text.fill(CHEAT)
        until(server, session, "code.saved")
        expect(editor.locator(".code-state")).to_have_text({"zh": "已保存", "en": "Saved"}[language])
        looked_at(page, f"{name}-written")

        # Nothing reaches the server: what is written is there after a reload, and is sent.
        page.route(
            "**/code", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
        )
        text.fill(CHEAT + "# unsent\n")
        expect(editor.locator(".code-state")).to_contain_text(
            {"zh": "尚未保存", "en": "Not saved yet"}[language]
        )
        page.unroute("**/code")
        page.reload()
        page.wait_for_selector("candidate-welcome")
        candidate.agree()
        candidate.begin()
        expect(text).to_have_value(CHEAT + "# unsent\n")
        expect(editor.locator(".code-state")).to_have_text({"zh": "已保存", "en": "Saved"}[language])

        editor.get_by_role("button", name={"zh": "运行", "en": "Run"}[language]).click()
        if runs_here():
            expect(editor.locator(".code-summary")).to_be_visible(timeout=60_000)
            expect(editor.locator(".verdict.good")).to_have_count(2)
        else:
            expect(editor.locator(".code-results")).to_contain_text(
                {"zh": "未运行", "en": "Not run"}[language]
            )
        looked_at(page, f"{name}-run")
        assert "-1 1" not in page.content()

        # On the other side the code is read as it is written.
        hr = watched.page()
        hr.set_viewport_size(DESKTOP)
        hr.goto(made["hr_url"].replace("/hr", f"/hr?lang={language}", 1))
        expect(hr.locator("hr-code pre.code-shown").first).to_have_text(CHEAT + "# unsent\n")
        if PICTURES:
            hr.locator("hr-code").screenshot(path=f"{PICTURES}/{name}-hr-live.png")

        # Going on submits what there is.
        text.fill(CHEAT + "# last\n")
        page.locator("main .actions .primary").click()
        expect(page.locator(".question-number")).to_contain_text("2")
        expect(editor).to_be_hidden()
        submitted = until(server, session, "code.submitted")
        assert [one["source"] for one in submitted] == [CHEAT + "# last\n"]
        checked = until(server, session, "code.checked")
        assert len(checked) == 1
        assert [one["verdict"] for one in checked[0]["results"]] == (
            ["passed", "passed", "wrong"] if runs_here() else []
        )
        own = call(server, "GET", f"/api/v1/sessions/{session}/events", token=made["candidate_token"])
        assert "code.checked" not in {one["data"]["type"] for one in own["events"]}
        assert "-1 1" not in str(own)

        call(server, "POST", f"/api/v1/sessions/{session}/end")
        until(server, session, "result.ready")
        expect(hr.locator(".code-report")).to_be_visible(timeout=60_000)
        if runs_here():
            expect(hr.locator(".code-report tbody tr")).to_have_count(3)
            report = call(server, "GET", f"/api/v1/sessions/{session}/report")
            [score] = [one for one in report["scores"]["answers"] if one["question"] == "sum"]
            assert score["score"] == 50.0
            assert score["measures"][0]["name"] == "code_correctness"
        if PICTURES:
            hr.locator(".code-report").scroll_into_view_if_needed()
            hr.screenshot(path=f"{PICTURES}/{name}-hr-result.png")
        assert events(server, session)
        assert not [fault for fault in watched.faults if "page error" in fault], watched.faults
        assert not watched.violations()
    finally:
        watched.close()
