"""The parts of a story of one's own: situation, task, action and result (STAR), each with its sentence.

A sentence is told apart by what it means and by words that mark a part. Both are features of one linear
model (ridge regression onto the five classes), fitted at start to `story_parts.toml`; then the likeliest
sequence is read off (Viterbi), in which stepping back from a later part to an earlier one costs something.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from models.embedding import TextEncoder
from models.lexical import Language
from models.story_cues import CUES, OWN_ACTION

PARTS = ("situation", "task", "action", "result")
OTHER = len(PARTS)
# Parts of the measure's 100 points. A convention: what somebody did and what came of it say most about them,
# and situation and task are often told in one breath.
SHARES = {"situation": 0.2, "task": 0.15, "action": 0.35, "result": 0.3}
PENALTY = 0.3  # on the regression: chosen by leaving one sentence of the examples out at a time
CUE = 0.2  # a cue's size among features that have length 1 together
BACK = 0.15  # cost of a step back, in units of the regression's target
SHARPNESS = 8.0  # from scores to probabilities
SURE = 0.55  # probability from which a part counts in full
LEAST = 0.25  # and below which it is not there

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the story: the sentence that tells it best, and how surely it does, 0–1."""

    name: str
    sentence: int
    strength: float


class Structure:
    """Finds the parts. One instance belongs to one thread."""

    def __init__(self, encoder: TextEncoder) -> None:
        told = tomllib.loads((resources.files("models") / "story_parts.toml").read_text("utf-8"))
        self._models = {language: _fit(encoder, told[language], language) for language in get_args(Language)}

    def labels(self, sentences: Sequence[str], vectors: NDArray[np.float32], language: Language) -> list[str]:
        """situation, task, action, result or other for each sentence; `vectors` as in `parts`."""
        return [(*PARTS, "other")[one] for one in _sequence(self._scores(sentences, vectors, language))]

    def parts(self, sentences: Sequence[str], vectors: NDArray[np.float32], language: Language) -> list[Part]:
        """Those that are there, in the order of `PARTS`.

        `vectors` float32 [sentences, width]: the sentences as passages, of length 1.
        """
        if not sentences:
            return []
        scores = self._scores(sentences, vectors, language)
        path = _sequence(scores)
        odds = np.exp(SHARPNESS * (scores - scores.max(1, keepdims=True)))
        odds /= odds.sum(1, keepdims=True)
        found = []
        for number, name in enumerate(PARTS):
            telling = [index for index, part in enumerate(path) if part == number]
            if telling:
                best = max(telling, key=lambda index: float(odds[index, number]))
                strength = min(1.0, max(0.0, (float(odds[best, number]) - LEAST) / (SURE - LEAST)))
                if strength > 0:
                    found.append(Part(name, best, round(strength, 3)))
        return found

    def _scores(self, sentences: Sequence[str], vectors: NDArray[np.float32], language: Language) -> Scores:
        mean, weights, prior = self._models[language]
        scores: Scores = (_features(sentences, vectors, language) - mean) @ weights + prior
        return scores


def value(parts: Sequence[Part]) -> float:
    """0–100."""
    return round(100 * sum(SHARES[part.name] * part.strength for part in parts), 1)


def _features(sentences: Sequence[str], vectors: NDArray[np.float32], language: Language) -> Scores:
    cues = [
        *(CUES[language][name] for name in ("situation", "task", "result", "other")),
        OWN_ACTION[language],
    ]
    marked = [[bool(cue.search(sentence)) for cue in cues] for sentence in sentences]
    return np.hstack([vectors.astype(np.float64), CUE * np.array(marked, np.float64)])


def _fit(
    encoder: TextEncoder, told: dict[str, list[str]], language: Language
) -> tuple[Scores, Scores, Scores]:
    """Mean of the features, weights and prior of a ridge regression onto one column for each class."""
    texts = [text for name in (*PARTS, "other") for text in told[name]]
    classes = [number for number, name in enumerate((*PARTS, "other")) for _ in told[name]]
    features = _features(texts, encoder.encode(texts, "passage"), language)
    target = np.eye(OTHER + 1)[classes]
    mean, prior = features.mean(0), target.mean(0)
    centred = features - mean
    kernel = centred @ centred.T + PENALTY * np.eye(len(texts))
    weights: Scores = centred.T @ np.linalg.solve(kernel, target - prior)
    return mean, weights, prior


def _sequence(scores: Scores) -> list[int]:
    """The likeliest class of each sentence (Viterbi 1967). `other` is passed through: it costs no step."""
    if not len(scores):
        return []
    # States: (the last part told, whether this sentence is other).
    count = OTHER
    cost = np.array([[BACK if after < before else 0.0 for after in range(count)] for before in range(count)])
    told = scores[0, :count].copy()
    aside = np.full(count, -np.inf)
    aside[0] = scores[0, OTHER]
    back: list[tuple[list[tuple[int, bool]], list[tuple[int, bool]]]] = []
    for row in scores[1:]:
        both = np.maximum(told, aside)
        from_aside = [bool(aside[one] > told[one]) for one in range(count)]
        before = (both[:, None] - cost).argmax(0)
        told_next = (both[:, None] - cost).max(0) + row[:count]
        back.append(
            (
                [(int(one), from_aside[int(one)]) for one in before],
                [(one, from_aside[one]) for one in range(count)],
            )
        )
        told, aside = told_next, both + row[OTHER]
    state = (int(np.maximum(told, aside).argmax()), False)
    state = (state[0], bool(aside[state[0]] > told[state[0]]))
    path = [state]
    for parted, passed in reversed(back):
        state = (passed if state[1] else parted)[state[0]]
        path.append(state)
    return [OTHER if other else part for part, other in reversed(path)]
