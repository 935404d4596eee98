"""HR at a browser: signs in, designs an interview and invites, all of it on the pages."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

import docx
import pyotp
from playwright.sync_api import Locator, Page, expect

from integrations.spreadsheets import write_table

PASSWORD = "correct horse battery"
TITLE = "Sales representative"
DESCRIPTION = (
    "Sales representative",
    "What you will do: win new customers and reach the sales targets of your region.",
    "Talk with customers every day, understand what they need, and negotiate contracts.",
    "Work closely with the team in service and share what you learn.",
)
KEPT = {"structured": 2, "scenario": 1}  # questions of each kind of step


class Recruiter:
    """The first administrator, and everything that this person does on the pages."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        page.set_default_timeout(60_000)

    def sign_in(self, code: str) -> None:
        """Sets the server up, takes a second factor, and comes in again with password and code."""
        page = self.page
        page.goto(f"{self.url}/hr")
        page.click("viva-language button")
        fields = page.locator("signin-setup input")
        for place, value in enumerate([code, "Zhang Min", "zhang@viva.example", PASSWORD]):
            fields.nth(place).fill(value)
        page.click("signin-setup .primary")
        page.click("hr-who a")
        page.fill("signin-account div input[type=password]", PASSWORD)
        page.click("signin-account div .primary.wide")
        secret = pyotp.TOTP(page.inner_text(".secret"))
        page.fill("signin-account .code input", secret.at(int(time.time()) - 30))
        page.click("signin-account div .primary.wide")
        expect(page.locator(".codes li")).to_have_count(10)
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.fill("signin-enter input[type=email]", "zhang@viva.example")
        page.fill("signin-enter input[type=password]", PASSWORD)
        page.click("signin-enter .primary")
        page.fill("signin-code input", secret.now())
        page.click("signin-code .primary")
        expect(page.locator("hr-who a")).to_have_text("Zhang Min")

    def describe(self, folder: Path) -> None:
        """A job whose description comes from a docx file; the two dimensions that weigh most are kept."""
        page = self.page
        page.locator("hr-nav a", has_text="Jobs").click()
        page.get_by_role("button", name="New job").click()
        page.fill("dialog[open] [name=title-en]", TITLE)
        page.select_option("dialog[open] [name=role]", "sales")
        page.click("dialog[open] .primary")
        document = docx.Document()
        for line in DESCRIPTION:
            document.add_paragraph(line)
        document.save(str(folder / "description.docx"))
        page.set_input_files("[name=jd-file]", folder / "description.docx")
        expect(page.locator("hr-description mark").first).to_be_visible()
        rows = page.locator("hr-recommend hr-weights li[data-dimension]")
        expect(rows.first).to_be_visible()
        while rows.count() > 2:
            rows.last.get_by_role("button", name="Remove dimension").click()
        rows.first.locator("input").fill("95")
        expect(page.get_by_role("button", name="Make a plan from these")).to_be_disabled()
        self._to_hundred(page.locator("hr-recommend"))
        page.get_by_role("button", name="Make a plan from these").click()

    def _to_hundred(self, within: Locator) -> None:
        even = within.get_by_role("button", name="Scale to 100 %")
        if even.is_visible():
            even.click()
        expect(within.locator(".weights-sum")).to_have_text("Sum 100 %")

    def plan(self, think_s: int, answer_s: int) -> None:
        """Of what is recommended two structured questions stay, with these times; a scenario has more."""
        page = self.page
        steps = page.locator(".track-step")
        expect(steps.first).to_be_visible()
        kind = page.locator("hr-step [name=kind]")
        place = 0
        while place < steps.count():
            steps.nth(place).click()
            if (most := KEPT.get(which := kind.input_value())) is not None:
                asked = page.locator("hr-step .step-question")
                while (count := asked.count()) > most:
                    asked.last.get_by_role("button", name="Remove the question").click()
                    expect(asked).to_have_count(count - 1)
                page.fill("hr-step [name=think]", str(think_s))
                page.fill("hr-step [name=answer]", str(answer_s if which == "structured" else 5 * answer_s))
                page.fill("hr-step [name=limit]", "1" if which == "structured" else "2")
                place += 1
                continue
            count = steps.count()
            page.get_by_role("button", name="Delete the step").click()
            expect(steps).to_have_count(count - 1)
        expect(steps).to_have_count(2)
        state = page.locator("hr-plan header [role=status]")
        self._weigh_what_is_asked(state)
        expect(state).to_contain_text("may be saved")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(state).to_have_text("Saved")

    def _weigh_what_is_asked(self, state: Locator) -> None:
        """What no remaining question measures is said beside its weight, and taken out."""
        page = self.page
        rows = page.locator("hr-plan hr-weights li[data-dimension]")
        expect(state).to_contain_text(re.compile("problem|may be saved"))
        unmeasured = rows.filter(has_text="no question measures it")
        while unmeasured.count():
            count = rows.count()
            unmeasured.first.get_by_role("button", name="Remove dimension").click()
            expect(rows).to_have_count(count - 1)
            self._to_hundred(page.locator("hr-plan"))
            expect(state).to_contain_text(re.compile("problem|may be saved"))

    def invite(self, folder: Path, people: Sequence[tuple[str, str]]) -> None:
        """From a spreadsheet with one wrong row: that is told, and the others are invited by e-mail."""
        rows = [*people[:1], ("Nobody", "not-an-address"), *people[1:]]
        sheet = folder / "candidates.xlsx"
        sheet.write_bytes(write_table(["Name", "Email", "Language"], [[*row, "en"] for row in rows]))
        page = self.page
        page.get_by_role("link", name="The job's plans").click()
        page.locator(".tabs a", has_text="Invitations").click()
        page.get_by_role("button", name="Import spreadsheet").click()
        page.set_input_files("dialog[open] [name=sheet]", sheet)
        wrong = page.locator("dialog[open] table").first.locator("tbody tr")
        expect(wrong).to_have_count(1)
        assert wrong.inner_text().split("\t")[:3] == ["3", "E-mail", "This is not an e-mail address."]
        page.get_by_role("button", name=f"Invite these {len(people)}").click()
        expect(page.locator("dialog[open] viva-copy input")).to_have_count(len(people))
        page.get_by_role("button", name="Close", exact=True).click()

    def invitation(self, name: str) -> Locator:
        return self.page.locator("hr-invitations tr", has_text=name)
