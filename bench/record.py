"""`python -m bench record`: what recording one candidate costs, beside aiortc's MediaRecorder, in one run.

Both get the same seconds of the default candidate (VP8 640×480 at 15 fps, Opus), as fast as they take
it; the figure is CPU time of the whole process, threads included. Ours gets encoded frames and ends with
sealed, synced segments on disk. MediaRecorder needs decoded frames, which it encodes again: decoding them is
measured apart and not counted against it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Literal

import av
from aiortc.contrib.media import MediaRecorder
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from bench.clip import EncodedClip, encode
from bench.core import machine
from bench.virtual_camera import FPS
from media.decoders import PictureDecoder
from media.encoded import EncodedFrame
from media.record.recording import Recording
from media.worker import Worker
from storage.keys import MasterKey
from storage.segments import SegmentStore

Frames = tuple[list[Any], list[Any]]  # decoded sound, decoded pictures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=12.0, help="length of the clip (12)")
    parser.add_argument("--rounds", type=int, default=5, help="medians of so many (5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the figures as JSON too")


def main(options: argparse.Namespace) -> int:
    clip = encode(None, seconds=options.seconds)
    spent: dict[str, list[float]] = {"ours": [], "MediaRecorder": [], "decoding for it": []}
    for _ in range(options.rounds):  # in turns: what else the machine does meets all of them alike
        spent["ours"].append(_cpu(partial(record, clip))[1])
        decoded, decoding = _cpu(partial(decode, clip))
        spent["decoding for it"].append(decoding)
        spent["MediaRecorder"].append(_cpu(partial(media_recorder, decoded))[1])
    print(machine.line())
    print(f"{options.seconds:.0f} s of one candidate, {options.rounds} rounds; CPU, share of one core")
    medians = {name: statistics.median(values) / options.seconds for name, values in spent.items()}
    for name, values in spent.items():
        low, high = min(values) / options.seconds, max(values) / options.seconds
        print(f"  {name:16} median {medians[name]:7.2%}   {low:.2%}–{high:.2%}")
    ratio = medians["MediaRecorder"] / medians["ours"]
    print(f"MediaRecorder costs {ratio:.0f} times ours")
    if options.json:
        figures = {"machine": machine.describe(), "seconds": options.seconds, "cpu_s": spent, "ratio": ratio}
        options.json.write_text(json.dumps(figures, indent=1))
    return 0


def _cpu(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.process_time()
    result = work()
    return result, time.process_time() - began


def record(clip: EncodedClip) -> None:
    """Frames in, sealed segments on disk."""
    frames = [(EncodedFrame("audio", "opus", 48_000, d, 0, 1, 0), i * 0.02) for i, d in enumerate(clip.audio)]
    frames += [(EncodedFrame("video", "VP8", 90_000, d, 0, 2, 0), i / FPS) for i, d in enumerate(clip.video)]
    frames.sort(key=lambda one: one[1])
    done, worker = threading.Event(), Worker("media-record")
    with tempfile.TemporaryDirectory(prefix="viva-record-") as folder:
        sink = SegmentStore(folder, MasterKey(bytes(32))).writer("bench")
        recording = Recording(sink, worker, lambda: None, lambda *one: None)
        for frame, at in frames:
            recording.on_frame(frame, at)
        recording.finish(done.set)
        done.wait(60)
        worker.close()
        if recording.counters.frames != len(frames) or recording.counters.failures:
            raise RuntimeError(f"not everything was recorded: {recording.counters}")


def decode(clip: EncodedClip) -> Frames:
    sound = av.CodecContext.create("libopus", "r")
    picture = PictureDecoder("VP8")
    heard = [frame for data in clip.audio for frame in sound.decode(av.Packet(data))]
    seen = [frame for data in clip.video for frame in picture.decode(data)]
    at = 0
    for one in heard:
        one.pts, one.time_base, at = at, Fraction(1, 48_000), at + one.samples
    for i, frame in enumerate(seen):
        frame.pts, frame.time_base = i * 90_000 // FPS, Fraction(1, 90_000)
    return heard, seen


class _Decoded(MediaStreamTrack):
    """Frames that are there already, as fast as they are taken."""

    def __init__(self, kind: Literal["audio", "video"], frames: list[Any]) -> None:
        self.kind = kind
        super().__init__()
        self._frames = iter(frames)
        self.over = asyncio.Event()

    async def recv(self) -> av.AudioFrame | av.VideoFrame:
        await asyncio.sleep(0)  # the other track takes turns
        frame: av.AudioFrame | av.VideoFrame | None = next(self._frames, None)
        if frame is None:
            self.over.set()
            raise MediaStreamError
        return frame


def media_recorder(decoded: Frames) -> None:
    """Into MP4 (x264, AAC), its default."""

    async def run(path: Path) -> None:
        recorder = MediaRecorder(str(path))
        tracks = [_Decoded("audio", decoded[0]), _Decoded("video", decoded[1])]
        for track in tracks:
            recorder.addTrack(track)
        await recorder.start()
        async with asyncio.timeout(120):  # it ends in silence when its encoder refuses a frame
            for track in tracks:
                await track.over.wait()
        await recorder.stop()

    with tempfile.TemporaryDirectory(prefix="viva-record-") as folder:
        asyncio.run(run(Path(folder) / "candidate.mp4"))
