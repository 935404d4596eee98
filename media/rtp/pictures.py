"""From video packets to whole pictures in order: a hole waits for its retransmission up to a deadline."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from media.rtp.missing import Missing
from media.rtp.packet import unwrap
from media.rtp.payload import Part

_HELD = 1024  # packets behind a hole, far more than a deadline's worth
_LATE = 3000  # a packet this far behind begins a new stream


class Picture(NamedTuple):
    """`layer` is VP8's temporal layer, None where there are none; `sync`: it needs layer 0 alone."""

    data: bytes
    timestamp: int
    layer: int | None
    sync: bool


class _Packet(NamedTuple):
    timestamp: int
    marker: bool
    part: Part


class PictureBuffer:
    """`deliver` gets each picture, `damaged` is called when one was lost that others build upon.

    After a loss pictures go on where VP8 tells that the base layer lost none (TL0PICIDX). Otherwise nothing
    is delivered up to the next key frame: `is_key` knows one.
    """

    def __init__(
        self,
        deliver: Callable[[Picture], None],
        damaged: Callable[[], None],
        is_key: Callable[[bytes], bool],
        *,
        tells_start: bool,
        deadline_s: float,
    ) -> None:
        self.missing = Missing(deadline_s)
        self._deliver, self._damaged, self._is_key = deliver, damaged, is_key
        self._tells_start = tells_start
        self._next: int | None = None
        self._highest = 0
        self._held: dict[int, _Packet] = {}
        self._parts: list[_Packet] = []
        self._whole = not tells_start  # nothing of the picture being gathered is missing
        self._base: int | None = None  # TL0PICIDX of the last picture of layer 0
        self._wait_key = True
        self._wait_sync = False

    def reset(self) -> None:
        """Another sender: what was begun is forgotten."""
        self._next = None
        self._held.clear()
        self._parts.clear()
        self.missing.clear()
        self._base, self._wait_key, self._wait_sync = None, True, False
        self._whole = not self._tells_start

    def add(self, sequence: int, timestamp: int, marker: bool, part: Part | None, now: float) -> None:
        """`part`: None for a packet without payload, which only fills its place."""
        if self._next is None:
            self._next = self._highest = sequence
            number = sequence
        else:
            number = unwrap(sequence, self._highest)
        if number > self._highest:
            if not self.missing.between(self._highest, number, now):
                self._restart(number)
            self._highest = number
        elif number < self._next:
            if self._next - number > _LATE:
                self._restart(number)
                self._highest = number
            else:
                return
        else:
            self.missing.came(number)
        packet = _Packet(timestamp, marker, Part(b"", False) if part is None else part)
        if number == self._next and not self._held:  # as nearly all come
            self._next += 1
            self._gather(packet)
            return
        self._held.setdefault(number, packet)
        self._release()
        if len(self._held) > _HELD:
            self._skip()

    def wait(self, now: float) -> None:
        """Time passes: what is missing beyond the deadline is given up."""
        while self.missing.given_up(now):
            self._skip()

    @property
    def waits_for_key(self) -> bool:
        """Nothing is delivered up to the next key frame."""
        return self._wait_key

    def _restart(self, number: int) -> None:
        self.missing.clear()
        self._held.clear()
        self._lose()
        self._next = number

    def _release(self) -> None:
        while self._next is not None and (packet := self._held.pop(self._next, None)) is not None:
            self._next += 1
            self._gather(packet)

    def _skip(self) -> None:
        """Goes on behind the first hole."""
        if not self._held:
            self.missing.clear()
            self._next = self._highest + 1
            return
        self._next = min(self._held)
        self.missing.forget_before(self._next)
        self._lose()
        self._release()

    def _lose(self) -> None:
        self._parts.clear()
        self._whole = False

    def _gather(self, packet: _Packet) -> None:
        if self._parts and packet.timestamp != self._parts[0].timestamp:
            self._finish()  # its last packet had no marker
        if not self._parts and packet.part.first:
            self._after_loss(packet.part)
            self._whole = True
        if packet.part.data and self._whole:
            self._parts.append(packet)
        if packet.marker:
            self._finish()
            if not self._tells_start and not self._whole:
                # The next packet begins a picture, but something before it was lost.
                self._whole = True
                self._break()

    def _after_loss(self, part: Part) -> None:
        """A picture begins where something was lost before it: was it something it builds upon?"""
        if self._whole:
            return
        known = part.base is not None and self._base is not None
        follows = known and part.base == ((self._base or 0) + (not part.layer)) & 0xFF
        if follows:
            self._wait_sync = True
        else:
            self._break()

    def _break(self) -> None:
        if not self._wait_key:
            self._wait_key = True
            self._damaged()

    def _finish(self) -> None:
        parts, self._parts = self._parts, []
        if not parts or not self._whole:
            return
        head = parts[0].part
        data = head.data if len(parts) == 1 else b"".join(packet.part.data for packet in parts)
        if self._wait_key:
            if not self._is_key(data):
                return
            self._wait_key = self._wait_sync = False
        if not head.layer:
            self._base = head.base
        elif self._wait_sync:
            if not head.sync:
                return
            self._wait_sync = False
        self._deliver(Picture(data, parts[0].timestamp, head.layer, head.sync))
