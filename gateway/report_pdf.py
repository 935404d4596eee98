"""A report as PDF, A4: WeasyPrint sets what the template holds. Nothing is fetched from anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from math import cos, pi, sin
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from PIL import ImageFile

from gateway.report_book import Shown, between, questions, text
from gateway.report_words import WORDS
from interviews.report import Report

_RADIUS = 80.0
_LEFT, _WIDTH = 64.0, 454.0  # of the line of the interview
_LANES: Mapping[str, tuple[str, ...]] = {
    "question": ("question",),
    "note": ("annotation", "interjection"),
    "held": ("pause", "link"),
    "fact": ("fact",),
}


class FetchRefused(ValueError):
    """The document asked for something outside itself."""


def report_pdf(report: Report, shown: Shown) -> bytes:
    """Takes about a second of one core: call it in a thread. Raises OSError where no font can be found."""
    from weasyprint import HTML  # loads Pango: for those alone who print

    # WeasyPrint tells Pillow, for the whole process, to take pictures cut short: uploads must not be.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return bytes(HTML(string=report_html(report, shown), url_fetcher=_refuse).write_pdf())


def report_html(report: Report, shown: Shown) -> str:
    """Self-contained; whatever a person said or typed is escaped."""
    scored = [one for one in report.scores.dimensions if one.score is not None]
    return _template().render(
        report=report,
        shown=shown,
        w=WORDS[shown],
        say=lambda message: text(message, shown),
        between=between,
        questions=questions(report, shown),
        clock=_clock,
        date=_day(report.created_at),
        day=_day,
        numbers={one.question: n for n, one in enumerate(report.transcript.questions, start=1)},
        names={one.dimension: one.name.get(shown, one.dimension) for one in report.scores.dimensions},
        lanes=_lanes(report),
        left=_LEFT,
        span_width=_WIDTH,
        radar=_radar([one.score or 0.0 for one in scored]) if len(scored) > 2 else None,
        scored=scored,
    )


@lru_cache(1)
def _template() -> Template:
    found = Environment(
        loader=PackageLoader("gateway", "templates"), autoescape=True, undefined=StrictUndefined
    )
    return found.get_template("report.html.j2")


def _radar(values: list[float]) -> dict[str, Any]:
    """Points of the chart around (0, 0), as SVG has them."""

    def at(index: int, share: float) -> tuple[float, float]:
        angle = 2 * pi * index / len(values) - pi / 2
        return round(_RADIUS * share * cos(angle), 1), round(_RADIUS * share * sin(angle), 1)

    def ring(shares: list[float]) -> str:
        return " ".join(f"{x},{y}" for x, y in (at(i, share) for i, share in enumerate(shares)))

    return {
        "rings": [ring([share] * len(values)) for share in (0.25, 0.5, 0.75, 1.0)],
        "area": ring([value / 100 for value in values]),
        "names": [at(i, 1.2) for i in range(len(values))],
    }


def _lanes(report: Report) -> list[tuple[str, list[dict[str, Any]]]]:
    """What is drawn in each lane that has something, from left to right."""
    scale = _WIDTH / max(1.0, report.media_time)
    numbers = {one.question: n for n, one in enumerate(report.transcript.questions, start=1)}
    lanes = [
        (
            name,
            [
                {
                    "kind": one.kind,
                    "x": round(_LEFT + scale * one.start, 1),
                    "width": round(max(1.5, scale * (one.end - one.start)), 1),
                    "number": numbers.get(one.ref, ""),
                }
                for one in report.timeline
                if one.kind in kinds
            ],
        )
        for name, kinds in _LANES.items()
    ]
    return [(name, marks) for name, marks in lanes if marks]


def _day(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 60:02d}:{whole % 60:02d}"


def _refuse(url: str, *_: Any, **__: Any) -> Any:
    raise FetchRefused(url)
