"""The order of sound packets: a jitter buffer in which a hole costs only itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class SequencedPacket(Protocol):
    sequence_number: int
    ssrc: int


P = TypeVar("P", bound=SequencedPacket)


class SoundJitterBuffer(Generic[P]):
    """Hands packets on in sequence. A packet in order passes at once; behind a hole, up to `depth` packets
    wait for the missing one, for `wait_s` at most. Late and repeated packets are dropped.

    `deliver(packet, lost)` gets each packet with the number of packets missing right before it. Runs on the
    event loop's thread.
    """

    RESET = 1000  # a sequence number this far off is a new start (RFC 3550 appendix A.1)

    def __init__(self, depth: int, wait_s: float, deliver: Callable[[P, int], None]) -> None:
        self._depth = depth
        self._wait_s = wait_s
        self._deliver = deliver
        self._waiting: dict[int, P] = {}
        self._last = 0  # unwrapped number of the packet handed on last
        self._ssrc: int | None = None
        self._timer: asyncio.TimerHandle | None = None

    def add(self, packet: P) -> None:
        if packet.ssrc != self._ssrc:
            self.flush()
            self._ssrc, self._last = packet.ssrc, packet.sequence_number - 1
        number = self._last + ((packet.sequence_number - self._last + 0x8000) & 0xFFFF) - 0x8000
        if abs(number - self._last) > self.RESET:
            self.flush()
            self._last = number - 1
        if number <= self._last:
            return
        if number == self._last + 1 and not self._waiting:  # as nearly all come
            self._last = number
            self._deliver(packet, 0)
            return
        self._waiting[number] = packet
        self._release()
        if self._waiting and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._wait_s, self._give_up)

    def flush(self) -> None:
        """Hands on whatever waits."""
        self._stop_timer()
        while self._waiting:
            self._next()

    def _release(self) -> None:
        while self._waiting and (self._last + 1 in self._waiting or len(self._waiting) > self._depth):
            self._next()
        if not self._waiting:
            self._stop_timer()

    def _next(self) -> None:
        number = min(self._waiting)
        lost, self._last = number - self._last - 1, number
        self._deliver(self._waiting.pop(number), lost)

    def _give_up(self) -> None:
        self._timer = None
        if self._waiting:
            self._next()
            self._release()
        if self._waiting:
            self._timer = asyncio.get_running_loop().call_later(self._wait_s, self._give_up)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
