"""A quote of the result plays what was said: the picture of the recording tells the time.

A real candidate streams pictures that hold their own number as black and white bars; Chromium plays the
recording on HR's page, and what it decoded where a quote landed is read off the screen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.async_api import Page, expect

from bench.clip import EncodedClip, encode_opus, encode_vp8
from bench.peer import Peer
from bench.sound import read_sound
from bench.virtual_camera import FPS, HEIGHT, WIDTH, default_sound
from tests.gateway.conftest import API_TOKEN, Json, Running, Start
from tests.gateway.test_result_page import browser as browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
SECONDS = 36
BITS = 10
WITHIN_S = 0.5
QUESTIONS = [
    {"id": f"q{n}", "text": {"en": f"Question {n}?"}, "dimensions": ["service"], "answer_s": 600}
    for n in (1, 2, 3)
]
DIMENSIONS = [{"id": "service", "name": {"en": "Service", "zh": "服务"}, "weight": 100}]
STOP_WHERE_IT_LANDS = """
    const video = document.querySelector("hr-recording video");
    window.landing = new AbortController();
    video.addEventListener("seeked", () => video.pause(), { signal: window.landing.signal });
"""
LANDED = """() => {
    const video = document.querySelector("hr-recording video");
    return video.paused && !video.seeking && video.readyState >= 2 && video.currentTime > 0;
}"""
READ_BARS = """(bits) => {
    const video = document.querySelector("hr-recording video");
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const paper = canvas.getContext("2d");
    paper.drawImage(video, 0, 0);
    const lit = [...Array(bits).keys()].map((bit) => {
        const x = Math.round(canvas.width * (bit + 0.5) / bits);
        return paper.getImageData(x, Math.round(canvas.height / 2), 1, 1).data[1];
    });
    return { lit, start: document.querySelector("hr-recording").link.start, at: video.currentTime };
}"""


def numbered() -> Iterator[NDArray[np.uint8]]:
    """Pictures whose upright bars are the binary digits of their number, the highest at the left."""
    edges = np.linspace(0, WIDTH, BITS + 1).astype(int)
    for number in range(SECONDS * FPS):
        picture = np.full((HEIGHT, WIDTH, 3), 16, np.uint8)
        for bit in range(BITS):
            if number >> (BITS - 1 - bit) & 1:
                picture[:, edges[bit] : edges[bit + 1]] = 235
        yield picture


async def _interviewed(running: Running) -> Json:
    sound = encode_opus(read_sound(default_sound(), seconds=SECONDS))
    clip = EncodedClip(sound, encode_vp8(numbered()), "numbered pictures")
    made = await running.create(questions=QUESTIONS, dimensions=DIMENSIONS, record=True)
    whip = f"{made['whip_url']}?record=yes"
    async with Peer(running.http, whip, made["candidate_token"], clip) as peer:
        await peer.connect()
        for n, _ in enumerate(QUESTIONS[1:], start=1):
            # By what was sent, not by a clock that a busy machine outruns.
            while peer.sound_sent_ms < 9000 * n:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            status, said, _ = await running.call("POST", f"/api/v1/sessions/{made['id']}/next")
            assert status == 200, said
        await peer.finished()
        await peer.end()
    await running.until(made["id"], "result.ready", timeout_s=60)
    _, report, _ = await running.call("GET", f"/api/v1/sessions/{made['id']}/report")
    return dict(report)


async def _seen(page: Page) -> tuple[float, float]:
    """Media time by what is on the screen, and by the player's own clock."""
    read: Any = await page.evaluate(READ_BARS, BITS)
    assert all(value < 80 or value > 170 for value in read["lit"]), read
    number = int("".join("1" if value > 128 else "0" for value in read["lit"]), 2)
    return number / FPS, read["start"] + read["at"]


async def test_the_player_lands_where_the_words_were_said(start: Start, browser: Any) -> None:
    running = await start()
    report = await _interviewed(running)
    scored = [one for one in report["scores"]["answers"] if one["score"] is not None]
    assert len(scored) == len(QUESTIONS)
    page = await (await browser.new_context(viewport={"width": 1440, "height": 900})).new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(f"{running.server.url}/hr?lang=en#s={report['session']}&t={API_TOKEN}")
    articles = page.locator("hr-result .answer")
    await expect(articles).to_have_count(len(QUESTIONS), timeout=30_000)
    await page.evaluate(
        "document.querySelectorAll('hr-result details').forEach((one) => { one.open = true; })"
    )
    await expect(page.locator(".dock hr-recording")).to_be_visible()
    await page.evaluate(STOP_WHERE_IT_LANDS)
    for index in (2, 0, 1):  # back and forth
        said = report["scores"]["answers"][index]["measures"][0]["evidence"][0]["start"]
        quote = articles.nth(index).locator(".measure .quote[data-at]").first
        assert float(await quote.get_attribute("data-at") or "nan") == said
        await quote.click()
        await page.wait_for_function(
            f"(said) => ({LANDED})() && Math.abs(document.querySelector('hr-recording').time - said) < 5",
            arg=said,
            timeout=30_000,
        )
        seen, shown = await _seen(page)
        assert abs(shown - said) < WITHIN_S
        assert abs(seen - said) < WITHIN_S, f"question {index + 1}: said at {said}, seen {seen}"

    # A point of the line plays too, and while it plays the cursor moves over the words.
    await page.evaluate("window.landing.abort()")
    await page.locator("hr-moments .moment-row[data-at]").nth(1).click()
    await page.evaluate("document.querySelector('hr-recording video').play()")
    line = articles.nth(1).locator(".said-lines .transcript-line").first
    await line.click()
    await page.evaluate("document.querySelector('hr-recording video').play()")
    await expect(articles.nth(1).locator(".transcript-line[data-now]")).to_have_count(1)
    first = await articles.nth(1).locator(".transcript-line span[data-now]").inner_text()
    await expect(articles.nth(1).locator(".transcript-line span[data-now]")).not_to_have_text(first)
    await page.wait_for_function("!document.querySelector('.play-head').hidden")
    assert errors == []
