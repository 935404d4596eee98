"""The sessions one speech replica listens to: a fixed number of slots, and the sound of their utterances."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inference.localagreement import StablePrefix
from inference.messages import SAMPLE_RATE, Caption, Pcm, UtteranceChunk

Language = Literal["en", "zh"]

# A gateway repeats an utterance only until its final has arrived, so a few finals per session are enough.
_FINALS_KEPT = 64


class Sound:
    """int16 mono samples at 16 kHz that grow at the end. A view taken earlier stays valid and unchanged."""

    def __init__(self) -> None:
        self._samples: Pcm = np.empty(8 * SAMPLE_RATE, np.int16)
        self.length = 0

    def append(self, pcm: Pcm) -> None:
        needed = self.length + pcm.size
        if needed > self._samples.size:
            grown = np.empty(max(needed, 2 * self._samples.size), np.int16)
            grown[: self.length] = self._samples[: self.length]
            self._samples = grown
        self._samples[self.length : needed] = pcm
        self.length = needed

    def view(self) -> Pcm:
        return self._samples[: self.length]


def as_float(pcm: Pcm) -> NDArray[np.float32]:
    """int16 to float32 in -1 … 1, the recogniser's input."""
    return pcm.astype(np.float32) / 32768.0


@dataclass(slots=True)
class Utterance:
    """What is known of one utterance. `partial_at`: when its last partial began, at first itself."""

    number: int
    language: Literal["auto", "en", "zh"]
    partial_at: float
    sound: Sound = field(default_factory=Sound)
    ended_at: float | None = None  # when its last sample had come
    heard: int = 0  # samples under the last partial
    prefix: StablePrefix = field(default_factory=StablePrefix)


@dataclass(slots=True)
class Slot:
    """One session's place. `language` is what detection found, kept for the session."""

    session: str
    gateway: str
    language: Language | None = None
    utterances: dict[int, Utterance] = field(default_factory=dict)
    finals: dict[int, Caption] = field(default_factory=dict)

    def finish(self, caption: Caption) -> None:
        """Forgets the utterance's sound, remembers its final for a gateway that lost the reply."""
        del self.utterances[caption.utterance]
        self.finals[caption.utterance] = caption
        while len(self.finals) > _FINALS_KEPT:
            del self.finals[next(iter(self.finals))]


class Slots:
    """At most `capacity` sessions. Not thread-safe: the engine holds its lock around it."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
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
            if len(self._slots) == self._capacity:
                return None
            slot = self._slots[session] = Slot(session, gateway)
        slot.gateway = gateway  # captions follow a session that moved
        return slot

    def free(self, session: str) -> None:
        self._slots.pop(session, None)

    def free_gateway(self, gateway: str) -> None:
        self._slots = {name: slot for name, slot in self._slots.items() if slot.gateway != gateway}


def take(slot: Slot, chunk: UtteranceChunk, now: float) -> Caption | Literal["resend"] | None:
    """Adds a chunk's new samples to its utterance.

    Samples that are there already are skipped. Returns "resend" when samples before the chunk are missing,
    and the final when an utterance that is already finished is told again from its start.
    """
    done = slot.finals.get(chunk.utterance)
    if done is not None:
        return done if chunk.offset == 0 else None
    utterance = slot.utterances.get(chunk.utterance)
    if chunk.offset > (utterance.sound.length if utterance else 0):
        return "resend"
    if utterance is None:
        utterance = slot.utterances[chunk.utterance] = Utterance(chunk.utterance, chunk.language, now)
    if utterance.ended_at is None:
        utterance.language = chunk.language
        utterance.sound.append(chunk.pcm[utterance.sound.length - chunk.offset :])
        if chunk.final:
            utterance.ended_at = now
    return None
