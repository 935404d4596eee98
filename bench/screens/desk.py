"""HR's desk while an interview goes on: the list, the wall, one interview live, its result."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from bench.screens.candidate import forward, reconnecting
from bench.screens.stage import Stage


def listed(stage: Stage) -> str:
    """The list, and an interview made by hand; its candidate's address."""
    page = stage.hr("")
    page.wait_for_selector("hr-sessions .session-list a")
    stage.take(page, "hr-list")
    page.click(".new-interview")
    page.fill("hr-new input[name=candidate]", {"zh": "高原", "en": "Gao Yuan"}[stage.language])
    stage.take(page, "hr-new")
    page.click("hr-new form .primary")
    page.wait_for_selector("hr-new viva-copy")
    stage.take(page, "hr-link")
    address = page.locator("hr-new viva-copy input").input_value()
    page.close()
    return address


def live(stage: Stage, candidate: Page, session: str) -> Page:
    """Two questions, with everything that HR may do meanwhile; HR's page of that interview."""
    forward(candidate)
    candidate.wait_for_selector("candidate-interview")
    hr = stage.hr("/wall")
    hr.wait_for_selector("hr-tile")
    hr.wait_for_selector(f"hr-tile:has(a[href='#s={session}']) .tile-over", state="hidden")
    candidate.wait_for_timeout(12_000 if stage.models else 1000)
    stage.take(candidate, "candidate-answering")
    stage.take(hr, "hr-wall", whole=True)
    _annotate(stage, hr, session)
    reconnecting(stage, candidate)
    candidate.wait_for_timeout(16_000 if stage.models else 0)
    forward(candidate)  # the next question: an introduction has no time to think
    candidate.wait_for_selector("candidate-timer[data-phase=thinking]")
    stage.take(candidate, "candidate-thinking")
    _pause(stage, hr, candidate)
    forward(candidate)  # answering
    stage.command(session, "interject", text=stage.words.asked)
    candidate.wait_for_selector(".asked-text")
    candidate.wait_for_timeout(24_000 if stage.models else 500)
    stage.take(candidate, "candidate-asked")
    stage.take(hr, "hr-live", whole=True)
    forward(candidate)  # the answer is finished
    candidate.wait_for_selector("candidate-timer[data-phase=over]")
    stage.take(candidate, "candidate-over")
    return hr


def _annotate(stage: Stage, hr: Page, session: str) -> None:
    hr.goto(stage.address(f"/hr#s={session}"))
    hr.wait_for_selector(".standing")
    expect(hr.locator(".lag")).not_to_be_empty(timeout=20_000)
    hr.locator("hr-session h1").click()
    hr.keyboard.press("n")
    hr.keyboard.type(stage.words.note)
    hr.locator("hr-annotations input").fill(stage.words.tags)
    stage.take(hr, "hr-annotating")
    hr.keyboard.press("Enter")
    hr.wait_for_selector("hr-annotations .annotation-text")


def _pause(stage: Stage, hr: Page, candidate: Page) -> None:
    hr.locator(".reason input").fill(stage.words.reason)
    hr.get_by_role("button", name={"zh": "暂停", "en": "Pause"}[stage.language], exact=True).click()
    candidate.wait_for_selector("dialog.paused[open]")
    stage.take(candidate, "candidate-paused")
    stage.take(hr, "hr-paused")
    hr.get_by_role("button", name={"zh": "继续", "en": "Resume"}[stage.language], exact=True).click()
    candidate.wait_for_selector("dialog.paused", state="hidden")


def ended(stage: Stage, hr: Page) -> None:
    hr.locator("hr-session header .danger").click()
    hr.wait_for_selector("dialog[aria-labelledby=end-ask][open]")
    stage.take(hr, "hr-end")
    hr.keyboard.press("Escape")


def result(stage: Stage, hr: Page) -> None:
    hr.wait_for_selector("hr-result .overall", timeout=120_000)
    hr.evaluate("scrollTo(0, 0)")
    hr.wait_for_timeout(500)
    stage.take(hr, "hr-result")
    hr.locator("hr-result details").evaluate_all("all => all.slice(0, 3).forEach(one => one.open = true)")
    stage.take(hr, "hr-result-whole", whole=True)


def decided(stage: Stage, hr: Page) -> None:
    """A person decides, and the candidate is told."""
    hr.locator("hr-decision .panel-head .button").click()
    hr.check("dialog[open] input[value=passed]")
    hr.fill("dialog[open] textarea", stage.words.why)
    stage.take(hr, "hr-decide")
    hr.click("dialog[open] .primary")
    hr.locator("hr-tell .button").click()
    hr.wait_for_selector("dialog[open] .mail h3")
    stage.take(hr, "hr-tell")
    hr.click("dialog[open] .primary")
    hr.wait_for_selector("hr-tell li")
    hr.locator("hr-decision").evaluate("element => element.scrollIntoView()")
    stage.take(hr, "hr-decided")
