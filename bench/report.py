"""`python -m bench report`: how long after the end of an interview its report can be read.

A server of its own with the embedded models; candidates stream whole interviews in real time, hang up right
after their last words, and the clock runs from the hang-up (before its DELETE is sent) until the report with
its scores has arrived whole: as JSON, then also as PDF.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import uvloop
from numpy.typing import NDArray

from bench.clip import EncodedClip, MediaError, encode_opus, encode_vp8
from bench.core import machine
from bench.core.statistics import percentile
from bench.local_server import LocalServer
from bench.server import Json, Received, Server, ServerError
from bench.session import CandidateRun, run_candidate
from bench.sound import OPUS_TICKS, read_sound
from bench.virtual_camera import FPS, default_sound, frames
from interviews.starter_bank import starter_bank
from interviews.starter_dimensions import starter_dimensions

GOAL_S = 15.0
STEPS = ("last_words", "ready", "json", "pdf")
PICTURE_S = 10.0  # repeated: it begins with a key frame
QUESTION_S = 120.0
THINKING = 0.08  # share of a question's time without a word
ASKED = ("bad-news", "disagreement", "help-a-teammate", "hard-problem", "explain-to-layperson")
TAIL_S = 0.5
PATIENCE_S = 300.0
Pcm = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Sample:
    """One interview. Seconds from the hang-up to its last final text, to the result's event, to the JSON and
    to the PDF, whole. `sent_s`: how long sending took by the clock."""

    candidate: int
    sent_s: float
    media_s: float
    words: int
    answers_scored: int
    last_words_s: float
    ready_s: float
    json_s: float
    pdf_s: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--minutes", type=float, default=10.0, help="length of each interview (10)")
    parser.add_argument("--sessions", type=int, default=1, metavar="N", help="candidates at once (1)")
    parser.add_argument("--stagger", type=float, default=20.0, metavar="S", help="seconds between them (20)")
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="one after another (1)")
    parser.add_argument("--manifest", type=Path, help="CSV with `paths`: one row is one answer")
    parser.add_argument("--json", type=Path, help="the samples and the figures")


def main(options: argparse.Namespace) -> int:
    """Exit status 0: p95 is within the goal; 3: it is not; 1: something failed."""
    samples: list[Sample] = []
    try:
        answers = _answers(options.manifest)
        picture = encode_vp8(frames(PICTURE_S, FPS))
        clips = [interview(answers, picture, options.minutes, first) for first in range(options.sessions)]
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            samples = runner.run(_measure(options, clips))
    except* (MediaError, ServerError, OSError, aiohttp.ClientError) as errors:
        for error in errors.exceptions:
            print(f"error: {error or type(error).__name__}", file=sys.stderr)
    if not samples:
        return 1
    figures = _figures(samples)
    _print(options, samples, figures)
    if options.json:
        document = {"machine": machine.describe(), "figures": figures, "samples": [*map(asdict, samples)]}
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    return 0 if figures["pdf_p95_s"] <= GOAL_S else 3


def interview(answers: list[Pcm], picture: tuple[bytes, ...], minutes: float, first: int) -> EncodedClip:
    """A whole interview: for each question silence to think in, then an answer, the `first` first.

    The last answer goes on to the end, so that its words are still to be recognised when it comes.
    """
    count = _questions(minutes)
    block = round(60 * minutes / count * OPUS_TICKS)
    sound = np.zeros(block * count, np.int16)
    for n in range(count):
        answer = answers[(first + n) % len(answers)]
        room = round(block * (1 - THINKING))
        if n == count - 1:
            answer = np.concatenate([answer] * (1 + room // len(answer)))
        said = answer[:room]
        end = (n + 1) * block if n == count - 1 else n * block + (block - room) + len(said)
        sound[end - len(said) : end] = said
    seconds = len(sound) / OPUS_TICKS
    repeats = 1 + int(seconds // PICTURE_S)
    return EncodedClip(encode_opus([sound]), (picture * repeats)[: round(seconds * FPS)], "an interview")


def _questions(minutes: float) -> int:
    return max(2, min(len(ASKED), round(60 * minutes / QUESTION_S)))


def _answers(manifest: Path | None) -> list[Pcm]:
    if manifest is None:
        return [np.concatenate([*read_sound(default_sound())])]
    with manifest.open(encoding="utf-8", newline="") as rows:
        listed = [row.get("paths") or row["path"] for row in csv.DictReader(rows)]
    gap = np.zeros(round(0.4 * OPUS_TICKS), np.int16)
    return [
        np.concatenate(
            [piece for path in paths.split() for piece in (*read_sound(manifest.parent / path), gap)]
        )
        for paths in listed
    ]


def plan(minutes: float) -> Json:
    """Questions of the starter bank with the dimensions that they ask for, weighed alike."""
    bank = starter_bank()
    asked = [bank[id_] for id_ in ASKED[: _questions(minutes)]]
    ids = sorted({one for question in asked for one in question.dimensions})
    shares = [100.0 / len(ids)] * len(ids)
    known = starter_dimensions()
    return {
        "questions": [
            {
                "id": one.id,
                "text": one.text,
                "key_points": one.key_points["en"],
                "dimensions": one.dimensions,
                "answer_s": 3600,
            }
            for one in asked
        ],
        "dimensions": [
            {"id": id_, "name": known[id_].name, "anchors": known[id_].anchors, "weight": share}
            for id_, share in zip(ids, shares, strict=True)
        ],
    }


async def _measure(options: argparse.Namespace, clips: list[EncodedClip]) -> list[Sample]:
    samples: list[Sample] = []
    with LocalServer() as local:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            server = await local.ready(http)
            for _ in range(options.runs):
                # Where one fails the others end before their server does.
                async with asyncio.TaskGroup() as together:
                    begun = [
                        together.create_task(
                            _one(server, clip, options, number, options.stagger * (number - 1))
                        )
                        for number, clip in enumerate(clips, start=1)
                    ]
                samples += [one.result() for one in begun]
    return samples


async def _one(
    server: Server, clip: EncodedClip, options: argparse.Namespace, number: int, wait_s: float
) -> Sample:
    await asyncio.sleep(wait_s)
    run = CandidateRun(number)
    fetched: list[asyncio.Task[tuple[Json, float, float]]] = []
    asking: list[asyncio.Task[None]] = []

    def heard(run: CandidateRun, one: Received) -> None:
        if one.type == "result.ready":
            fetched.append(asyncio.create_task(_fetch(server, run.session)))

    async def hang_up(_: CandidateRun) -> None:
        await asyncio.sleep(TAIL_S)

    try:
        await run_candidate(
            server,
            clip,
            run,
            spoken="en",
            listen=heard,
            on_connected=lambda run: asking.append(
                asyncio.create_task(_ask(server, run, options.minutes), name=f"questions of {number}")
            ),
            linger=hang_up,
            result_s=PATIENCE_S,
            results=(),
            **plan(options.minutes),
        )
        report, json_at, pdf_at = await fetched[0]
    finally:
        for task in asking:
            task.cancel()
    ended, ready = run.ended_at or 0.0, run.result_at or 0.0
    return Sample(
        candidate=number,
        sent_s=round(ended - (run.started_at or ended), 1),
        media_s=report["media_time"],
        words=sum(len(final["words"]) for final in run.finals()),
        answers_scored=report["sufficiency"]["scored"],
        last_words_s=round(max((one.at for one in run.of("transcript.final")), default=ended) - ended, 2),
        ready_s=round(ready - ended, 2),
        json_s=round(json_at - ended, 2),
        pdf_s=round(pdf_at - ended, 2),
    )


async def _ask(server: Server, run: CandidateRun, minutes: float) -> None:
    """The next question, each time the last one's share of the time is over."""
    count = _questions(minutes)
    for _ in range(count - 1):
        await asyncio.sleep(60 * minutes / count)
        await server.post(f"/api/v1/sessions/{run.session}/next")


