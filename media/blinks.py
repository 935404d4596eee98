"""Blinks, from how open the eyes are over time.

A blink shuts the eyes for 0.1 to 0.4 s (Caffier et al. 2003, Eur. J. Appl. Physiol. 89), so fewer than twelve
looks a second miss some. Lids differ between people: what counts as shut is half of what this person's eyes
were open before (median of the last three seconds), as the mesh's normalisation advises.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from media.items import Blinked

SHUT, OPEN = 0.5, 0.7  # of the person's usual opening
LONGEST_S = 0.6  # longer is not a blink: eyes shut on purpose, or a look down at the desk
USUAL_S = 3.0
GAP_S = 0.25  # looks further apart than this tell nothing about a blink between them


class Blinks:
    """Eyes of one track after another; a new track starts anew."""

    def __init__(self) -> None:
        self._track = -1
        self._open: deque[tuple[float, float]] = deque()
        self._shut_at: float | None = None

    def update(self, time: float, track: int, eyes_open: float) -> list[Blinked]:
        """A blink is told when the eyes are open again."""
        if track != self._track or (self._open and time - self._open[-1][0] > GAP_S):
            self._track, self._shut_at = track, None
            self._open.clear()
        while self._open and time - self._open[0][0] > USUAL_S:
            self._open.popleft()
        usual = float(np.median([value for _, value in self._open])) if len(self._open) >= 5 else 0.0
        self._open.append((time, eyes_open))
        if usual < 0.2:  # not yet known, or eyes that are hardly told
            return []
        if eyes_open < SHUT * usual:
            self._shut_at = time if self._shut_at is None else self._shut_at
        elif eyes_open > OPEN * usual and self._shut_at is not None:
            start, self._shut_at = self._shut_at, None
            if time - start <= LONGEST_S:
                return [Blinked(time, track, start)]
        return []
