"""What a receiver report says of one stream (RFC 3550 section 6.4.1 and appendix A)."""

from __future__ import annotations

from media.rtp.packet import unwrap

_RESTART = 3000  # RFC 3550, MAX_DROPOUT: a number this far off is a sender that began anew


class Reception:
    """Counts one SSRC's packets. Times are seconds of a monotonic clock."""

    def __init__(self, clock_rate: int) -> None:
        self.clock_rate = clock_rate
        self.received = 0
        self.jitter = 0.0  # in units of the clock rate
        self.highest = 0
        self._first = 0
        self._transit: int | None = None
        self._before = (0, 0)  # expected and received at the last report
        self._report: tuple[int, float] | None = None  # the last sender report: its NTP time's middle, when

    def add(self, sequence: int, timestamp: int, arrival: float) -> None:
        if not self.received:
            self.highest = self._first = sequence
        else:
            number = unwrap(sequence, self.highest)
            if abs(number - self.highest) > _RESTART:
                self._first += number - self.highest - 1  # what the sender skipped was not lost
                self.highest = number
            else:
                self.highest = max(self.highest, number)
        self.received += 1
        transit = int(arrival * self.clock_rate) - timestamp
        if self._transit is not None:
            step = abs((transit - self._transit + 0x80000000 & 0xFFFFFFFF) - 0x80000000)
            if step < self.clock_rate * 10:  # timestamps that jump say nothing of the network
                self.jitter += (step - self.jitter) / 16
        self._transit = transit

    def sender_report(self, ntp: int, arrival: float) -> None:
        """`ntp`: the report's 64-bit time."""
        self._report = (ntp >> 16 & 0xFFFFFFFF, arrival)

    @property
    def expected(self) -> int:
        return self.highest - self._first + 1 if self.received else 0

    @property
    def lost(self) -> int:
        return max(0, self.expected - self.received)

    def fraction_lost(self) -> float:
        """Since the last call, 0..1: to be asked once per report."""
        expected, received = self.expected - self._before[0], self.received - self._before[1]
        self._before = (self.expected, self.received)
        return max(0.0, (expected - received) / expected) if expected > 0 else 0.0

    def last_report(self, now: float) -> tuple[int, int]:
        """LSR and DLSR: the last sender report, and the delay since in 1/65,536 s; zeros without one."""
        if self._report is None:
            return 0, 0
        ntp, arrival = self._report
        return ntp, min(int((now - arrival) * 65536), 0xFFFFFFFF)
