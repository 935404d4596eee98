"""The regressor behind the graded rater, as plain numbers: ridge regression and boosted trees, averaged.

Both foretell a standardised grade; `equating` maps it to a share of the scale. `graded.json` beside this file
holds the trained numbers; it contains no text of what it was trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

PACKAGED = Path(__file__).with_name("graded.json")

Matrix = NDArray[np.float64]


class Tree(BaseModel):
    """A regression tree, node by node; a leaf has `left` -1. Left is taken where a value is <= threshold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    feature: list[int]
    threshold: list[float]
    left: list[int]
    right: list[int]
    value: list[float]


class Forest:
    """Trees side by side, so that all are walked in as many steps as the deepest has."""

    def __init__(self, trees: Sequence[Tree]) -> None:
        size = max((len(tree.value) for tree in trees), default=1)

        def padded(name: str) -> Matrix:
            rows = [getattr(tree, name) for tree in trees]
            return np.array([[*row, *[-1] * (size - len(row))] for row in rows], np.float64).reshape(-1, size)

        self._feature, self._left, self._right = (
            padded(name).astype(np.intp) for name in ("feature", "left", "right")
        )
        self._threshold, self._value = padded("threshold"), padded("value")

    def predict(self, rows: Matrix) -> Matrix:
        """[n, features] -> [n], the sum over the trees."""
        trees = np.arange(len(self._value))[None]
        at = np.zeros((len(rows), len(self._value)), np.intp)
        every = np.arange(len(rows))[:, None]
        while (inner := self._left[trees, at] >= 0).any():
            lower = rows[every, np.maximum(self._feature[trees, at], 0)] <= self._threshold[trees, at]
            onward = np.where(lower, self._left[trees, at], self._right[trees, at])
            at = np.where(inner, onward, at)
        found: Matrix = self._value[trees, at].sum(1)
        return found


class GradedModel(BaseModel):
    """`features`: the names of the columns, in order. `mean`, `scale`, `ridge`: one number per column."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    features: list[str]
    mean: list[float]
    scale: list[float]
    ridge: list[float]
    intercept: float
    trees: list[Tree]
    base: float
    equating: tuple[float, float]

    def standardised(self, rows: Sequence[Sequence[float]] | Matrix) -> Matrix:
        """[n, features] -> [n], the mean of what the two regressors say."""
        table = np.asarray(rows, np.float64)
        linear = (table - np.array(self.mean)) / np.array(self.scale) @ np.array(self.ridge) + self.intercept
        boosted = self.base + self._forest.predict(table)
        found: Matrix = (linear + boosted) / 2
        return found

    def shares(self, rows: Sequence[Sequence[float]] | Matrix) -> Matrix:
        """[n, features] -> [n], shares of the scale, 0–1."""
        at, slope = self.equating
        return np.clip(at + slope * self.standardised(rows), 0.0, 1.0)

    @cached_property
    def _forest(self) -> Forest:
        return Forest(self.trees)


def load(path: Path = PACKAGED) -> GradedModel:
    """Raises `OSError`, or pydantic's `ValidationError` for what is no such model."""
    return GradedModel.model_validate_json(path.read_bytes())
