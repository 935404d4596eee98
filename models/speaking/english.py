"""English: Hibari (https://github.com/MMWilliams/hibari, Apache-2.0), distilled from one voice of Kokoro-82M.

The weights come from the table; from text to phonemes and from the spectrum to samples goes the library.
"""

from __future__ import annotations

from typing import Any

from models import store
from models.speaking.speech import NAMES, Language, Sound, SpeechError, levelled

_SEED = 0  # of the noise in the voice: the same text sounds the same


class Hibari:
    """A `models.speaking.speech.Voice` of 24 kHz."""

    name = NAMES["en"]

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    @classmethod
    def load(cls) -> Hibari:
        """Raises `models.store.WeightsMissing`."""
        from hibari import Hibari as Engine

        return cls(Engine(voice="heart", model=str(store.file("hibari/hibari.onnx")), threads=1))

    def phonemes(self, text: str) -> str:
        """In the alphabet of Kokoro, stress marked; empty where there is nothing to say."""
        return str(self._engine.g2p(text))

    def speak(self, text: str, language: Language) -> Sound:
        if language != "en":
            raise SpeechError(f"{self.name} speaks English alone")
        if not any(char.isalnum() for char in text):  # of dots alone it makes a breath
            raise SpeechError("there is nothing to say")
        return levelled(self._engine(text, seed=_SEED), self._engine.sample_rate)
