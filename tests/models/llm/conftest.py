from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.answers import AnswerRater
from models.embedding import Kind, TextEncoder


class Remembering(TextEncoder):
    """The real encoder, each text once: the answers here are said over and over with one sentence changed."""

    def __init__(self, *args: Any, **kinds: Any) -> None:
        super().__init__(*args, **kinds)
        self._known: dict[tuple[Kind, str], NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if (kind, text) not in self._known]
        for text, vector in zip(new, super().encode(new, kind), strict=True):
            self._known[kind, text] = vector
        rows = [self._known[kind, text] for text in texts]
        return np.stack(rows) if rows else np.zeros((0, 0), np.float32)


@pytest.fixture(scope="session")
def embedded() -> AnswerRater:
    return AnswerRater(Remembering.load())
