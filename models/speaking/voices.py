"""Which voice speaks which language. Its name is known without loading it: caches are keyed by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from models.speaking import english, mandarin
from models.speaking.speech import Language, Sound, Voice

NAMES: Mapping[Language, str] = {"en": english.NAME, "zh": mandarin.NAME}


class Voices:
    """Each voice is loaded with the first text in its language (under two seconds). Not thread-safe."""

    def __init__(self) -> None:
        self._english: english.Hibari | None = None
        self._mandarin: mandarin.Kokoro | None = None

    def speak(self, text: str, language: Language) -> Sound:
        """Raises `models.speaking.speech.SpeechError`, `models.store.WeightsMissing`."""
        load: Mapping[Language, Callable[[], Voice]] = {"en": self._hibari, "zh": self._kokoro}
        return load[language]().speak(text, language)

    def _hibari(self) -> english.Hibari:
        if self._english is None:
            self._english = english.Hibari.load()
        return self._english

    def _kokoro(self) -> mandarin.Kokoro:
        if self._mandarin is None:
            # English words within Mandarin are read by the English rules: what they need is small.
            self._mandarin = mandarin.Kokoro.load(lambda words: self._hibari().phonemes(words))
        return self._mandarin
