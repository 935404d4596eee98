"""What the speech device does next, and how often partials are affordable."""

from __future__ import annotations

from collections.abc import Sequence

# Whisper's encoder runs over a batch's longest clip plus 1.5 s, and over 4 s at least; the others are padded.
_MARGIN_S = 1.5
_FLOOR_S = 4.0


def encoder_seconds(clip_s: float) -> float:
    """Seconds the encoder really works on for a clip alone."""
    return max(_FLOOR_S, clip_s + _MARGIN_S)


def choose(lengths_s: Sequence[float], limit: int, waste: float = 0.25) -> list[int]:
    """Indices of the clips to decode together: the first, which waited longest, and others of like length.

    A clip joins while padding everything to the longest costs at most `waste` more than each on its own.
    """
    chosen: list[int] = []
    alone = longest = 0.0
    for index, length in enumerate(lengths_s):
        if len(chosen) == limit:
            break
        cost = encoder_seconds(length)
        padded = max(longest, cost) * (len(chosen) + 1)
        if chosen and padded > (1 + waste) * (alone + cost):
            continue
        chosen.append(index)
        alone += cost
        longest = max(longest, cost)
    return chosen


class Pace:
    """Stretches the interval between partials so that the device keeps time for finals.

    With n sessions speaking, cost c per partial and a share f of the device's time going into finals,
    partials every i seconds take n·c/i of it; i is chosen so that f + n·c/i stays under `share`.
    """

    _SMOOTHING = 0.25
    _WINDOW_S = 15.0
    _STEP_S = 0.6

    def __init__(self, base_s: float, max_s: float, share: float) -> None:
        self._base = base_s
        self._max = max_s
        self._share = share
        self._partial_cost = 0.0
        self._finals: list[tuple[float, float]] = []  # (when it ended, seconds)

    def partials(self, clips: int, seconds: float) -> None:
        """One step of partials took `seconds` for `clips` clips."""
        cost = seconds / clips
        self._partial_cost += (cost - self._partial_cost) * (self._SMOOTHING if self._partial_cost else 1.0)

    def finals(self, now: float, clips: int, seconds: float) -> None:
        """One step of finals ended at `now` (any monotonic clock) and took `seconds` for `clips` clips.

        A partial costs no more than a final. Where partials have become so rare that none is measured, this
        is how the estimate comes down again.
        """
        self._finals.append((now, seconds))
        self._partial_cost = min(self._partial_cost, seconds / clips)

    def clips_per_step(self, limit: int) -> int:
        """How many clips to decode at once: whoever ends an utterance meanwhile waits for the whole step."""
        return (
            limit if self._partial_cost == 0 else max(1, min(limit, int(self._STEP_S / self._partial_cost)))
        )

    def interval_s(self, now: float, speaking: int) -> float:
        """Seconds between two partials of one session, at present."""
        self._finals = [(at, s) for at, s in self._finals if at > now - self._WINDOW_S]
        finals = sum(s for _, s in self._finals) / self._WINDOW_S
        left = max(self._share - finals, 0.1)
        return min(max(self._base, speaking * self._partial_cost / left), self._max)
