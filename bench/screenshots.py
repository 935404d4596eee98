"""`python -m bench screenshots`: every page and step, with a real candidate in a real browser.

Writes `{room}-{step}-{language}-{width}x{height}.png`, the candidate's steps on a phone and HR's on a
desktop in dark colours as well (`-dark`).
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
import wave
from contextlib import ExitStack
from pathlib import Path

import aiohttp
from playwright.sync_api import Page

from bench.browser import BrowserMissing, Capture, chromium
from bench.local_server import LocalServer
from bench.screens.stage import DESKTOP, FOREIGN_HOST, PHONE, Stage
from bench.screens.tour import tour
from bench.screens.words import WORDS, Language
from bench.server import ServerError

SETTLE_MS = 250


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("screenshots"), help="folder (screenshots/)")
    parser.add_argument("--language", choices=("zh", "en"), help="of the pages and of the interview (both)")


def main(options: argparse.Namespace) -> int:
    """Exit status 0; 1: no browser, or the server failed."""
    options.out.mkdir(parents=True, exist_ok=True)
    languages: tuple[Language, ...] = (options.language,) if options.language else ("zh", "en")
    try:
        for language in languages:
            began = time.monotonic()
            camera = Camera(options.out, language)
            _play(language, camera)
            took = time.monotonic() - began
            print(
                f"{camera.count} pictures of {language} pages in {options.out}/ after {took:.0f} s",
                flush=True,
            )
    except (BrowserMissing, ServerError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _play(language: Language, camera: Camera) -> None:
    """A server of its own for each language: each begins with nobody and nothing."""
    with ExitStack() as stack:
        local = stack.enter_context(LocalServer())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="viva-camera-")))
        capture = Capture.default(folder, _spoken(folder / "answer.wav", language))
        asyncio.run(_ready(local))
        with chromium(capture, {FOREIGN_HOST: "127.0.0.1"}) as browser:
            tour(Stage(browser, local.url, local.token, local.data, language, camera.take))


async def _ready(local: LocalServer) -> None:
    async with aiohttp.ClientSession() as http:
        await local.ready(http)


def _spoken(path: Path, language: Language) -> Path:
    """The candidate's answer, said by the embedded voice."""
    from models.speaking.voices import Voices

    sound = Voices().speak(WORDS[language].answer, language)
    with wave.open(str(path), "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(sound.rate)
        sink.writeframes(sound.samples.tobytes())
    return path


class Camera:
    """Takes each step on a phone and on a desktop."""

    def __init__(self, out: Path, language: Language) -> None:
        self.count = 0
        self._out, self._language = out, language

    def take(self, page: Page, name: str, *, whole: bool = False) -> None:
        page.bring_to_front()
        was = page.viewport_size
        for size in (PHONE, DESKTOP):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            dark = (size == PHONE) == name.startswith("candidate")
            for scheme in ("light", "dark") if dark else ("light",):
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                page.wait_for_timeout(SETTLE_MS)
                suffix = "-dark" if scheme == "dark" else ""
                file = f"{name}-{self._language}-{size[0]}x{size[1]}{suffix}.png"
                page.screenshot(path=self._out / file, full_page=whole)
                self.count += 1
        page.emulate_media(color_scheme="light")
        if was:
            page.set_viewport_size(was)
