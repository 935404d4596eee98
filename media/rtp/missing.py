"""Which packets to ask for again, when, and when to stop waiting for them."""

from __future__ import annotations

from dataclasses import dataclass

_AT_ONCE = 64  # more missing than this at once is no loss but another place in the stream


@dataclass(slots=True)
class _Hole:
    since: float
    ask_at: float
    asked: bool = False


class Missing:
    """Numbers are unwrapped, times are seconds of a monotonic clock.

    A packet is asked for `reorder_s` after the hole showed, for it may only have been overtaken, and again
    every `again_s`. Nobody waits longer than `deadline_s`.
    """

    def __init__(self, deadline_s: float, again_s: float = 0.06, reorder_s: float = 0.005) -> None:
        self._deadline_s = deadline_s
        self._again_s = again_s
        self._reorder_s = reorder_s
        self._holes: dict[int, _Hole] = {}

    def __bool__(self) -> bool:
        return bool(self._holes)

    def between(self, last: int, newest: int, now: float) -> bool:
        """Notes the hole between two numbers. False: it is too large to be one."""
        if newest - last - 1 > _AT_ONCE:
            return False
        for number in range(last + 1, newest):
            self._holes[number] = _Hole(now, now + self._reorder_s)
        return True

    def came(self, number: int) -> None:
        self._holes.pop(number, None)

    def forget_before(self, number: int) -> None:
        for hole in [n for n in self._holes if n < number]:
            del self._holes[hole]

    def clear(self) -> None:
        self._holes.clear()

    def to_ask(self, now: float) -> list[int]:
        """Those whose turn it is, in rising order; they count as asked."""
        due = sorted(number for number, hole in self._holes.items() if hole.ask_at <= now)
        for number in due:
            self._holes[number].ask_at = now + self._again_s
            self._holes[number].asked = True
        return due

    def asked(self, number: int) -> bool:
        """Whether this one was asked for and has not come."""
        return number in self._holes and self._holes[number].asked

    def give_up(self, now: float) -> int:
        """Forgets those beyond their deadline; how many of them were asked for."""
        if not self._holes:  # asked of every packet
            return 0
        late = [number for number, hole in self._holes.items() if now - hole.since > self._deadline_s]
        return sum(self._holes.pop(number).asked for number in late)

    def given_up(self, now: float) -> bool:
        """Whether the oldest has been waited for long enough."""
        return any(now - hole.since > self._deadline_s for hole in self._holes.values())

    def next_s(self, now: float) -> float | None:
        """Seconds until there is something to do; None: nothing is missing."""
        times = [min(hole.ask_at, hole.since + self._deadline_s) for hole in self._holes.values()]
        return max(0.0, min(times) - now) if times else None
