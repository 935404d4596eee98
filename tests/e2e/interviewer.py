"""HR at the wall and at one interview: watches, annotates, pauses, asks, and decides who it is."""

from __future__ import annotations

from playwright.sync_api import Page, expect

PLAYS = """async (name) => {
    const video = document.querySelector(name);
    const before = video.currentTime;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return video.videoWidth > 0 && video.currentTime > before;
}"""


class Interviewer:
    def __init__(self, page: Page) -> None:
        self.page = page

    def watch_all(self, *sessions: str) -> None:
        """The wall: the tile of each plays."""
        page = self.page
        page.locator("hr-nav a", has_text="Live wall").click()
        for session in sessions:
            tile = f"hr-tile:has(a[href='#s={session}'])"
            expect(page.locator(f"{tile} video")).to_be_attached()
            expect(page.locator(f"{tile} .tile-over")).to_be_hidden(timeout=120_000)
            assert page.evaluate(PLAYS, f"{tile} video")

    def open(self, session: str, name: str) -> None:
        """From its tile."""
        page = self.page
        page.click(f"hr-tile a[href='#s={session}']")
        expect(page.locator("hr-session h1")).to_have_text(name)
        expect(page.locator("hr-picture .picture-over")).to_be_hidden(timeout=120_000)
        assert page.evaluate(PLAYS, "hr-picture video")
        expect(page.locator("hr-controls")).to_contain_text("Only you are watching live")

    def annotate(self, text: str) -> None:
        """By the key; the moment that it marks is when the field opens."""
        page = self.page
        page.locator(".session-name h1").click()
        page.keyboard.press("n")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        expect(page.locator("hr-annotations .annotation-text")).to_contain_text(text)

    @property
    def standing(self) -> str:
        return self.page.inner_text("hr-controls .standing")

    def pause(self, reason: str) -> None:
        page = self.page
        page.locator(".reason input").fill(reason)
        page.get_by_role("button", name="Pause", exact=True).click()
        expect(page.locator(".standing")).to_contain_text("the clock stands still")

    def resume(self) -> None:
        page = self.page
        page.get_by_role("button", name="Resume", exact=True).click()
        expect(page.locator(".standing")).not_to_contain_text("stands still")

    def ask(self, text: str) -> None:
        page = self.page
        page.locator(".session-name h1").click()
        page.keyboard.press("i")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        expect(page.locator("hr-controls [role=status]")).to_have_text("The candidate sees the question")

    def decide_identity(self, session: str, reason: str) -> None:
        """Of an interview of the list: it is the person."""
        page = self.page
        page.click(f"hr-sessions a[href='#s={session}']")
        page.locator("hr-identity").get_by_role("button", name="Confirm", exact=True).click()
        page.fill("dialog[open] input[name=reason]", reason)
        page.click("dialog[open] .primary")
        expect(page.locator("hr-identity")).to_contain_text(reason)

    def leave(self) -> None:
        """Where there is room the list stands beside the interview, and there is nothing to leave."""
        back = self.page.locator("hr-session .back")
        if back.is_visible():
            back.click()

    def result(self) -> None:
        """Of the interview that is open, once it is scored."""
        self.page.wait_for_selector("hr-result .overall", timeout=120_000)
