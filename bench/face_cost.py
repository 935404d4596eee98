"""What the picture path of one session costs, stage by stage: CPU time of the thread, not wall time.

    python -m bench.face_cost [clip] [--seconds 20]

Frames are 640 × 480 at 15 a second, VP8, as a browser sends them. "per … look" is everything that it adds:
conversion to RGB, detection, mesh, measures, crops, and the extra passes where they run. Half of the looks
are sampled; "per look" is of all. The film is shown once before, unmeasured: first calls load things.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from bench.clip import encode
from bench.virtual_camera import FPS
from media import faces, measuring
from media.decoders import PictureDecoder
from media.finding import FaceFinder
from media.items import FaceSample
from media.presentation.stream import StreamWatch, luma
from media.presentation.watch import CueWatch
from media.settings import MediaSettings
from models.faces.detector import FaceDetector
from models.faces.mesh import FaceMesh

Costs = dict[str, list[float]]
STAGES: tuple[tuple[str, type[Any], str], ...] = (
    ("detect", FaceDetector, "detect"),
    ("closer look", FaceDetector, "confirm"),
    ("contrast evened out", FaceDetector, "detect_hard"),
    ("mesh", FaceMesh, "__call__"),
    ("measures", measuring.Measured, "light"),
    ("measures and crops of a sample", measuring.Measured, "sample"),
    ("presentation cues of a sample", CueWatch, "look"),
    ("injection cues (every look)", StreamWatch, "look"),
)


@contextmanager
def _timed(costs: Costs) -> Iterator[None]:
    """Each stage's calls add their CPU time, in ms; the methods are put back afterwards."""
    before: list[tuple[type[Any], str, Callable[..., Any]]] = []
    for name, owner, method in STAGES:
        original = getattr(owner, method)
        before.append((owner, method, original))

        def timed(*args: Any, _name: str = name, _call: Callable[..., Any] = original, **options: Any) -> Any:
            began = time.thread_time()
            try:
                return _call(*args, **options)
            finally:
                costs[_name].append(1000 * (time.thread_time() - began))

        setattr(owner, method, timed)
    try:
        yield
    finally:
        for owner, method, original in before:
            setattr(owner, method, original)


def measure(clip: Path | None, seconds: float) -> tuple[Costs, float]:
    """CPU ms of every call by stage, and the share of a core that the session needs."""
    finder, video = FaceFinder.load(), encode(clip, seconds=seconds).video
    _watch(finder, video)
    return _watch(finder, video)


def _watch(finder: FaceFinder, video: Sequence[bytes]) -> tuple[Costs, float]:
    settings = MediaSettings()
    watch, decoder = faces.FaceWatch(settings), PictureDecoder("VP8")
    stream = StreamWatch()
    costs: Costs = defaultdict(list)
    looked = float("-inf")
    began_all = time.thread_time()
    with _timed(costs):
        for i, data in enumerate(video):
            stream.frame(round(i * 90_000 / FPS), i / FPS)
            began = time.thread_time()
            pictures = decoder.decode(data)
            costs["decode (every frame)"].append(1000 * (time.thread_time() - began))
            if not pictures or i / FPS < looked + 0.9 * watch.interval:
                continue
            looked = i / FPS
            began = time.thread_time()
            rgb = np.asarray(pictures[-1].to_ndarray(format="rgb24"), np.uint8)
            costs["conversion"].append(1000 * (time.thread_time() - began))
            items = watch.look(finder, rgb, looked).items
            stream.look(luma(pictures[-1]), looked)
            sampled = any(isinstance(item, FaceSample) for item in items)
            spent = 1000 * (time.thread_time() - began)
            costs["per sampled look" if sampled else "per look between"].append(spent)
            costs["per look"].append(spent)
    return dict(costs), (time.thread_time() - began_all) / max(len(video) / FPS, 1e-9)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", nargs="?", type=Path, help="a film; the demo candidate by default")
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    costs, share = measure(asked.clip, asked.seconds)
    print(f"{'stage':34} {'calls':>6} {'median':>8} {'mean':>8} {'p95':>8}   ms of CPU")
    for name, spent in costs.items():
        told = f"{np.median(spent):8.2f} {np.mean(spent):8.2f} {np.percentile(spent, 95):8.2f}"
        print(f"{name:34} {len(spent):6} {told}")
    print(f"one session: {share:.1%} of a core")


if __name__ == "__main__":
    main()
