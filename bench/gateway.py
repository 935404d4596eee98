"""`python -m bench gateway`: candidates per core, against a stock aiortc receiver of the same streams.

Each receiver runs alone in a process of its own; the candidates send from this one. CPU is the receiver's
process time, user and system, after five seconds of warm-up. Of sound it prints what came (concealed loss is
counted apart), the longest wait between two packets in each second (p95, most), and how long packets wait
from their datagram to their samples.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import multiprocessing
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import load_receiver, virtual_camera
from bench.clip import encode_opus
from bench.core.machine import line
from bench.core.statistics import percentile
from bench.layered import FPS, encode_layers, say_layers
from bench.load_sender import JITTER_S, Candidate, Link
from bench.sound import read_sound

CLIP_S = 8.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--candidates", type=int, default=12, metavar="N", help="at once (12)")
    parser.add_argument("--seconds", type=float, default=20.0, help="measured, per run (20)")
    parser.add_argument("--runs", type=int, default=3, help="of each, in turns; medians count (3)")
    parser.add_argument("--loss", type=float, default=0.0, help="share of media packets lost (0)")
    parser.add_argument("--jitter", type=float, help=f"seconds; {JITTER_S} with loss, else 0")
    parser.add_argument("--models", action="store_true", help="models and all other analysis too, ours alone")
    parser.add_argument("--json", type=Path)


def main(options: argparse.Namespace) -> int:
    say_layers()
    packets = clip()
    modes = ["viva"] if options.models else ["stock", "viva"]
    runs: dict[str, list[dict[str, Any]]] = {mode: [] for mode in modes}
    for _ in range(options.runs):
        for mode in modes:
            runs[mode].append(asyncio.run(measure(mode, options, *packets)))
    figures = {mode: _figures(found, options) for mode, found in runs.items()}
    print(line())
    for mode, found in figures.items():
        print(mode, "  ".join(f"{name} {value}" for name, value in found.items()))
    if len(modes) == 2:
        ratio = figures["stock"]["cpu_percent"] / figures["viva"]["cpu_percent"]
        print(f"candidates per core: {ratio:.2f} times as many as a stock aiortc receiver")
        figures["ratio"] = {"candidates_per_core": round(ratio, 2)}
    if options.json:
        options.json.write_text(
            json.dumps({"command": sys.argv[1:], "metrics": figures, "runs": runs}, indent=2)
        )
    return 0


async def measure(
    mode: str, options: argparse.Namespace, audio: tuple[bytes, ...], video: tuple[bytes, ...]
) -> dict[str, Any]:
    """One run with one receiver."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    receiver = context.Process(
        target=load_receiver.run, args=(there, mode, options.models, options.seconds), daemon=True
    )
    receiver.start()
    jitter = options.jitter if options.jitter is not None else (JITTER_S if options.loss else 0.0)
    lossy = options.loss > 0 or jitter > 0
    candidates = [
        Candidate(audio, video, Link(options.loss, jitter, seed) if lossy else None)
        for seed in range(options.candidates)
    ]
    loop = asyncio.get_running_loop()
    try:
        for candidate in candidates:
            here.send(await candidate.offer())
            await candidate.take(await loop.run_in_executor(None, here.recv))
        here.send(None)
        found: dict[str, Any] = await asyncio.wait_for(
            loop.run_in_executor(None, here.recv), options.seconds + 60
        )
    finally:
        for candidate in candidates:
            await candidate.close()
        receiver.terminate()
        receiver.join(10)
    return found


def _figures(runs: list[dict[str, Any]], options: argparse.Namespace) -> dict[str, float]:
    """Per candidate; medians over the runs."""

    def median(of: Callable[[dict[str, Any]], float]) -> float:
        return statistics.median(of(run) for run in runs)

    n = options.candidates
    delays = any(itertools.chain(*(run["delays_ms"] for run in runs)))  # of ours alone
    cpu = median(lambda run: 100 * run["cpu_s"] / run["seconds"] / n)
    return {
        "cpu_percent": round(cpu, 2),
        "candidates_per_core": round(100 / cpu, 1),
        "sound_percent": round(median(lambda run: 100 * sum(run["sound_s"]) / run["seconds"] / n), 2),
        "concealed_percent": round(median(lambda run: 100 * sum(run["concealed_s"]) / run["seconds"] / n), 2),
        "stall_p95_ms": round(median(lambda run: _p95(run["stalls_ms"]))),
        "stall_ms": round(median(lambda run: max(itertools.chain(*run["stalls_ms"])))),
        **({"delay_p95_ms": round(median(lambda run: _p95(run["delays_ms"])))} if delays else {}),
        "pictures_per_s": round(median(lambda run: sum(run["pictures"]) / run["seconds"] / n), 2),
        "rss_mb": round(median(lambda run: run["rss_mb"])),
    }


def _p95(of_each: list[list[float]]) -> float:
    return percentile(list(itertools.chain(*of_each)), 0.95) or 0.0


def clip() -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Speech and a moved face, VGA at 30 frames a second in three temporal layers."""
    sound = encode_opus(read_sound(virtual_camera.default_sound(), seconds=CLIP_S))
    pictures = itertools.islice(virtual_camera.frames(CLIP_S, FPS), int(CLIP_S * FPS))
    return sound, encode_layers(pictures)
