"""Headless Firefox with a camera and a microphone of its own, driven by WebDriver BiDi without a driver.

Firefox itself listens for BiDi (W3C, "WebDriver BiDi") where it is started with `--remote-debugging-port`.
Its fake devices are a moving picture without a face and a tone.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

T = TypeVar("T")
START_S = 120.0
STEP_S = 60.0
PREFERENCES: dict[str, bool | int | str] = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    # Loopback alone: it would gather no candidate, and name the others by mDNS, which nobody answers here.
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    # Nothing goes out by itself.
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.region.network.url": "",
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.search.update": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}


def executable() -> str | None:
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """One browser. `page()` opens a tab; every call waits for its answer, at most `STEP_S` seconds."""

    def __init__(self, url: str) -> None:
        # A thread of its own: Chromium's driver runs a loop in the one that tests are in.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="firefox", daemon=True)
        self._thread.start()
        self._ids = itertools.count(1)
        self._said: dict[str, list[str]] = {}  # by browsing context
        self._http, self._socket = self._wait(self._connect(url), START_S)
        try:
            self.call("session.new", {"capabilities": {}}, START_S)
            self.call("session.subscribe", {"events": ["log.entryAdded"]})
        except BaseException:
            self.close()
            raise

    def page(self) -> Tab:
        context = str(self.call("browsingContext.create", {"type": "tab"})["context"])
        return Tab(self, context, self._said.setdefault(context, []))

    def call(self, method: str, parameters: dict[str, Any], timeout_s: float = STEP_S) -> dict[str, Any]:
        """Raises RuntimeError with the browser's own words, TimeoutError."""
        return self._wait(self._call(method, parameters), timeout_s)

    def close(self) -> None:
        self._wait(self._http.close(), STEP_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, work: Coroutine[Any, Any, T], timeout_s: float) -> T:
        return asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, timeout_s), self._loop).result()

    async def _connect(self, url: str) -> tuple[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse]:
        http = aiohttp.ClientSession()
        return http, await http.ws_connect(f"{url}/session", max_msg_size=0)

    async def _call(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        number = next(self._ids)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while True:
            said = await self._socket.receive_json()
            if said.get("type") == "event":
                self._note(said["params"])
            elif said.get("id") == number:
                if said["type"] == "error":
                    raise RuntimeError(f"{method}: {said['error']}: {said['message']}")
                return dict(said["result"])

    def _note(self, entry: dict[str, Any]) -> None:
        context = entry.get("source", {}).get("context", "")
        if entry.get("level") in ("error", "warn"):
            self._said.setdefault(context, []).append(f"{entry['level']}: {entry.get('text')}")


class Tab:
    """One page. `faults` are the errors and warnings on its console so far."""

    def __init__(self, firefox: Firefox, context: str, faults: list[str]) -> None:
        self._firefox, self._context, self.faults = firefox, context, faults

    def goto(self, url: str) -> None:
        self._firefox.call(
            "browsingContext.navigate", {"context": self._context, "url": url, "wait": "complete"}
        )

    def before_load(self, script: str) -> None:
        """Runs in every page before its own scripts."""
        self._firefox.call(
            "script.addPreloadScript",
            {"functionDeclaration": f"() => {{ {script} }}", "contexts": [self._context]},
        )

    def evaluate(self, expression: str, timeout_s: float = STEP_S) -> Any:
        """The value of an expression, or what its promise gives, by way of JSON, as if a person had acted."""
        found = self._firefox.call(
            "script.evaluate",
            {
                "expression": f"(async () => JSON.stringify((await ({expression})) ?? null))()",
                "target": {"context": self._context},
                "awaitPromise": True,
                "userActivation": True,
            },
            timeout_s,
        )
        if found["type"] == "exception":
            raise RuntimeError(str(found["exceptionDetails"]["text"]))
        return json.loads(found["result"]["value"])

    def wait(self, expression: str, timeout_s: float = STEP_S) -> Any:
        """Until the expression is true. Raises TimeoutError with what the page shows."""
        deadline = time.monotonic() + timeout_s
        while not (found := self.evaluate(expression)):
            if time.monotonic() > deadline:
                shown = self.evaluate("document.body.innerText")
                raise TimeoutError(f"{expression}\nthe page shows: {shown}\nconsole: {self.faults}")
            time.sleep(0.1)
        return found

    def has(self, selector: str) -> bool:
        return bool(self.evaluate(f"document.querySelector({json.dumps(selector)}) !== null"))

    def click(self, selector: str) -> None:
        """Once it is there and may be clicked."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.wait(f"{found} && !{found}.disabled")
        self.evaluate(f"{found}.click()")

    def text(self, selector: str) -> str:
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """A browser with an empty profile in `folder`; its processes are gone afterwards."""
    program = executable()
    assert program is not None
    profile = folder / "profile"
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines))
    log = folder / "firefox.log"
    command = [
        program,
        "--headless",
        "--no-remote",
        "--profile",
        str(profile),
        "--remote-debugging-port",
        "0",
    ]
    environment = os.environ | {"HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"}
    with log.open("wb") as sink:
        process = subprocess.Popen([*command, "about:blank"], stdout=sink, stderr=sink, env=environment)
    try:
        browser = Firefox(_listening(log, process))
        try:
            yield browser
        finally:
            browser.close()
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listening(log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text(errors="replace")):
            return found[1]
        time.sleep(0.1)
    raise RuntimeError(f"Firefox does not listen:\n{log.read_text(errors='replace')[-2000:]}")
