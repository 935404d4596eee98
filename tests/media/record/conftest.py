"""Frames as they leave the receiver, made from the clip, and a sink that keeps segments in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from bench.clip import EncodedClip
from bench.virtual_camera import FPS
from media.encoded import EncodedFrame
from media.record.items import Segment
from media.worker import Worker

Sent = list[tuple[EncodedFrame, float]]


def sound(data: bytes) -> EncodedFrame:
    return EncodedFrame("audio", "opus", 48_000, data, 0, 1, 0)


def picture(data: bytes, codec: str = "VP8") -> EncodedFrame:
    return EncodedFrame("video", codec, 90_000, data, 0, 2, 0)


def sent(clip: EncodedClip, start: float = 0.0) -> Sent:
    """Both streams of the clip, in the order in which they come."""
    frames = [(sound(data), start + i * 0.02) for i, data in enumerate(clip.audio)]
    frames += [(picture(data), start + i / FPS) for i, data in enumerate(clip.video)]
    return sorted(frames, key=lambda one: one[1])


class Kept:
    """A `SegmentSink` in memory; raises `refuse` while it is set."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.files: dict[int, bytes] = {}
        self.refuse: Exception | None = None

    def next_number(self) -> int:
        return len(self.segments) + 1

    def put(self, segment: Segment, data: bytes) -> None:
        if self.refuse:
            raise self.refuse
        self.segments.append(segment)
        self.files[segment.number] = data

    def read(self, segment: Segment) -> bytes:
        return self.files[segment.number]


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("media-record-test")
    yield made
    made.close()


def wait_for(start: Callable[[Callable[[], None]], None]) -> None:
    """Until what `start` was given is called."""
    done = threading.Event()
    start(done.set)
    assert done.wait(20)
