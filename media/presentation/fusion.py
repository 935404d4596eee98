"""Several cues as one account of a presentation: each named, weighed and shown.

A cue that is missing, or had not enough to go by, lowers the certainty and leaves the score alone. The score
advises a person; it is never a gate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One cue in the account. `support` -1 (attack) to 1 (bona fide); None: nothing known."""

    name: str
    weight: float
    support: float | None


@dataclass(frozen=True, slots=True)
class Account:
    """`score` -1..1, weighted mean of what is known (0 when nothing is); `certainty`: known share of the
    weight."""

    score: float
    certainty: float
    parts: tuple[Part, ...]


def fuse(support: Mapping[str, float | None], weights: Mapping[str, float]) -> Account:
    """Every name in `weights` is in the result. Raises `ValueError` for a cue without a weight, a support
    outside -1..1, or weights that are not positive."""
    if unknown := support.keys() - weights.keys():
        raise ValueError(f"no weight for {', '.join(sorted(unknown))}")
    if not weights or any(not weight > 0 for weight in weights.values()):
        raise ValueError("weights are positive")
    if any(value is not None and not -1 <= value <= 1 for value in support.values()):
        raise ValueError("support lies between -1 and 1")
    parts = tuple(Part(name, weight, support.get(name)) for name, weight in weights.items())
    known = [(part.weight, part.support) for part in parts if part.support is not None]
    weight = sum(w for w, _ in known)
    score = sum(w * s for w, s in known) / weight if known else 0.0
    return Account(min(1.0, max(-1.0, score)), min(1.0, weight / sum(weights.values())), parts)
