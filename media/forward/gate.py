"""Which pictures one viewer gets: all, the lower temporal layers, or none until the next key frame."""

from __future__ import annotations

from media.forward.bandwidth import Rates
from media.forward.packed import Packed

BURST_S = 1.0  # of the bandwidth may be sent ahead of it; a key frame needs it
HIGHEST = 3  # temporal layer that can be written (two bits)
USE = 0.9  # share of the bandwidth for the picture: sound and retransmissions need the rest


class Gate:
    """Lets through only what a decoder can decode. Not for threads.

    Temporal layers (RFC 7741 section 4.2): a frame refers to its own and lower layers, so upper ones can be
    left out at any time; one is taken up again at a frame that refers to the base layer alone (the Y bit).
    """

    def __init__(self) -> None:
        self.waiting = True  # for a key frame
        self.layer = 0  # the highest that is let through
        self._credit: float | None = None  # bits that may be sent now; None: no limit is known
        self._at = 0.0

    def admits(self, picture: Packed, rates: Rates, bps: float | None, at: float) -> bool:
        """`bps`: what the viewer can take, `at`: now (s)."""
        self._earn(bps, at)
        if picture.key:
            if self._credit is not None and self.waiting and self._credit < 0:
                return False
            self.waiting = False
            self.layer = HIGHEST
        elif self.waiting or not self._within(picture, rates, bps):
            return False
        return self._spend(8 * picture.size)

    def starved(self) -> None:
        """What was let through did not get out: nothing until the next key frame."""
        self.waiting = True

    @property
    def wants_key_frame(self) -> bool:
        return self.waiting and (self._credit is None or self._credit > 0)

    def _within(self, picture: Packed, rates: Rates, bps: float | None) -> bool:
        layer = picture.frame.temporal or 0
        highest = rates.layers - 1
        if bps is not None:
            while highest > 0 and rates.up_to(highest) > USE * bps:
                highest -= 1
        self.layer = min(self.layer, highest)
        if layer == self.layer + 1 <= highest and picture.frame.sync:
            self.layer = layer
        return layer <= self.layer

    def _earn(self, bps: float | None, at: float) -> None:
        if bps is None:
            self._credit = None
        elif self._credit is None:
            self._credit = bps * BURST_S
        else:
            self._credit = min(bps * BURST_S, self._credit + bps * USE * (at - self._at))
        self._at = at

    def _spend(self, bits: int) -> bool:
        if self._credit is None:
            return True
        if self._credit < 0:
            self.waiting = True
            return False
        self._credit -= bits
        return True
