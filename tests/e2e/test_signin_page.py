"""The sign-in page in a real browser: first set-up, second factor, account, and out; without any models."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.server import Server
from gateway.settings import Settings
from tests.gateway.conftest import API_TOKEN, MEDIA, SILENT
from tests.gateway.fakes import FakeInference

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """Address of a server on a loop of its own, in which nobody has an account yet."""
    up: Future[str] = Future()
    down = threading.Event()

    async def serve() -> None:
        server = Server(
            Settings(data=tmp_path, port=0, api_token=API_TOKEN, media=MEDIA, spoken=SILENT),
            inference=FakeInference,
        )
        try:
            await server.start()
            up.set_result(server.url)
            await asyncio.to_thread(down.wait, 90)
        finally:
            await server.stop()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    yield up.result(60)
    down.set()
    thread.join(30)


@pytest.fixture(params=[(360, 740), (1280, 800)], ids=["phone", "desktop"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(60_000)
    made = context.new_page()
    yield made
    context.close()


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_from_the_first_administrator_to_the_second_factor(served: str, page: Page, tmp_path: Path) -> None:
    page.goto(f"{served}/hr?lang=en")
    page.wait_for_selector("signin-setup h1")
    assert page.url.endswith("/signin?lang=en")  # the language asked for goes with the reader
    assert _fits(page)
    inputs = page.locator("signin-setup input")
    for place, value in enumerate(
        [(tmp_path / "setup-code").read_text(), "李雷", "li@example.com", PASSWORD]
    ):
        inputs.nth(place).fill(value)
    page.click("signin-setup .primary")
    expect(page.locator("hr-who a")).to_have_text("李雷")
    assert _fits(page)
    page.click(".new-interview")  # a POST by cookie, with the header that guards it
    page.fill("hr-new input[name=candidate]", "Han Meimei")
    page.click("hr-new form .primary")
    page.wait_for_selector("hr-new viva-copy")
    page.click("hr-new .primary[href]")
    expect(page.locator("hr-session h1")).to_have_text("Han Meimei")
    expect(page.locator("hr-watermark span").first).to_contain_text("李雷 ·")
    page.keyboard.press("n")  # a command over the WebSocket, which the cookie lets in
    page.keyboard.type("looks prepared")
    page.keyboard.press("Enter")
    expect(page.locator("hr-annotations .annotation-text")).to_contain_text("looks prepared")
    assert _fits(page)

    page.goto(f"{served}/signin")
    page.fill("signin-account div input[type=password]", PASSWORD)
    page.click("signin-account div .primary.wide")
    secret = page.inner_text(".secret")
    page.fill("signin-account .code input", pyotp.TOTP(secret).at(int(time.time()) - 30))
    assert page.evaluate("document.querySelector('.qr').naturalWidth") > 100
    assert _fits(page)
    page.click("signin-account div .primary.wide")
    expect(page.locator(".codes li")).to_have_count(10)
    assert _fits(page)

    page.goto(f"{served}/hr")
    page.locator("hr-who button").click()
    page.wait_for_selector("signin-enter h1")
    page.fill("signin-enter input[type=email]", "li@example.com")
    page.fill("signin-enter input[type=password]", "wrong")
    page.click("signin-enter .primary")
    expect(page.locator("signin-enter .problem")).not_to_be_empty()
    page.fill("signin-enter input[type=password]", PASSWORD)
    page.click("signin-enter .primary")
    page.fill("signin-code input", pyotp.TOTP(secret).now())
    page.click("signin-code .primary")
    page.wait_for_selector("hr-who a")
