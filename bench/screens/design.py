"""HR designs an interview: a job, its description, dimensions, a plan, the question bank, and notices."""

from __future__ import annotations

from playwright.sync_api import Page

from bench.screens.stage import Stage
from bench.screens.words import JOBS, WORDS


def design(stage: Stage) -> None:
    """Leaves `stage.job` and `stage.plan` behind."""
    for id_, zh, en, role in JOBS:
        _job(stage, id_, zh, en, role)
    page = stage.hr("/jobs")
    page.wait_for_selector("hr-jobs .job-card")
    stage.take(page, "jobs")
    page.click("hr-jobs .primary")
    page.wait_for_selector("dialog[open] form")
    stage.take(page, "job-new")
    page.fill("dialog[open] [name=title-zh]", WORDS["zh"].job)
    page.fill("dialog[open] [name=title-en]", WORDS["en"].job)
    page.select_option("dialog[open] [name=role]", "sales")
    page.click("dialog[open] .primary")
    page.wait_for_selector("hr-job h1:not(:empty)")
    stage.job = page.evaluate("location.hash.split('/').at(-1)")
    page.wait_for_selector("[name=jd]:visible")
    stage.take(page, "job-empty")
    page.fill("[name=jd]", stage.words.description)
    page.locator("hr-description .primary").click()
    page.locator("hr-description mark").first.wait_for()
    page.wait_for_selector("hr-weights li[data-dimension]")
    stage.take(page, "job-dimensions", whole=True)
    page.locator("hr-weights .weights-set button").first.click()
    page.wait_for_selector("dialog[open] .dimension")
    stage.take(page, "dimension", whole=True)
    page.keyboard.press("Escape")
    _plan(stage, page)
    stage.goto(page, "/notices", ".mail h3")
    stage.take(page, "notices", whole=True)
    page.close()


def _job(stage: Stage, id_: str, zh: str, en: str, role: str) -> None:
    body = {"id": f"{id_}-{stage.language}", "title": {"zh": zh, "en": en}, "role": role}
    stage.call("POST", "/jobs", body)


def _plan(stage: Stage, page: Page) -> None:
    stage.goto(page, f"/jobs/{stage.job}/plans", "[data-starter]")
    stage.take(page, "job-plans", whole=True)
    page.click("[data-starter=sales]")
    page.wait_for_selector(".track-step")
    page.locator(".track-step").nth(1).click()
    page.fill("hr-step [name=limit]", "5")
    page.wait_for_selector("hr-step .field .problem:not(:empty), hr-step .problem:not(:empty)")
    stage.take(page, "plan-wrong", whole=True)
    page.fill("hr-step [name=limit]", "9")
    page.locator("hr-plan header .primary:enabled").click()
    page.wait_for_selector("hr-plan header .badge:not([data-tone])")  # a version: it is saved
    stage.plan = page.evaluate("location.hash.split('/').at(-1)")
    page.wait_for_timeout(500)
    stage.take(page, "plan", whole=True)
    page.get_by_role("button", name={"zh": "历史版本", "en": "Versions"}[stage.language]).click()
    page.wait_for_selector("dialog[open] .version")
    stage.take(page, "plan-versions")
    page.keyboard.press("Escape")
    page.locator("hr-step > .row .button").last.click()
    page.wait_for_selector("dialog[open] .bank-list li")
    stage.take(page, "bank")
    page.keyboard.press("Escape")
    page.get_by_role("button", name={"zh": "预览", "en": "Preview"}[stage.language]).first.click()
    page.wait_for_selector("dialog[open] [name=language]")
    stage.take(page, "preview")
    page.keyboard.press("Escape")
    stage.goto(page, "/plans", "hr-plans .job-card")
    stage.take(page, "plans", whole=True)
    _questions(stage, page)


def _questions(stage: Stage, page: Page) -> None:
    """The bank, and both dialogs that put questions into it."""
    stage.goto(page, "/questions", "hr-questions li[data-question]")
    stage.take(page, "questions")
    tools = page.locator("hr-questions .page-head .button")
    for at, form, name in ((0, ".dimension", "question-new"), (1, ".coding-question", "coding-question")):
        tools.nth(at).click()
        page.wait_for_selector(f"dialog[open] {form}")
        for summary in page.locator("dialog[open] summary:visible").all():
            summary.click()
        stage.take(page, name, whole=True)
        page.keyboard.press("Escape")
