"""`python -m bench demo`: one recorded candidate, from camera to scores, on this machine alone.

Starts a whole server (Ray, deployments, gateway) on loopback, streams the recording to it over WebRTC in
real time, shows what comes back as it comes, prints the result and stops everything.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from pathlib import Path

import aiohttp
import uvloop
from rich.console import Console

from bench import passage
from bench.clip import EncodedClip, MediaError, encode
from bench.core.error_rates import given_text
from bench.figures import candidate_figures
from bench.local_server import LocalServer
from bench.printout import print_report
from bench.screen import Screen
from bench.server import Server, ServerError
from bench.session import CandidateRun, run_candidate
from interviews.report import Report

POLL_S = 2.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--media", type=Path, help="film, sound or picture; left out: the default candidate")
    parser.add_argument(
        "--language", choices=("auto", "en", "zh"), default="auto", help="spoken in the clip (auto: found)"
    )
    parser.add_argument("--seconds", type=float, help="send only this much of the clip")
    parser.add_argument("--reference", help="what is really said, as text or a file: prints the error rate")
    parser.add_argument(
        "--check", action="store_true", help="compare with the same weights run on the whole file at once"
    )


def main(options: argparse.Namespace) -> int:
    """Exit status 0: the interview ran and everything stopped; 1: something failed; 130: interrupted."""
    started = time.monotonic()
    console = Console(width=None if sys.stdout.isatty() else 120)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_demo(options, console, started))
    except (MediaError, ServerError) as error:
        Console(stderr=True).print(f"error: {error}", style="red", markup=False, highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("interrupted; everything is stopped")
        return 130
    return 0


async def _demo(options: argparse.Namespace, console: Console, started: float) -> None:
    if options.media is not None and not options.media.is_file():
        raise MediaError(f"{options.media}: no such file")
    console.print("starting Ray, four deployments and the gateway on loopback …")
    run = CandidateRun(1)
    with LocalServer() as local:
        async with aiohttp.ClientSession() as http:
            encoding = asyncio.to_thread(encode, options.media, seconds=options.seconds)
            clip, server = await asyncio.gather(encoding, local.ready(http))
            await _stream(server, clip, run, options, console, started)
        console.print("stopping …")
    report = Report.model_validate(run.results["report"])
    print_report(report, console)
    _print_words(run, options, console)
    console.print(f"all stopped after {time.monotonic() - started:.0f} s", highlight=False)


async def _stream(
    server: Server,
    clip: EncodedClip,
    run: CandidateRun,
    options: argparse.Namespace,
    console: Console,
    started: float,
) -> None:
    def connected(_: CandidateRun) -> None:
        console.print(
            f"streaming {clip.name} {time.monotonic() - started:.1f} s after the start", highlight=False
        )

    questions = [passage.QUESTION.model_dump(mode="json")] if options.media is None else None
    with Screen(console, clip.name) as screen:
        polling = asyncio.create_task(_poll(server, screen))
        try:
            await run_candidate(
                server,
                clip,
                run,
                spoken=options.language,
                listen=lambda _, received: screen.take(received),
                on_connected=connected,
                questions=questions,
            )
        finally:
            polling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await polling


async def _poll(server: Server, screen: Screen) -> None:
    while True:
        screen.take_server(await server.get("/api/v1/server", window_s=POLL_S * 5))
        await asyncio.sleep(POLL_S)


def _print_words(run: CandidateRun, options: argparse.Namespace, console: Console) -> None:
    """How right the words are and how soon they came."""
    reference = given_text(options.reference) or (passage.TEXT if options.media is None else None)
    figures = candidate_figures(run, reference)
    console.print(f"transcript: {figures.transcript}", markup=False, highlight=False)
    if figures.error_rate:
        rate = figures.error_rate
        console.print(f"error rate: {100 * rate.rate:.1f} % of {rate.reference} {rate.unit}", highlight=False)
    console.print(
        f"first caption after {_seconds(figures.first_caption_ms)}, captions behind the speaker by"
        f" {_seconds(figures.caption_lag_p50_ms)} (median), final texts by {_seconds(figures.final_p50_ms)};"
        f" result {_seconds(figures.result_ms)} after the end",
        highlight=False,
    )
    if options.check:
        from bench.offline import print_comparison

        print_comparison(options.media, run.language, figures.transcript, reference, console)


def _seconds(milliseconds: float | None) -> str:
    return "–" if milliseconds is None else f"{milliseconds / 1000:.2f} s"
