"""How much one viewer can take, from what it reports (draft-ietf-rmcat-gcc, sections 5 and 6)."""

from __future__ import annotations

LOSS_MUCH, LOSS_LITTLE = 0.10, 0.02
GROWTH = 1.08
LEAST_BPS = 50_000.0


class Bandwidth:
    """`bps` is None as long as nothing says that there is a limit.

    REMB counts by the larger of two in a row: a receiver's first estimate follows what little it has got.
    Loss above 10 % takes half of its share off; below 2 % the limit grows by 8 % a report until it is of no
    account.
    """

    def __init__(self) -> None:
        self._remb: list[float] = []
        self._lossy: float | None = None

    @property
    def bps(self) -> float | None:
        limits = [max(self._remb)] if len(self._remb) == 2 else []
        if self._lossy is not None:
            limits.append(self._lossy)
        return max(LEAST_BPS, min(limits)) if limits else None

    def receivable(self, bps: float) -> None:
        """The receiver's own estimate (REMB)."""
        self._remb = [*self._remb[-1:], bps]

    def lost(self, share: float, sent_bps: float) -> None:
        """A receiver report, and what was being sent before it."""
        if share > LOSS_MUCH:
            self._lossy = max(LEAST_BPS, (1 - share / 2) * min(self._lossy or sent_bps, sent_bps))
        elif share < LOSS_LITTLE and self._lossy is not None:
            self._lossy *= GROWTH
            if self._lossy > 2 * max(sent_bps, LEAST_BPS):
                self._lossy = None


class Rates:
    """Bit rates of a layered stream over the last seconds; sizes in octets, times in seconds."""

    WINDOW_S = 2.0

    def __init__(self) -> None:
        self._frames: list[tuple[float, int, int]] = []

    def add(self, layer: int, size: int, at: float) -> None:
        self._frames.append((at, layer, size))
        if self._frames[0][0] < at - self.WINDOW_S:
            self._frames = [one for one in self._frames if one[0] >= at - self.WINDOW_S]

    @property
    def layers(self) -> int:
        return max((layer for _, layer, _ in self._frames), default=0) + 1

    def up_to(self, layer: int) -> float:
        """Bits a second of this layer and those below."""
        if len(self._frames) < 2:
            return 0.0
        span = max(0.25, self._frames[-1][0] - self._frames[0][0])
        return 8 * sum(size for _, of, size in self._frames if of <= layer) / span
