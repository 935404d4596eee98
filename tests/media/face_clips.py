"""Films of the evaluation material through the real path: VP8 frames, decoder, looks."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from bench.clip import encode_vp8
from media.encoded import EncodedFrame
from media.finding import FaceFinder
from media.picture import Seeing, Seen
from media.settings import MediaSettings
from media.worker import Job, Worker
from tests.models.eval_set import folder

Rgb = NDArray[np.uint8]


class Inline(Worker):
    """Does each job at once, on the calling thread: no frame is dropped for want of time."""

    def __init__(self) -> None:
        pass

    def submit(self, job: Job, *, patient: bool = False, together_s: float = 0.0) -> None:
        job()


@dataclass(frozen=True, slots=True)
class Looks:
    seen: list[Seen]

    def items(self, kind: type[Any]) -> list[Any]:
        return [item for seen in self.seen for item in seen.items if isinstance(item, kind)]

    @property
    def found(self) -> float:
        """Share of the looks that showed a face."""
        return float(np.mean([bool(one.tracks) for one in self.seen]))


def clips() -> list[Path]:
    root = folder("video")
    with (root / "clips.csv").open(encoding="utf-8") as table:
        return [root / row["path"] for row in csv.DictReader(table)]


def pictures(clip: Path, fps: int = 15, seconds: float = 10, longest: int = 640) -> list[Rgb]:
    """The frames a webcam of `fps` would have given, from the first on."""
    shown: list[Rgb] = []
    with av.open(str(clip)) as container:
        due: float | None = None
        for frame in container.decode(video=0):
            at = frame.time or 0.0
            due = at if due is None else due
            if at < due - 1e-6:
                continue
            due += 1 / fps
            if len(shown) >= seconds * fps:
                break
            scale = min(1.0, longest / max(frame.width, frame.height))
            width, height = round(frame.width * scale) // 2 * 2, round(frame.height * scale) // 2 * 2
            rgb = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
            shown.append(np.ascontiguousarray(rgb, np.uint8))
    return shown


def look(
    finder: FaceFinder,
    shown: Iterable[Rgb],
    fps: int = 15,
    settings: MediaSettings | None = None,
    prepare: Callable[[Seeing], None] = lambda seeing: None,
) -> Looks:
    """Encodes, decodes and looks; media time is i / fps."""
    seen: list[Seen] = []
    seeing = Seeing(settings or MediaSettings(), finder, Inline(), seen.append, lambda: None)
    prepare(seeing)
    for i, data in enumerate(encode_vp8(iter(shown))):
        seeing.push(EncodedFrame("video", "VP8", 90_000, data, i * 90_000 // fps, 1, 0), i / fps)
    return Looks(seen)
