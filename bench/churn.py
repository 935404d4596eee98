"""`python -m bench churn`: candidates join and leave a server of its own for as long as wanted.

A real server process on loopback (`viva serve`, or without Ray and models: `--without-models`) gets sessions
one after another in each place: some recorded, some watched, six seconds of speech between pauses. Of those
who leave, most end the session, some vanish, some come back. What is printed every minute, and the slope of
memory after the first minutes, tells whether anything is kept that should have been let go of.
Exit status 1: an exception or an error in the server's log, a session that failed, or a queue that grows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import aiohttp
import psutil
import uvloop

from bench.churn_visits import STAY_S, Visits, with_pauses
from bench.clip import EncodedClip, encode
from bench.core.machine import line
from bench.local_server import LocalServer
from bench.server import ServerError
from bench.server_watch import QUEUES, Logged, Reading, ServerWatch
from bench.trend import Slope, grows, slope
from gateway.recorder import BACKLOG
from media.hearing import Hearing
from media.picture import Seeing

START_S = 900.0  # Ray may need several attempts on a busy machine; the log counts from then on
LOOK_S = 5.0
ROW_S = 60.0
EMPTY_LOOKS = 60  # a second apart, after the last result
QUIET_S = 90.0  # after the last has left: those who vanished are given up after a minute of grace
BOUNDS = {"audio": Hearing.QUEUE, "video": Seeing.QUEUE, "events": BACKLOG}  # of one session
UTTERANCES = 6.0  # more than at the beginning, on average, and still no growth
SERIES = ("rss", "pss", "whole")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--minutes", type=float, default=30.0, help="(30)")
    parser.add_argument("--candidates", type=int, default=6, metavar="N", help="at once (6)")
    parser.add_argument("--talk", type=float, default=0.5, help="share of the time that each speaks (0.5)")
    parser.add_argument("--without-models", action="store_true", help="the gateway alone, without Ray")
    parser.add_argument("--after", type=float, default=5.0, help="minutes left out of the slopes (5)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)


def main(options: argparse.Namespace) -> int:
    if options.candidates < 1 or options.minutes <= 0 or not 0 < options.talk <= 1:
        print("error: --candidates, --minutes and --talk must be positive, --talk at most 1", file=sys.stderr)
        return 2
    module = "bench.without_models" if options.without_models else "gateway.cli"
    with LocalServer(module, {"VIVA_LOG": "json", "VIVA_SPOKEN__ENABLED": "false"}) as local:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                watch, told, failures, begins = runner.run(_run(options, local))
        except (ServerError, aiohttp.ClientError, psutil.NoSuchProcess) as error:
            print(f"error: {error}\n{dict(Logged.read(local.log).faults)}", file=sys.stderr)
            return 1
        logged = Logged.read(local.log, begins)
    return _tell(options, watch, told, failures, logged)


async def _run(
    options: argparse.Namespace, local: LocalServer
) -> tuple[ServerWatch, Counter[str], list[str], int]:
    """Also where the log stood when the server was ready."""
    clip = await asyncio.to_thread(_clip, options.talk)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        server = await local.ready(http, START_S)
        begins = local.log.stat().st_size
        watch = ServerWatch(local.pid, local.url)
        visits = Visits(server, clip, options.seed)
        print(line())
        places = [asyncio.create_task(visits.fill(n)) for n in range(options.candidates)]
        looking = asyncio.create_task(_look(watch, http, visits.told))
        try:
            await asyncio.wait([looking], timeout=60 * options.minutes)
            visits.stop.set()
            await asyncio.gather(*places)
            await asyncio.wait_for(visits.results(), QUIET_S + 120)
        finally:
            for task in (looking, *places):
                task.cancel()
            ended = (await asyncio.gather(looking, *places, return_exceptions=True))[0]
        if isinstance(ended, Exception):
            raise ended
        _row(await _emptied(watch, http), visits.told)
    return watch, visits.told, visits.failures, begins


async def _emptied(watch: ServerWatch, http: aiohttp.ClientSession) -> Reading:
    """The first reading in which no queue holds anything any more, or the last: what a session left
    unfinished when its time was over is finished after its result.
    """
    reading = await watch.look(http)
    for _ in range(EMPTY_LOOKS):
        if not any(reading.waiting.values()):
            break
        await asyncio.sleep(1.0)
        reading = await watch.look(http)
    return reading


async def _look(watch: ServerWatch, http: aiohttp.ClientSession, told: Counter[str]) -> None:
    next_row = 0.0
    while True:
        try:
            reading = await watch.look(http)
        except (aiohttp.ClientError, TimeoutError):
            told["looks missed"] += 1  # a machine that is busy beyond measure; a server that is gone is told
            await asyncio.sleep(LOOK_S)
            continue
        if reading.at >= next_row:
            _row(reading, told)
            next_row = reading.at // ROW_S * ROW_S + ROW_S
        await asyncio.sleep(LOOK_S)


def _row(one: Reading, told: Counter[str]) -> None:
    queues = " ".join(f"{name} {one.waiting.get(name, 0)}" for name in QUEUES)
    print(
        f"{one.at / 60:5.1f} min  gateway RSS {one.rss:.0f} PSS {one.pss:.0f} MB, all {one.whole:.0f} MB;"
        f" {one.threads} threads, {one.files} files, {one.tasks} tasks; waiting: {queues};"
        f" live {one.live}, begun {told['begun']}, finished {told['finished']}",
        flush=True,
    )


def _tell(
    options: argparse.Namespace,
    watch: ServerWatch,
    told: Counter[str],
    failures: list[str],
    logged: Logged,
) -> int:
    during = [one for one in watch.readings if one.at <= 60 * options.minutes]
    slopes: dict[str, Slope | None] = {}
    for name in SERIES:
        series = [(one.at, float(getattr(one, name))) for one in during]
        slopes[name] = slope(series, 60 * options.after)
        print(f"{name}: {_slope(slopes[name])}")
    deepest = {name: max((one.waiting.get(name, 0) for one in during), default=0) for name in QUEUES}
    unbounded = _unbounded(options, watch, during, deepest)
    print(f"deepest queues: {deepest}; without a bound: {unbounded or 'none'}")
    print(f"counters: {watch.counters}")
    print(f"visits: {dict(told)}")
    for failure in failures[:20]:
        print(f"failed: {failure}")
    print(f"warnings in the log: {dict(logged.warnings) or 'none'}")
    print(f"errors and exceptions in the log: {dict(logged.faults) or 'none'}")
    if options.json:
        found = {
            "slopes_mb_per_hour": {name: asdict(one) if one else None for name, one in slopes.items()},
            "deepest": deepest,
            "visits": dict(told),
            "counters": watch.counters,
            "faults": dict(logged.faults),
            "readings": [asdict(one) for one in watch.readings],
        }
        options.json.write_text(json.dumps({"command": sys.argv[1:], "metrics": found}, indent=2))
    return 1 if logged.faults or failures or unbounded else 0


def _unbounded(
    options: argparse.Namespace, watch: ServerWatch, during: list[Reading], deepest: dict[str, int]
) -> list[str]:
    """Queues beyond what they may hold, that grow all the time, or that are not empty when all have left."""
    sessions = max((one.live for one in during), default=0)
    found = [name for name, bound in BOUNDS.items() if deepest[name] > bound * sessions]
    settled = [one for one in during if one.at >= 60 * options.after]
    if grows([(one.at, float(one.waiting["utterances"])) for one in settled], UTTERANCES):
        found.append("utterances")
    return found + [f"{name} (left over)" for name, depth in watch.readings[-1].waiting.items() if depth]


def _slope(found: Slope | None) -> str:
    if found is None:
        return "too short for a slope"
    return f"{found.per_hour:+.1f} MB per hour ({found.low:+.1f} … {found.high:+.1f})"


def _clip(talk: float) -> EncodedClip:
    """Long enough for the longest stay, so that nobody repeats a second."""
    return with_pauses(encode(None, seconds=40.0), talk, STAY_S[1] + 40)
