"""One real server for the end-to-end tests, and a real browser whose camera and microphone play files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from bench.browser import BrowserMissing, Capture, chromium, executable
from inference.settings import InferenceSettings
from tests.e2e.threaded import ThreadedServer

FOREIGN_HOST = "interviews.example"  # resolves to this machine, yet is not localhost


@pytest.fixture(scope="session")
def live_server(
    serving: InferenceSettings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ThreadedServer]:
    with ThreadedServer(serving, tmp_path_factory.mktemp("data")) as threaded:
        yield threaded


@pytest.fixture(scope="session")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Capture:
    return Capture.default(tmp_path_factory.mktemp("camera"))


@pytest.fixture(scope="module")
def browser(capture: Capture) -> Iterator[Browser]:
    """One for each module: Playwright's own loop must not stand where tests have theirs."""
    try:
        executable()
    except BrowserMissing as missing:
        pytest.skip(str(missing))
    with chromium(capture, {FOREIGN_HOST: "127.0.0.1"}) as started:
        yield started
