"""Encoded frames of a few seconds as one file that plays by itself, muxed with PyAV; nothing is transcoded.

VP8 with Opus, and sound alone, become WebM, which Chrome, Firefox and the newer Safari (macOS 11.3, iOS
17.4) play. H.264 with Opus becomes MP4 with its index in front: Matroska would leave Safari out.
That is what the browsers' makers say; tried here is Chromium alone. MP4 need not be fragmented to survive a
crash: a segment is written whole or not at all.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import av
import numpy as np
from av.container import OutputContainer

from media.encoded import EncodedFrame
from media.items import Kind
from media.record.items import Container

MS = Fraction(1, 1000)
SOUND_S = 0.02  # length of the Opus packets that browsers send
SILENCE = b"\xf8\xff\xfe"  # 20 ms of nothing (RFC 6716: a CELT frame without energy)
# Bytes kept free in front for the index: moov entries of 4 tables per sample, one cue per key frame.
MOOV_SAMPLE, MOOV_HEAD, CUE = 32, 8192, 48


@dataclass(frozen=True, slots=True)
class Timed:
    """A frame and its media time, seconds."""

    time: float
    frame: EncodedFrame


def container_of(video: str | None) -> Container:
    return "mp4" if video == "H264" else "webm"


def index_space(container: Container, frames: int, keys: int) -> tuple[dict[str, str], int]:
    """Muxer options that put the index in front, and how many bytes from the start it may reach."""
    if container == "mp4":
        space = MOOV_HEAD + MOOV_SAMPLE * frames
        return {"moov_size": str(space)}, space + 4096
    space = 256 + CUE * max(keys, 1)
    return {"reserve_index_space": str(space)}, space + 8192


def open_output(file: Any, container: Container, options: dict[str, str]) -> OutputContainer:
    return av.open(file, "w", format=container, options=options)


def mux(frames: Sequence[Timed], start: float, size: tuple[int, int]) -> bytes:
    """The file. `start`: media time of its zero, seconds; `size`: the picture's, pixels.

    All pictures are of one codec, all sound is Opus, in any order. Raises av.FFmpegError for what no muxer
    takes (H.264 that begins without parameter sets), ValueError for nothing.
    """
    if not frames:
        raise ValueError("a file of no frames")
    pictures = [one for one in frames if one.frame.kind == "video"]
    codec = pictures[0].frame.codec if pictures else None
    container = container_of(codec)
    options, _ = index_space(container, len(frames), sum(one.frame.key for one in pictures))
    file = io.BytesIO()
    with open_output(file, container, options) as output, av.open(io.BytesIO(opus_head())) as opus:
        streams: dict[Kind, Any] = {}
        if codec == "VP8":
            streams["video"] = output.add_mux_stream("vp8", width=size[0], height=size[1], time_base=MS)
        elif codec == "H264":
            first = next((one.frame.data for one in pictures if one.frame.key), pictures[0].frame.data)
            with av.open(io.BytesIO(first), format="h264") as template:
                streams["video"] = output.add_stream_from_template(template.streams.video[0])
        if len(pictures) < len(frames):
            streams["audio"] = output.add_stream_from_template(opus.streams.audio[0])
        last: dict[Kind, int] = {}
        for one in sorted(frames, key=lambda one: one.time):
            kind, key = one.frame.kind, one.frame.key
            # Times that were placed anew (a reconnection, a sender report) may step back; a file's may not.
            pts = last[kind] = max(round(1000 * (one.time - start)), last.get(kind, -1) + 1)
            output.mux_one(packet(one.frame.data, streams[kind], pts, key=key))
    return file.getvalue()


def packet(data: bytes, stream: Any, pts_ms: int, *, key: bool, duration_ms: int = 0) -> av.Packet[Any]:
    made = av.Packet(data)
    made.stream, made.time_base = stream, MS
    made.pts = made.dts = pts_ms
    made.is_keyframe = key
    made.duration = duration_ms or (20 if stream.type == "audio" else 0)
    return made


@cache
def opus_head() -> bytes:
    """A file whose one stream is mono Opus at 48 kHz: muxers take the head (RFC 7845 section 5.1) from it."""
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as output:
        stream = output.add_stream("libopus", rate=48_000)
        stream.layout, stream.format = "mono", "s16"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.int16), "s16", "mono")
        frame.sample_rate = 48_000
        output.mux([*stream.encode(frame), *stream.encode(None)])
    return file.getvalue()
