"""One text as the graded rater sees it: its word pieces, how rare each is, and their meaning in context."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models import offtopic
from models.embedding import TextEncoder, TokenStates
from models.lexical import Language

LAYERS = (0, 6, 9, 12)  # word embeddings, then rising context; a test holds the last to be the encoder's
Floats = NDArray[np.float32]

_BREAK = re.compile(r"[.。;；,，、!?！？:：\n()（）]")
_COMMON = 4.0  # nats: what the commonest pieces have; less than this says nothing
_LEAST, _MOST = 0.3, 9.0
_NEGATIVE = frozenset(
    ("not", "no", "never", "none", "nothing", "without", "cannot", "nor", "neither", "false")
)
_NEGATIVE_HAN = "不没无非未否错"
_ENGLISH_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?")


@dataclass(frozen=True, slots=True)
class TextView:
    """Pieces that hold a letter or a digit, with their weights (nats) and unit vectors by layer [t, d].

    `pooled`: the sentence as one unit vector. Of all vectors the mean of unrelated texts was taken off first:
    what every text has in common would else make any two look alike. `clauses`: indices of pieces.
    """

    pieces: tuple[str, ...]
    weights: Floats
    states: dict[int, Floats]
    pooled: Floats
    clauses: tuple[tuple[int, ...], ...]
    grams: Counter[str]
    numbers: Counter[str]
    negations: int


class TextReader:
    """Makes `TextView`s. One instance belongs to one thread."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        texts: dict[Language, tuple[str, ...]] = {"en": offtopic.ENGLISH, "zh": offtopic.MANDARIN}
        self._common = {language: self._mean(texts[language]) for language in texts}

    def read(self, text: str, language: Language) -> TextView:
        tokens = self._encoder.tokens(text, LAYERS)
        plain = [piece.strip("▁").lower() for piece in tokens.pieces]
        kept = [at for at, piece in enumerate(plain) if any(char.isalnum() for char in piece)]
        means, pooled = self._common[language]
        low = unicodedata.normalize("NFKC", text).lower()
        return TextView(
            pieces=tuple(plain[at] for at in kept),
            weights=np.clip(tokens.rarity[kept] - _COMMON, _LEAST, _MOST),
            states={layer: unit(tokens.states[layer][kept] - means[layer]) for layer in LAYERS},
            pooled=unit(tokens.pooled - pooled),
            clauses=_clauses(tokens, kept),
            grams=_grams(low, language),
            numbers=Counter(re.findall(r"\d+(?:\.\d+)?", low)),
            negations=_negations(low, language),
        )

    def _mean(self, texts: tuple[str, ...]) -> tuple[dict[int, Floats], Floats]:
        read = [self._encoder.tokens(text, LAYERS) for text in texts]
        by_layer = {layer: np.concatenate([one.states[layer] for one in read]).mean(0) for layer in LAYERS}
        return by_layer, np.stack([one.pooled for one in read]).mean(0)


def unit(rows: Floats) -> Floats:
    """Each row at length 1."""
    lengths = np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-6)
    scaled: Floats = (rows / lengths).astype(np.float32)
    return scaled


def _clauses(tokens: TokenStates, kept: list[int]) -> tuple[tuple[int, ...], ...]:
    """What stands between two marks of punctuation: the key points of a reference answer, most often."""
    place = {at: number for number, at in enumerate(kept)}
    found: list[tuple[int, ...]] = []
    current: list[int] = []
    for at, piece in enumerate(tokens.pieces):
        if at in place:
            current.append(place[at])
        elif current and _BREAK.search(piece):
            found.append(tuple(current))
            current = []
    return (*found, tuple(current)) if current else tuple(found)


def _grams(text: str, language: Language) -> Counter[str]:
    """Runs of two characters (Mandarin) or four, words' edges among them."""
    if language == "zh":
        plain, size = re.sub(r"[^\w]+", "", text), 2
    else:
        plain, size = " " + re.sub(r"[^\w]+", " ", text).strip() + " ", 4
    return Counter(plain[at : at + size] for at in range(len(plain) - size + 1))


def _negations(text: str, language: Language) -> int:
    if language == "zh":
        return sum(text.count(char) for char in _NEGATIVE_HAN)
    words = (word.replace("’", "'") for word in _ENGLISH_WORD.findall(text))
    return sum(word in _NEGATIVE or word.endswith("n't") for word in words)
