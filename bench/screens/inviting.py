"""Inviting: a spreadsheet with errors, the table of invitations, one of them, and reminders."""

from __future__ import annotations

from bench.screens.stage import Stage


def invite(stage: Stage) -> None:
    """The people of the sheet are invited; `stage.links` holds their links."""
    page = stage.hr(f"/jobs/{stage.job}/invitations")
    page.wait_for_selector("hr-invitations .primary")
    stage.take(page, "invitations-empty")
    page.locator("hr-invitations .primary").click()
    page.wait_for_selector("dialog[open] [name=plan]")
    stage.take(page, "import")
    page.set_input_files(
        "dialog[open] [name=sheet]",
        {"name": "candidates.csv", "mimeType": "text/csv", "buffer": stage.words.sheet.encode()},
    )
    page.wait_for_selector("dialog[open] table")
    stage.take(page, "import-errors")
    page.locator("dialog[open] .primary:visible").click()
    page.wait_for_selector("dialog[open] viva-copy")
    for line in page.locator("dialog[open] li:has(viva-copy)").all():
        link = line.locator("viva-copy input").input_value()
        name = next(one for one in (stage.words.candidate, *stage.words.others) if one in line.inner_text())
        stage.links[name] = link
    stage.take(page, "import-done")
    page.keyboard.press("Escape")
    page.wait_for_selector("hr-invitations tbody tr")

    for at, key in enumerate(("remind", "invite")):
        page.locator("hr-invitations .row .row .button, hr-invitations .between .button").nth(at).click()
        page.wait_for_selector("dialog[open]")
        page.wait_for_timeout(300)
        stage.take(page, key)
        page.keyboard.press("Escape")
    page.close()


def invitations(stage: Stage) -> None:
    """The table once some are done and some have begun."""
    page = stage.hr(f"/jobs/{stage.job}/invitations")
    page.wait_for_selector("hr-invitations tbody tr")
    stage.take(page, "invitations")
    page.locator("hr-invitations tbody .row .button").last.click()
    page.wait_for_selector("dialog[open] .history li")
    stage.take(page, "invitation")
    page.close()
