"""Fits the graded rater's regressor. Needed for training and cross-validation only.

Grades are centred and scaled within each set before fitting: sets differ in how lenient their graders were,
and what only tells the sets apart (their language, the length of their references) must not be learnt.
Every set weighs the same, and within it a question with many answers less than in proportion to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import Ridge
from sklearn.tree import DecisionTreeRegressor

from models.graded_features import SIGNS
from models.graded_model import Forest, GradedModel, Matrix, Tree

SPREAD = 0.35  # what each set's grades are scaled to, as a standard deviation
RIDGE = 300.0
TREES = 200
RATE = 0.05
DEPTH = 3
LEAF = 30
COLUMNS = 0.3
ROWS = 0.6


@dataclass(frozen=True, slots=True)
class Material:
    """`table` [n, features]; `shares` [n], 0–1; `sets` and `groups` (questions) name what each row is of."""

    names: tuple[str, ...]
    table: Matrix
    shares: Matrix
    sets: NDArray[np.str_]
    groups: NDArray[np.intp]

    def only(self, rows: NDArray[np.intp]) -> Material:
        return Material(self.names, self.table[rows], self.shares[rows], self.sets[rows], self.groups[rows])


def fit(material: Material, version: str, seed: int = 0) -> GradedModel:
    """The same material and seed give the same numbers."""
    weights = _weights(material)
    targets, level = _targets(material, weights)
    mean, scale = material.table.mean(0), material.table.std(0) + 1e-9
    linear = Ridge(RIDGE).fit((material.table - mean) / scale, targets, sample_weight=weights)
    base = float(np.average(targets, weights=weights))
    trees = _boost(material, targets - base, weights, seed)
    model = GradedModel(
        version=version,
        features=list(material.names),
        mean=_short(mean, 6),
        scale=[max(value, 1e-6) for value in _short(scale, 6)],
        ridge=_short(linear.coef_, 6),
        intercept=round(float(linear.intercept_), 6),
        trees=trees,
        base=round(base, 6),
        equating=(0.0, 1.0),
    )
    # Linear equating: foretold grades get the spread of given ones. Least squares alone would shrink them to
    # the middle, where a perfect answer gets four of five points.
    spread = float(np.std(model.standardised(material.table)))
    slope = float(np.average([material.shares[material.sets == one].std() for one in set(material.sets)]))
    return model.model_copy(update={"equating": (round(level, 6), round(slope / spread, 6))})


def _weights(material: Material) -> Matrix:
    weights = np.zeros(len(material.shares))
    for one in sorted(set(material.sets)):
        rows = material.sets == one
        counts = np.bincount(material.groups[rows])[material.groups[rows]]
        weights[rows] = 1 / np.sqrt(counts) / (1 / np.sqrt(counts)).sum()
    normal: Matrix = weights * len(weights) / weights.sum()
    return normal


def _targets(material: Material, weights: Matrix) -> tuple[Matrix, float]:
    targets = np.zeros(len(material.shares))
    levels = []
    for one in sorted(set(material.sets)):
        rows = material.sets == one
        level = float(np.average(material.shares[rows], weights=weights[rows]))
        targets[rows] = (material.shares[rows] - level) / (material.shares[rows].std() + 1e-9) * SPREAD
        levels.append(level)
    return targets, float(np.mean(levels))


def _boost(material: Material, residuals: Matrix, weights: Matrix, seed: int) -> list[Tree]:
    """Stochastic gradient boosting of squared error (Friedman 2002) with trees that are monotone where a sign
    is known; scikit-learn's own either knows no such signs or gives out no trees."""
    rng = np.random.default_rng(seed)
    signs = [SIGNS.get(name, 0) for name in material.names]
    trees = []
    for _ in range(TREES):
        rows = rng.random(len(residuals)) < ROWS
        grown = DecisionTreeRegressor(
            max_depth=DEPTH,
            min_samples_leaf=LEAF,
            max_features=COLUMNS,
            monotonic_cst=signs,
            random_state=int(rng.integers(2**31)),
        )
        grown.fit(material.table[rows], residuals[rows], sample_weight=weights[rows])
        inner = grown.tree_
        tree = Tree(
            feature=[max(int(at), 0) for at in inner.feature],
            threshold=_short(inner.threshold, 4),
            left=[int(at) for at in inner.children_left],
            right=[int(at) for at in inner.children_right],
            value=_short(RATE * inner.value[:, 0, 0], 6),
        )
        residuals = residuals - Forest([tree]).predict(material.table)
        trees.append(tree)
    return trees


def _short(values: Sequence[float] | Matrix, places: int) -> list[float]:
    return [round(float(value), places) for value in values]
