"""What a video payload carries: VP8 (RFC 7741) and H.264 (RFC 6184)."""

from __future__ import annotations

import struct
from typing import NamedTuple

_START_CODE = b"\x00\x00\x00\x01"
_FU_A, _STAP_A = 28, 24


class Part(NamedTuple):
    """A packet's share of a picture. `first`: the picture begins in it.

    `layer`, `base` and `sync` are VP8's TID, TL0PICIDX and Y where the sender tells them.
    """

    data: bytes
    first: bool
    layer: int | None = None
    base: int | None = None
    sync: bool = False


def vp8(payload: bytes) -> Part:
    """Raises `ValueError` for a payload that ends within its descriptor."""
    try:
        start = payload[0]
        at, layer, base, sync = 1, None, None, False
        if start & 0x80:
            present = payload[1]
            at = 2
            if present & 0x80:
                at += 2 if payload[at] & 0x80 else 1
            if present & 0x40:
                base = payload[at]
                at += 1
            if present & 0x30:
                if present & 0x20:
                    layer, sync = payload[at] >> 6, bool(payload[at] & 0x20)
                at += 1
    except IndexError:
        raise ValueError("the payload ends within its VP8 descriptor") from None
    if at >= len(payload):
        raise ValueError("a VP8 payload without a picture")
    return Part(payload[at:], bool(start & 0x10) and not start & 0x07, layer, base, sync)


def h264(payload: bytes) -> Part:
    """Annex B. A picture's first packet cannot be told from its others: `first` says nothing here.

    Raises `ValueError` for what is cut short, and for packetisation that nobody negotiated.
    """
    if len(payload) < 2:
        raise ValueError("an H.264 payload without a NAL unit")
    kind = payload[0] & 0x1F
    if 1 <= kind <= 23:
        return Part(_START_CODE + payload, False)
    if kind == _FU_A:
        if len(payload) < 3:
            raise ValueError("a fragment without data")
        whole = payload[0] & 0xE0 | payload[1] & 0x1F
        return Part(_START_CODE + bytes([whole]) + payload[2:] if payload[1] & 0x80 else payload[2:], False)
    if kind != _STAP_A:
        raise ValueError(f"NAL unit type {kind} was not negotiated")
    units, at = [], 1
    while at < len(payload):
        if at + 2 > len(payload):
            raise ValueError("an aggregate ends within a length")
        (length,) = struct.unpack_from("!H", payload, at)
        at += 2
        if not length or at + length > len(payload):
            raise ValueError("an aggregate ends within a NAL unit")
        units.append(_START_CODE + payload[at : at + length])
        at += length
    return Part(b"".join(units), False)


DEPAYLOAD = {"VP8": vp8, "H264": h264}
