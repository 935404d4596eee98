"""A hiring manager, who may read results but not watch, rates and comments in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.gateway.conftest import Start
from tests.gateway.desk_visitor import hire, set_up, visitor
from tests.gateway.test_result_page import _made, _shot
from tests.gateway.test_result_page import browser as browser

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "size"), [("zh", (1440, 900)), ("en", (390, 844))])
async def test_a_hiring_manager_rates_and_comments(
    start: Start, browser: Browser, language: str, size: tuple[int, int]
) -> None:
    running = await start()
    await set_up(running)
    await hire(running, "manager@example.com", "hiring-manager")
    session = await _made(running)
    zh = language == "zh"
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]})
    async with visitor(running) as manager:
        await manager.sign_in("manager@example.com")
        await context.add_cookies([{"name": "viva", "value": manager.cookie, "url": running.server.url}])
    page = await context.new_page()
    page.set_default_timeout(60_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(f"{running.server.url}/hr?lang={language}#s={session}")
    overall = page.locator(".overall-number")
    await expect(overall).to_be_visible()
    before = await overall.inner_text()
    conclusions = page.locator(".conclusion")
    await expect(conclusions.first).to_contain_text(
        "客户服务突出" if zh else "Customer service is a strength"
    )
    await expect(page.locator(".conclusion .probe").first).to_contain_text(
        "复试可问" if zh else "Ask next time"
    )

    teamwork = page.locator("hr-dimensions li.dimension").nth(1)
    await teamwork.get_by_role("button").click()
    await page.locator("dialog[open] input[name=level][value='4']").check()
    await expect(page.locator("dialog[open]")).to_contain_text("主动帮助他人" if zh else "Helps others")
    await page.fill("dialog[open] textarea", "讲了两个例子")
    await _shot(page, f"rating-{language}")
    await page.click("dialog[open] .primary")
    await expect(teamwork.locator(".human-line")).to_contain_text("70")
    await expect(teamwork.locator(".human-line")).to_contain_text("+18")
    await expect(overall).to_have_text(before)  # a person's rating moves nothing

    await page.locator("hr-comments").get_by_role("button").click()
    await page.fill("dialog[open] textarea", "建议安排线下复试")
    await page.click("dialog[open] .primary")
    comment = page.locator("hr-comments ol.stack-s > li")
    await expect(comment).to_contain_text("建议安排线下复试")
    await comment.get_by_role("button").first.click()
    await page.fill("dialog[open] textarea", "建议安排线下复试，问团队合作")
    await page.click("dialog[open] .primary")
    await expect(comment).to_contain_text("问团队合作")
    await expect(comment.locator("details")).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.locator("hr-result details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    await _shot(page, f"reviewed-{language}")
    await comment.get_by_role("button").nth(1).click()
    await expect(comment).to_contain_text("已由 manager 删除" if zh else "Deleted by manager")
    assert errors == []
    await context.close()
