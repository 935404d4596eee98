"""Whether it is still the person who was verified: looks every ten seconds, and what stands after them."""

from __future__ import annotations

from typing import Literal

from media.items import FaceSample, FaceUnclear

CHECK_EVERY_S = 10.0
PATIENCE = 3  # different looks in a row before it is said that somebody else is there

Result = Literal["same", "different", "insufficient"]


def why_not(item: FaceSample | FaceUnclear) -> str | None:
    """Why nobody could be told by this look; None where they can."""
    return item.reason if isinstance(item, FaceUnclear) else item.usable.identity


class Standing:
    """One look may err: a hand, a blur, a turn of the head. Three in a row are told as a change of state; one
    that fits takes it back, because hardly any look at a stranger fits. Looks that cannot tell count neither
    way."""

    def __init__(self, state: Literal["same", "different"] = "same") -> None:
        self.state: Literal["same", "different"] = state
        self._different = 0
        self._next: float | None = None
        self._track = -1

    def due(self, item: FaceSample | FaceUnclear) -> bool:
        """Whether this look is one to judge: with a crop, or for want of any for too long.

        The first look sets the pace: a comparison has only just been made. A new face is looked at at once.
        """
        crop = isinstance(item, FaceSample) and item.identity_crop is not None
        if self._next is None:
            self._track = item.track
            self._next = item.media_time + CHECK_EVERY_S
            return False
        if crop and (item.track != self._track or item.media_time >= self._next - 1.0):
            self._track = item.track
        elif crop or item.media_time < self._next + 1.0 or why_not(item) is None:
            return False
        self._next = item.media_time + CHECK_EVERY_S
        return True

    def add(self, similarity: float | None, threshold: float) -> Result:
        """None: that look cannot tell."""
        if similarity is None:
            return "insufficient"
        if similarity >= threshold:
            self.state, self._different = "same", 0
            return "same"
        self._different += 1
        if self._different >= PATIENCE:
            self.state = "different"
        return "different"
