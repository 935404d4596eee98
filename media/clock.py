"""Media time, and how RTP timestamps become media time."""

from __future__ import annotations

import time
from collections.abc import Callable


class MediaClock:
    """The session's clock: seconds since its first media packet. It runs on while the candidate is away.

    `elapsed` continues a clock whose session was already running (after a restart of the server). Reading the
    clock before `start` gives 0. Threads may read it.
    """

    def __init__(self, elapsed: float | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._zero = None if elapsed is None else monotonic() - elapsed

    @property
    def started(self) -> bool:
        return self._zero is not None

    def start(self) -> None:
        """Called at the first packet; later calls change nothing."""
        if self._zero is None:
            self._zero = self._monotonic()

    def now(self) -> float:
        return 0.0 if self._zero is None else self._monotonic() - self._zero


class RtpTimeline:
    """Places one RTP stream (RFC 3550) on the media clock.

    The first packet's arrival anchors the stream; from then on its timestamps alone move it, so network
    jitter does not. The stream is anchored anew, and `restarted` is True for that packet, when another
    source takes over, when the timestamps run ahead of arrival by more than `jump_s` (nothing real comes
    from the future), and when they lag behind by as much for `LAG_HOLD_S` (a sender that was suspended; a
    stall of the network catches up sooner) or by more than `LAG_MAX_S`.
    """

    LAG_HOLD_S = 2.0
    LAG_MAX_S = 10.0

    def __init__(self, rate: int, jump_s: float) -> None:
        self.rate = rate
        self.restarted = False
        self._jump_s = jump_s
        self._ssrc: int | None = None
        self._last = 0  # unwrapped timestamp of the last packet
        self._anchor_timestamp = 0
        self._anchor_time = 0.0
        self._lags_since: float | None = None

    def place(self, timestamp: int, ssrc: int, arrival: float) -> float:
        """Media time of the packet with this 32-bit timestamp, which arrived at media time `arrival`."""
        stamp = self._last + ((timestamp - self._last + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        placed = self._anchor_time + (stamp - self._anchor_timestamp) / self.rate
        first = self._ssrc is None
        self.restarted = not first and (ssrc != self._ssrc or self._jumped(placed - arrival, arrival))
        if first or self.restarted:
            self._ssrc, self._anchor_timestamp, self._anchor_time = ssrc, stamp, arrival
            self._lags_since = None
            placed = arrival
        self._last = stamp
        return placed

    def _jumped(self, ahead: float, arrival: float) -> bool:
        if ahead > self._jump_s or ahead < -self.LAG_MAX_S:
            return True
        if ahead > -self._jump_s:
            self._lags_since = None
            return False
        if self._lags_since is None:
            self._lags_since = arrival
        return arrival - self._lags_since > self.LAG_HOLD_S
