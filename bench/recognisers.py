"""The speech models that can be measured, by the name given on the command line, and a clock around them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from inference.settings import SpeechSettings
from models import recognizers
from models.streaming import FinalText, PartialText, Pcm, SlotChunk, Spoken, StreamingRecognizer

EMBEDDED = "whisper"


def load(engine: str, settings: SpeechSettings, *, device: str = "cpu") -> TimedRecogniser:
    """`engine`: "whisper" for the embedded weights, or a folder or Hugging Face id (`models.recognizers`).

    Raises `models.store.WeightsMissing`, OSError, and ValueError for what is no such model.
    """
    model = None if engine == EMBEDDED else engine
    return TimedRecogniser(
        recognizers.load(
            model,
            slots=settings.slots,
            device=device,
            dtype=settings.dtype,
            threads=settings.threads,
            beams=settings.beams,
            lookahead=settings.lookahead,
        )
    )


class TimedRecogniser:
    """A `StreamingRecognizer` that adds up the seconds its device works. Called by one thread at a time."""

    def __init__(self, inner: StreamingRecognizer) -> None:
        self._inner = inner
        self.name = inner.name
        self.slots = inner.slots
        self.capabilities = inner.capabilities
        self.seconds = 0.0

    def open(self, slot: int, language: Spoken) -> None:
        self._inner.open(slot, language)

    def step(self, chunks: Sequence[SlotChunk]) -> Sequence[PartialText | None]:
        with self._clock():
            return self._inner.step(chunks)

    def flush(self, rests: Sequence[SlotChunk]) -> Sequence[FinalText]:
        with self._clock():
            return self._inner.flush(rests)

    def close(self, slot: int) -> None:
        self._inner.close(slot)

    def work_s(self, heard_s: float) -> float:
        return self._inner.work_s(heard_s)

    def whole(self, pcm: Pcm, language: Spoken) -> FinalText:
        """A recording as one utterance, without endpointing."""
        return recognizers.whole(self, [pcm], language)[0]

    @contextmanager
    def _clock(self) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - began
