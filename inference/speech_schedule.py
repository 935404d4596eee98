"""Which slots the speech device steps next: one schedule for segment models, one for streaming models.

Both flush ended utterances first. They are asked under the engine's lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from inference.batching import Pace, choose
from inference.messages import SAMPLE_RATE, Pcm, Said
from inference.settings import SpeechSettings
from inference.speech_slots import Slot, Utterance
from models.streaming import StreamingRecognizer

_NEW_SOUND = int(0.35 * SAMPLE_RATE)  # less new sound than this is not worth a partial
_IDLE_S = 1.0

Kind = Literal["final", "partial"]


@dataclass(frozen=True, slots=True)
class Item:
    """A slot's part in a step: `pcm` is what its recognizer is fed, `heard` all it will then have.

    `before`: for a final, what the session said before.
    """

    slot: Slot
    utterance: Utterance
    pcm: Pcm
    heard: int
    before: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One batch for the device."""

    kind: Kind
    items: tuple[Item, ...]


class Schedule(Protocol):
    """Times are of one monotonic clock, in seconds."""

    def next(self, slots: Sequence[Slot], now: float) -> Step | None: ...

    def pause_s(self, slots: Sequence[Slot], now: float) -> float:
        """How long there is nothing to do unless sound comes."""
        ...

    def took(self, kind: Kind, rows: int, seconds: float, now: float) -> None:
        """A step with so many rows of work has ended."""
        ...

    def interval_s(self, slots: Sequence[Slot], now: float) -> float:
        """How often each speaking session gets a partial."""
        ...


def schedule_for(recognizer: StreamingRecognizer, settings: SpeechSettings) -> Schedule:
    if recognizer.capabilities.chunk is None:
        return SegmentSchedule(recognizer, settings)
    return StreamingSchedule(recognizer.capabilities.chunk)


class SegmentSchedule:
    """Finals in batches of like length, oldest first; partials as often as the device affords."""

    def __init__(self, recognizer: StreamingRecognizer, settings: SpeechSettings) -> None:
        self._recognizer = recognizer
        self._batch = settings.batch
        self._pace = Pace(settings.partial_interval_s, settings.partial_interval_max_s, settings.device_share)
        longest_s = recognizer.capabilities.longest_s
        self._longest = None if longest_s is None else int(longest_s * SAMPLE_RATE)

    def next(self, slots: Sequence[Slot], now: float) -> Step | None:
        if ended := _ended(slots):
            return self._step("final", ended, now)
        interval = self.interval_s(slots, now)
        waiting = sorted(self._growing(slots), key=lambda item: item[1].partial_at)
        hurried = [item for item in waiting if item[0].hurried(item[1])]
        if hurried:
            return self._step("partial", hurried, now)
        if not waiting or now - waiting[0][1].partial_at < interval:
            return None
        # One is due: those that will be soon come along, for a clip costs less in a batch than alone.
        return self._step("partial", [(s, u) for s, u in waiting if now - u.partial_at >= interval / 2], now)

    def pause_s(self, slots: Sequence[Slot], now: float) -> float:
        interval = self.interval_s(slots, now)
        return min(
            (max(u.partial_at + interval - now, 0.005) for _, u in self._growing(slots)), default=_IDLE_S
        )

    def took(self, kind: Kind, rows: int, seconds: float, now: float) -> None:
        if rows == 0:
            return
        if kind == "final":
            self._pace.finals(now, rows, seconds)
        else:
            self._pace.partials(rows, seconds)

    def interval_s(self, slots: Sequence[Slot], now: float) -> float:
        speaking = sum(u.ended_at is None for slot in slots for u in slot.utterances.values())
        return self._pace.interval_s(now, speaking)

    def _growing(self, slots: Sequence[Slot]) -> list[tuple[Slot, Utterance]]:
        """Utterances with enough new sound for a partial, and not too long for one."""
        return [
            (slot, u)
            for slot in slots
            if (u := slot.current) is not None
            and (u.length - u.tried >= _NEW_SOUND or slot.hurried(u))
            and (self._longest is None or u.length <= self._longest)
        ]

    def _step(self, kind: Kind, among: Sequence[tuple[Slot, Utterance]], now: float) -> Step:
        work = [self._recognizer.work_s(u.length / SAMPLE_RATE) for _, u in among]
        chosen = [among[i] for i in choose(work, self._pace.clips_per_step(self._batch))]
        items = (_item(slot, u, None) for slot, u in chosen)
        return Step(kind, tuple(map(_with_context, items) if kind == "final" else items))


class StreamingSchedule:
    """Every slot with a chunk of new sound, in one batch; each sample is heard once, so none has to wait."""

    def __init__(self, chunk: int) -> None:
        self._chunk = chunk

    def next(self, slots: Sequence[Slot], now: float) -> Step | None:
        ended = [(slot, u) for slot, u in _ended(slots) if u.length - u.fed < self._chunk]
        if ended:
            return Step("final", tuple(_item(slot, u, None) for slot, u in ended))
        whole = [
            (slot, u) for slot in slots if (u := slot.current) is not None and u.length - u.fed >= self._chunk
        ]
        return Step("partial", tuple(_item(slot, u, self._chunk) for slot, u in whole)) if whole else None

    def pause_s(self, slots: Sequence[Slot], now: float) -> float:
        return _IDLE_S

    def took(self, kind: Kind, rows: int, seconds: float, now: float) -> None:
        return

    def interval_s(self, slots: Sequence[Slot], now: float) -> float:
        return self._chunk / SAMPLE_RATE


def _ended(slots: Sequence[Slot]) -> list[tuple[Slot, Utterance]]:
    """Each slot's utterance if it has ended, the oldest first: finals leave in the order they were spoken."""
    ended = [
        (u.ended_at, slot, u) for slot in slots if (u := slot.current) is not None and u.ended_at is not None
    ]
    return [(slot, u) for _, slot, u in sorted(ended, key=lambda item: item[0])]


def _with_context(item: Item) -> Item:
    before = item.slot.context.before(item.utterance.number, item.utterance.length)
    return replace(item, before=before)


def _item(slot: Slot, utterance: Utterance, limit: int | None) -> Item:
    pcm = utterance.peek(limit)
    return Item(slot, utterance, pcm, utterance.fed + pcm.size)
