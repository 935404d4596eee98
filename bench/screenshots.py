"""`python -m bench screenshots`: both pages as people see them, with a real candidate in a real browser.

Writes `{page}-{step}-{language}-{width}x{height}.png`, and the same in dark colours with `-dark` in the name.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import aiohttp
from playwright.sync_api import Browser, Page

from bench import passage
from bench.browser import COLLECT_PEERS, LOSE_PEER, BrowserMissing, CandidatePage, Capture, chromium
from bench.local_server import LocalServer
from bench.server import ServerError

SIZES = ((390, 844), (1440, 900))
SETTLE_MS = 500
NAMES = {"zh": "林晓雨", "en": "Lin Xiaoyu"}
OTHERS = {"zh": ("周一鸣", "沈佳"), "en": ("Zhou Yiming", "Shen Jia")}
FOREIGN_HOST = "interviews.example"  # a name that is not localhost, so that the page lacks a secure context


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("screenshots"), help="folder (screenshots/)")
    parser.add_argument("--url", help="a server that runs; left out: one is started")
    parser.add_argument("--token", help="its API token")
    parser.add_argument("--mandarin", type=Path, metavar="FILE", help="speech for the Chinese interview")


def main(options: argparse.Namespace) -> int:
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        with ExitStack() as stack:
            url, token = options.url, options.token
            if not url:
                print("starting a server …")
                local = stack.enter_context(LocalServer())
                asyncio.run(_ready(local))
                url, token = local.url, local.token
            for language in ("zh", "en"):
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="viva-camera-")))
                capture = Capture.default(folder, options.mandarin if language == "zh" else None)
                spoken = "zh" if language == "zh" and options.mandarin else "en"
                with chromium(capture, {FOREIGN_HOST: "127.0.0.1"}) as browser:
                    count = Session(browser, url, token, language, spoken, options.out).play()
                print(f"{count} pictures with {language} pages in {options.out}/")
    except (BrowserMissing, ServerError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


async def _ready(local: LocalServer) -> None:
    async with aiohttp.ClientSession() as http:
        await local.ready(http)


DENY_DEVICES = """
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
"""


class Session:
    """One interview in one language, photographed at every step."""

    def __init__(self, browser: Browser, url: str, token: str, language: str, spoken: str, out: Path) -> None:
        self._browser = browser
        self._url = url.rstrip("/")
        self._token = token
        self._language = language
        self._spoken = spoken
        self._out = out
        self._count = 0

    def play(self) -> int:
        """Returns the number of pictures written."""
        name = NAMES[self._language]
        for other in OTHERS[self._language]:
            self._create(other)
        made = self._create(name)
        self._insecure(made["candidate_url"])
        self._denied(made["candidate_url"])
        hr = self._page(f"{self._url}/hr?lang={self._language}#t={self._token}")
        hr.wait_for_selector("hr-sessions .session-list a")

        page = self._page("about:blank")
        candidate = CandidatePage(page, made["candidate_url"], f"?fidelity=1&lang={self._language}")
        self._take(page, "candidate", "welcome")
        candidate.agree()
        page.wait_for_selector('viva-camera[data-state="good"]')
        self._take(page, "candidate", "check")
        candidate.begin()
        page.wait_for_timeout(9000)
        self._take(page, "candidate", "interview")
        page.wait_for_timeout(12_000)

        self._take(hr, "hr", "list")
        self._new_interview(hr)
        hr.goto(f"{self._url}/hr?lang={self._language}#s={made['id']}")
        hr.wait_for_selector("hr-captions .transcript-line[data-final=true]")
        self._take(hr, "hr", "live")
        self._take(hr, "hr", "live-whole", whole=True)

        self._reconnecting(page)
        candidate.next()
        page.wait_for_timeout(8000)
        candidate.ask_to_finish()
        self._take(page, "candidate", "finish")
        candidate.confirm()
        self._take(page, "candidate", "done")
        hr.wait_for_selector("hr-result .overall", timeout=60_000)
        hr.evaluate("scrollTo(0, 0)")
        self._take(hr, "hr", "result")
        hr.locator("hr-result details").evaluate_all("all => all.slice(0, 2).forEach(one => one.open = true)")
        self._take(hr, "hr", "result-whole", whole=True)
        return self._count

    def _reconnecting(self, page: Page) -> None:
        page.route("**/whip/*", lambda route: route.abort())
        page.evaluate(LOSE_PEER)
        page.wait_for_selector("candidate-interview .notices .warn")
        self._take(page, "candidate", "reconnecting")
        page.unroute("**/whip/*")
        page.wait_for_selector("candidate-interview .notices .warn", state="detached")

    def _denied(self, candidate_url: str) -> None:
        page = self._page("about:blank")
        page.add_init_script(DENY_DEVICES)
        page.goto(candidate_url.replace("#", f"?lang={self._language}#"))
        page.click("candidate-welcome .primary")
        page.click("candidate-consent .actions .primary")
        page.wait_for_selector("candidate-check .trouble .notice")
        self._take(page, "candidate", "denied")
        page.close()

    def _insecure(self, candidate_url: str) -> None:
        where = candidate_url.replace("127.0.0.1", FOREIGN_HOST).replace("#", f"?lang={self._language}#")
        page = self._page(where)
        page.wait_for_selector("candidate-blocked")
        self._take(page, "candidate", "insecure")
        page.close()

    def _new_interview(self, hr: Page) -> None:
        hr.click(".new-interview")
        hr.fill("hr-new input[name=candidate]", "陈思远" if self._language == "zh" else "Chen Siyuan")
        self._take(hr, "hr", "new")
        hr.click("hr-new form .primary")
        hr.wait_for_selector("hr-new viva-copy")
        self._take(hr, "hr", "link")
        hr.keyboard.press("Escape")

    def _page(self, url: str) -> Page:
        # Two device pixels for one, as on the screens that people have.
        page = self._browser.new_page(viewport={"width": 1440, "height": 900}, device_scale_factor=2)
        page.add_init_script(COLLECT_PEERS)
        page.goto(url)
        return page

    def _take(self, page: Page, of: str, step: str, *, whole: bool = False) -> None:
        page.bring_to_front()
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                page.wait_for_timeout(SETTLE_MS)
                suffix = "-dark" if scheme == "dark" else ""
                name = f"{of}-{step}-{self._language}-{width}x{height}{suffix}.png"
                page.screenshot(path=self._out / name, full_page=whole)
                self._count += 1
        page.emulate_media(color_scheme="light")

    def _create(self, candidate: str) -> dict[str, Any]:
        questions = [
            passage.QUESTION.model_dump(mode="json"),
            {
                "id": "today",
                "text": {"en": "Which of these are true of our own time?", "zh": "其中哪些也适用于今天？"},
                "answer_s": 90,
            },
        ]
        body = {"candidate": candidate, "language": self._spoken, "questions": questions}
        request = urllib.request.Request(  # noqa: S310
            f"{self._url}/api/v1/sessions",
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            made: dict[str, Any] = json.load(answer)
        return made
