"""The header of an RTP packet (RFC 3550 section 5.1), parsed without an object per field."""

from __future__ import annotations

import struct
from typing import NamedTuple

_FIXED = struct.Struct("!BBHLL").unpack_from
_LENGTH = struct.Struct("!H").unpack_from


class Header(NamedTuple):
    """`begin` and `end` bound the payload, CSRCs, extensions and padding left out."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    begin: int
    end: int


def parse(data: bytes) -> Header | None:
    """None for what is no RTP packet."""
    if len(data) < 12:
        return None
    first, second, sequence, timestamp, ssrc = _FIXED(data)
    if first >> 6 != 2:
        return None
    begin, end = 12 + 4 * (first & 0x0F), len(data)
    if first & 0x10:
        if begin + 4 > end:
            return None
        begin += 4 + 4 * _LENGTH(data, begin + 2)[0]
    if first & 0x20:
        end -= data[-1]
    if begin > end:
        return None
    return Header(second & 0x7F, second > 0x7F, sequence, timestamp, ssrc, begin, end)


def unwrap(sequence: int, near: int) -> int:
    """The number that is `sequence` modulo 65,536 and nearest to `near`."""
    return near + ((sequence - near + 0x8000) & 0xFFFF) - 0x8000
