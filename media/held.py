"""A state that does not flicker: what is told has held, and stands for a while."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Held(Generic[T]):
    """Tells a new value once it was seen for `hold` seconds without a break, and no sooner than `stand_s`
    after the last change. So no value is told for less than `stand_s`, and none twice in a row.

    Times must not fall; a clock that is set back starts the waiting anew.
    """

    def __init__(self, told: T, stand_s: float) -> None:
        self.told = told
        self._stand_s = stand_s
        self._changed = float("-inf")
        self._pending: tuple[T, float] = (told, float("-inf"))

    @property
    def pending(self) -> bool:
        """Whether something else than what was told has been seen last."""
        return self._pending[0] != self.told

    def update(self, time: float, value: T, hold: float) -> bool:
        """Takes in what was seen; True when `told` has just changed."""
        if value != self._pending[0] or time < self._pending[1]:
            self._pending = (value, time)
        if value == self.told or time - self._pending[1] < hold or time - self._changed < self._stand_s:
            return False
        self.told, self._changed = value, time
        return True
