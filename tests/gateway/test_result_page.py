"""HR reads the dimensions of a result in a real browser, weighs them anew, and takes the report along."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from bench.browser import FLAGS, BrowserMissing, executable
from interviews.answers import AnswerRating, Evidence, Measure
from interviews.events import (
    AnswerScored,
    Payload,
    QuestionStarted,
    ResultReady,
    SessionConnected,
    SessionEnded,
    TranscriptFinal,
    Word,
)
from tests.gateway.conftest import API_TOKEN, Running, Start

pytestmark = pytest.mark.browser
NAMES = {
    "service": ("客户服务", "Customer service"),
    "teamwork": ("团队合作", "Teamwork"),
    "learning": ("学习能力", "Learning"),
    "resilience": ("抗压能力", "Resilience"),
}
ANCHORS = {
    "en": ["Blames others", "Waits to be told", "Does their share", "Helps others", "Brings people together"],
    "zh": ["推卸责任", "等待安排", "完成分内工作", "主动帮助他人", "凝聚团队"],
}
WEIGHTS = {"service": 40, "teamwork": 30, "learning": 20, "resilience": 10}
SAID = "I asked the customer what had happened, wrote it down and called the warehouse myself."
VALUES = {"service": 82.0, "teamwork": 55.0, "learning": 67.0}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    try:
        path = executable()
    except BrowserMissing as missing:
        pytest.skip(str(missing))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        await browser.close()


async def _made(running: Running) -> str:
    dimensions = [
        {"id": id_, "name": {"zh": zh, "en": en}, "anchors": ANCHORS, "weight": WEIGHTS[id_]}
        for id_, (zh, en) in NAMES.items()
    ]
    questions = [
        {
            "id": id_,
            "text": {"zh": f"请谈谈{zh}。", "en": f"Tell us about {en.lower()}."},
            "dimensions": [id_],
        }
        for id_, (zh, en) in NAMES.items()
        if id_ in VALUES
    ]
    body = {"candidate": "Lin Xiaoyu", "language": "en", "questions": questions, "dimensions": dimensions}
    status, made, _ = await running.call("POST", "/api/v1/sessions", body)
    assert status == 201, made
    service = running.server.service
    service.registry._sessions.pop(made["id"])  # as after a restart: the log alone is left
    told: list[tuple[float, Payload]] = [(0.0, SessionConnected())]
    for n, (id_, value) in enumerate(VALUES.items()):
        at = 60.0 * n + 1
        words = tuple(
            Word(text=word, start=at + 0.3 * i, end=at + 0.3 * i + 0.2, probability=0.9)
            for i, word in enumerate(SAID.split(), start=5)
        )
        final = TranscriptFinal(
            utterance=n, text=SAID, language="en", start=at + 1, end=at + 9, words=words, model="asr@1"
        )
        evidence = Evidence(quote=SAID, start=at + 1.5, end=at + 9, note="closest")
        measures = (
            Measure(name="relevance", value=value, evidence=(evidence,)),
            Measure(name="coverage", value=value - 10, evidence=(evidence,)),
            Measure(name="lexical_richness", value=None, insufficient="few-tokens"),
        )
        rating = AnswerRating(measures=measures, tokens=80, model="e5-small@1", rubric="content-2")
        told += [(at, QuestionStarted(question=id_)), (at + 10, final)]
        told.append((200.0, AnswerScored(question=id_, rating=rating)))
    told += [(200.0, SessionEnded(reason="candidate")), (201.0, ResultReady(overall=None))]
    await service.shared.events.append(made["id"], told)
    return str(made["id"])


async def _shot(page: Page, name: str, *, whole: bool = True) -> None:
    """Kept where somebody wants to look at it."""
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=whole)


@pytest.mark.parametrize(("language", "size"), [("en", (1440, 900)), ("zh", (390, 844))])
async def test_dimensions_weights_and_the_report_as_a_file(
    start: Start, browser: Browser, language: str, size: tuple[int, int]
) -> None:
    running = await start()
    session = await _made(running)
    zh = language == "zh"
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, accept_downloads=True)
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(f"{running.server.url}/hr?lang={language}#s={session}&t={API_TOKEN}")
    lines = page.locator("hr-dimensions li.dimension")
    await expect(lines).to_have_count(4)
    await expect(lines.nth(0)).to_contain_text("客户服务" if zh else "Customer service")
    await expect(lines.nth(0)).to_contain_text("主动帮助他人" if zh else "Helps others")
    await expect(lines.nth(3)).to_contain_text("没有考察该维度的题目" if zh else "No question asks for it")
    await expect(page.locator("hr-dimensions svg.radar")).to_be_visible()
    overall = page.locator(".overall-number")
    before = await overall.inner_text()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await _shot(page, f"result-{language}")

    await page.get_by_role("button", name="调整权重" if zh else "Change weights").click()
    save = page.locator("dialog[open] .primary")
    await page.fill("dialog[open] [name=service]", "10")
    await expect(save).to_be_disabled()
    await page.fill("dialog[open] [name=teamwork]", "60")
    await expect(save).to_be_enabled()
    await page.fill("dialog[open] textarea", "后台岗位" if zh else "Works in the back office")
    await _shot(page, f"weights-{language}")
    await save.click()
    await expect(overall).not_to_have_text(before)
    await page.locator("hr-dimensions > details summary").click()
    await expect(page.locator("hr-dimensions > details li")).to_have_count(2)

    for name, head in (("PDF", b"%PDF-"), ("xlsx", b"PK\x03\x04")):
        async with page.expect_download() as waiting:
            await page.get_by_role("button", name=name).click()
        path = await (await waiting.value).path()
        assert path.read_bytes().startswith(head)
    assert errors == []
    await context.close()
