"""What each network that looks at a face costs, by the size of the batch; and all of them as one stream.

`python -m bench.face_batch [--device cpu|cuda]`: milliseconds per crop of affect, liveness, embedding.
On a CPU these are CPU milliseconds of all threads, so that what else runs does not count; on a GPU wall time
with the device drained. The stream then carries affect and liveness of every sampled frame and the embedding
of every tenth, with the share of each, and the operators that took most of it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.core import machine
from models.affect import AffectModel
from models.liveness import LivenessModel
from models.store import WeightsMissing

BATCHES = (1, 2, 4, 8, 16)
EMBED_EVERY = 10  # frames of a track: whose face it is changes more slowly than what it shows
NEAR_BEST = 1.05  # of the least cost: a larger batch must pay for its memory and its wait
Crops = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Head:
    """One network behind its public call: uint8 RGB n × side × side × 3 to one row per crop."""

    name: str
    model: str
    side: int
    run: Callable[[Crops], Any]

    def crops(self, count: int) -> Crops:
        """Noise: what a convolution costs does not depend on what it sees."""
        rng = np.random.default_rng(0)
        return rng.integers(0, 256, (count, self.side, self.side, 3), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Stream:
    """`share`: of the time, per head; `operators`: (name, milliseconds) of the dearest of one batch."""

    frames: int
    frames_per_s: float
    share: dict[str, float]
    operators: list[tuple[str, float]]


def heads(device: str, threads: int) -> list[Head]:
    """Those whose modules are here. Raises `WeightsMissing`."""
    affect = AffectModel.load(device=device, threads=threads)
    liveness = LivenessModel.load(device=device, threads=threads)
    found = [
        Head("affect", affect.name, 112, affect.probabilities),
        Head("liveness", liveness.name, 128, liveness.score),
    ]
    if find_spec("models.identity") and find_spec("models.identity.embedding"):
        embedder = import_module("models.identity.embedding").FaceEmbedder.load(
            device=device, threads=threads
        )
        found.append(Head("embedding", embedder.name, 112, embedder.embed))
    return found


def costs_ms(head: Head, batches: Sequence[int], *, device: str, crops: int, runs: int) -> dict[int, float]:
    """Milliseconds per crop for each size of batch, the median of `runs`.

    Every run goes through all sizes, so that a machine that slows down slows all of them. The first pass of
    each, which chooses kernels, is left out.
    """
    given = {batch: head.crops(batch) for batch in batches}
    for some in given.values():
        head.run(some)
    found: dict[int, list[float]] = {batch: [] for batch in batches}
    for _ in range(runs):
        for batch, some in given.items():
            passes = max(1, crops // batch)
            began = _now(device)
            for _ in range(passes):
                head.run(some)
            found[batch].append(1000 * (_now(device) - began) / (passes * batch))
    return {batch: median(times) for batch, times in found.items()}


def stream(ready: Sequence[Head], frames: int, batch: int, device: str) -> Stream:
    """Affect and liveness of `frames` frames in batches, the embedding of every tenth."""
    spent = {head.name: 0.0 for head in ready}
    given = {head.name: head.crops(batch) for head in ready}
    for head in ready:
        head.run(given[head.name])
    began = time.perf_counter()
    for head in ready:
        rows = -(-frames // EMBED_EVERY) if head.name == "embedding" else frames
        at = time.perf_counter()
        for start in range(0, rows, batch):
            head.run(given[head.name][: rows - start])
        _drain(device)
        spent[head.name] = time.perf_counter() - at
    total = time.perf_counter() - began
    share = {name: round(seconds / total, 3) for name, seconds in spent.items()}
    return Stream(frames, frames / total, share, operators(ready, batch, device))


def operators(ready: Sequence[Head], batch: int, device: str, most: int = 8) -> list[tuple[str, float]]:
    """The dearest torch operators of one batch through every head: own milliseconds on the device."""
    on_gpu = device == "cuda"
    kinds = [torch.profiler.ProfilerActivity.CPU]
    kinds += [torch.profiler.ProfilerActivity.CUDA] if on_gpu else []
    with torch.profiler.profile(activities=kinds) as profile:
        for head in ready:
            head.run(head.crops(batch))
    own = "self_device_time_total" if on_gpu else "self_cpu_time_total"
    rows = sorted(profile.key_averages(), key=lambda row: getattr(row, own), reverse=True)
    return [(str(row.key), round(getattr(row, own) / 1000, 3)) for row in rows[:most]]


def smallest_near_best(costs: dict[int, float]) -> int:
    """The smallest batch that costs at most a twentieth more per crop than the cheapest."""
    least = min(costs.values())
    return min(batch for batch, cost in costs.items() if cost <= NEAR_BEST * least)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batches", default=",".join(map(str, BATCHES)))
    parser.add_argument("--crops", type=int, default=32, help="per run, at least one batch (32)")
    parser.add_argument("--runs", type=int, default=9, help="the median of these is told (9)")
    parser.add_argument("--frames", type=int, default=160, help="of the stream (160)")
    parser.add_argument("--batch", type=int, default=8, help="of the stream (8)")
    parser.add_argument("--json", type=Path, metavar="OUT")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0; 2: no such device, weights missing, or a number that is not positive."""
    parser = argparse.ArgumentParser(prog="python -m bench.face_batch", description=__doc__)
    add_arguments(parser)
    options = parser.parse_args(arguments)
    try:
        batches = [int(word) for word in options.batches.split(",")]
        if min(*batches, options.runs, options.crops, options.frames, options.batch, options.threads) < 1:
            raise ValueError("batches, runs, crops, frames and threads are positive")
        if options.device == "cuda" and not torch.cuda.is_available():
            raise ValueError("no CUDA device here")
        ready = heads(options.device, options.threads)
    except (ValueError, WeightsMissing) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    costs = {
        head.name: costs_ms(head, batches, device=options.device, crops=options.crops, runs=options.runs)
        for head in ready
    }
    streamed = stream(ready, options.frames, options.batch, options.device)
    _print(options.device, ready, costs, streamed)
    if options.json:
        told = {
            "machine": machine.describe(),
            "device": _name(options.device),
            "models": {head.name: head.model for head in ready},
            "ms_per_crop": {
                name: {str(n): round(ms, 3) for n, ms in of.items()} for name, of in costs.items()
            },
            "frames_per_s": round(streamed.frames_per_s, 1),
            "share": streamed.share,
            "operators_ms": dict(streamed.operators),
        }
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 0


def _now(device: str) -> float:
    if device == "cpu":
        return time.process_time()
    _drain(device)
    return time.perf_counter()


def _drain(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def _name(device: str) -> str:
    return torch.cuda.get_device_name() if device == "cuda" else "cpu"


def _print(device: str, ready: Sequence[Head], costs: dict[str, dict[int, float]], streamed: Stream) -> None:
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"{machine.line()}; {_name(device)}", markup=False)
    unit = "CPU ms" if device == "cpu" else "ms"
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    table.add_column(f"{unit} per crop, batch of")
    for batch in next(iter(costs.values())):
        table.add_column(str(batch), justify="right")
    table.add_column("smallest near best", justify="right")
    for head in ready:
        of = costs[head.name]
        table.add_row(head.name, *(f"{ms:.2f}" for ms in of.values()), str(smallest_near_best(of)))
    console.print(table)
    shares = ", ".join(f"{name} {100 * share:.0f} %" for name, share in streamed.share.items())
    console.print(f"stream: {streamed.frames_per_s:.0f} frames a second ({shares})", markup=False)
    for name, ms in streamed.operators:
        console.print(f"  {ms:8.2f} ms  {name}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
