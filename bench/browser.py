"""A real browser as candidate: headless Chromium whose camera and microphone play files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench import virtual_camera

CAMERA_S = 10.0  # Chromium repeats the file
STEP_MS = 30_000
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
)


# For showing and testing what happens when the way to the server is lost: loopback never loses it by itself.
COLLECT_PEERS = """
    window.peers = [];
    const Peer = window.RTCPeerConnection;
    if (Peer) window.RTCPeerConnection = class extends Peer {
        constructor(...given) { super(...given); window.peers.push(this); }
    };
"""
LOSE_PEER = """() => {
    const peer = window.peers.at(-1);
    peer.close();
    Object.defineProperty(peer, "connectionState", { value: "failed" });
    peer.dispatchEvent(new Event("connectionstatechange"));
}"""


class BrowserMissing(Exception):
    """Chromium is not installed."""


@dataclass(frozen=True, slots=True)
class Capture:
    """What the fake devices play: a WAV and a YUV4MPEG2 file, each repeated without end."""

    sound: Path
    picture: Path

    @classmethod
    def default(cls, folder: Path, sound: Path | None = None) -> Capture:
        """The default candidate, or another recording of sound with the same face, written into `folder`."""
        capture = cls(folder / "microphone.wav", folder / "camera.y4m")
        virtual_camera.write_wav(capture.sound, sound, silence_after_s=2.0)
        virtual_camera.write_y4m(capture.picture, CAMERA_S)
        return capture


def executable() -> str:
    """Raises BrowserMissing."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    raise BrowserMissing("chromium is not installed (Debian: apt-get install chromium)")


@contextmanager
def chromium(
    capture: Capture, hosts: Mapping[str, str] | None = None, secure: str | None = None
) -> Iterator[Browser]:
    """`hosts` maps names to addresses, for pages that must not be on localhost. `secure`: an origin that may
    use the camera without https. Raises BrowserMissing."""
    flags = [
        *FLAGS,
        f"--use-file-for-fake-audio-capture={capture.sound}",
        f"--use-file-for-fake-video-capture={capture.picture}",
    ]
    if hosts:
        rules = ", ".join(f"MAP {name} {address}" for name, address in hosts.items())
        flags.append(f"--host-resolver-rules={rules}")
    if secure:
        flags.append(f"--unsafely-treat-insecure-origin-as-secure={secure}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=flags)
        try:
            yield browser
        finally:
            browser.close()


class CandidatePage:
    """The candidate's page, walked through as a person does."""

    def __init__(self, page: Page, url: str, query: str = "?fidelity=1") -> None:
        """`fidelity=1` leaves the recording as it is: no echo cancellation, no noise suppression."""
        self.page = page
        page.set_default_timeout(STEP_MS)
        page.goto(url.replace("/candidate#", f"/candidate{query}#"))
        page.wait_for_selector("candidate-welcome, candidate-blocked")

    def agree(self) -> None:
        """To everything that is asked; then the devices are checked until the interview may begin."""
        self.page.click("candidate-welcome .primary")
        self.consent()
        self.identify()
        expect(self.page.locator("candidate-check .primary")).to_be_enabled(timeout=STEP_MS)

    def consent(self) -> None:
        """Whoever comes back has said it before."""
        self.page.wait_for_selector("candidate-consent, candidate-identity, candidate-check")
        if self.page.locator("candidate-consent").count():
            for switch in self.page.locator("candidate-consent input[role=switch]").all():
                switch.check()
            self.page.click("candidate-consent .actions .primary")

    def identify(self) -> None:
        """Asks for a human identity check where the page asks who it is: the fake camera holds no ID card."""
        self.page.wait_for_selector("candidate-identity, candidate-check")
        if self.page.locator("candidate-identity").count():
            self.page.click("candidate-identity .actions .button:not(.primary)")
            self.page.click("candidate-identity .actions .primary")

    def begin(self) -> None:
        """Without practising; whoever comes back goes on where they were."""
        self.page.click("candidate-check .primary")
        self.page.wait_for_selector("candidate-practice, candidate-guide, candidate-interview")
        if self.page.locator("candidate-practice").count():
            self.page.click("candidate-practice .actions .button:not(.primary)")
            self.page.wait_for_selector("candidate-guide")
        if self.page.locator("candidate-guide").count():
            self.page.click("candidate-guide .actions .primary")
        self.page.wait_for_selector("candidate-interview")

    def wait_for_words(self, words: str, timeout_s: float = 60.0) -> None:
        captions = self.page.locator("candidate-captions .caption-lines")
        expect(captions).to_contain_text(words, ignore_case=True, timeout=timeout_s * 1000)

    def next(self) -> None:
        before = self.page.text_content(".question-number")
        self.page.click("candidate-interview .actions .primary")
        expect(self.page.locator(".question-number")).not_to_have_text(before or "", timeout=STEP_MS)

    def ask_to_finish(self) -> None:
        """At the last question: opens the dialog that asks whether to finish."""
        self.page.click("candidate-interview .actions .primary")
        self.page.wait_for_selector("candidate-interview dialog[open]")

    def finish(self) -> None:
        self.ask_to_finish()
        self.confirm()

    def confirm(self) -> None:
        self.page.click("candidate-interview dialog[aria-labelledby=finish-ask] .primary")
        self.page.wait_for_selector("candidate-done")
