"""How alike two texts are in meaning, in standard deviations above texts that have nothing to do with it.

Cosines of sentence embeddings lie in a narrow band that moves with every text, so none is used raw; why, and
why both sides are asked, stands in `models.answers`, which rates by the same figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models import offtopic
from models.embedding import Kind, TextEncoder
from models.lexical import Language

KEPT = 4096  # vectors: 6 MB; dimensions and questions come again with every description

Vectors = NDArray[np.float32]


class Likeness:
    """One instance belongs to one thread, as its encoder does."""

    def __init__(self, encoder: TextEncoder) -> None:
        self.encoder = encoder
        self._texts = {"en": offtopic.ENGLISH, "zh": offtopic.MANDARIN}
        self._kept: dict[tuple[str, Kind], Vectors] = {}

    def z(self, asked: Sequence[str], passages: Sequence[str], language: Language) -> Vectors:
        """float32 [passages, asked]; about 0 for unrelated texts, above 4 for texts of one subject."""
        if not asked or not passages:
            return np.zeros((len(passages), len(asked)), np.float32)
        queries, vectors = self._vectors(asked, "query"), self._vectors(passages, "passage")
        unrelated = self._texts[language]
        by_query = self._vectors(unrelated, "passage") @ queries.T
        by_passage = vectors @ self._vectors(unrelated, "query").T
        cosines = vectors @ queries.T
        z_query = (cosines - by_query.mean(0)) / by_query.std(0)
        z_passage = (cosines - by_passage.mean(1, keepdims=True)) / by_passage.std(1, keepdims=True)
        z: Vectors = (z_query + z_passage) / 2
        return z

    def _vectors(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vectors:
        missing = list(dict.fromkeys(text for text in texts if (text, kind) not in self._kept))
        if missing:
            if len(self._kept) + len(missing) > KEPT:
                self._kept.clear()
                missing = list(dict.fromkeys(texts))
            for text, vector in zip(missing, self.encoder.encode(missing, kind), strict=True):
                self._kept[text, kind] = vector
        return np.stack([self._kept[text, kind] for text in texts])
