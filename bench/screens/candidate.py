"""The candidate's way: the link, what comes before the first question, and what comes after the last."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from bench import virtual_camera
from bench.browser import LOSE_PEER
from bench.screens.stage import FOREIGN_HOST, PHONE, Stage

DENY_DEVICES = """
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
"""
WITHOUT_WEBRTC = "delete window.RTCPeerConnection;"


def astray(stage: Stage) -> None:
    """Every way in which the interview cannot start here."""
    link = stage.links[stage.words.others[0]]
    elsewhere = link.replace("127.0.0.1", FOREIGN_HOST)
    for name, address, script in (
        ("link", "/candidate", ""),
        ("insecure", elsewhere, ""),
        ("in-app", link, WITHOUT_WEBRTC),
        ("expired", "/i/no-such-token", ""),
    ):
        page = stage.context(PHONE).new_page()
        if script:
            page.add_init_script(script)
        page.goto(stage.address(address))
        page.wait_for_selector("candidate-blocked h1")
        stage.take(page, f"candidate-blocked-{name}")
        page.context.close()


def refused(stage: Stage, candidate_url: str) -> None:
    """The browser may not use the camera."""
    page = stage.context(PHONE).new_page()
    page.add_init_script(DENY_DEVICES)
    page.goto(stage.address(candidate_url))
    forward(page)
    forward(page)
    page.wait_for_selector("candidate-check .trouble .notice")
    stage.take(page, "candidate-denied")
    page.context.close()


def forward(page: Page) -> None:
    button = page.locator("main .actions .primary")
    expect(button).to_be_enabled()
    button.click()


def prepare(stage: Stage) -> Page:
    """From the link to the guidance; the interview's page, before its first question."""
    page = stage.page(stage.links[stage.words.candidate] + "?fidelity=1", PHONE)
    page.wait_for_selector("candidate-link h1")
    stage.take(page, "candidate-link")
    forward(page)
    page.wait_for_selector("candidate-welcome h1")
    stage.take(page, "candidate-welcome")
    forward(page)
    page.wait_for_selector("candidate-consent")
    stage.take(page, "candidate-consent", whole=True)
    for switch in page.locator("candidate-consent input[role=switch]").all():
        switch.check()
    forward(page)
    _identity(stage, page)
    _check(stage, page)
    page.wait_for_selector("candidate-practice")
    stage.take(page, "candidate-practice")
    forward(page)
    page.wait_for_selector(".practice-question:visible")
    page.wait_for_timeout(4000 if stage.models else 500)
    stage.take(page, "candidate-practising")
    forward(page)
    page.wait_for_selector("candidate-guide")
    stage.take(page, "candidate-guide")
    return page


def _identity(stage: Stage, page: Page) -> None:
    page.wait_for_selector("candidate-identity .row .button:enabled")
    page.wait_for_timeout(1500)
    stage.take(page, "candidate-identity")
    if stage.models:
        photo = page.locator("candidate-identity input[type=file]").first
        photo.set_input_files(virtual_camera.default_picture())
    else:
        page.click("candidate-identity .actions .button:not(.primary)")
    page.wait_for_selector("candidate-identity .actions .primary:enabled", timeout=180_000)
    stage.take(page, "candidate-identity-compared")
    forward(page)


def _check(stage: Stage, page: Page) -> None:
    expect(page.locator("candidate-check .actions .primary")).to_be_enabled()
    page.wait_for_timeout(1500)
    stage.take(page, "candidate-check", whole=True)
    page.click("candidate-presence .row .button")
    page.wait_for_selector("dialog.prompt[open]")
    page.wait_for_timeout(600)
    stage.take(page, "candidate-challenge")
    page.locator("dialog.prompt .button").click()
    page.click("candidate-presence summary")
    stage.take(page, "candidate-flash", whole=True)
    forward(page)


def reconnecting(stage: Stage, page: Page) -> None:
    page.route("**/whip/*", lambda route: route.abort())
    page.evaluate(LOSE_PEER)
    page.wait_for_selector("candidate-interview .notices .warn")
    stage.take(page, "candidate-reconnecting")
    page.unroute("**/whip/*")
    page.wait_for_selector("candidate-interview .notices .warn", state="detached")


def afterwards(stage: Stage, page: Page) -> None:
    """From asking whether to finish to one's own data."""
    page.locator("candidate-interview .actions .button").first.click()
    page.wait_for_selector("dialog[aria-labelledby=finish-ask][open]")
    stage.take(page, "candidate-finish")
    page.click("dialog[aria-labelledby=finish-ask] .primary")
    page.wait_for_selector("candidate-done")
    stage.take(page, "candidate-done")
    for topic in ("overall", "clarity", "technical"):
        page.check(f"candidate-survey input[name={topic}][value='4']")
    stage.take(page, "candidate-survey", whole=True)
    page.locator("candidate-survey .button").last.click()
    page.wait_for_selector(".survey-thanks")
    page.click(".my-data summary")
    stage.take(page, "candidate-my-data", whole=True)
    page.locator(".consents .button").first.click()
    page.wait_for_selector("dialog[aria-labelledby=withdraw-ask][open]")
    stage.take(page, "candidate-withdraw")
    page.context.close()
