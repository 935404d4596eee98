"""From encoded frames to faces, without a network: sampling, bounded queues, damage."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from bench import virtual_camera
from bench.clip import EncodedClip, encode_vp8
from media.encoded import EncodedFrame
from media.faces import FaceWatch
from media.finding import FaceFinder
from media.items import FaceSample, FacesChanged, HintChanged, MediaItem
from media.picture import GATHER_S, Seeing, Seen
from media.settings import MediaSettings
from media.worker import Worker

SETTINGS = MediaSettings()
FPS = virtual_camera.FPS


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder.load()


@pytest.fixture
def worker() -> Iterator[Worker]:
    one = Worker("test-pictures")
    yield one
    one.close()


def frames(clip: EncodedClip) -> list[EncodedFrame]:
    return [
        EncodedFrame("video", "VP8", 90_000, data, i * 90_000 // FPS, 1, 0)
        for i, data in enumerate(clip.video)
    ]


class Receiver:
    def __init__(self, finder: Any, worker: Worker, settings: MediaSettings = SETTINGS) -> None:
        self.seen: list[Seen] = []
        self.key_frames_asked = 0
        self.worker = worker
        self.seeing = Seeing(settings, finder, worker, self.seen.append, self._ask)

    def _ask(self) -> None:
        self.key_frames_asked += 1

    def push(self, all_frames: list[EncodedFrame], start: int = 0, settle: bool = True) -> None:
        for i, frame in enumerate(all_frames, start):
            self.seeing.push(frame, i / FPS)
            if settle:
                self.settle()

    def settle(self) -> None:
        """Until the worker has nothing to do."""
        for _ in range(2):
            done = threading.Event()
            self.worker.submit(done.set, together_s=GATHER_S)  # behind what has been pushed
            assert done.wait(20)

    def items(self, kind: type[Any]) -> list[Any]:
        return [item for seen in self.seen for item in seen.items if isinstance(item, kind)]


def test_frames_are_sampled_at_the_set_rate(finder: FaceFinder, worker: Worker, clip: EncodedClip) -> None:
    receiver = Receiver(finder, worker)
    receiver.push(frames(clip)[: 3 * FPS])
    times = [seen.time for seen in receiver.seen]
    # Every frame until the number of faces is told, then `look_fps`; four samples a second all along.
    assert 2.5 * SETTINGS.look_fps < len(times) < 3.5 * SETTINGS.look_fps
    assert all(b - a < 0.15 for a, b in pairwise(times))
    samples = [item.media_time for item in receiver.items(FaceSample)]
    assert len(samples) == pytest.approx(3 * SETTINGS.face_fps, abs=1)
    assert all(0.15 < b - a < 0.35 for a, b in pairwise(samples))
    assert receiver.seeing.decoded == 3 * FPS
    assert receiver.seeing.dropped == 0
    assert all(0.2 < seen.luma < 0.8 for seen in receiver.seen)
    sample = receiver.items(FaceSample)[-1]
    assert abs(sample.yaw) < 30
    assert abs(sample.pitch) < 30
    assert 0.3 < sample.eyes_open <= 1
    assert 0.2 < sample.brightness < 0.9
    assert sample.sharpness > 0


def test_samples_carry_border_and_motion_within_the_face(
    finder: FaceFinder, worker: Worker, clip: EncodedClip
) -> None:
    receiver = Receiver(finder, worker)
    receiver.push(frames(clip)[: 3 * FPS])
    first, *rest = receiver.items(FaceSample)
    assert first.motion_within is None
    assert first.border is not None
    # A photograph that is moved: nothing moves within its face.
    assert max(sample.motion_within for sample in rest) < 0.01


def test_a_busy_analyser_sees_the_newest_frame_and_the_rest_is_counted(
    worker: Worker, clip: EncodedClip
) -> None:
    class Slow:
        def __init__(self) -> None:
            self.gate = threading.Event()

        def find(self, rgb: NDArray[np.uint8], **options: Any) -> list[Any]:
            self.gate.wait()
            return []

    slow = Slow()
    receiver = Receiver(slow, worker)
    all_frames = frames(clip)
    receiver.push(all_frames[:4], settle=False)
    other = Worker("other")  # the analyser hangs; its thread takes nothing more
    for i, frame in enumerate(all_frames[4:90], 4):
        receiver.seeing.push(frame, i / FPS)
    slow.gate.set()
    receiver.settle()
    other.close()
    assert receiver.seeing.dropped > 0
    assert len(receiver.seen) < 8
    assert receiver.seen[-1].time > 1


def test_falling_behind_drops_to_a_key_frame(worker: Worker, finder: FaceFinder, clip: EncodedClip) -> None:
    receiver, gate = Receiver(finder, worker), threading.Event()
    all_frames = frames(clip)
    receiver.push(all_frames[:3])
    worker.submit(lambda: (gate.wait(), None)[1])
    receiver.push(all_frames[3 : Seeing.QUEUE + 5], start=3, settle=False)
    gate.set()
    receiver.settle()
    assert receiver.seeing.dropped >= Seeing.QUEUE
    assert receiver.key_frames_asked > 0
    before = receiver.seeing.decoded
    receiver.push(all_frames[Seeing.QUEUE + 5 : 2 * Seeing.QUEUE], start=Seeing.QUEUE + 5)
    assert receiver.seeing.decoded > before  # the clip has a key frame every second


def test_damage_asks_for_a_key_frame_and_decoding_goes_on(
    worker: Worker, finder: FaceFinder, clip: EncodedClip
) -> None:
    receiver = Receiver(finder, worker)
    all_frames = frames(clip)[: 3 * FPS]
    all_frames[5] = all_frames[5]._replace(data=b"\x00")
    receiver.push(all_frames)
    assert receiver.seeing.decoded >= 2 * FPS
    assert receiver.items(FaceSample)


def test_closing_stops_deliveries(worker: Worker, finder: FaceFinder, clip: EncodedClip) -> None:
    receiver = Receiver(finder, worker)
    receiver.push(frames(clip)[:5])
    receiver.seeing.close()
    count = len(receiver.seen)
    receiver.push(frames(clip)[5:30], start=5)
    assert len(receiver.seen) == count


def watch(
    finder: FaceFinder, picture: Callable[[int], NDArray[np.uint8]], steps: int = 14
) -> list[MediaItem]:
    face_watch = FaceWatch(SETTINGS)
    return [item for i in range(steps) for item in face_watch.look(finder, picture(i), i / 4).items]


def astronaut() -> NDArray[np.uint8]:
    return next(iter(virtual_camera.frames(0.1)))


def test_nobody_in_the_picture(finder: FaceFinder) -> None:
    wall = np.random.default_rng(5).integers(90, 110, (480, 640, 3)).astype(np.uint8)
    items = watch(finder, lambda i: wall)
    assert [item.faces for item in items if isinstance(item, FacesChanged)] == [0]
    assert not [item for item in items if isinstance(item, (FaceSample, HintChanged))]


def test_two_people(finder: FaceFinder) -> None:
    half = cv2.resize(astronaut()[:, 120:520], (320, 384))
    both = np.full((480, 640, 3), 128, np.uint8)
    both[48:432, :320], both[48:432, 320:] = half, half[:, ::-1]
    items = watch(finder, lambda i: both)
    assert [item.faces for item in items if isinstance(item, FacesChanged)] == [2]
    assert len({item.track for item in items if isinstance(item, FaceSample)}) == 1


def test_somebody_far_away_and_in_the_dark_is_told_what_to_do(finder: FaceFinder) -> None:
    far = np.full((480, 640, 3), 140, np.uint8)
    far[180:300, 240:400] = cv2.resize(astronaut(), (160, 120))
    hints = [item.hint for item in watch(finder, lambda i: far) if isinstance(item, HintChanged)]
    assert hints == ["closer"]
    dark = (astronaut() * 0.25).astype(np.uint8)
    hints = [item.hint for item in watch(finder, lambda i: dark) if isinstance(item, HintChanged)]
    assert hints == ["brighter"]


def test_h264_is_seen_too(worker: Worker, finder: FaceFinder) -> None:
    codec: Any = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = 640, 480, "yuv420p"
    codec.time_base = Fraction(1, FPS)
    codec.options = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"}
    packets = []
    for i in range(20):
        frame = av.VideoFrame.from_ndarray(astronaut(), "rgb24").reformat(format="yuv420p")
        frame.pts = i
        packets += [bytes(packet) for packet in codec.encode(frame)]
    receiver = Receiver(finder, worker)
    receiver.push(
        [EncodedFrame("video", "H264", 90_000, data, i * 6000, 1, 0) for i, data in enumerate(packets)]
    )
    assert receiver.seeing.decoded >= 19
    assert receiver.items(FaceSample)


def test_a_picture_of_nothing_is_dark(worker: Worker, finder: FaceFinder) -> None:
    black = EncodedClip((), encode_vp8(np.zeros((480, 640, 3), np.uint8) for _ in range(FPS)), "black")
    receiver = Receiver(finder, worker)
    receiver.push(frames(black))
    assert all(seen.luma <= SETTINGS.black_luma / 2 for seen in receiver.seen)
