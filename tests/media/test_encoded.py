"""Encoded frames reach every listener, whatever the others do, and on one line of media time."""

from __future__ import annotations

import pytest

from bench.clip import EncodedClip
from media.encoded import EncodedFrame, FrameHub
from media.lipsync import LipSync, SenderReport
from tests.media.conftest import Connect

FRAME = EncodedFrame("audio", "opus", 48_000, b"x", 0, 1, 0)


class Kept:
    def __init__(self) -> None:
        self.frames: list[tuple[EncodedFrame, float]] = []

    def on_frame(self, frame: EncodedFrame, media_time: float) -> None:
        self.frames.append((frame, media_time))


class Broken:
    calls = 0

    def on_frame(self, frame: EncodedFrame, media_time: float) -> None:
        self.calls += 1
        raise ValueError("this one fails")


def test_a_listener_that_fails_costs_the_others_nothing() -> None:
    hub, kept, broken = FrameHub(), Kept(), Broken()
    hub.subscribe(broken)
    leave = hub.subscribe(kept)
    hub.publish(FRAME, 1.0)
    hub.publish(FRAME, 2.0)
    leave()
    hub.publish(FRAME, 3.0)
    assert [time for _, time in kept.frames] == [1.0, 2.0]
    assert broken.calls == 1


async def test_a_subscriber_sees_every_frame_as_it_was_sent(connect: Connect, clip: EncodedClip) -> None:
    candidate = await connect(clip)
    kept = Kept()
    leave = candidate.ingest.subscribe(kept)
    await candidate.until(lambda: sum(frame.kind == "video" for frame, _ in kept.frames) > 30)
    leave()
    for kind, sent in (("audio", clip.audio), ("video", clip.video)):
        got = [frame.data for frame, _ in kept.frames if frame.kind == kind]
        first = sent.index(got[0])
        assert tuple(got) == sent[first : first + len(got)]
        times = [time for frame, time in kept.frames if frame.kind == kind]
        assert times == sorted(times)
    pictures = [frame for frame, _ in kept.frames if frame.kind == "video"]
    assert any(frame.key for frame in pictures)
    assert {frame.codec for frame in pictures} == {"VP8"}


def test_reports_bring_a_late_picture_back_to_its_sound() -> None:
    """The picture's first packet was 150 ms later on the way than the sound's."""
    lips = LipSync(1.0)
    sound, picture = [], []
    for n in range(200):
        sent = n / 50
        sound.append(lips.place("audio", 1000 + n * 960, 1, 48_000, sent + 0.03))
        if n % 2 == 0:
            picture.append(lips.place("video", 5000 + n * 1800, 2, 90_000, sent + 0.18))
        if n == 100:
            lips.report(SenderReport("audio", 1, 3e9 + sent, 1000 + n * 960))
            lips.report(SenderReport("video", 2, 3e9 + sent, 5000 + n * 1800))
    assert picture[10] - sound[20] == pytest.approx(0.15)
    assert picture[99] - sound[198] == pytest.approx(0.0, abs=1e-3)
    assert lips.correction_s == pytest.approx(-0.15, abs=1e-3)


def test_reports_of_another_stream_or_beyond_reason_change_nothing() -> None:
    lips = LipSync(1.0)
    lips.place("audio", 0, 1, 48_000, 0.0)
    lips.report(SenderReport("audio", 1, 100.0, 0))
    lips.report(SenderReport("video", 9, 100.0, 0))
    lips.place("audio", 960, 1, 48_000, 0.02)
    assert lips.place("video", 0, 2, 90_000, 0.1) == 0.1
    lips.report(SenderReport("video", 2, 500.0, 0))
    assert lips.place("video", 3000, 2, 90_000, 0.14) == pytest.approx(0.1 + 1 / 30)
