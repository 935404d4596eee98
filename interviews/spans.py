"""Stretches of media time during which something held, from the events that said it began and ceased."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from interviews.events import Event

K = TypeVar("K", bound=Hashable)
Span = tuple[float, float]


def spans(
    events: Sequence[Event], key: Callable[[Event], K | None], end: float
) -> list[tuple[K, float, float]]:
    """(state, start, end) in order. `key` gives the state that an event begins, or None if it says nothing;
    the last one lasts until `end`."""
    found: list[tuple[K, float, float]] = []
    current: tuple[K, float] | None = None
    for event in events:
        state = key(event)
        if state is None or (current is not None and state == current[0]):
            continue
        if current is not None:
            found.append((current[0], current[1], max(current[1], event.media_time)))
        current = (state, event.media_time)
    if current is not None:
        found.append((current[0], current[1], max(current[1], end)))
    return found


def total(spans_: Sequence[tuple[K, float, float]], state: K) -> float:
    """Seconds spent in `state`."""
    return sum(end - start for key, start, end in spans_ if key == state)
