"""RTCP that a receiver sends: reports, retransmission requests, key frame requests, a rate limit."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

from media.rtp.statistics import Reception

_RR, _SDES, _RTPFB, _PSFB = 201, 202, 205, 206


def receiver_report(own: int, streams: Iterable[tuple[int, Reception, float]], now: float) -> bytes:
    """`streams`: SSRC, reception and the fraction lost since the last report, at most 31 (RFC 3550, 6.4.2).

    With the SDES that every compound packet has to have.
    """
    blocks = []
    for ssrc, stream, fraction in streams:
        lsr, dlsr = stream.last_report(now)
        lost = min(stream.lost, 0x7FFFFF)
        blocks.append(
            struct.pack(
                "!LLLLLL",
                ssrc,
                min(255, int(fraction * 256)) << 24 | lost,
                stream.highest & 0xFFFFFFFF,
                int(stream.jitter) & 0xFFFFFFFF,
                lsr,
                dlsr,
            )
        )
    report = _packet(_RR, len(blocks), struct.pack("!L", own) + b"".join(blocks))
    return report + _packet(_SDES, 1, struct.pack("!LBB", own, 1, 4) + b"viva\0\0")


def nack(own: int, ssrc: int, missing: Sequence[int]) -> bytes:
    """Asks for packets by their 16-bit sequence numbers in rising order (RFC 4585, 6.2.1)."""
    pairs: list[tuple[int, int]] = []
    for sequence in missing:
        behind = (sequence - pairs[-1][0] - 1) & 0xFFFF if pairs else 16
        if behind < 16:
            pairs[-1] = (pairs[-1][0], pairs[-1][1] | 1 << behind)
        else:
            pairs.append((sequence & 0xFFFF, 0))
    items = b"".join(struct.pack("!HH", first, more) for first, more in pairs)
    return _packet(_RTPFB, 1, struct.pack("!LL", own, ssrc) + items)


def picture_loss(own: int, ssrc: int) -> bytes:
    """Asks for a key frame (RFC 4585, 6.3.1)."""
    return _packet(_PSFB, 1, struct.pack("!LL", own, ssrc))


def bitrate(own: int, ssrcs: Sequence[int], bits_per_s: int) -> bytes:
    """The most that the streams together should take (draft-alvestrand-rmcat-remb-03)."""
    exponent = max(0, bits_per_s.bit_length() - 18)
    rate = exponent << 18 | bits_per_s >> exponent
    head = struct.pack("!LL4sL", own, 0, b"REMB", len(ssrcs) << 24 | rate)
    return _packet(_PSFB, 15, head + struct.pack(f"!{len(ssrcs)}L", *ssrcs))


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body
