"""Sound and picture of one candidate on one line of media time (RFC 3550 section 6.4.1).

RTP timestamps of two streams have nothing to do with each other; a sender report says which of them belongs
to which moment of the sender's own clock (NTP). Sound leads, because shifting it is heard; the picture is
placed where the reports say. Until both streams have sent one, each is placed by the arrival of its first
packet.
"""

from __future__ import annotations

from dataclasses import dataclass

from media.clock import RtpTimeline
from media.items import Kind

NTP_SECOND = 1 << 32
MAX_APART_S = 2.0  # reports that put sound and picture further apart than any network does are wrong


@dataclass(frozen=True, slots=True)
class SenderReport:
    """The sender's moment `ntp` (seconds since 1900) has this 32-bit timestamp in the stream of `ssrc`."""

    kind: Kind
    ssrc: int
    ntp: float
    timestamp: int


class LipSync:
    """Media times of encoded frames. One per connection; not for threads."""

    def __init__(self, jump_s: float) -> None:
        self._jump_s = jump_s
        self._lines: dict[Kind, RtpTimeline] = {}
        self._reports: dict[Kind, SenderReport] = {}
        self._sound_zero: float | None = None  # media time of the sender's NTP zero, as sound says
        self._apart = 0.0  # what is added to the picture's own placement

    @property
    def correction_s(self) -> float:
        """How far the sender's reports move the picture from where its arrival put it."""
        return self._apart

    def report(self, report: SenderReport) -> None:
        self._reports[report.kind] = report

    def place(self, kind: Kind, timestamp: int, ssrc: int, rate: int, arrival: float) -> float:
        """Media time (s) of the frame with this 32-bit timestamp that arrived at media time `arrival`."""
        line = self._lines.get(kind)
        if line is None or line.rate != rate:
            line = self._lines[kind] = RtpTimeline(rate, self._jump_s)
        placed = line.place(timestamp, ssrc, arrival)
        if kind == "audio":
            self._lead(timestamp, ssrc, rate, placed)
            return placed
        self._follow(timestamp, ssrc, rate, placed)
        return max(0.0, placed + self._apart)

    def _lead(self, timestamp: int, ssrc: int, rate: int, placed: float) -> None:
        sent = self._sent("audio", timestamp, ssrc, rate)
        self._sound_zero = None if sent is None else placed - sent

    def _follow(self, timestamp: int, ssrc: int, rate: int, placed: float) -> None:
        sent = self._sent("video", timestamp, ssrc, rate)
        if sent is None or self._sound_zero is None:
            return
        apart = self._sound_zero + sent - placed
        self._apart = apart if abs(apart) <= MAX_APART_S else 0.0

    def _sent(self, kind: Kind, timestamp: int, ssrc: int, rate: int) -> float | None:
        """The moment on the sender's clock, NTP seconds; None without a report of this stream."""
        report = self._reports.get(kind)
        if report is None or report.ssrc != ssrc:
            return None
        ticks = ((timestamp - report.timestamp + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        return report.ntp + ticks / rate
