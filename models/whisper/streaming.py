"""The Whisper family behind `models.streaming`: every step decodes the whole utterance as it stands.

Partials are greedy and show which part has become stable; finals are searched with beams and get word times.
The language of an `auto` session is detected and kept as soon as there is enough sound to be sure of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from models.localagreement import StablePrefix
from models.streaming import (
    SAMPLE_RATE,
    Capabilities,
    FinalText,
    Language,
    PartialText,
    Pcm,
    SlotChunk,
    Spoken,
)
from models.whisper.utterances import LONGEST_S, ClipRecognizer, transcribe

# Less sound than this tells little about its language: what is found then is not kept for the session.
_DETECTABLE = 2 * SAMPLE_RATE
# The encoder runs over a batch's longest clip plus 1.5 s, and over 4 s at least; the others are padded.
_MARGIN_S = 1.5
_FLOOR_S = 4.0


class Sound:
    """int16 mono samples at 16 kHz that grow at the end; the room is kept from one utterance to the next."""

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


@dataclass(slots=True)
class _Slot:
    wanted: Spoken = "auto"
    detected: Language | None = None
    sound: Sound = field(default_factory=Sound)
    prefix: StablePrefix = field(default_factory=StablePrefix)

    @property
    def language(self) -> Language | None:
        return self.detected if self.wanted == "auto" else self.wanted

    def begin(self) -> None:
        """For the next utterance of the same session."""
        self.sound.length = 0
        self.prefix = StablePrefix()


class WhisperStreaming:
    """A `StreamingRecognizer`. `beams` holds for finals."""

    def __init__(self, recogniser: ClipRecognizer, *, slots: int, beams: int = 1) -> None:
        self._recogniser = recogniser
        self._beams = beams
        self._slots = [_Slot() for _ in range(slots)]
        self._capabilities = Capabilities(
            mode="segment", languages=recogniser.languages, word_times=True, longest_s=LONGEST_S
        )

    @property
    def name(self) -> str:
        return self._recogniser.name

    @property
    def slots(self) -> int:
        return len(self._slots)

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def open(self, slot: int, language: Spoken) -> None:
        if language != "auto" and language not in self._capabilities.languages:
            raise ValueError(f"{self.name} does not know {language!r}")
        state = self._slots[slot]
        state.wanted, state.detected = language, None
        state.begin()

    def close(self, slot: int) -> None:
        self._slots[slot] = _Slot()

    def work_s(self, heard_s: float) -> float:
        return max(_FLOOR_S, heard_s + _MARGIN_S)

    def step(self, chunks: Sequence[SlotChunk]) -> list[PartialText | None]:
        partials: list[PartialText | None] = []
        for state, text in zip(self._of(chunks), self._hear(chunks, final=False), strict=True):
            if text is None:
                partials.append(None)
            else:
                partials.append(PartialText(*state.prefix.update(text.text), text.language))
        return partials

    def flush(self, rests: Sequence[SlotChunk]) -> list[FinalText]:
        finals = [text for text in self._hear(rests, final=True) if text is not None]
        for state in self._of(rests):
            state.begin()
        return finals

    def _of(self, chunks: Sequence[SlotChunk]) -> list[_Slot]:
        return [self._slots[chunk.slot] for chunk in chunks]

    def _hear(self, chunks: Sequence[SlotChunk], *, final: bool) -> list[FinalText | None]:
        """None where a growing utterance is too short yet to tell its language."""
        states = self._of(chunks)
        before = [state.sound.length for state in states]
        for state, chunk in zip(states, chunks, strict=True):
            state.sound.append(chunk.pcm)
        ripe = [final or s.language is not None or s.sound.length >= _DETECTABLE for s in states]
        rows = [state for state, is_ripe in zip(states, ripe, strict=True) if is_ripe]
        try:
            texts = transcribe(
                self._recogniser,
                [state.sound.view() for state in rows],
                [state.language for state in rows],
                word_times=final,
                beams=self._beams if final else 1,
                before=[chunk.before for chunk, is_ripe in zip(chunks, ripe, strict=True) if is_ripe],
            )
        except Exception:
            for state, length in zip(states, before, strict=True):
                state.sound.length = length
            raise
        for state, text in zip(rows, texts, strict=True):
            if state.wanted == "auto" and state.sound.length >= _DETECTABLE:
                state.detected = text.language
        found = iter(texts)
        return [next(found) if is_ripe else None for is_ripe in ripe]
