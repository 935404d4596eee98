"""Cues of injection as the server takes them from a stream: `python -m bench.stream_cues --clips FOLDER`.

Each clip is encoded as a browser would (VP8, 640 × 480, 15 a second), once as it is with a camera's jitter on
its timestamps, once its first 2.6 s over and over with a file's even ones, and decoded and watched as in a
session (`media.presentation.stream`). Counts are of the last outcome told for each cue.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.clip import encode
from bench.virtual_camera import FPS
from media.decoders import PictureDecoder
from media.presentation.stream import StreamWatch, luma

CUES = ("repeated-frames", "missing-noise", "regular-timing", "clock-mismatch")
LOOP = round(2.6 * FPS)
JITTER_S = 0.001


def watch(frames: Sequence[bytes], jitter_s: float, costs: list[float]) -> dict[str, str]:
    """The last outcome of each cue that was told; `costs` gets the CPU ms of each look."""
    decoder, stream, chance = PictureDecoder("VP8"), StreamWatch(), np.random.default_rng(0)
    told: dict[str, str] = {}
    for index, data in enumerate(frames):
        at = index / FPS
        captured = at + (float(chance.normal(0, jitter_s)) if jitter_s else 0.0)
        stream.frame(round((captured + 1) * 90_000), at + float(chance.exponential(0.005)))
        pictures = decoder.decode(data)
        if not pictures or index % 4:
            continue
        began = time.thread_time()
        told.update((cue.name, cue.outcome) for cue in stream.look(luma(pictures[-1]), at))
        costs.append(1000 * (time.thread_time() - began))
    return told


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.stream_cues", description=__doc__)
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=30.0)
    args = parser.parse_args()
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    costs: list[float] = []
    with (args.clips / "clips.csv").open(encoding="utf-8") as table:
        names = [row["path"] for row in csv.DictReader(table)]
    for name in names:
        video = encode(args.clips / name, seconds=args.seconds).video
        looped = [video[i % min(LOOP, len(video))] for i in range(round(args.seconds * FPS))]
        for kind, frames, jitter_s in (("as it is", video, JITTER_S), ("in a loop", looped, 0.0)):
            told = watch(frames, jitter_s, costs)
            for cue in CUES:
                counts[kind, cue][told.get(cue, "not told")] += 1
    for (kind, cue), counter in counts.items():
        print(f"{cue:16} {kind:10} {dict(counter)}")
    print(f"a sampled picture: median {np.median(costs):.2f} ms, mean {np.mean(costs):.2f} ms of CPU")


if __name__ == "__main__":
    main()
