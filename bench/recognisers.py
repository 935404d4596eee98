"""The speech models that can be measured, by the name given on the command line, and a clock around them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from models.streaming import Language
from models.whisper.utterances import Clip, ClipRecognizer, Transcript

EMBEDDED = "whisper"


def load(engine: str, *, device: str, dtype: str, threads: int) -> TimedRecogniser:
    """`engine`: "whisper" for the embedded weights, or a folder or Hugging Face id of a Whisper model.

    Raises `models.store.WeightsMissing`, OSError, and ValueError for what is no such model.
    """
    from models.whisper import Whisper

    model = None if engine == EMBEDDED else engine
    return TimedRecogniser(Whisper.load(model, device=device, dtype=dtype, threads=threads))


class TimedRecogniser:
    """A recogniser that adds up the seconds its device works. Called by one thread at a time."""

    def __init__(self, inner: ClipRecognizer) -> None:
        self._inner = inner
        self.name = inner.name
        self.languages = inner.languages
        self.seconds = 0.0

    def transcribe(
        self, clips: Sequence[Clip], languages: Sequence[Language], *, word_times: bool, beams: int = 1
    ) -> Sequence[Transcript]:
        with self._clock():
            return self._inner.transcribe(clips, languages, word_times=word_times, beams=beams)

    def detect_language(self, clips: Sequence[Clip]) -> Sequence[Language]:
        with self._clock():
            return self._inner.detect_language(clips)

    @contextmanager
    def _clock(self) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - began
