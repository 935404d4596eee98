"""Validity and adverse impact in a real browser: a file in, tables out, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from bench.browser import FLAGS, BrowserMissing, executable
from tests.gateway.conftest import API_TOKEN, Start
from tests.gateway.test_validity_api import LATER, N, candidates, scores_of

pytestmark = pytest.mark.browser


async def test_a_file_becomes_tables(start: Start, tmp_path: Path) -> None:
    try:
        path = executable()
    except BrowserMissing as missing:
        pytest.skip(str(missing))
    running = await start(**LATER)
    await running.call("POST", "/api/v1/jobs", {"id": "sales", "title": {"zh": "销售", "en": "Sales"}})
    made = await candidates(running)
    lines = [
        f"A-{i},{await scores_of(running, one) / 20 + i % 3:.2f},{'fm'[i % 2]}"
        for i, one in enumerate(made[:-1])
    ]
    table = tmp_path / "later.csv"
    table.write_text("\n".join(["id,performance,sex", *lines, "nobody,1,f"]))
    errors: list[str] = []

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        page = await (await browser.new_context(viewport={"width": 1440, "height": 900})).new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        await page.goto(f"{running.server.url}/hr?lang=en#t={API_TOKEN}")
        await page.get_by_role("link", name="Validity").click()
        await expect(page.get_by_label("Job")).to_have_value("sales")
        await page.get_by_label("Choose a file").set_input_files(table)
        await page.get_by_role("button", name="Analyse").click()

        scores = page.get_by_role("region", name="Correlation of scores with performance")
        await expect(scores.get_by_role("row")).to_have_count(4)
        await expect(scores.get_by_role("row", name="Overall score")).to_contain_text(str(N - 1))
        weights = page.get_by_role("region", name="Weights of the dimensions")
        await expect(weights.get_by_role("row").nth(1)).to_contain_text("50 %")
        rates = page.get_by_role("region", name="Selection rates by sex")
        await expect(rates.get_by_role("row", name="f 20")).to_contain_text("below 4/5 and significant")
        await expect(page.get_by_text("This candidate is none of this job's.").first).to_be_attached()

        async with page.expect_download() as saved:
            await page.get_by_role("button", name="Save as xlsx").first.click()
        assert (await saved.value).suggested_filename == "validity.xlsx"

        await page.get_by_role("link", name="Compare candidates").click()
        people = page.get_by_role("region", name=f"{N - 1} scored candidates")
        await expect(people.get_by_role("row")).to_have_count(N)
        await expect(people.get_by_role("columnheader", name="Overall score")).to_have_attribute(
            "aria-sort", "descending"
        )
        await people.get_by_role("button", name="Teamwork").click()
        await expect(people.get_by_role("columnheader", name="Teamwork")).to_have_attribute(
            "aria-sort", "descending"
        )
        shown = await people.locator("tbody td:nth-of-type(3) strong").all_inner_texts()
        assert [float(value) for value in shown] == sorted(map(float, shown), reverse=True)
        assert await page.evaluate("document.activeElement.textContent.startsWith('Teamwork')")

        await page.goto(f"{running.server.url}/hr?lang=en#/validity/sales")
        await page.get_by_label("Choose a file").set_input_files(table)
        await page.get_by_label("Selected means (adverse impact)").select_option("cut-off")
        await page.get_by_role("spinbutton").fill("100")
        await page.get_by_role("button", name="Analyse").click()
        await expect(page.get_by_text("Nobody was selected")).to_be_visible()
        await page.locator("viva-language button").click()
        await expect(page.get_by_text("无人入选")).to_be_visible()
        await page.set_viewport_size({"width": 360, "height": 740})
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360
        await browser.close()
    assert errors == []
