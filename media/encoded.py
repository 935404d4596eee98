"""Encoded frames: what leaves the RTP receiver, before any decoder.

This is the seam for whoever needs the candidate's own packets (forwarding, recording): a `FrameSink` sees
every frame once, in order, on the event loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from media.items import Kind


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """One frame of one stream: an Opus or G.711 packet, or a whole VP8 or H.264 picture (Annex B)."""

    kind: Kind
    codec: str  # "opus", "PCMU", "PCMA", "VP8", "H264"
    clock_rate: int
    data: bytes
    timestamp: int  # RTP timestamp, 32 bit
    ssrc: int
    lost: int  # packets known to be missing right before this frame (sound only)
    layer: int = 0  # VP8's temporal layer: frames of a layer need those of lower ones alone, and their own
    sync: bool = False  # one of a higher layer that needs layer 0 alone: a decoder may begin the layer here

    @property
    def key(self) -> bool:
        """Whether a decoder can start here. True for sound."""
        if self.kind == "audio":
            return True
        if self.codec == "VP8":  # RFC 7741 section 4.3: P bit of the payload header
            return bool(self.data) and not self.data[0] & 1
        return b"\x00\x00\x01\x67" in self.data or b"\x00\x00\x01\x65" in self.data  # SPS or IDR


FrameSink = Callable[[EncodedFrame], None]
EndSink = Callable[[], None]
