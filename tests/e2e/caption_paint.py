"""How long after its media time each caption is painted on HR's page, measured beside the page's own figure.

Of each live caption event that comes over the page's WebSocket: `arrived` (in the page's message event) and
`painted` (after the frame in which the transcript's line first holds its text, or a later text of the same
utterance), ms since 1970 by the browser's clock. Server and browser are one machine here, so its clock is
the server's too, and the media clock is read in the server's own process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from playwright.sync_api import Page

# A message posted from within an animation frame is handled after that frame was made.
HOOK = """
(() => {
    const shown = window.shownCaptions = [];
    let waiting = [];
    const here = () => performance.timeOrigin + performance.now();
    const Socket = window.WebSocket;
    window.WebSocket = class extends Socket {
        constructor(...given) {
            super(...given);
            let opened = Infinity;
            this.addEventListener("open", () => { opened = here(); });
            this.addEventListener("message", ({ data }) => {
                const { at, media_time, data: caption } = JSON.parse(data);
                const kind = /^transcript\\.(partial|final)$/.exec(caption?.type)?.[1];
                if (!kind || !caption.text || Date.parse(at) < opened) return;
                if (!document.querySelector("hr-captions")) return; // the wall hears of them too
                waiting.push({ kind, media_time, arrived: here(), ...caption });
            });
        }
    };
    new MutationObserver(() => {
        if (!waiting.length) return;
        const texts = new Set([...document.querySelectorAll("hr-captions .transcript-line")]
            .filter((row) => !row.hidden).map((row) => row.lastChild.textContent));
        const there = new Set();
        const done = [...waiting].reverse().filter(({ utterance, text }) => {
            if (texts.has(text)) there.add(utterance);
            return there.has(utterance);
        });
        waiting = waiting.filter((one) => !done.includes(one));
        if (!done.length) return;
        requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => {
                for (const { kind, media_time, end, arrived } of done.reverse())
                    shown.push({ kind, media_time, end, arrived, painted: here() });
            };
            port2.postMessage(null);
        });
    }).observe(document, { subtree: true, childList: true, characterData: true });
})();
"""


@dataclass(frozen=True)
class Lag:
    """Seconds: percentiles (50, 95, 100)."""

    events: int
    shown: tuple[float, float, float]  # event's media time → painted
    way: tuple[float, float, float]  # event's media time → in the page
    heard: tuple[float, float, float]  # end of the sound that a caption has heard → painted

    def __str__(self) -> str:
        def words(figures: tuple[float, float, float]) -> str:
            return "p50 {:.0f}, p95 {:.0f}, most {:.0f}".format(*(1000 * one for one in figures))

        return (
            f"{self.events} captions on HR's page (ms): event's media time to painted {words(self.shown)};"
            f" to arrived {words(self.way)}; end of the sound heard to painted {words(self.heard)}"
        )


def zero_of(media_time: Callable[[], float], looks: int = 20) -> float:
    """Seconds since 1970 at media time 0; the clock may stand ahead for a moment, where an event put it."""
    found = []
    for _ in range(looks):
        found.append(time.time() - media_time())
        time.sleep(0.005)
    return max(found)


def wait_for_captions(page: Page, count: int, timeout_s: float) -> None:
    """Until so many were painted, or the time is over."""
    deadline = time.monotonic() + timeout_s
    while page.evaluate("window.shownCaptions.length") < count and time.monotonic() < deadline:
        page.wait_for_timeout(500)


def lag(page: Page, zero: float) -> Lag:
    """Of what the page has shown since it was opened with HOOK. Raises ValueError where it showed nothing."""
    told: Sequence[dict[str, Any]] = page.evaluate("window.shownCaptions")
    if not told:
        raise ValueError("no live caption was painted")

    def after(since: str, until: str) -> tuple[float, float, float]:
        gaps = [one[until] / 1000 - (zero + one[since]) for one in told]
        p50, p95, most = np.percentile(gaps, (50, 95, 100))
        return float(p50), float(p95), float(most)

    return Lag(
        len(told),
        after("media_time", "painted"),
        after("media_time", "arrived"),
        after("end", "painted"),
    )
