"""An invitation's link in a real browser: shown, begun on one device, refused on another."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from interviews.events import EndReason, QuestionStarted
from tests.gateway.conftest import Running
from tests.gateway.test_invitations import invite, state
from tests.gateway.test_result_page import browser as browser

pytestmark = pytest.mark.browser
DENIED = """
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
"""


async def test_the_link_on_two_devices(running: Running, browser: Browser) -> None:
    [made] = await invite(running, {"name": "Li Lei", "email": "li@example.com", "language": "en"})
    errors: list[str] = []

    async def device() -> Page:
        page = await (await browser.new_context()).new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(made["link"])
        return page

    phone, friend = await device(), await device()
    await expect(phone.locator("candidate-link h1")).to_have_text("Sales")
    assert await state(running, made) == "opened"
    await phone.get_by_role("button", name="Start on this device").click()
    await expect(phone.locator("candidate-welcome h1")).to_contain_text("Li Lei")
    await phone.reload()
    await expect(phone.locator("candidate-welcome h1")).to_contain_text("Li Lei")
    # The other page was open before: it may show the link, and is refused when it would begin.
    await friend.get_by_role("button", name="Start on this device").click()
    await expect(friend.get_by_role("alert")).to_contain_text("another device")
    await friend.reload()
    await expect(friend.locator("candidate-blocked")).to_contain_text("另一台设备")
    assert await state(running, made) == "bound"
    assert errors == []


async def test_the_end_is_told_as_it_was(running: Running, browser: Browser) -> None:
    """Cut off before a question, or after one; ended without one: no thanks for what is not there."""
    errors: list[str] = []
    ends: tuple[tuple[EndReason, bool, str, str], ...] = (
        ("grace-expired", False, "cut off", "no answers"),
        ("server-stopped", True, "cut off", "Your answers up to there are saved"),
        ("hr", False, "has ended", "no answers"),
        ("candidate", True, "complete", "Your answers are saved"),
    )
    for number, (reason, asked, title, said) in enumerate(ends):
        invitee = {"name": "Li Lei", "email": f"li{number}@example.com", "language": "en"}
        [made] = await invite(running, invitee)
        page = await (await browser.new_context()).new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(f"{made['link']}?lang=en")
        await page.get_by_role("button", name="Start on this device").click()
        await expect(page.locator("candidate-welcome h1")).to_contain_text("Li Lei")
        session = await running.server.service.registry.running(made["session"])
        if asked:
            assert session.state.created is not None
            await session.record(QuestionStarted(question=session.state.created.questions[0].id))
        await session.end(reason)
        for again in (False, True):  # as it comes, and when the page is opened later
            if again:
                await page.reload()
            await expect(page.locator("candidate-done h1")).to_contain_text(title)
            await expect(page.locator("candidate-done > p").first).to_contain_text(said)
    assert errors == []


async def test_an_app_that_keeps_the_camera_hands_over_to_a_browser(
    running: Running, browser: Browser
) -> None:
    [made] = await invite(running, {"name": "Li Lei", "email": "li@example.com", "language": "en"})
    errors: list[str] = []

    async def opened(link: str, *scripts: str) -> Page:
        page = await (await browser.new_context()).new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        for script in scripts:
            await page.add_init_script(script)
        await page.goto(link)
        return page

    app = await opened(made["link"], DENIED)
    await app.get_by_role("button", name="Start on this device").click()
    await app.click("candidate-welcome .primary")
    await app.click("candidate-consent .actions .primary")
    copied = app.locator("candidate-elsewhere input")
    await expect(copied).to_have_value(re.compile(f"^{re.escape(made['link'])}#from="))
    link = await copied.input_value()
    # What the app shows as its own address stays refused; what it hands over opens once.
    forwarded = await opened(made["link"])
    await expect(forwarded.locator("candidate-blocked")).to_contain_text("另一台设备")
    there = await opened(link)
    await there.get_by_role("button", name="Start on this device").click()
    await expect(there.locator("candidate-welcome h1")).to_contain_text("Li Lei")
    assert there.url == made["link"]
    await there.reload()
    await expect(there.locator("candidate-welcome h1")).to_contain_text("Li Lei")
    late = await opened(link)
    await expect(late.locator("candidate-blocked")).to_contain_text("重新复制")
    await app.reload()
    await expect(app.locator("candidate-blocked")).to_contain_text("另一台设备")
    assert errors == []
