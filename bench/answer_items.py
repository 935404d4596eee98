"""Graded answers as items of a measurement: the rater's share, two baselines and the graders."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.core.metrics import Item, Kind, Metric
from models.graded_data import GradedAnswer, GradedSet

RATERS = {"": "the rater", "baseline_length": "length alone", "baseline_tfidf": "bag of words"}
_KINDS: dict[str, tuple[Kind, str]] = {
    "pearson": ("pearson", "Pearson's correlation with the human grade"),
    "spearman": ("spearman", "rank correlation with the human grade"),
    "qwk": ("kappa", "quadratic weighted kappa, both rounded to the scale's points"),
}


def words(text: str) -> list[str]:
    """Words in lower case; Mandarin as jieba cuts it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # its patterns are no raw strings
        warnings.simplefilter("ignore", DeprecationWarning)
        import jieba  # reads its dictionary, half a second: only where a bag of words is wanted

    jieba.setLogLevel(60)
    return [word for word in jieba.lcut(text.lower()) if any(char.isalnum() for char in word)]


def lengths(answers: Sequence[GradedAnswer]) -> list[float]:
    """log(1 + words): what an answer gets for its length alone."""
    return [math.log1p(len(words(one.answer))) for one in answers]


def bags(answers: Sequence[GradedAnswer]) -> list[float]:
    """Cosine of TF-IDF vectors (sublinear) to the closest reference. The document frequencies are those of
    the very texts measured, which the rater does not get to see: the baseline is given every help."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = sorted({text for one in answers for text in (one.answer, *one.references)})
    vectoriser = TfidfVectorizer(analyzer=words, sublinear_tf=True).fit(texts)
    place = {text: number for number, text in enumerate(texts)}
    table = vectoriser.transform(texts)
    return [
        max(float((table[place[one.answer]] @ table[place[text]].T).sum()) for text in one.references)
        for one in answers
    ]


def equated(values: Sequence[float], shares: Sequence[float]) -> list[float]:
    """Linear equating: the values with mean and spread of the grades. For baselines only, which have no scale
    of their own and so are given the graders'; correlations do not change."""
    given: NDArray[np.float64] = np.asarray(values)
    slope = float(np.std(shares)) / (float(given.std()) or 1.0)
    return [float(value) for value in np.mean(shares) + slope * (given - given.mean())]


def items(
    of_set: GradedSet, clusters: Sequence[str], rated: Sequence[float], evidence: Sequence[dict[str, float]]
) -> list[Item]:
    """One per answer; `clusters` names its question, `rated` is the rater's share 0–1."""
    answers = of_set.answers
    shares = [one.share for one in answers]
    by = {
        "": list(rated),
        "baseline_length": equated(lengths(answers), shares),
        "baseline_tfidf": equated(bags(answers), shares),
    }
    steps = points(of_set)
    found = []
    for at, one in enumerate(answers):
        graded = {name or "rater": (values[at], one.share) for name, values in by.items()}
        rounded = {
            f"{name}_points": (float(round(min(max(a, 0.0), 1.0) * steps)), float(round(b * steps)))
            for name, (a, b) in graded.items()
        }
        errors = {name: (abs(min(max(a, 0.0), 1.0) - b), 1.0) for name, (a, b) in graded.items()}
        ranged = {
            f"{name}_range": (error * (of_set.high - of_set.low), n) for name, (error, n) in errors.items()
        }
        people = _people(one, steps)
        found.append(
            Item(
                name=f"{of_set.name}:{one.row}",
                cluster=clusters[at],
                ratios={**errors, **ranged},
                graded={**graded, **rounded, **people},
                groups={"set": of_set.name, "language": one.language},
                **_told(rated[at], one.share, evidence[at]),
            )
        )
    return found


def _told(share: float, human: float, evidence: dict[str, float]) -> dict[str, Any]:
    rounded = {name: round(value, 4) for name, value in evidence.items()}
    return {"share": round(share, 4), "human": round(human, 4), "evidence": rounded}


def points(of_set: GradedSet) -> int:
    """Steps of the scale that QWK is worked out on: whole points; tenths where the scale is 0–1 with grades
    between; one step, decided at a half, where there are only the two ends. Halves go to the even point."""
    if of_set.high - of_set.low >= 2:
        return round(of_set.high - of_set.low)
    ends = {0.0, 1.0}
    return 1 if {grade for one in of_set.answers for grade in one.grades} <= ends else 10


def definitions(answers: Sequence[GradedAnswer]) -> list[Metric]:
    """Pearson, Spearman, QWK and MAE of each rater; of people against each other where several graded."""
    found = []
    for prefix, about in RATERS.items():
        key, before = prefix or "rater", f"{prefix}_" if prefix else ""
        for name, (kind, what) in _KINDS.items():
            of = f"{key}_points" if name == "qwk" else key
            found.append(Metric(name=before + name, key=of, kind=kind, about=f"{about}: {what}"))
        told = f"{about}: mean absolute error"
        found.append(Metric(name=f"{before}mae", key=f"{key}_range", about=f"{told}, points of the scale"))
        found.append(Metric(name=f"{before}mae_share", key=key, about=f"{told}, share of the scale"))
    raters = max(len(one.grades) for one in answers)
    for a, b in combinations(range(raters), 2):
        for name, (kind, what) in _KINDS.items():
            of = f"human_{a + 1}_{b + 1}" + ("_points" if name == "qwk" else "")
            about = f"graders {a + 1} and {b + 1}: {what}"
            found.append(Metric(name=f"human_{a + 1}_{b + 1}_{name}", key=of, kind=kind, about=about))
    return found


def _people(one: GradedAnswer, steps: int) -> dict[str, tuple[float, float]]:
    found = {}
    for (a, left), (b, right) in combinations(enumerate(one.grades, 1), 2):
        found[f"human_{a}_{b}"] = (left, right)
        found[f"human_{a}_{b}_points"] = (float(round(left * steps)), float(round(right * steps)))
    return found
