"""What the browser tests share: sessions over HTTP, and pages that remember what went wrong in them."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from bench import passage
from tests.e2e.threaded import ThreadedServer

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1440, "height": 900}
QUESTIONS = [
    passage.QUESTION.model_dump(mode="json"),
    {"id": "own-time", "text": {"en": "And our own time?", "zh": "今天呢？"}, "answer_s": 60},
]
REPORT_VIOLATIONS = """
    window.violations = [];
    addEventListener("securitypolicyviolation", (event) =>
        window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""
# How much the picture of HR's page changes in 0.7 s: the mean over its pixels, of 255.
LOOK = """async () => {
    const video = document.querySelector("hr-picture video");
    const canvas = new OffscreenCanvas(80, 60);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const grab = () => {
        context.drawImage(video, 0, 0, 80, 60);
        return context.getImageData(0, 0, 80, 60).data;
    };
    const before = grab();
    await new Promise((resolve) => setTimeout(resolve, 700));
    const after = grab();
    let change = 0;
    for (let i = 0; i < before.length; i += 4) change += Math.abs(before[i] - after[i]);
    return change / (80 * 60);
}"""


def call(server: ThreadedServer, method: str, path: str, body: Any = None, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token or server.token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server.url + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def create(server: ThreadedServer, **more: Any) -> Any:
    body = {"candidate": "Lin Xiaoyu", "language": "en", "questions": QUESTIONS, **more}
    return call(server, "POST", "/api/v1/sessions", body)


def events(server: ThreadedServer, session: str) -> list[Any]:
    found: list[Any] = []
    while True:
        after = found[-1]["seq"] if found else 0
        page = call(server, "GET", f"/api/v1/sessions/{session}/events?after={after}")["events"]
        if not page:
            return found
        found += page


class Watched:
    """A browser context of its own with pages whose faults are kept in `faults`."""

    def __init__(self, browser: Browser, viewport: dict[str, int], *scripts: str) -> None:
        self.context: BrowserContext = browser.new_context(viewport=viewport)  # type: ignore[arg-type]
        self.context.add_init_script(REPORT_VIOLATIONS)
        for script in scripts:
            self.context.add_init_script(script)
        self.faults: list[str] = []
        self._pages: list[Page] = []

    def page(self) -> Page:
        page = self.context.new_page()
        page.on("console", lambda said: self._console(said.type, said.text, said.location.get("url", "")))
        page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        self._pages.append(page)
        return page

    def _console(self, kind: str, text: str, url: str) -> None:
        # Where nothing is read aloud the page is told so, and the browser writes down that it was.
        unspoken = "/speech?" in url and "404" in text
        nobody = url.endswith("/api/v1/me") and "401" in text  # so the sign-in learns that nobody is in
        if kind in ("error", "warning") and not unspoken and not nobody:
            self.faults.append(f"console {kind}: {text} {url}")

    def violations(self) -> list[str]:
        return [one for page in self._pages for one in page.evaluate("window.violations")]

    def close(self) -> None:
        self.context.close()
