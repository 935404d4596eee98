"""Encoded frames cut into RTP payloads, once for all viewers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import av
from aiortc.codecs.h264 import H264Encoder

from media.encoded import EncodedFrame

PAYLOAD_MAX = 1180  # with SRTP, RTP extensions and a TURN header still below 1280, IPv6's least MTU


@dataclass(frozen=True)
class Packed:
    """A frame on its way out. `media_time`: seconds on the session's clock."""

    frame: EncodedFrame
    media_time: float

    @property
    def key(self) -> bool:
        return self.frame.key

    @property
    def size(self) -> int:
        return len(self.frame.data)

    @cached_property
    def payloads(self) -> tuple[bytes, ...]:
        """RTP payloads in order (RFC 7741, RFC 6184 mode 1, RFC 7587)."""
        data = self.frame.data
        if self.frame.codec == "VP8":
            return _vp8(data)
        if self.frame.codec == "H264":
            packet = av.Packet(data)
            packet.pts, packet.time_base = 0, Fraction(1, 90_000)
            return tuple(H264Encoder().pack(packet)[0])
        return (data,)


def _vp8(data: bytes) -> tuple[bytes, ...]:
    """With the shortest payload descriptor, one octet (RFC 7741 section 4.2).

    Without picture and layer numbers a receiver goes by sequence numbers, which are each viewer's own: frames
    that a viewer is not sent leave no hole that it would wait for.
    """
    parts = [data[at : at + PAYLOAD_MAX] for at in range(0, len(data), PAYLOAD_MAX)]
    return tuple((b"\x00" if n else b"\x10") + part for n, part in enumerate(parts))
