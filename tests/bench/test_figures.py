"""Figures from a made-up run whose every number can be counted by hand."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from bench.figures import candidate_figures, print_figures, server_figures, summary
from bench.server import Json, Received
from bench.session import CandidateRun

START = 1000.0


def at(seconds: float, seq: int, kind: str, **data: Any) -> Received:
    event = {"session": "s", "seq": seq, "media_time": seconds, "data": {"type": kind, **data}}
    return Received(START + seconds, event)


def words(*texts: str) -> list[Json]:
    return [{"text": text, "start": 0, "end": 1, "probability": 1} for text in texts]


@pytest.fixture
def run() -> CandidateRun:
    partial = {"utterance": 1, "stable": 0, "language": "en"}
    final = {"language": "en", "model": "m"}
    return CandidateRun(
        number=1,
        session="s",
        started_at=START,
        sound_sent_ms=9000,
        ended_at=START + 10,
        result_at=START + 11.5,
        received=[
            at(0.1, 1, "session.created"),
            at(2.0, 0, "transcript.partial", text="hello", start=1.0, end=1.6, **partial),
            at(3.0, 0, "transcript.partial", text="hello there", start=1.0, end=2.4, **partial),
            at(
                5.0,
                3,
                "transcript.final",
                utterance=2,
                text="General.",
                start=4,
                end=4.5,
                words=words("General."),
                **final,
            ),
            at(
                4.0,
                2,
                "transcript.final",
                utterance=1,
                text="Hello there.",
                start=1,
                end=3,
                words=words("Hello", "there."),
                **final,
            ),
            at(6.0, 4, "link.measured", sound_lost_ms=40.0, sound_heard_ms=8960.0, frames_dropped=3),
            at(6.1, 5, "liveness.observed", score=0.4, decision="attack"),
            at(6.2, 7, "inference.gap", deployment="Liveness", state="lost", gap_s=0.0),
            at(11.5, 8, "result.ready", overall=71.5),
        ],
    )


def test_every_figure_is_what_a_hand_counts(run: CandidateRun) -> None:
    figures = candidate_figures(run, "hello there general Kenobi")
    assert figures.transcript == "Hello there. General."  # in spoken order, whatever order they came in
    assert figures.error_rate is not None
    assert (figures.error_rate.deletions, figures.error_rate.reference) == (1, 4)
    assert figures.first_caption_ms == pytest.approx(1000)  # heard at 1.0 s, shown at 2.0 s
    assert figures.caption_lag_p50_ms == pytest.approx(500)  # .4 and .6 s
    assert figures.caption_lag_p95_ms == pytest.approx(590)
    assert figures.final_p50_ms == pytest.approx(750)  # .5 and 1.0 s
    assert figures.final_max_ms == pytest.approx(1000)
    assert figures.result_ms == pytest.approx(1500)
    assert (figures.sound_sent_ms, figures.sound_heard_ms, figures.sound_lost_ms) == (9000, 8960, 40)
    assert (figures.words, figures.utterances, figures.partials, figures.gaps) == (3, 2, 2, 1)
    assert (figures.liveness, figures.liveness_decision, figures.overall) == (0.4, "attack", 71.5)
    assert (figures.events, figures.events_missing) == (7, 1)  # seq 6 never came


def test_what_was_not_measured_is_not_zero() -> None:
    figures = candidate_figures(CandidateRun(2, error="refused"), "话")
    assert figures.first_caption_ms is None
    assert figures.caption_lag_p95_ms is None
    assert figures.sound_lost_ms is None
    assert figures.error_rate is None
    assert figures.error == "refused"


def server_view(pss: float, p99: float, interval: float = 0.7) -> Json:
    return {
        "memory": {"pss_mb": pss, "processes": [{"name": "gateway", "pss_mb": pss}]},
        "loop_lag_ms": {"p50": 0.1, "p99": p99, "max": 2 * p99},
        "captions_interval_s": interval,
        "dropped": {"Liveness": 2},
        "models": {"SpeechRecognition": "whisper@1"},
    }


def test_memory_is_the_median_while_all_streamed_shared_by_the_candidates() -> None:
    during = [server_view(1080, 5), server_view(1400, 6, 1.5), server_view(1100, 12)]
    figures = server_figures(server_view(1000, 1), during, sessions=4)
    assert (figures.pss_before_mb, figures.pss_with_mb, figures.pss_most_mb) == (1000, 1100, 1400)
    assert figures.pss_per_candidate_mb == 25
    assert figures.processes_with == [{"name": "gateway", "pss_mb": 1100}]
    assert figures.loop_lag_ms["p99"] == 12  # the last view spans the whole run
    assert figures.captions_interval_s == 1.5


def test_summary_names_its_machine_and_the_table_shows_failures(run: CandidateRun) -> None:
    broken = CandidateRun(2, error="the server refused the offer: 409")
    candidates = [candidate_figures(run), candidate_figures(broken)]
    whole = server_figures(server_view(1000, 1), [server_view(1010, 4)], 2)
    line = summary(candidates, whole, "clip.mp4", 9.0)
    assert line["type"] == "summary"
    assert line["metrics"]["failed"] == 1
    assert line["metrics"]["machine"]["cores"] >= 1
    assert line["metrics"]["candidates"][0]["overall"] == 71.5
    out = io.StringIO()
    print_figures(candidates, whole, Console(file=out, width=200))
    assert "the server refused the offer: 409" in out.getvalue()
    assert "5.0 per candidate" in out.getvalue()
