"""`python -m bench candidate`: streams any clip as N real candidates at once and measures what comes back."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import aiohttp
import uvloop
from rich.console import Console

from bench.clip import EncodedClip, MediaError, encode
from bench.core.error_rates import given_text
from bench.figures import candidate_figures, print_figures, server_figures, summary
from bench.server import Json, Received, Server, ServerError
from bench.session import CandidateRun, run_candidate

URL = "http://127.0.0.1:8080"
STAGGER_S = 0.25
SAMPLE_S = 6.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--media", type=Path, help="film, sound or picture; left out: the default candidate")
    parser.add_argument("--sessions", type=int, default=1, metavar="N", help="candidates at once (1)")
    parser.add_argument("--url", default=URL, help=f"the server ({URL})")
    parser.add_argument(
        "--language", choices=("auto", "en", "zh"), default="auto", help="spoken in the clip (auto: found)"
    )
    parser.add_argument("--token", help="API token; else VIVA_API_TOKEN, else this machine's server's own")
    parser.add_argument("--out", "--json", dest="out", type=Path, help="JSON lines here, figures on stdout")
    parser.add_argument("--seconds", type=float, help="send only this much of the clip")
    parser.add_argument("--reference", help="what is really said, as text or a file: prints the error rate")
    parser.add_argument("--trickle", action="store_true", help="send ICE candidates by PATCH")


def main(options: argparse.Namespace) -> int:
    """Exit status 0: every candidate got a result; 1: something failed, said on stderr."""
    if options.sessions < 1:
        print("error: --sessions must be at least 1", file=sys.stderr)
        return 2
    try:
        clip = encode(options.media, seconds=options.seconds)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_run(options, clip))
    except (MediaError, ServerError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


class JsonLines:
    """Everything that came back, one JSON object a line, written as it comes."""

    def __init__(self, sink: IO[str]) -> None:
        self._sink = sink

    def write(self, line: Json) -> None:
        print(json.dumps(line, ensure_ascii=False), file=self._sink, flush=True)

    def received(self, run: CandidateRun, one: Received) -> None:
        self.write({"candidate": run.number, "received_at": _iso(one.at), "event": one.event})


async def _run(options: argparse.Namespace, clip: EncodedClip) -> int:
    sink = options.out.open("w", encoding="utf-8") if options.out else sys.stdout
    console = Console(stderr=options.out is None, width=None if sys.stderr.isatty() else 170)
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            server = Server(http, options.url, options.token or api_token())
            await server.wait_ready(timeout_s=60)
            before = await server.get("/api/v1/server")
            started = time.monotonic()
            lines = JsonLines(sink)
            runs = [CandidateRun(number) for number in range(1, options.sessions + 1)]
            async with _sampled(server) as during:
                await asyncio.gather(*(_one(server, clip, run, options, lines) for run in runs))
            during.append(await server.get("/api/v1/server", window_s=time.monotonic() - started))
        reference = given_text(options.reference)
        candidates = [candidate_figures(run, reference) for run in runs]
        whole = server_figures(before, during, len(runs))
        lines.write(summary(candidates, whole, clip.name, clip.seconds))
        print_figures(candidates, whole, console)
        return 1 if any(one.error for one in candidates) else 0
    finally:
        if options.out:
            sink.close()


async def _one(
    server: Server, clip: EncodedClip, run: CandidateRun, options: argparse.Namespace, lines: JsonLines
) -> None:
    """One candidate's failure is told in its own row; the others go on."""
    await asyncio.sleep(STAGGER_S * (run.number - 1))
    try:
        await run_candidate(
            server, clip, run, spoken=options.language, listen=lines.received, trickle=options.trickle
        )
        for name, result in run.results.items():
            lines.write({"candidate": run.number, "received_at": _iso(time.time()), name: result})
    except (ServerError, aiohttp.ClientError) as error:
        run.error = str(error)
        lines.write({"candidate": run.number, "received_at": _iso(time.time()), "error": run.error})


@asynccontextmanager
async def _sampled(server: Server) -> AsyncIterator[list[Json]]:
    """What /api/v1/server says, every few seconds while the body runs."""
    samples: list[Json] = []

    async def sample() -> None:
        while True:
            await asyncio.sleep(SAMPLE_S)
            samples.append(await server.get("/api/v1/server"))

    task = asyncio.create_task(sample())
    try:
        yield samples
    finally:
        task.cancel()
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(outcome, ServerError):
            raise outcome


def api_token() -> str:
    """VIVA_API_TOKEN, or the one that a server on this machine keeps in its data folder."""
    if token := os.environ.get("VIVA_API_TOKEN"):
        return token
    from gateway.cli import CONFIG
    from gateway.settings import Settings

    try:
        settings = Settings.load(CONFIG if CONFIG.exists() else None)
        if settings.api_token:
            return settings.api_token.get_secret_value()
        return (settings.data / "api-token").read_text().strip()
    except (OSError, ValueError) as error:
        raise ServerError(f"no API token: give --token or VIVA_API_TOKEN ({error})") from error


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