async def _fetch(server: Server, session: str) -> tuple[Json, float, float]:
    """The report, and when it and its PDF had come whole. Raises ServerError where it is not finished."""
    path = f"/api/v1/sessions/{session}/report"
    report = await server.get(path)
    json_at = time.time()
    if report["state"] != "scored":
        raise ServerError(f"the report of {session} is {report['state']}")
    pdf = await server.read(path, format="pdf")
    if not pdf.startswith(b"%PDF-"):
        raise ServerError("what came is no PDF")
    return report, json_at, time.time()


def _figures(samples: list[Sample]) -> dict[str, Any]:
    found: dict[str, Any] = {"interviews": len(samples)}
    for name in STEPS:
        values = [getattr(sample, f"{name}_s") for sample in samples]
        found |= {f"{name}_{tag}_s": percentile(values, q, 2) for tag, q in (("p50", 0.5), ("p95", 0.95))}
    return found


def _print(options: argparse.Namespace, samples: list[Sample], figures: dict[str, Any]) -> None:
    print(machine.line())
    print(f"{len(samples)} interviews of {options.minutes:g} min, {options.sessions} at once; seconds:")
    print(
        f"{'candidate':>9} {'sent':>7} {'media':>7} {'words':>6} {'scored':>6}"
        f" {'words':>7} {'result':>7} {'JSON':>7} {'PDF':>7}"
    )
    for one in samples:
        steps = " ".join(f"{getattr(one, f'{name}_s'):>7.2f}" for name in STEPS)
        print(
            f"{one.candidate:>9} {one.sent_s:>7.1f} {one.media_s:>7.1f} {one.words:>6}"
            f" {one.answers_scored:>6} {steps}"
        )
    for tag in ("p50", "p95"):
        print(f"{tag:>39} " + " ".join(f"{figures[f'{name}_{tag}_s']:>7.2f}" for name in STEPS))
    print(f"goal: p95 within {GOAL_S:g} s")
