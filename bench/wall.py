"""`python -m bench wall`: HR's wall with sixteen live interviews in a real browser: is it smooth?

A gateway (without models), candidates that send VGA in three temporal layers from a process of their own, and
Chromium without a GPU on the wall, all on this machine. Measured in the page: the time from one painted frame
to the next, tasks that held it for more than 50 ms, pictures that each tile showed. CPU by process.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import aiohttp
import psutil
from playwright.async_api import Page, async_playwright

from bench.browser import FLAGS, BrowserMissing, executable
from bench.core.machine import line
from bench.core.statistics import percentile
from bench.gateway import clip
from bench.layered import say_layers
from bench.load_sender import Candidate
from bench.local_server import LocalServer
from bench.server import Server, ServerError

SCREEN = {"width": 1920, "height": 1600}  # all of sixteen tiles in view
READY_S = 120.0
WATCH = """async (seconds) => {
    const videos = [...document.querySelectorAll("hr-tile video")].filter((one) => one.videoWidth);
    const shown = () => videos.map((one) => one.getVideoPlaybackQuality());
    const tasks = [], frames = [];
    const told = (list) => tasks.push(...list.getEntries().map((one) => one.duration));
    const observer = new PerformanceObserver(told);
    observer.observe({ type: "longtask" });
    const before = shown(), until = performance.now() + 1000 * seconds;
    let last = performance.now();
    await new Promise((done) => {
        const frame = (now) => {
            frames.push(now - last);
            last = now;
            if (now < until) requestAnimationFrame(frame);
            else done();
        };
        requestAnimationFrame(frame);
    });
    observer.disconnect();
    const after = shown();
    return {
        frames: frames.slice(1), tasks,
        pictures: after.map((one, at) => one.totalVideoFrames - before[at].totalVideoFrames),
        dropped: after.map((one, at) => one.droppedVideoFrames - before[at].droppedVideoFrames),
    };
}"""
PLAYING = "[...document.querySelectorAll('hr-tile video')].filter((one) => one.videoWidth).length"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tiles", type=int, default=16, metavar="N", help="live interviews (16)")
    parser.add_argument("--listed", type=int, default=50, metavar="N", help="sessions in all (50)")
    parser.add_argument("--seconds", type=float, default=20.0, help="watched (20)")
    parser.add_argument("--json", type=Path)


def main(options: argparse.Namespace) -> int:
    """Exit status 1: no browser, or the wall did not come up."""
    if not 1 <= options.tiles <= min(16, options.listed):
        print("error: --tiles must be 1 to 16, and at most --listed", file=sys.stderr)
        return 2
    try:
        with LocalServer("bench.without_models", {"VIVA_LOG": "json"}) as local:
            found = asyncio.run(_run(options, local))
    except (BrowserMissing, ServerError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(line())
    for name, value in found.items():
        print(f"{name} {value}")
    if options.json:
        options.json.write_text(json.dumps({"command": sys.argv[1:], "metrics": found}, indent=2))
    return 0


async def _run(options: argparse.Namespace, local: LocalServer) -> dict[str, Any]:
    async with aiohttp.ClientSession() as http, async_playwright() as playwright:
        server = await local.ready(http)
        made = [
            await server.create_session(f"Candidate {n + 1}", "en", record=False)
            for n in range(options.listed)
        ]
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        whips = [
            (urljoin(local.url + "/", one["whip_url"]), one["candidate_token"])
            for one in made[: options.tiles]
        ]
        sender = context.Process(target=send, args=(there, whips), daemon=True)
        sender.start()
        browser = await playwright.chromium.launch(executable_path=executable(), args=list(FLAGS))
        try:
            if not await asyncio.to_thread(here.poll, READY_S):
                raise ServerError("the candidates did not come in")
            here.recv()
            page = await browser.new_page(viewport=SCREEN)  # type: ignore[arg-type]  # a TypedDict
            await page.goto(f"{local.url}/hr?lang=en#/wall&t={local.token}")
            await _playing(page, options.tiles)
            return await _measure(
                page, options.seconds, {"gateway": local.pid, "candidates": sender.pid or 0}, server
            )
        finally:
            await browser.close()
            sender.terminate()
            sender.join(10)


async def _playing(page: Page, tiles: int) -> None:
    deadline = time.monotonic() + READY_S
    while (playing := await page.evaluate(PLAYING)) < tiles:
        if time.monotonic() > deadline:
            raise ServerError(f"{playing} of {tiles} tiles play after {READY_S:.0f} s")
        await asyncio.sleep(0.5)


async def _measure(page: Page, seconds: float, known: dict[str, int], server: Server) -> dict[str, Any]:
    ours = psutil.Process().children(recursive=True)
    browser = [one.pid for one in ours if one.name().startswith("chrom")]
    processes = {**{name: [pid] for name, pid in known.items()}, "browser": browser}
    before, began = {name: _cpu_s(pids) for name, pids in processes.items()}, time.monotonic()
    seen = await page.evaluate(WATCH, seconds)
    lasted = time.monotonic() - began
    asked = time.monotonic()
    await server.get("/api/v1/sessions", limit=200)
    listed_ms = 1000 * (time.monotonic() - asked)
    rates = [count / lasted for count in seen["pictures"]]
    return {
        "tiles": len(rates),
        "pictures_per_s": round(sum(rates) / len(rates), 1),
        "least_pictures_per_s": round(min(rates), 1),
        "dropped_percent": round(100 * sum(seen["dropped"]) / max(1, sum(seen["pictures"])), 1),
        "paints_per_s": round(len(seen["frames"]) / lasted, 1),
        **{f"paint_p{100 * q:.0f}_ms": round(percentile(seen["frames"], q) or 0) for q in (0.5, 0.95, 0.99)},
        "long_tasks": len(seen["tasks"]),
        "longest_task_ms": round(max(seen["tasks"], default=0)),
        "list_ms": round(listed_ms),
        **{
            f"cpu_{name}": round((_cpu_s(pids) - before[name]) / lasted, 2)
            for name, pids in processes.items()
        },
    }


def _cpu_s(pids: list[int]) -> float:
    """Of those that still run, user and system."""
    total = 0.0
    for pid in pids:
        if psutil.pid_exists(pid):
            times = psutil.Process(pid).cpu_times()
            total += times.user + times.system
    return total


def send(pipe: Connection[Any, Any], whips: list[tuple[str, str]]) -> None:
    """The candidates' process: connects them one after another, says so, and sends until it is ended."""
    say_layers()
    asyncio.run(_send(pipe, whips))


async def _send(pipe: Connection[Any, Any], whips: list[tuple[str, str]]) -> None:
    sound, pictures = clip()
    candidates = []
    async with aiohttp.ClientSession() as http:
        for url, token in whips:
            candidate = Candidate(sound, pictures, None)
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
            async with http.post(url, data=await candidate.offer(), headers=headers) as answer:
                answer.raise_for_status()
                await candidate.take(await answer.text())
            candidates.append(candidate)
    pipe.send(len(candidates))
    await asyncio.Event().wait()
