"""Who may decide reads what the candidate said, decides and tells them; others read it. In a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from integrations.smtp import SmtpSettings
from tests.gateway.conftest import Json, Running, Start
from tests.gateway.desk_visitor import hire, set_up, visitor
from tests.gateway.test_result_notices import finished, told
from tests.gateway.test_result_page import _shot
from tests.gateway.test_result_page import browser as browser
from tests.mail import Mailbox

pytestmark = pytest.mark.browser
WORDS = "<b>fair</b> & clear"
DESKTOP, PHONE = (1440, 900), (390, 844)


async def _interviewed(running: Running) -> Json:
    """The candidate has answered the survey and asked for a review."""
    made = await finished(running)
    path, token = f"/api/v1/sessions/{made['session']}", made["candidate_token"]
    await running.until(made["session"], "result.ready")
    survey = {"ratings": {"overall": 4, "clarity": 5, "technical": 2}, "text": WORDS}
    assert (await running.call("POST", f"{path}/survey", survey, token=token))[0] == 200
    asked = {"reason": "the line was bad"}
    assert (await running.call("POST", f"{path}/review", asked, token=token))[0] == 200
    return made


async def _page(
    running: Running, browser: Browser, who: str, at: str, language: str, size: tuple[int, int]
) -> tuple[Page, list[str]]:
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]})
    async with visitor(running) as person:
        await person.sign_in(f"{who}@example.com")
        await context.add_cookies([{"name": "viva", "value": person.cookie, "url": running.server.url}])
    page = await context.new_page()
    page.set_default_timeout(60_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if re.search("no message", said.text) else None)
    await page.goto(f"{running.server.url}/hr?lang={language}#s={at}")
    await page.wait_for_selector("hr-decision .panel-head")
    return page, errors


async def _decide(page: Page, outcome: str, reason: str) -> None:
    await page.locator("hr-decision .panel-head .button").click()
    await page.locator(f"dialog[open] input[value='{outcome}']").check()
    await page.fill("dialog[open] textarea", reason)
    await page.click("dialog[open] .primary")
    await expect(page.locator("hr-decision .decided")).to_contain_text(reason)


@pytest.mark.parametrize(("language", "size"), [("zh", DESKTOP), ("en", PHONE)])
async def test_a_manager_decides_and_tells_the_candidate(
    start: Start, browser: Browser, language: str, size: tuple[int, int]
) -> None:
    mailbox = Mailbox()
    server, port = await mailbox.serve()
    smtp = SmtpSettings(host="127.0.0.1", port=port, security="plain", sender="hr@viva.example")
    running = await start(notices={"smtp": smtp, "every_s": 0.1})
    await set_up(running)
    await hire(running, "manager@example.com", "recruiting-manager")
    await hire(running, "reader@example.com", "hiring-manager")
    made = await _interviewed(running)
    zh = language == "zh"
    page, errors = await _page(running, browser, "manager", made["session"], language, size)

    decision, tell = page.locator("hr-decision"), page.locator("hr-tell")
    await expect(decision.locator(".notice")).to_contain_text("人工复核" if zh else "a person look")
    await expect(decision.locator(".notice")).to_contain_text("the line was bad")
    survey = page.locator("hr-result .survey")
    of = "{} / 5" if zh else "{} of 5"
    await expect(survey.locator("dd")).to_have_text([of.format(n) for n in (4, 5, 2)])
    await expect(survey.locator(".comment-text")).to_have_text(WORDS)
    await expect(survey.locator("b")).to_have_count(0)
    await expect(tell.get_by_role("button")).to_have_count(0)  # nothing was decided yet

    await _decide(page, "failed", "no example of their own")
    await expect(decision.locator(".decided")).to_contain_text("未通过" if zh else "Not passed")
    await expect(decision.locator(".decided")).to_contain_text("manager")
    await expect(decision.locator(".notice")).to_have_count(0)
    await expect(decision).to_contain_text("的决定答复" if zh else "answered it")
    await tell.get_by_role("button").click()
    mail = page.locator("dialog[open] .mail")
    await expect(mail).to_contain_text("李雷")
    await expect(mail).to_contain_text("很遗憾")
    await _shot(page, f"tell-{language}", whole=False)
    await page.click("dialog[open] .primary")
    await expect(tell.locator("li")).to_contain_text("已发送" if zh else "sent")
    await expect(tell.locator("li")).to_contain_text("manager")
    assert "很遗憾" in told(mailbox)[-1]

    await _decide(page, "passed", "heard the recording again")
    await expect(tell.locator(".notice")).to_contain_text("决定已更改" if zh else "has changed")
    await expect(decision.locator("details summary")).to_contain_text("1")
    await decision.locator("details summary").click()
    await expect(decision.locator("details li")).to_contain_text("no example of their own")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await _shot(page, f"decided-{language}")
    assert errors == []
    await page.context.close()

    # Everything that was done stands in the events, with the name of who did it.
    page, errors = await _page(running, browser, "manager", made["session"], language, size)
    await expect(page.locator("hr-timeline")).to_contain_text(
        "manager 决定：通过" if zh else "manager decided: passed"
    )
    assert errors == []
    await page.context.close()

    page, errors = await _page(running, browser, "reader", made["session"], language, size)
    decision = page.locator("hr-decision")
    await expect(decision.locator(".decided")).to_contain_text("heard the recording again")
    await expect(decision.get_by_role("button")).to_have_count(0)
    await expect(page.locator("hr-tell")).to_have_count(0)
    assert errors == []
    await page.context.close()
    server.close()


async def test_who_watches_is_listed_by_name(running: Running, browser: Browser) -> None:
    page = await browser.new_page()
    await page.goto(f"{running.server.url}/hr?lang=en#token")
    names = await page.evaluate("""async () => {
        const { ConductModel } = await import("/static/js/hr/conduct-model.js");
        const model = new ConductModel();
        const at = { at: "2026-03-01T00:00:00Z", media_time: 1 };
        const tell = (type, viewer, watching, by) =>
            model.apply({ ...at, data: { type, viewer, watching, by } }, () => {});
        const seen = [];
        const look = () => seen.push([...model.viewers.values()]);
        tell("viewer.joined", 1, 1, "Wang Fang");
        tell("viewer.joined", 2, 2, "Li Jing");
        look();
        tell("viewer.left", 1, 1, "Wang Fang");
        look();
        tell("viewer.joined", 1, 1, "Sun Hao"); // after a failure, counted anew
        look();
        return seen;
    }""")
    assert names == [["Wang Fang", "Li Jing"], ["Li Jing"], ["Sun Hao"]]
    await page.close()
