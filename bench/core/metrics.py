"""Figures of a measurement as data: what each is made of, so that intervals and comparisons need no code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from bench.core.bootstrap import Interval, Rows, interval


class Item(BaseModel):
    """One measured thing (a clip, a pair, an answer) and what figures are made of.

    `ratios`: (numerator, denominator) each, such as (errors, words). `samples`: single readings, such as the
    latencies of its words. `cluster`: what it is drawn together with, such as the speaker.
    """

    model_config = ConfigDict(extra="allow")

    name: str
    cluster: str
    ratios: dict[str, tuple[float, float]] = Field(default_factory=dict)
    samples: dict[str, list[float]] = Field(default_factory=dict)
    groups: dict[str, str] = Field(default_factory=dict)


class Metric(BaseModel):
    """ratio: Σ numerators / Σ denominators of `key`; total: Σ numerators; quantile: of readings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    key: str
    kind: Literal["ratio", "total", "quantile"] = "ratio"
    share: float | None = Field(default=None, ge=0, le=1, description="which quantile")
    about: str = Field(description="what the figure means, in a sentence")

    def of(self, items: Sequence[Item], rows: Rows | None = None) -> float | None:
        """The figure over some rows, with repetitions; None where nothing was measured."""
        chosen = items if rows is None else [items[row] for row in rows]
        if self.kind == "quantile":
            readings = [item.samples[self.key] for item in chosen if item.samples.get(self.key)]
            return float(np.quantile(np.concatenate(readings), self.share or 0.0)) if readings else None
        pairs = [item.ratios[self.key] for item in chosen if self.key in item.ratios]
        above, below = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
        if self.kind == "total":
            return above if pairs else None
        return above / below if below else None

    def interval(self, items: Sequence[Item]) -> Interval | None:
        """95 % over clusters."""
        return interval([item.cluster for item in items], lambda rows: self.of(items, rows))
