"""How well classifiers of pictures do: the figures on the model cards, for the bench and the tests alike."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32] | NDArray[np.float64]


class Classification(NamedTuple):
    """Shares 0..1. `balanced` is the mean of the recalls of the classes that occur."""

    accuracy: float
    balanced: float
    recall: dict[str, float]


class Presentation(NamedTuple):
    """ISO/IEC 30107-3. `apcer`: attacks taken for bona fide; `bpcer`: bona fide taken for attacks; 0..1."""

    apcer: float
    bpcer: float
    auc: float


def classification(predicted: list[str], labelled: list[str]) -> Classification:
    """Raises `ValueError` when there is nothing to count."""
    if not labelled or len(predicted) != len(labelled):
        raise ValueError(f"{len(predicted)} predictions for {len(labelled)} labels")
    right = [a == b for a, b in zip(predicted, labelled, strict=True)]
    recall = {
        label: float(np.mean([ok for ok, b in zip(right, labelled, strict=True) if b == label]))
        for label in sorted(set(labelled))
    }
    return Classification(float(np.mean(right)), float(np.mean(list(recall.values()))), recall)


def auc(positive: Floats, negative: Floats) -> float:
    """Share of pairs in which the positive scores higher, ties half. Raises `ValueError` without pairs."""
    if not len(positive) or not len(negative):
        raise ValueError("the area under the curve needs scores of both kinds")
    wins = positive[:, None] - negative[None]
    return float(((wins > 0) + 0.5 * (wins == 0)).mean())


def presentation(bona_fide: Floats, attacks: Floats, threshold: float) -> Presentation:
    """Error rates when a score of `threshold` or more is taken for bona fide."""
    return Presentation(
        float((attacks >= threshold).mean()),
        float((bona_fide < threshold).mean()),
        auc(bona_fide, attacks),
    )
