"""Width and height of a picture, read from the head of its key frame."""

from __future__ import annotations

import io

import av

from media.encoded import EncodedFrame

VP8_START = b"\x9d\x01\x2a"  # RFC 6386 section 9.1


def vp8_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels of a VP8 key frame; None where `data` is not the head of one."""
    if len(data) < 10 or data[0] & 1 or data[3:6] != VP8_START:
        return None
    width = int.from_bytes(data[6:8], "little") & 0x3FFF
    height = int.from_bytes(data[8:10], "little") & 0x3FFF
    return width, height


def h264_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) of an Annex B access unit with its parameter sets; None where they cannot be read."""
    try:
        with av.open(io.BytesIO(data), format="h264") as container:
            stream = container.streams.video[0]
            return (stream.width, stream.height) if stream.width and stream.height else None
    except (av.FFmpegError, IndexError):
        return None


def size_of(frame: EncodedFrame) -> tuple[int, int] | None:
    """(width, height) of a key frame; None for every other frame."""
    if frame.kind == "audio" or not frame.key:
        return None
    return vp8_size(frame.data) if frame.codec == "VP8" else h264_size(frame.data)
