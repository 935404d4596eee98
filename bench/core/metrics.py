"""Figures of a measurement as data: what each is made of, so that intervals and comparisons need no code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from bench.core import biometrics
from bench.core.agreement import kappa, pearson, spearman
from bench.core.bootstrap import Interval, Rows, interval

Kind = Literal[
    "ratio",
    "total",
    "quantile",
    "auc",
    "eer",
    "tar_at_far",
    "balanced_accuracy",
    "balanced_error",
    "pearson",
    "spearman",
    "kappa",
]
_AGREEMENT = {"pearson": pearson, "spearman": spearman, "kappa": kappa}


class Item(BaseModel):
    """One measured thing (a clip, a pair, an answer) and what figures are made of.

    `ratios`: (numerator, denominator) each, such as (errors, words). `samples`: single readings, such as the
    latencies of its words. `scored`: (score, whether genuine) each, for curves; `called`: (called, is) each,
    class names. `graded`: two grades each, for agreement. `cluster`: what it is drawn together with, such as
    the speaker.
    """

    model_config = ConfigDict(extra="allow")

    name: str
    cluster: str
    ratios: dict[str, tuple[float, float]] = Field(default_factory=dict)
    samples: dict[str, list[float]] = Field(default_factory=dict)
    scored: dict[str, tuple[float, bool]] = Field(default_factory=dict)
    called: dict[str, tuple[str, str]] = Field(default_factory=dict)
    graded: dict[str, tuple[float, float]] = Field(default_factory=dict)
    groups: dict[str, str] = Field(default_factory=dict)


class Metric(BaseModel):
    """ratio: Σ numerators / Σ denominators of `key`; total: Σ numerators; quantile: of readings.

    auc, eer, tar_at_far: of scores (`bench.core.biometrics`); balanced_accuracy: of what things were called;
    balanced_error: one minus it, which is the half total error rate where there are two classes.
    pearson, spearman, kappa: of pairs of grades (`bench.core.agreement`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    key: str
    kind: Kind = "ratio"
    share: float | None = Field(default=None, ge=0, le=1, description="which quantile, or false acceptance")
    about: str = Field(description="what the figure means, in a sentence")

    def of(self, items: Sequence[Item], rows: Rows | None = None) -> float | None:
        """The figure over some rows, with repetitions; None where nothing was measured."""
        chosen = items if rows is None else [items[row] for row in rows]
        if self.kind in _AGREEMENT:
            return self._agreement(self._pairs(chosen))
        if self.kind == "quantile":
            readings = [item.samples[self.key] for item in chosen if item.samples.get(self.key)]
            return float(np.quantile(np.concatenate(readings), self.share or 0.0)) if readings else None
        if self.kind in ("auc", "eer", "tar_at_far"):
            return self._curve([item.scored[self.key] for item in chosen if self.key in item.scored])
        if self.kind in ("balanced_accuracy", "balanced_error"):
            return self._balanced([item.called[self.key] for item in chosen if self.key in item.called])
        pairs = [item.ratios[self.key] for item in chosen if self.key in item.ratios]
        above, below = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
        if self.kind == "total":
            return above if pairs else None
        return above / below if below else None

    def _pairs(self, items: Sequence[Item]) -> NDArray[np.float64]:
        pairs = [item.graded[self.key] for item in items if self.key in item.graded]
        return np.array(pairs, np.float64).reshape(-1, 2)

    def _agreement(self, pairs: NDArray[np.float64]) -> float | None:
        return _AGREEMENT[self.kind](pairs[:, 0], pairs[:, 1]) if len(pairs) > 1 else None

    def _curve(self, pairs: list[tuple[float, bool]]) -> float | None:
        labels = [genuine for _, genuine in pairs]
        if len(set(labels)) < 2:
            return None
        scores = [score for score, _ in pairs]
        if self.kind == "tar_at_far":
            return biometrics.tar_at_far(scores, labels, self.share or 0.0)
        return (biometrics.auc if self.kind == "auc" else biometrics.eer)(scores, labels)

    def _balanced(self, pairs: list[tuple[str, str]]) -> float | None:
        if len({actual for _, actual in pairs}) < 2:
            return None
        balanced = biometrics.balanced_accuracy([name for name, _ in pairs], [actual for _, actual in pairs])
        return balanced if self.kind == "balanced_accuracy" else 1 - balanced

    def interval(self, items: Sequence[Item]) -> Interval | None:
        """95 % over clusters."""
        if self.kind in _AGREEMENT:  # thousands of answers, a thousand times: as one array
            having = [item for item in items if self.key in item.graded]
            pairs = self._pairs(having)
            return interval([item.cluster for item in having], lambda rows: self._agreement(pairs[rows]))
        return interval([item.cluster for item in items], lambda rows: self.of(items, rows))
