"""Which temporal layers of a picture are worth decoding: no more than the faces are looked at."""

from __future__ import annotations

from collections import deque

from media.encoded import EncodedFrame


class Layers:
    """VP8 with temporal layers (L1T3) can be decoded at a quarter or half of its rate: frames of a layer need
    none of a higher one. A higher layer is taken up where one of its frames needs layer 0 alone.

    Streams without layers are decoded whole: each frame needs the one before.
    """

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=31)
        self._top = 0
        self._open = 2

    def take(self, frame: EncodedFrame, time: float, rate: float) -> bool:
        """Whether to decode this frame, on the media clock, for `rate` pictures a second."""
        if self._times and time < self._times[-1]:
            self._times.clear()
        self._times.append(time)
        layer = frame.temporal or 0
        self._top = max(self._top, layer)
        if not self._top:
            return True
        wanted = self._wanted(rate)
        if wanted < self._open or (frame.key and not layer):
            self._open = wanted
        elif wanted > self._open and frame.sync and layer > self._open:
            self._open = layer
        return layer <= self._open

    def _wanted(self, rate: float) -> int:
        """The fewest layers with enough pictures; all of them until the stream's own rate is known."""
        lasted = self._times[-1] - self._times[0]
        if len(self._times) < 8 or lasted <= 0:
            return self._top
        own = (len(self._times) - 1) / lasted
        enough = [layer for layer in range(self._top) if own / 2 ** (self._top - layer) >= 0.9 * rate]
        return enough[0] if enough else self._top
