"""From everything that came back to the figures: latency, losses, error rates, loop lag, memory.

Latencies are wall time of receipt against wall time of speech: the media clock's zero is the arrival of the
first packet, which on loopback is the moment it left. `None` means not measured, never zero.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.core import machine
from bench.core.error_rates import ErrorRate, error_rate, language_of
from bench.core.statistics import percentile
from bench.server import Json
from bench.session import CandidateRun


@dataclass(frozen=True, slots=True)
class CandidateFigures:
    """One candidate. Times in milliseconds; `overall` is the score, 0–100."""

    candidate: int
    session: str
    sound_sent_ms: float
    sound_heard_ms: float | None
    sound_lost_ms: float | None
    utterances: int
    words: int
    partials: int
    first_caption_ms: float | None
    caption_lag_p50_ms: float | None
    caption_lag_p95_ms: float | None
    final_p50_ms: float | None
    final_max_ms: float | None
    result_ms: float | None
    faces_measured: int
    liveness: float | None
    liveness_decision: str | None
    frames_dropped: int | None
    gaps: int
    events: int
    events_missing: int
    overall: float | None
    error_rate: ErrorRate | None
    transcript: str
    error: str | None


def candidate_figures(run: CandidateRun, reference: str | None = None) -> CandidateFigures:
    links = [one.event["data"] for one in run.of("link.measured")]
    liveness = [one.event["data"] for one in run.of("liveness.observed")]
    ready = [one.event["data"] for one in run.of("result.ready")]
    finals, partials = run.of("transcript.final"), run.of("transcript.partial")
    lags = [lag for one in partials if (lag := _lag(run, one.at, one.event["data"]["end"])) is not None]
    final_lags = [lag for one in finals if (lag := _lag(run, one.at, one.event["data"]["end"])) is not None]
    captions = sorted([*partials, *finals], key=lambda one: one.at)
    first = _lag(run, captions[0].at, captions[0].event["data"]["start"]) if captions else None
    logged = [int(one.event["seq"]) for one in run.received if one.event["seq"]]
    text = run.text()
    return CandidateFigures(
        candidate=run.number,
        session=run.session,
        sound_sent_ms=run.sound_sent_ms,
        # The silence after the clip is heard too, and counts as little as it does among what was sent.
        sound_heard_ms=min(run.sound_sent_ms, links[-1]["sound_heard_ms"]) if links else None,
        sound_lost_ms=links[-1]["sound_lost_ms"] if links else None,
        utterances=len(finals),
        words=sum(len(one.event["data"]["words"]) for one in finals),
        partials=len(partials),
        first_caption_ms=round(first, 1) if first is not None else None,
        caption_lag_p50_ms=percentile(lags, 0.5),
        caption_lag_p95_ms=percentile(lags, 0.95),
        final_p50_ms=percentile(final_lags, 0.5),
        final_max_ms=percentile(final_lags, 1.0),
        result_ms=round(1000 * (run.result_at - run.ended_at), 1) if run.result_at and run.ended_at else None,
        faces_measured=len(run.of("face.measured")),
        liveness=liveness[-1]["score"] if liveness else None,
        liveness_decision=liveness[-1]["decision"] if liveness else None,
        frames_dropped=links[-1]["frames_dropped"] if links else None,
        gaps=sum(one.event["data"]["state"] == "lost" for one in run.of("inference.gap")),
        events=len(logged),
        events_missing=max(logged, default=0) - len(set(logged)),
        overall=ready[-1]["overall"] if ready else None,
        error_rate=error_rate(reference, text, language_of(reference))
        if reference and not run.error
        else None,
        transcript=text,
        error=run.error,
    )


@dataclass(frozen=True, slots=True)
class ServerFigures:
    """The server over the run. PSS covers the gateway and every process it started.

    `pss_with_mb` is the median while the candidates streamed, and what one candidate adds is made from it;
    `pss_most_mb` is the highest sample, in which batches are counted that are gone a moment later.
    """

    loop_lag_ms: dict[str, float]
    pss_before_mb: float
    pss_with_mb: float
    pss_most_mb: float
    pss_per_candidate_mb: float
    processes_before: list[Json]
    processes_with: list[Json]
    captions_interval_s: float
    dropped: dict[str, Any]
    models: dict[str, str]


def server_figures(before: Json, during: list[Json], sessions: int) -> ServerFigures:
    """From /api/v1/server: before anybody came and while all streamed (the last spans the run)."""
    last = during[-1]
    samples = sorted((one["memory"] for one in during), key=lambda memory: float(memory["pss_mb"]))
    middle = samples[len(samples) // 2]
    base, held = float(before["memory"]["pss_mb"]), float(middle["pss_mb"])
    return ServerFigures(
        loop_lag_ms=last["loop_lag_ms"],
        pss_before_mb=round(base, 1),
        pss_with_mb=round(held, 1),
        pss_most_mb=round(float(samples[-1]["pss_mb"]), 1),
        pss_per_candidate_mb=round((held - base) / sessions, 1),
        processes_before=before["memory"]["processes"],
        processes_with=middle["processes"],
        captions_interval_s=max(float(one["captions_interval_s"]) for one in during),
        dropped=last["dropped"],
        models=last["models"],
    )


def summary(candidates: list[CandidateFigures], server: ServerFigures, clip: str, seconds: float) -> Json:
    """The last line of the output: every figure, by name, with what it was measured on."""
    return {
        "type": "summary",
        "metrics": {
            "clip": clip,
            "seconds": round(seconds, 1),
            "sessions": len(candidates),
            "failed": sum(one.error is not None for one in candidates),
            "server": asdict(server),
            "candidates": [asdict(one) for one in candidates],
            "machine": machine.describe(),
        },
    }


def print_figures(candidates: list[CandidateFigures], server: ServerFigures, console: Console) -> None:
    table = Table(title="What each candidate sent and got back", title_justify="left")
    columns: list[tuple[str, str]] = [
        ("", "candidate"),
        ("sound sent s", "sound_sent_ms"),
        ("heard s", "sound_heard_ms"),
        ("lost ms", "sound_lost_ms"),
        ("words", "words"),
        ("first caption ms", "first_caption_ms"),
        ("caption lag p50", "caption_lag_p50_ms"),
        ("p95", "caption_lag_p95_ms"),
        ("final p50", "final_p50_ms"),
        ("max", "final_max_ms"),
        ("result", "result_ms"),
        ("faces", "faces_measured"),
        ("liveness", "liveness"),
        ("score", "overall"),
        ("error rate", "error_rate"),
    ]
    for title, _ in columns:
        table.add_column(title, justify="right")
    for one in candidates:
        table.add_row(*(_cell(name, getattr(one, name)) for _, name in columns))
    console.print(table)
    for one in candidates:
        if one.error:
            console.print(f"candidate {one.candidate}: {one.error}", style="red", markup=False)
    lag = server.loop_lag_ms
    console.print(
        f"event loop lag ms: p50 {lag['p50']:.1f}  p99 {lag['p99']:.1f}  max {lag['max']:.1f}\n"
        f"memory (PSS, all processes) MB: {server.pss_before_mb:.0f} before, {server.pss_with_mb:.0f} with"
        f" {len(candidates)} (median; most {server.pss_most_mb:.0f}),"
        f" {server.pss_per_candidate_mb:.1f} per candidate\n"
        f"partials every {server.captions_interval_s:.2f} s at the slowest; dropped: {server.dropped}\n"
        f"machine: {machine.line()}",
        highlight=False,
    )


def _lag(run: CandidateRun, at: float, media_time: float) -> float | None:
    return None if run.started_at is None else 1000 * (at - run.started_at - media_time)


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, ErrorRate):
        return f"{100 * value.rate:.1f} %"
    if name in ("sound_sent_ms", "sound_heard_ms"):
        return f"{value / 1000:.2f}"
    return (
        f"{value:.0f}" if name.endswith("_ms") else f"{value:g}" if isinstance(value, float) else str(value)
    )
