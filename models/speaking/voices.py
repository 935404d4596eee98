"""Which voice speaks which language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from models.speaking.speech import Language, Sound, Voice

if TYPE_CHECKING:
    from models.speaking.english import Hibari
    from models.speaking.mandarin import Kokoro


class Voices:
    """Each voice is loaded, and its libraries imported, with the first text in its language: about a second.

    Not thread-safe.
    """

    def __init__(self) -> None:
        self._english: Hibari | None = None
        self._mandarin: Kokoro | None = None

    def speak(self, text: str, language: Language) -> Sound:
        """Raises `models.speaking.speech.SpeechError`, `models.store.WeightsMissing`."""
        voice: Mapping[Language, Callable[[], Voice]] = {"en": self._hibari, "zh": self._kokoro}
        return voice[language]().speak(text, language)

    def _hibari(self) -> Hibari:
        from models.speaking.english import Hibari

        if self._english is None:
            self._english = Hibari.load()
        return self._english

    def _kokoro(self) -> Kokoro:
        from models.speaking.mandarin import Kokoro

        if self._mandarin is None:
            # English words within Mandarin are read by the English rules; loaded when the first one comes.
            self._mandarin = Kokoro.load(lambda words: self._hibari().phonemes(words))
        return self._mandarin
