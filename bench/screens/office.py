"""What administrators look after: people, branches, who did what, the server itself."""

from __future__ import annotations

from playwright.sync_api import Page

from bench.screens.stage import Stage
from interviews.roles import HEAD

BRANCHES = (("east", "华东区", "East China", "CN"), ("europe", "欧洲", "Europe", "EU"))


def office(stage: Stage) -> None:
    """The organisation as it stands after the interviews, with the forms that change it."""
    for id_, zh, en, policy in BRANCHES:
        stage.call(
            "POST",
            "/branches",
            {"id": id_, "name": {"zh": zh, "en": en}, "parent": HEAD, "policy": policy},
        )
    for at, (name, role) in enumerate(
        zip(stage.words.colleagues, ("recruiter", "hiring-manager"), strict=True)
    ):
        account = {
            "name": name,
            "email": f"colleague-{at}@example.com",
            "role": role,
            "branch": BRANCHES[at][0],
        }
        stage.call("POST", "/people", account)
    page = stage.hr("/people")
    page.wait_for_selector("hr-people tbody tr")
    stage.take(page, "people", whole=True)
    _form(stage, page, "hr-people button.primary", "people-add")
    stage.goto(page, "/branches", "hr-branches li")
    stage.take(page, "branches", whole=True)
    _form(stage, page, "hr-branches button.primary", "branches-add")
    stage.goto(page, "/audit", "hr-audit tbody tr")
    stage.take(page, "audit")
    stage.goto(page, "/server", "hr-operator h2")
    stage.take(page, "server", whole=True)
    page.close()


def _form(stage: Stage, page: Page, button: str, name: str) -> None:
    page.click(f"{button}:not([disabled])")
    page.wait_for_selector("dialog[open]")
    stage.take(page, name)
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
