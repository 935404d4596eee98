"""The link as the receiver sees it, interval by interval."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from media.items import LinkSample


@dataclass(frozen=True, slots=True)
class LinkTotals:
    """Counters since the start, sound and picture together."""

    received: int  # packets
    expected: int  # packets, by sequence number
    octets: int
    pictures: int  # decoded


class Freezes:
    """Counts pictures that came too late to look alive, as `freezeCount` does of a browser that shows them.

    A picture froze when the next took longer than three times the mean of the last thirty intervals, and
    150 ms longer than it (W3C, "Identifiers for WebRTC's Statistics API", RTCInboundRtpStreamStats).
    """

    LATE_S, TIMES, KEPT = 0.15, 3.0, 30

    def __init__(self) -> None:
        self.count, self.seconds = 0, 0.0
        self._at: float | None = None
        self._intervals: deque[float] = deque(maxlen=self.KEPT)

    def picture(self, at: float) -> None:
        """One has come whole, at this time in seconds."""
        before, self._at = self._at, at
        if before is None:
            return
        interval = max(0.0, at - before)
        if len(self._intervals) >= 2:
            mean = sum(self._intervals) / len(self._intervals)
            if interval > max(self.TIMES * mean, mean + self.LATE_S):
                self.count += 1
                self.seconds += interval
        self._intervals.append(interval)


class LinkMeter:
    """Turns counters into one `LinkSample` per interval."""

    def __init__(self) -> None:
        self._before = LinkTotals(0, 0, 0, 0)
        self._at: float | None = None

    def sample(
        self,
        time: float,
        totals: LinkTotals,
        *,
        jitter_s: float,
        rtt_s: float | None,
        sound_lost_ms: float,
        sound_heard_ms: float,
        frames_dropped: int,
        freezes: Freezes | None = None,
    ) -> LinkSample:
        """Loss: share of the packets expected since the last sample that did not come; late ones make up."""
        before, passed = self._before, time - (self._at if self._at is not None else 0.0)
        expected = totals.expected - before.expected
        missing = expected - (totals.received - before.received)
        self._before, self._at = totals, time
        return LinkSample(
            media_time=time,
            loss=min(1.0, max(0.0, missing / expected)) if expected > 0 else 0.0,
            jitter_ms=jitter_s * 1000,
            rtt_ms=None if rtt_s is None else rtt_s * 1000,
            kbps=(totals.octets - before.octets) * 8 / 1000 / passed if passed > 0 else 0.0,
            fps=(totals.pictures - before.pictures) / passed if passed > 0 else 0.0,
            sound_lost_ms=sound_lost_ms,
            sound_heard_ms=sound_heard_ms,
            frames_dropped=frames_dropped,
            freezes=freezes.count if freezes else 0,
            frozen_ms=1000 * freezes.seconds if freezes else 0.0,
        )
