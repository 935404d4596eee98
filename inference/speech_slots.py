"""The sessions one speech replica listens to: a fixed number of slots, and the sound that waits in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from inference.messages import (
    SAMPLE_RATE,
    Caption,
    Language,
    Marker,
    Pcm,
    Said,
    Spoken,
    UtteranceChunk,
)
from inference.pcm import as_pcm
from inference.speech_context import Context

# A gateway repeats an utterance only until its final has arrived, so a few finals per session are enough.
_FINALS_KEPT = 64


@dataclass(slots=True)
class Utterance:
    """What is known of one utterance. Counts are samples; `partial_at`: when its last partial began.

    `length`: came. `tried`: were there when its last step began. `fed`: the recognizer has. `heard`: the
    device is through with.
    """

    number: int
    language: Spoken
    partial_at: float
    keep: int  # so many samples are kept to be context for later utterances; none of a longer one
    waiting: list[Pcm] = field(default_factory=list)  # what the recognizer does not have yet
    kept: list[Pcm] = field(default_factory=list)
    length: int = 0
    tried: int = 0
    fed: int = 0
    heard: int = 0
    ended_at: float | None = None  # when its last sample had come

    def append(self, pcm: Pcm) -> None:
        if pcm.size:
            self.waiting.append(pcm)
            self.length += pcm.size
            self.kept = [*self.kept, pcm] if self.length <= self.keep else []

    def peek(self, limit: int | None) -> Pcm:
        """The samples to feed next, at most `limit`; they stay until `feed`."""
        if len(self.waiting) != 1:
            self.waiting = [np.concatenate(self.waiting)] if self.waiting else [np.empty(0, np.int16)]
        return self.waiting[0][:limit]

    def feed(self, samples: int) -> None:
        """The recognizer took so many."""
        self.waiting = [self.peek(None)[samples:]]
        self.fed += samples


@dataclass(slots=True)
class Slot:
    """One session's place, `index` in the recognizer. Its utterances are heard one after the other.

    `stale`: the recognizer is in the midst of an utterance that was given up, and has to forget it.
    """

    index: int
    session: str
    gateway: str
    utterances: dict[int, Utterance] = field(default_factory=dict)
    finals: dict[int, Caption] = field(default_factory=dict)
    markers: dict[int, Marker] = field(default_factory=dict)
    stale: bool = False
    context: Context = field(kw_only=True)

    @property
    def current(self) -> Utterance | None:
        """The utterance that the recognizer is in, else the session's first."""
        begun = (u for u in self.utterances.values() if u.fed)
        return next(begun, None) or min(self.utterances.values(), key=lambda u: u.number, default=None)

    def finish(self, caption: Caption) -> None:
        """The utterance has its final, which is remembered for a gateway that lost the reply."""
        utterance = self.utterances.pop(caption.utterance, None)
        if utterance is not None and utterance.length > self.context.limit:
            self.context.clear()
        elif utterance is not None and utterance.kept:
            said = Said(np.concatenate(utterance.kept), caption.text, caption.language)
            self.context.add(caption.utterance, said)
        self.finals[caption.utterance] = caption
        while len(self.finals) > _FINALS_KEPT:
            del self.finals[next(iter(self.finals))]

    def lacks(self, marker: Marker) -> list[int]:
        """Utterances of which sound is missing that went before the marker."""
        return [
            number
            for number, samples in marker.utterances
            if number not in self.finals
            and (number not in self.utterances or self.utterances[number].length < samples)
        ]

    def hurried(self, utterance: Utterance) -> bool:
        """Whether a marker waits for sound of the utterance that no step has tried yet."""
        return any(
            number == utterance.number and samples > utterance.tried
            for marker in self.markers.values()
            for number, samples in marker.utterances
        )

    def come_through(self, chunk: int) -> list[Marker]:
        """The markers before which nothing waits but the beginning of a `chunk`; they are taken out."""
        through = [m for m in self.markers.values() if all(self._heard(*at, chunk) for at in m.utterances)]
        for marker in through:
            del self.markers[marker.number]
        return through

    def _heard(self, number: int, samples: int, chunk: int) -> bool:
        utterance = self.utterances.get(number)
        return utterance is None or (utterance.ended_at is None and samples - utterance.heard < chunk)


class Slots:
    """At most `capacity` sessions, each with `context_s` of what it said. Not thread-safe: the engine holds
    its lock around it."""

    def __init__(self, capacity: int, context_s: float = 0.0) -> None:
        self._context_s = context_s
        self._free = list(range(capacity))[::-1]
        self._slots: dict[str, Slot] = {}

    def __len__(self) -> int:
        return len(self._slots)

    def all(self) -> list[Slot]:
        return list(self._slots.values())

    def get(self, session: str) -> Slot | None:
        return self._slots.get(session)

    def lease(self, session: str, gateway: str) -> Slot | None:
        """The session's slot, a free one for a new session, or None when all are taken."""
        slot = self._slots.get(session)
        if slot is None:
            if not self._free:
                return None
            slot = self._slots[session] = Slot(
                self._free.pop(), session, gateway, context=Context(self._context_s)
            )
        slot.gateway = gateway  # captions follow a session that moved
        return slot

    def free(self, session: str) -> None:
        slot = self._slots.pop(session, None)
        if slot is not None:
            self._free.append(slot.index)

    def free_gateway(self, gateway: str) -> None:
        for slot in self.all():
            if slot.gateway == gateway:
                self.free(slot.session)


def take(
    slot: Slot, chunk: UtteranceChunk, now: float, languages: Sequence[Language]
) -> Caption | Literal["resend"] | None:
    """Adds a chunk's new samples to its utterance.

    Samples that are there already are skipped. Returns "resend" when samples before the chunk are missing,
    and the final when an utterance that is already finished is told again from its start. Raises ValueError
    for what is not 16 kHz mono sound, or not in one of `languages`.
    """
    done = slot.finals.get(chunk.utterance)
    if done is not None:
        return done if chunk.offset == 0 else None
    if chunk.language != "auto" and chunk.language not in languages:
        raise ValueError(f"the model does not know {chunk.language!r}")
    pcm = _sound(chunk)
    utterance = slot.utterances.get(chunk.utterance)
    if chunk.offset > (utterance.length if utterance else 0):
        return "resend"
    if utterance is None:
        utterance = slot.utterances[chunk.utterance] = Utterance(
            chunk.utterance, chunk.language, now, slot.context.limit
        )
    if utterance.ended_at is None:
        utterance.language = chunk.language
        utterance.append(pcm[utterance.length - chunk.offset :])
        if chunk.final:
            utterance.ended_at = now
    return None


def _sound(chunk: UtteranceChunk) -> Pcm:
    if chunk.rate != SAMPLE_RATE:
        raise ValueError(f"sound at {chunk.rate} Hz instead of {SAMPLE_RATE}")
    if chunk.offset < 0:
        raise ValueError(f"sound at offset {chunk.offset}")
    return as_pcm(chunk.pcm)
