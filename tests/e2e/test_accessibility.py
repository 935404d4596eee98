"""axe-core on every page and step: nothing serious against WCAG 2.2 AA, in any size, language or colours."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from bench.screens.stage import DESKTOP, PHONE, Stage
from bench.screens.tour import tour
from media.settings import MediaSettings
from tests.e2e.threaded import ThreadedServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = ("serious", "critical")
OTHER_LANGUAGE = "document.querySelector('viva-language button').click()"
RUN = """(tags) => axe.run(document, {
    resultTypes: ["violations"], runOnly: { type: "tag", values: tags },
    rules: { "target-size": { enabled: true } },
})"""
# Size, colours, whether axe looks at the other language: two looks, in which each of all these stands once.
LOOKS = ((PHONE, "light", False), (DESKTOP, "dark", True))


class Audit:
    """What axe finds: by rule, impact and element, with the steps where it stands."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str, str], list[str]] = {}
        self.steps: list[str] = []
        self._script = Axe().axe_script

    def take(self, page: Page, name: str, *, whole: bool = False) -> None:
        page.bring_to_front()
        was = page.viewport_size
        self.steps.append(name)
        if not page.evaluate("Boolean(window.axe)"):
            page.evaluate(self._script)
        for (width, height), scheme, other in LOOKS:
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            for switched in (False, True):  # in both languages nothing sticks out
                where = f"{name} {width} {scheme}{' switched' if switched else ''}"
                if switched == other:
                    self._look(page, where)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where
                page.evaluate(OTHER_LANGUAGE)
        page.emulate_media(color_scheme="light")
        if was:
            page.set_viewport_size(was)

    def _look(self, page: Page, where: str) -> None:
        for violation in page.evaluate(RUN, TAGS)["violations"]:
            for node in violation["nodes"]:
                self._note(violation, node, where)

    def _note(self, violation: dict[str, Any], node: dict[str, Any], where: str) -> None:
        why = " ".join(one["message"] for one in (*node["any"], *node["all"], *node["none"]))
        what = f"{violation['id']}: {node['html'][:160]} | {why[:200]}"
        self.found.setdefault((str(node["impact"] or violation["impact"]), violation["id"], what), []).append(
            where
        )

    def told(self, impacts: tuple[str, ...]) -> list[str]:
        return [
            f"[{impact}] {what} — {len(steps)}×, first {steps[0]}"
            for (impact, _, what), steps in sorted(self.found.items())
            if impact in impacts
        ]


def test_no_page_has_a_serious_fault(browser: Browser, tmp_path: Path) -> None:
    began = time.monotonic()
    audit = Audit()
    data = tmp_path / "data"
    with ThreadedServer(None, data, media=MediaSettings(ice_hosts=("127.0.0.1",))) as server:
        tour(Stage(browser, server.url, server.token, data, "zh", audit.take, models=False, scale=1))
    print(f"\n{len(audit.steps)} steps, {len(LOOKS)} looks at each, {time.monotonic() - began:.0f} s")
    for line in audit.told(("minor", "moderate")):
        print(line)
    assert len(audit.steps) > 60
    assert audit.told(GRAVE) == []
