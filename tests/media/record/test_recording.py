"""Frames in, segments out: where they are cut, what the index says, what a refusing store does."""

from __future__ import annotations

import errno
import hashlib
import io

import av
import pytest

from bench.clip import EncodedClip
from media.encoded import EncodedFrame
from media.record.cutter import Cutter
from media.record.items import Reason, State
from media.record.recording import Recording
from media.worker import Worker
from tests.media.record.conftest import Kept, picture, sent, sound, wait_for

DELTA = b"\x01" + bytes(20)  # RFC 6386: the lowest bit says that it is no key frame
SIZED_KEY = b"\x00\x00\x00\x9d\x01\x2a\x80\x02\xe0\x01" + bytes(10)


def test_segments_play_by_themselves_and_the_index_says_what_they_hold(
    clip: EncodedClip, worker: Worker
) -> None:
    kept, told = Kept(), list[tuple[State, Reason]]()
    recording = Recording(
        kept, worker, lambda: None, lambda *one: told.append(one), cutter=Cutter(target_s=3.0)
    )
    for frame, at in sent(clip, start=5.0):
        recording.on_frame(frame, at)
    wait_for(recording.finish)
    assert told == [("recording", "started"), ("stopped", "finished")]
    assert [one.start for one in kept.segments] == [5.0, 8.0, 11.0]
    assert sum(one.frames for one in kept.segments) == len(clip.audio) + len(clip.video)
    for segment in kept.segments:
        data = kept.read(segment)
        assert (segment.size, segment.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert (segment.width, segment.height, segment.container) == (640, 480, "webm")
        assert segment.keys[0] == segment.start
        assert segment.end - segment.start < 10
        with av.open(io.BytesIO(data), "r") as container:
            pictures = [frame.time for frame in container.decode(video=0)]
        with av.open(io.BytesIO(data), "r") as container:
            samples = sum(frame.samples for frame in container.decode(audio=0))
        assert pictures[0] == 0.0
        assert len(pictures) == pytest.approx((segment.end - segment.start) * 15, abs=2)
        assert samples / 48_000 == pytest.approx(segment.end - segment.start, abs=0.1)


def test_a_segment_without_key_frames_asks_for_one_and_is_cut_in_time() -> None:
    cutter = Cutter()
    cuts = []
    for i in range(400):  # 26 s at 15 fps with one key frame
        cut = cutter.push(picture(SIZED_KEY if i == 0 else DELTA), i / 15)
        cuts += [cut] if cut else []
        if i in (80, 100):  # 5.3 s, 6.7 s
            assert cutter.wants_key == (i == 100)
    assert len(cuts) == 2
    assert all(cut.end - cut.start <= 10 for cut in cuts)


def test_the_key_frame_that_was_asked_for_begins_the_next_segment() -> None:
    cutter = Cutter()
    for i in range(95):
        assert cutter.push(picture(SIZED_KEY if i == 0 else DELTA), i / 15) is None
    assert cutter.wants_key
    cut = cutter.push(picture(SIZED_KEY), 95 / 15)
    assert cut
    assert len(cut.frames) == 95
    assert not cutter.wants_key


def test_what_is_missing_stands_in_the_index(worker: Worker, clip: EncodedClip) -> None:
    kept = Kept()
    recording = Recording(kept, worker, lambda: None, lambda *one: None)
    for frame, at in sent(clip):
        if frame.kind == "video" or not 2.0 <= at < 2.5:
            recording.on_frame(frame, at)
    wait_for(recording.finish)
    (gap,) = [gap for one in kept.segments for gap in one.gaps]
    assert (gap.kind, gap.start, gap.end) == ("audio", pytest.approx(1.98), pytest.approx(2.5))


def test_a_full_disk_is_told_and_the_recording_goes_on_when_there_is_room(
    clip: EncodedClip, worker: Worker
) -> None:
    kept, told, asked = Kept(), list[tuple[State, Reason]](), list[int]()
    recording = Recording(
        kept,
        worker,
        lambda: asked.append(1),
        lambda *one: told.append(one),
        retry_s=0.0,
        cutter=Cutter(target_s=1.0),
    )
    frames = sent(clip)
    kept.refuse = OSError(errno.ENOSPC, "No space left on device")
    for frame, at in frames[: len(frames) // 2]:
        recording.on_frame(frame, at)
    wait_for(recording.flush)
    assert told == [("recording", "started"), ("stopped", "disk-full")]
    assert kept.segments == []
    dropped = recording.counters.dropped
    assert dropped > 0
    kept.refuse = None
    for frame, at in frames[len(frames) // 2 :]:
        recording.on_frame(frame, at)
    wait_for(recording.finish)
    assert told[2:] == [("recording", "resumed"), ("stopped", "finished")]
    assert kept.segments[0].start == 0.0  # what was refused was kept in memory
    assert [one.number for one in kept.segments] == list(range(1, len(kept.segments) + 1))
    assert asked


def test_a_slow_store_costs_frames_and_not_memory(worker: Worker) -> None:
    import threading

    hold = threading.Event()
    worker.submit(hold.wait)  # the thread is busy elsewhere
    recording = Recording(Kept(), worker, lambda: None, lambda *one: None, queue=100)
    for i in range(250):
        recording.on_frame(sound(b"\xf8\xff\xfe"), i * 0.02)
    assert recording.counters.dropped == 150
    hold.set()
    wait_for(recording.finish)
    assert recording.counters.frames == 100


def test_codecs_that_no_browser_plays_are_left_out_and_counted(worker: Worker) -> None:
    kept = Kept()
    recording = Recording(kept, worker, lambda: None, lambda *one: None)
    recording.on_frame(EncodedFrame("audio", "PCMU", 8000, bytes(160), 0, 1, 0), 0.0)
    wait_for(recording.finish)
    assert (recording.counters.unsupported, kept.segments) == (1, [])
