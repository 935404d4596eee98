"""The ways in: first set-up, password, second factor, one's own account."""

from __future__ import annotations

import time

import pyotp
from playwright.sync_api import Page

from bench.screens.stage import Stage

EMAIL, PASSWORD = "grace@example.com", "correct horse battery"


def set_up(stage: Stage) -> None:
    """On a server where nobody has an account yet: the first administrator, and an empty desk.

    The administrator stays signed in, in `stage.desk`.
    """
    page = stage.page("/signin")
    page.wait_for_selector("signin-setup h1")
    stage.take(page, "signin-setup")
    code = (stage.data / "setup-code").read_text()
    fields = page.locator("signin-setup input")
    for at, value in enumerate((code, stage.words.chief, EMAIL, PASSWORD)):
        fields.nth(at).fill(value)
    page.click("signin-setup .primary")
    page.wait_for_selector("hr-sessions .none:visible")
    stage.take(page, "hr-empty")
    for place, there in (("/wall", "hr-wall h1"), ("/jobs", "hr-jobs h1"), ("/validity", "hr-validity h1")):
        stage.goto(page, place, there)
        page.wait_for_timeout(300)
        stage.take(page, f"hr-empty-{place[1:]}")
    page.close()
    stage.desk = page.context


def account(stage: Stage) -> None:
    """At another browser: in, one's own account, a second factor, out and in again."""
    page = stage.page("/signin")
    page.wait_for_selector("signin-enter h1")
    stage.take(page, "signin-enter")
    _enter(page, "wrong")
    page.wait_for_selector("signin-enter .problem:not(:empty)")
    stage.take(page, "signin-refused")
    _enter(page, PASSWORD)
    page.wait_for_url("**/hr**")
    page.goto(stage.address("/signin"))
    page.wait_for_selector("signin-account h1")
    stage.take(page, "account", whole=True)

    page.fill("signin-account div input[type=password]", PASSWORD)
    page.click("signin-account div .primary.wide")
    secret = page.inner_text(".secret").replace(" ", "")
    stage.take(page, "account-factor", whole=True)
    page.fill("signin-account .code input", pyotp.TOTP(secret).at(int(time.time()) - 30))
    page.click("signin-account div .primary.wide")
    page.wait_for_selector(".codes li")
    stage.take(page, "account-codes", whole=True)

    page.get_by_role("button", name={"zh": "退出", "en": "Sign out"}[stage.language]).click()
    page.wait_for_selector("signin-enter h1")
    _enter(page, PASSWORD)
    page.wait_for_selector("signin-code h1, signin-code h2")
    stage.take(page, "signin-code")
    token = stage.page("/hr#token")
    token.wait_for_selector("hr-token h1")
    stage.take(token, "hr-token")
    token.context.close()
    page.context.close()


def _enter(page: Page, password: str) -> None:
    page.fill("signin-enter input[type=email]", EMAIL)
    page.fill("signin-enter input[type=password]", password)
    page.click("signin-enter .primary")
