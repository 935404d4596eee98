"""`python -m bench forward`: what a viewer costs when frames are forwarded, and when they are encoded anew.

One encoded clip plays in this process as a candidate's frames would come; viewers are aiortc peers in another
process that decode nothing. Measured is this process's CPU time with viewers less that without, per viewer,
in turns, and its memory. The rival is aiortc's own way: frames decoded once, `MediaRelay`, an encoder each.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import multiprocessing
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import psutil

from bench.clip import OPUS_SAMPLES, EncodedClip, encode
from bench.core import machine
from bench.forward_viewers import watch
from bench.sound import OPUS_TICKS
from bench.transcoding import Transcoder
from bench.virtual_camera import FPS
from media.encoded import EncodedFrame, FrameHub
from media.forward.forwarder import Forwarder
from media.settings import MediaSettings

SETTLE_S = 2.0
LOOPBACK = MediaSettings(ice_hosts=("127.0.0.1",))
Answer = Callable[[str], Awaitable[str]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--viewers", type=int, default=2, help="viewers at a time (2)")
    parser.add_argument("--seconds", type=float, default=6.0, help="length of one measurement (6)")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of either way, in turns (3)")


def main(options: argparse.Namespace) -> int:
    print(machine.line())
    clip = encode(None, seconds=6.0)
    asyncio.run(_compare(clip, options))
    return 0


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one viewer: share of a core, memory (MB), pictures a second that reached it."""

    core: float
    megabytes: float
    fps: float


class Feed:
    """The clip's frames into a hub, in real time, again and again."""

    def __init__(self, clip: EncodedClip) -> None:
        self.frames = FrameHub()
        self._clip = clip
        self._began = time.monotonic()

    def now(self) -> float:
        return time.monotonic() - self._began

    async def run(self) -> None:
        step = OPUS_SAMPLES / OPUS_TICKS
        sounds = (("audio", n * step, n) for n in itertools.count())
        pictures = (("video", n / FPS, n) for n in itertools.count())
        nexts = [next(sounds), next(pictures)]
        while True:
            which = 0 if nexts[0][1] <= nexts[1][1] else 1
            kind, at, n = nexts[which]
            nexts[which] = next(sounds if which == 0 else pictures)
            if (wait := at - self.now()) > 0:
                await asyncio.sleep(wait)
            self.frames.publish(self._frame(kind, n), at)

    def _frame(self, kind: str, n: int) -> EncodedFrame:
        if kind == "audio":
            data = self._clip.audio[n % len(self._clip.audio)]
            return EncodedFrame("audio", "opus", OPUS_TICKS, data, n * OPUS_SAMPLES, 1, 0)
        data = self._clip.video[n % len(self._clip.video)]
        return EncodedFrame("video", "VP8", 90_000, data, n * 90_000 // FPS, 2, 0)


async def _compare(clip: EncodedClip, options: argparse.Namespace) -> None:
    found: dict[str, list[Cost]] = {"forwarded": [], "encoded anew": []}
    for number in range(options.rounds):
        for way, costs in found.items():
            costs.append(await measure(way, clip, options.viewers, options.seconds))
            one = costs[-1]
            print(
                f"round {number + 1}, {way}: {100 * one.core:.2f} % of a core per viewer,"
                f" {one.megabytes:.2f} MB, {one.fps:.1f} pictures/s"
            )
    medians = {way: statistics.median(cost.core for cost in costs) for way, costs in found.items()}
    forwarded, anew = medians["forwarded"], medians["encoded anew"]
    memory = found["forwarded"][0].megabytes  # later rounds find memory that the first had got
    print(
        f"medians of {options.rounds}: forwarded {100 * forwarded:.2f} %,"
        f" encoded anew {100 * anew:.2f} % of a core; ratio 1/{anew / forwarded:.1f}"
    )
    print(f"{1 / forwarded:.0f} viewers per core; {memory:.2f} MB per viewer")


async def measure(way: str, clip: EncodedClip, count: int, seconds: float) -> Cost:
    """`way` is "forwarded" or "encoded anew". Raises TimeoutError when the viewers do not connect."""
    feed = Feed(clip)
    running = asyncio.create_task(feed.run())
    process = psutil.Process()
    try:
        async with _answering(way, feed) as answer:
            await asyncio.sleep(0.5)
            idle = await _cpu(seconds / 2)
            gc.collect()
            before = process.memory_info().rss
            ours, theirs = multiprocessing.get_context("spawn").Pipe()
            viewers = multiprocessing.get_context("spawn").Process(target=watch, args=(theirs, count))
            viewers.start()
            try:
                for _ in range(count):
                    await asyncio.to_thread(ours.send, await answer(await _receive(ours)))
                await _receive(ours)  # all are connected
                await asyncio.sleep(SETTLE_S)
                await asyncio.to_thread(ours.send, "count")
                busy = await _cpu(seconds)
                await asyncio.to_thread(ours.send, "stop")
                pictures = await _receive(ours)
                gc.collect()
                after = process.memory_info().rss
            finally:
                ours.close()
                await asyncio.to_thread(viewers.join, 10)
                if viewers.is_alive():
                    viewers.terminate()
    finally:
        running.cancel()
    return Cost((busy - idle) / count, (after - before) / count / 1e6, pictures / count / seconds)


async def _receive(pipe: Connection[Any, Any]) -> Any:
    if not await asyncio.to_thread(pipe.poll, 30):
        raise TimeoutError("the viewers' process says nothing")
    return pipe.recv()


async def _cpu(seconds: float) -> float:
    """Share of a core that this process uses, all threads."""
    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.sleep(seconds)
    return (time.process_time() - cpu) / (time.perf_counter() - wall)


@asynccontextmanager
async def _answering(way: str, feed: Feed) -> AsyncIterator[Answer]:
    if way == "encoded anew":
        transcoder = Transcoder(feed.frames)
        try:
            yield transcoder.answer
        finally:
            await transcoder.close()
        return
    forwarder = Forwarder(
        LOOPBACK,
        feed.frames,
        feed.now,
        ask_key_frame=lambda: None,
        speak=lambda frame, at: None,
        changed=lambda viewer, state: None,
    )

    async def answer(offer: str) -> str:
        return (await forwarder.view(offer))[1]

    try:
        yield answer
    finally:
        await forwarder.close()
