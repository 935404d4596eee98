"""What any speech model offers to the slot engine: N slots allocated at start, one batch per step.

A slot is one session's place in the model; in it the session speaks one utterance after another. Sound is
int16 mono at 16 kHz. One thread makes all calls. Importing this module loads no framework.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000

Language = Literal["en", "zh"]
Spoken = Literal["auto", "en", "zh"]
Pcm = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model can do, and how it wants its sound.

    A `segment` model decodes the whole growing utterance at every step: the engine steps it as often as the
    device can afford, with whatever has come since. A `streaming` model keeps caches and hears each sample
    once: the engine steps all slots that have `chunk_s` of new sound, with exactly so much of it.
    """

    mode: Literal["segment", "streaming"]
    languages: tuple[Language, ...]
    word_times: bool
    chunk_s: float | None = None  # None: any amount, as segment models take it
    longest_s: float | None = None  # a longer utterance gets no partials, but its whole final

    def __post_init__(self) -> None:
        if (self.mode == "streaming") != (self.chunk_s is not None):
            raise ValueError("a streaming model has a chunk length, a segment model has none")

    @property
    def chunk(self) -> int | None:
        """Samples per step and slot, None for any."""
        return None if self.chunk_s is None else round(self.chunk_s * SAMPLE_RATE)


@dataclass(frozen=True, slots=True)
class Said:
    """An earlier utterance of the same session, and its text: context for what is heard next."""

    pcm: Pcm
    text: str
    language: Language


@dataclass(frozen=True, slots=True)
class SlotChunk:
    """The next samples of the utterance in a slot: those that no step or flush was given before.

    `before`, at a flush of a segment model alone: what the session said directly before, oldest first. The
    model may use it or not; it keeps nothing of it.
    """

    slot: int
    pcm: Pcm
    before: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class TimedWord:
    """Seconds from the utterance's first sample."""

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True, slots=True)
class PartialText:
    """All that was heard of the utterance so far. `text[:stable]` will be in every later partial of it."""

    text: str
    stable: int
    language: Language


@dataclass(frozen=True, slots=True)
class FinalText:
    """The whole utterance. `words` is empty where the model has no word times, and without any text."""

    text: str
    language: Language
    words: tuple[TimedWord, ...] = ()


class StreamingRecognizer(Protocol):
    """A model with its slots, numbered from 0. Every call is made by the thread that owns the device.

    `step` and `flush` run their slots, which are all open and each named once, as one batch, and a slot's
    result does not depend on the others. When one of them raises, no slot has changed: the engine then
    makes the call again for each slot alone, so that one utterance's fault harms no other.
    """

    @property
    def name(self) -> str:
        """Model and version, as results state it."""
        ...

    @property
    def slots(self) -> int: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def open(self, slot: int, language: Spoken) -> None:
        """A session takes the slot. With `auto` its language is detected, and kept once that is certain.

        Raises ValueError for a language that the model does not know.
        """
        ...

    def step(self, chunks: Sequence[SlotChunk]) -> Sequence[PartialText | None]:
        """Hears more of each slot's utterance. None: nothing can be said of it yet (its sound is kept)."""
        ...

    def flush(self, rests: Sequence[SlotChunk]) -> Sequence[FinalText]:
        """Ends each slot's utterance with its last samples, perhaps none; the slot stays open for the next.

        A streaming model gets less than a chunk here. Without any sound the text is empty.
        """
        ...

    def close(self, slot: int) -> None:
        """The session is over, in the midst of an utterance too: forgets everything about it."""
        ...

    def work_s(self, heard_s: float) -> float:
        """Seconds of sound that one step works on for an utterance of `heard_s` alone, padding included.

        A batch is padded to its longest row: the engine puts rows of like work together.
        """
        ...
