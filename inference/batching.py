"""What the speech device does next, and how often partials are affordable."""

from __future__ import annotations

from collections.abc import Sequence


def choose(work_s: Sequence[float], limit: int, waste: float = 0.25) -> list[int]:
    """Indices of the rows to decode together: the first, which waited longest, and others of like length.

    `work_s`: seconds of sound that the model works on for each row alone. A batch is padded to its longest;
    a row joins while that costs at most `waste` more than each on its own.
    """
    chosen: list[int] = []
    alone = longest = 0.0
    for index, work in enumerate(work_s):
        if len(chosen) == limit:
            break
        padded = max(longest, work) * (len(chosen) + 1)
        if chosen and padded > (1 + waste) * (alone + work):
            continue
        chosen.append(index)
        alone += work
        longest = max(longest, work)
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
