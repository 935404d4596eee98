"""More interviews than a list gives at once: the one that goes on is seen, whenever it was made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import async_playwright, expect

from bench.browser import FLAGS, BrowserMissing, executable
from interviews.events import SessionCreated
from tests.gateway.conftest import API_TOKEN, Running

MANY = 204


async def _imported(running: Running) -> None:
    """The first made of many is live; all others wait."""
    sessions, start = running.server.service.shared.sessions, datetime.now(UTC) - timedelta(days=1)
    for number in range(MANY):
        created = SessionCreated(candidate=f"Guest {number:03}", language="en", policy="CN", questions=())
        owner = None if number else running.server.service.shared.owner
        at = start + timedelta(seconds=number)
        await sessions.create(f"s{number}", created, owner=owner, at=at)
    await sessions.set_state("s0", "live")
    await sessions.heartbeat("s0", running.server.service.shared.owner, 12.0)


async def test_states_are_asked_for_together(running: Running) -> None:
    await _imported(running)
    for asked, expected in {"live,disconnected": ["s0"], "live": ["s0"], "ended,scored": []}.items():
        _, said, _ = await running.call("GET", f"/api/v1/sessions?state={asked}&limit=200")
        assert [one["id"] for one in said["sessions"]] == expected
    _, said, _ = await running.call("GET", "/api/v1/sessions?state=created&limit=200")
    assert len(said["sessions"]) == 200
    for wrong in ("", "live,", "gone", "live;ended"):
        status, said, _ = await running.call("GET", "/api/v1/sessions", params={"state": wrong})
        assert (status, said["code"]) == (422, "request.invalid"), wrong


@pytest.mark.browser
async def test_a_live_interview_stands_on_the_wall_and_first_in_the_list(running: Running) -> None:
    try:
        path = executable()
    except BrowserMissing as missing:
        pytest.skip(str(missing))
    await _imported(running)
    sessions, errors = running.server.service.shared.sessions, list[str]()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        page = await browser.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(f"{running.server.url}/hr?lang=en#t={API_TOKEN}")
        rows = page.locator(".session-list a")
        await expect(rows).to_have_count(101)
        await expect(rows.first).to_contain_text("Guest 000")
        earlier = page.get_by_role("button", name="Earlier interviews")
        await earlier.click()
        await expect(rows).to_have_count(201)
        await earlier.click()
        await expect(rows).to_have_count(MANY)
        await expect(earlier).to_be_hidden()
        await page.get_by_role("link", name="Live wall").click()
        await expect(page.locator("hr-tile").first).to_contain_text("Guest 000")
        await expect(page.locator("hr-tile")).to_have_count(201)
        # Whoever follows one to its end finds its result, however old it is.
        await sessions.set_state("s1", "live")
        await page.goto(f"{running.server.url}/hr?lang=en&again")
        followed = rows.filter(has_text="Guest 001").locator(".chip")
        await expect(followed).to_have_text("Live")
        await sessions.set_state("s1", "ended")
        await expect(followed).to_have_text("Ended, scoring")
        await browser.close()
    assert errors == []
