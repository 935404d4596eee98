"""Sentences that may speak to whoever rates, though not surely enough to be left out at once.

The rating counts at most what it is without them.
"""

from __future__ import annotations

from collections.abc import Sequence

from models import offtopic
from models.asides import Asides
from models.embedding import TextEncoder
from models.lexical import Language

# Just above the .0066 that sentences of ordinary answers reach (`models.asides.CONTRAST`).
CONTRAST, LIKENESS = 0.007, 2.0


class Suspects:
    """Belongs to one thread, as the encoder does."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        texts: dict[Language, tuple[str, ...]] = {"en": offtopic.ENGLISH, "zh": offtopic.MANDARIN}
        unrelated = {language: encoder.encode(texts[language], "passage") for language in texts}
        self._asides = Asides(encoder, unrelated, contrast=CONTRAST, likeness=LIKENESS)

    def of(self, sentences: Sequence[str], known: Sequence[str], language: Language) -> frozenset[int]:
        """Their indices; `known`: question and key points, not none."""
        if not sentences:
            return frozenset()
        vectors = self._encoder.encode(sentences, "passage")
        asked = self._encoder.encode(known, "passage")
        told = self._asides.of(sentences, vectors, known, asked, language)
        return frozenset(index for index, suspect in enumerate(told) if suspect)
