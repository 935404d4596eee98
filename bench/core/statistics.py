"""The few statistics that benches report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def percentile(values: Sequence[float], share: float, digits: int = 1) -> float | None:
    """The share-th (0–1) percentile, or None of nothing: a figure that was not measured is not zero."""
    return round(float(np.quantile(values, share)), digits) if values else None
