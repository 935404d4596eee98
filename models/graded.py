"""How good an answer is where reference answers are known: a share of the full marks.

One answer at a time, by what it has in common with the references beyond what the question says already
(`models.graded_features`), weighed by a regressor trained on public graded answers (`models.graded_model`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from models import graded_model, lexical
from models.embedding import TextEncoder
from models.graded_asides import without_asides
from models.graded_features import features, vector
from models.graded_model import GradedModel
from models.graded_text import LAYERS, TextReader, TextView
from models.lexical import Language

KNOWN_TEXTS = 512  # questions and references kept as they were read

_SENTENCE = re.compile(r"(?:[^.!?。！？;；\n]|\.(?=\d))+(?:[.!?。！？;；\n]+|$)")
_ECHO = 0.6
_ASKED_AGAIN = 0.6  # share of the question that an echo must hold: "a stack" may answer "a stack or a queue?"
_ON_SUBJECT = 0.3  # mean cosine to the closest pieces of reference and question


@dataclass(frozen=True, slots=True)
class GradedRating:
    """`share`: 0–1 of the full marks. `evidence`: the features by name (empty where nothing was said)."""

    share: float
    evidence: dict[str, float]
    model: str


class AnswerEvidence:
    """What the rater goes by. One instance belongs to one thread."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._reader = TextReader(encoder)
        self._known = lru_cache(KNOWN_TEXTS)(self._reader.read)

    def of(
        self, question: str, references: Sequence[str], answer: str, language: Language
    ) -> list[dict[str, float]]:
        """The features of the answer without the question's echo; then, if some of its sentences are about
        neither reference nor question, of the rest without these. The lower share of the two counts, so that
        padding, such as words to whoever grades, gains nothing. Empty where nothing was said.

        Raises `ValueError` without a reference.
        """
        known = [self._known(text, language) for text in references if text.strip()]
        if not known:
            raise ValueError("an answer is rated against at least one reference")
        asked = self._known(question, language)
        own = [part for part in _SENTENCE.findall(answer) if not _repeats(part, question)]
        sentences = without_asides(own, [question, *references], language)
        kept = "".join(sentences).strip()
        if not any(char.isalnum() for char in kept):
            return []
        found = [features(asked, known, self._reader.read(kept, language))]
        if len(sentences) > 1:
            apt = [part for part in sentences if _apt(self._reader.read(part, language), [asked, *known])]
            if 0 < len(apt) < len(sentences):
                found.append(features(asked, known, self._reader.read("".join(apt).strip(), language)))
        return found


class GradedRater:
    """One instance belongs to one thread."""

    def __init__(self, evidence: AnswerEvidence, regressor: GradedModel) -> None:
        self.model = f"graded-answers@{regressor.version}"
        self._regressor = regressor
        self._evidence = evidence

    @classmethod
    def load(cls, *, device: str = "cpu", threads: int = 1) -> GradedRater:
        """The embedded encoder and the packaged regressor. Raises `store.WeightsMissing`."""
        encoder = TextEncoder.load(device=device, threads=threads)
        return cls(AnswerEvidence(encoder), graded_model.load())

    def rate(self, question: str, references: Sequence[str], answer: str, language: Language) -> GradedRating:
        """Each reference is one full answer. Raises `ValueError` where there is none; no text can raise."""
        found = self._evidence.of(question, references, answer, language)
        return GradedRating(round(share_of(found, self._regressor), 4), found[0] if found else {}, self.model)


def share_of(evidence: Sequence[dict[str, float]], regressor: GradedModel) -> float:
    """0–1; 0 where nothing was said."""
    if not evidence:
        return 0.0
    return float(regressor.shares([vector(one, regressor.features) for one in evidence]).min())


def _repeats(sentence: str, question: str) -> bool:
    """Whether it only says the question, or most of it, again."""
    return (
        lexical.echo(sentence, question) >= _ECHO and lexical.echo(question, sentence) >= _ASKED_AGAIN
    ) or (sentence.strip() == question.strip())


def _apt(sentence: TextView, others: Sequence[TextView]) -> bool:
    if not sentence.pieces:
        return False
    layer = LAYERS[-1]
    weights = sentence.weights / sentence.weights.sum()
    for other in others:
        if other.pieces:
            closest = (sentence.states[layer] @ other.states[layer].T).max(1)
            if float(closest @ weights) >= _ON_SUBJECT:
                return True
    return False
