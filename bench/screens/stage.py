"""What every room of the tour has: a server, a browser, the language, and `take`, which looks at a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
from playwright.sync_api import Browser, BrowserContext, Page

from bench.browser import COLLECT_PEERS
from bench.screens.words import WORDS, Language, Words

DESKTOP, PHONE = (1440, 900), (390, 844)
STEP_MS = 90_000  # of a machine that does other things as well
# A name that is not localhost, so that a page on it lacks a secure context; the browser maps it to loopback.
FOREIGN_HOST = "interviews.example"


class Take(Protocol):
    def __call__(self, page: Page, name: str, *, whole: bool = False) -> None:
        """Looks at the page as it stands. `whole`: all of it, not only what fits the screen."""


@dataclass
class Stage:
    """One tour in one language. `data`: the folder of the server. `models`: real ones; waits are longer."""

    browser: Browser
    url: str
    token: str
    data: Path
    language: Language
    take: Take
    models: bool = True
    desk: BrowserContext | None = None  # of the first administrator
    job: str = ""
    plan: str = ""
    scale: float = 2  # device pixels for one of the page's; two, as on the screens that people have
    links: dict[str, str] = field(default_factory=dict)  # of invitations, by name

    @property
    def words(self) -> Words:
        return WORDS[self.language]

    def context(self, size: tuple[int, int] = DESKTOP) -> BrowserContext:
        """Of a person's own: cookies and storage are shared with nobody."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            device_scale_factor=self.scale,
            locale="zh-CN" if self.language == "zh" else "en-GB",
            timezone_id="Asia/Shanghai",
            permissions=["camera", "microphone"],
        )
        context.set_default_timeout(STEP_MS)
        context.add_init_script(COLLECT_PEERS)
        return context

    def page(self, path: str, size: tuple[int, int] = DESKTOP, context: BrowserContext | None = None) -> Page:
        """At a path of the server, or at a whole address; in the language of the tour."""
        page = (context or self.context(size)).new_page()
        page.goto(self.address(path))
        return page

    def address(self, path: str) -> str:
        place, mark, fragment = (path if "://" in path else self.url + path).partition("#")
        return f"{place}{'&' if '?' in place else '?'}lang={self.language}{mark}{fragment}"

    def hr(self, place: str) -> Page:
        """HR's page at a place as "/jobs", of whoever was signed in first."""
        return self.page(f"/hr#{place}", context=self.desk)

    def goto(self, page: Page, place: str, there: str) -> None:
        """Another place of HR's page, once `there` is shown."""
        page.evaluate("(place) => { location.hash = place; }", f"#{place}")
        page.wait_for_selector(there)

    def call(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if token is None else {}
        url = f"{self.url}/api/v1{path}"
        answer = httpx.request(method, url, headers=headers, json=body, timeout=60, trust_env=False)
        return answer.raise_for_status().json()

    def command(self, session: str, name: str, **fields: Any) -> None:
        self.call("POST", f"/sessions/{session}/commands", {"command": name, "id": f"tour-{name}", **fields})
