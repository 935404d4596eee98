"""An administrator keeps people, branches and the trail in a real browser, and looks after the server."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from bench.browser import FLAGS, BrowserMissing, executable
from tests.gateway.conftest import Running
from tests.gateway.desk_visitor import CHIEF, PASSWORD, set_up

pytestmark = pytest.mark.browser
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    try:
        path = executable()
    except BrowserMissing as missing:
        pytest.skip(str(missing))
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        await started.close()


async def signed_in(browser: Browser, running: Running, errors: list[str], email: str) -> Page:
    context = await browser.new_context(viewport=DESKTOP)  # type: ignore[arg-type]
    context.set_default_timeout(60_000)
    page = await context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if re.search("no message", said.text) else None)
    await page.goto(f"{running.server.url}/signin?lang=en")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/hr*")
    await page.goto(f"{running.server.url}/hr?lang=en")
    return page


async def test_people_branches_trail_and_server(running: Running, browser: Browser) -> None:
    await set_up(running)
    errors: list[str] = []
    page = await signed_in(browser, running, errors, CHIEF)
    await page.get_by_role("link", name="Organisation").click()
    await page.get_by_role("link", name="Branches").click()
    await page.get_by_role("button", name="Add a branch").click()
    await page.get_by_label("Name in English").fill("Europe")
    await page.get_by_label("Policy of the region").select_option("EU")
    await page.get_by_role("button", name="Save").click()
    europe = page.locator(".branch-tree > li", has_text="Europe")
    await expect(europe).to_contain_text("European Union")

    await page.get_by_role("link", name="People").click()
    await page.get_by_role("button", name="Add a person").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("Rosa Recruiter")
    await dialog.get_by_label("E-mail address").fill("rosa@example.com")
    await dialog.get_by_label("Branch").select_option(label="Europe")
    await dialog.get_by_label("Password").fill("short")
    await dialog.get_by_role("button", name="Add").click()
    await expect(
        dialog.get_by_role("alert")
    ).not_to_be_empty()  # too short: said in the form, nothing is lost
    await dialog.get_by_label("Password").fill(PASSWORD)
    await dialog.get_by_role("button", name="Add").click()
    row = page.locator("tr", has_text="Rosa Recruiter")
    await expect(row).to_contain_text("Europe")

    # Who signed in elsewhere is out at once when an administrator says so.
    other = await signed_in(browser, running, errors, "rosa@example.com")
    await expect(other.get_by_role("link", name="Organisation")).to_have_count(0)
    await other.goto(f"{running.server.url}/hr?lang=en#/people")
    await expect(other.locator("hr-people")).to_have_count(0)
    await other.goto(f"{running.server.url}/hr?lang=en")
    await other.get_by_role("button", name="New interview").click()  # as the region says, and no other way
    await expect(other.locator("hr-new [name=policy] option")).to_have_text(["European Union (AI Act)"])
    await other.get_by_label("Candidate's name").fill("Li Lei")
    await other.locator("hr-new form .primary").click()
    await expect(other.locator("hr-new viva-copy")).to_be_visible()
    await row.get_by_role("button", name="Change Rosa Recruiter").click()
    await page.get_by_role("button", name="Sign out everywhere").click()
    await page.get_by_role("button", name="Sign out", exact=True).last.click()
    await other.reload()
    await other.wait_for_url("**/signin*")
    await dialog.locator("select[name=role]").select_option("hiring-manager")
    await dialog.get_by_label("Disabled: cannot sign in").check()
    await dialog.get_by_role("button", name="Save").click()
    await expect(row).to_contain_text("Disabled")
    await expect(row).to_contain_text("Hiring manager")

    await page.get_by_role("link", name="Audit trail").click()
    rows = page.locator("hr-audit tbody tr")
    await expect(rows.filter(has_text="Account made")).to_have_count(1)
    await expect(rows.filter(has_text="Signed out everywhere")).to_have_count(1)
    await page.get_by_role("button", name="Check the chain").click()
    await expect(page.get_by_text("holds from the first line to the last")).to_be_visible()
    async with page.expect_download() as saved:
        await page.get_by_role("button", name="Save as CSV").click()
    assert (await saved.value).suggested_filename == "audit.csv"

    await page.get_by_role("link", name="Server").click()
    await expect(page.locator("hr-operator")).to_contain_text("takes interviews")
    await page.get_by_role("button", name="Drain").click()
    await page.get_by_role("dialog").get_by_role("button", name="Drain").click()
    await expect(page.locator("hr-operator")).to_contain_text("draining")

    for place in ("people", "branches", "audit", "server"):
        await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        await page.goto(f"{running.server.url}/hr?lang=zh#/{place}")
        await expect(page.get_by_role("heading", name="机构管理")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place
    assert errors == []
