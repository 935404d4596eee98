"""One playable file of any range of media time, from segments of either codec."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from bench.clip import EncodedClip
from media.record.assemble import assemble, cover, front_bytes, parts
from media.record.cutter import Cutter
from media.record.recording import Recording
from media.worker import Worker
from tests.media.record.conftest import Kept, Sent, picture, sent, sound, wait_for


class ForwardOnly(io.BytesIO):
    """Refuses to be written behind where it is, but in its first `front` bytes."""

    def __init__(self, front: int) -> None:
        super().__init__()
        self.front, self.end = front, 0

    def write(self, data: Any) -> int:
        at = self.tell()
        assert at >= self.end or at + len(data) <= self.front
        count = super().write(data)
        self.end = max(self.end, at + count)
        return count


def h264(seconds: float, size: tuple[int, int] = (640, 480)) -> list[bytes]:
    """Annex B access units, 15 a second, a key frame each second."""
    codec: Any = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = *size, "yuv420p"
    codec.time_base, codec.framerate, codec.gop_size = Fraction(1, 15), Fraction(15, 1), 15
    codec.options = {"preset": "ultrafast", "tune": "zerolatency"}
    units: list[bytes] = []
    for i in range(round(seconds * 15)):
        frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), i % 250, np.uint8), "rgb24")
        frame = frame.reformat(format="yuv420p")
        frame.pts = i
        units += [bytes(one) for one in codec.encode(frame)]
    return units + [bytes(one) for one in codec.encode(None)]


def record(frames: Sent, worker: Worker, target_s: float = 2.0) -> Kept:
    kept = Kept()
    recording = Recording(kept, worker, lambda: None, lambda *one: None, cutter=Cutter(target_s=target_s))
    for frame, at in frames:
        recording.on_frame(frame, at)
    wait_for(recording.finish)
    return kept


def play(kept: Kept, start: float, end: float, index: int = 0) -> tuple[float, list[float], float, str]:
    """(media time of the file's zero, times of its pictures, seconds of sound, format)."""
    part, begin = cover(parts(kept.segments)[index], start, end)
    file = ForwardOnly(front_bytes(part))
    assemble(part, begin, end, kept.read, file)
    with av.open(io.BytesIO(file.getvalue()), "r") as container:
        pictures = [frame.time or 0.0 for frame in container.decode(video=0)]
        name = container.format.name
    with av.open(io.BytesIO(file.getvalue()), "r") as container:
        sound_s = sum(frame.samples for frame in container.decode(audio=0)) / 48_000
    return begin, pictures, sound_s, name


@pytest.mark.parametrize("start", [0.0, 1.9, 2.0, 3.4, 5.0])
def test_a_range_begins_at_the_key_frame_before_it(clip: EncodedClip, worker: Worker, start: float) -> None:
    kept = record(sent(clip, start=10.0), worker)
    begin, pictures, sound_s, name = play(kept, 10.0 + start, 16.0)
    assert begin == pytest.approx(10.0 + int(start), abs=0.001)  # the clip has a key frame every second
    assert pictures[0] == 0.0
    assert len(pictures) == pytest.approx((16.0 - begin) * 15, abs=1)
    assert sound_s == pytest.approx(16.0 - begin, abs=0.05)
    assert "webm" in name


def test_h264_becomes_mp4_with_its_index_in_front(clip: EncodedClip, worker: Worker) -> None:
    frames = [(picture(data, "H264"), i / 15) for i, data in enumerate(h264(6.0))]
    frames += [(sound(data), i * 0.02) for i, data in enumerate(clip.audio[:300])]
    kept = record(sorted(frames, key=lambda one: one[1]), worker)
    assert {one.container for one in kept.segments} == {"mp4"}
    assert all((one.width, one.height) == (640, 480) for one in kept.segments)
    begin, pictures, sound_s, name = play(kept, 3.5, 6.0)
    assert (begin, pictures[0]) == (3.0, 0.0)
    assert len(pictures) == 45
    assert sound_s == pytest.approx(3.0, abs=0.05)
    assert "mp4" in name
    data = kept.read(kept.segments[0])
    assert 0 < data.find(b"moov") < data.find(b"mdat")


def test_holes_in_the_sound_become_silence_so_that_times_stay_true(clip: EncodedClip, worker: Worker) -> None:
    frames = [(f, at) for f, at in sent(clip) if f.kind == "video" or not 1.0 <= at < 4.0]
    _, _, sound_s, _ = play(record(frames, worker), 0.0, 7.0)
    assert sound_s == pytest.approx(7.0, abs=0.05)


def test_another_codec_begins_another_file(clip: EncodedClip, worker: Worker) -> None:
    frames = sent(clip)
    frames += [(picture(data, "H264"), 8.0 + i / 15) for i, data in enumerate(h264(2.0))]
    frames += [(picture(data, "H264"), 11.0 + i / 15) for i, data in enumerate(h264(2.0, (320, 240)))]
    kept = record(frames, worker, target_s=1.0)
    assert [(part.video, part.container) for part in parts(kept.segments)] == [
        ("VP8", "webm"),
        ("H264", "mp4"),
        ("H264", "mp4"),
    ]


def test_nothing_was_recorded_then(clip: EncodedClip, worker: Worker) -> None:
    (part,) = parts(record(sent(clip, start=3.0), worker).segments)
    for start, end in ((0.0, 2.0), (60.0, 70.0)):
        with pytest.raises(LookupError):
            cover(part, start, end)
