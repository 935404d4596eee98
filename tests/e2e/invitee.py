"""A candidate at a browser, from the link in the mail to the survey, as a person would go."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

SLOW_MS = 120_000  # for what waits for media or models
START, FINISH = "Start answering now", "Finish answer"


class Invitee:
    """`session` and `token` are known once the link is bound to this device."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session = self.token = ""
        page.set_default_timeout(60_000)

    def open(self, link: str, title: str) -> None:
        """`fidelity=1` leaves the recording as it is: no echo cancellation, no noise suppression."""
        page = self.page
        page.goto(f"{link}?lang=en&fidelity=1")
        expect(page.locator("candidate-link h1")).to_have_text(title)
        with page.expect_response("**/api/v1/invitations/claim") as claimed:
            page.get_by_role("button", name="Start on this device").click()
        made = claimed.value.json()
        self.session, self.token = made["session"], made["token"]
        page.click("candidate-welcome .primary")

    def consent(self, *given: str) -> None:
        """Nothing is ticked beforehand; only what is given is."""
        page = self.page
        switches = page.locator("candidate-consent input[role=switch]")
        expect(switches).to_have_count(3)
        assert [switch.is_checked() for switch in switches.all()] == [False] * 3
        for name in given:
            page.check(f"candidate-consent input[name={name}]")
        page.click("candidate-consent .actions .primary")

    def show_id(self, photo: Path) -> None:
        """A photo of the ID card, compared with the live face; once more where that was not seen well."""
        page = self.page
        choose = page.locator("candidate-identity section .button").first
        told = page.locator("candidate-identity .notice").first
        for _ in range(3):
            expect(choose).to_be_enabled(timeout=SLOW_MS)
            page.set_input_files("candidate-identity input[type=file]:not([capture])", photo)
            expect(told).to_contain_text("Look straight at the camera", timeout=SLOW_MS)
            expect(told).not_to_contain_text("Look straight at the camera", timeout=SLOW_MS)
            if "not seen well enough" not in told.inner_text():
                break
        expect(told).to_contain_text("you look like the person on the photo")
        page.click("candidate-identity .actions .primary")

    def check_devices(self) -> None:
        go = self.page.locator("candidate-check .actions .primary")
        expect(go).to_be_enabled(timeout=SLOW_MS)
        go.click()

    def begin(self) -> None:
        """Without practising; the guidance is read, and the first question asked for."""
        page = self.page
        page.click("candidate-practice .actions .button:not(.primary)")
        expect(page.locator(".guide-lines")).to_contain_text("2 structured questions")
        page.click("candidate-guide .actions .primary")
        expect(page.locator(".question-number")).to_have_text("Question 1 of 3")

    @property
    def forward(self) -> Locator:
        return self.page.locator("candidate-interview .actions .primary")

    @property
    def timer(self) -> str:
        return self.page.inner_text("candidate-timer")

    def start_answering(self) -> None:
        """Before the time to think is over, or with its end."""
        expect(self.forward).to_have_text(re.compile(f"{START}|{FINISH}"))
        if self.forward.inner_text() == START:
            self.forward.click()
        expect(self.forward).to_have_text(FINISH)

    def finish_answer(self) -> None:
        """Before the time to answer is over, or with its end."""
        if self.forward.inner_text() == FINISH:
            self.forward.click()
        expect(self.forward).to_have_text("Finish" if self.last else "Next question")

    @property
    def last(self) -> bool:
        return self.page.inner_text(".question-number") == "Question 3 of 3"

    def next(self, number: int) -> None:
        self.forward.click()
        expect(self.page.locator(".question-number")).to_have_text(f"Question {number} of 3")

    def finish(self) -> None:
        """Asked already where the time to answer was over just as the answer was finished."""
        sure = self.page.locator("candidate-interview dialog[aria-labelledby=finish-ask] .primary")
        if not sure.is_visible():
            self.forward.click()
        sure.click()
        self.page.wait_for_selector("candidate-done")

    def answer_survey(self, text: str) -> None:
        page = self.page
        for topic, mark in (("overall", 5), ("clarity", 4), ("technical", 3)):
            page.check(f"candidate-survey input[name={topic}][value='{mark}']")
        page.fill("candidate-survey textarea", text)
        page.get_by_role("button", name="Send").click()
        expect(page.locator(".survey-thanks")).to_be_visible()
