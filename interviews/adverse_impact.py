"""Adverse impact: selection rates by group, compared with the highest of them (29 CFR 1607.4(D)).

A ratio below four fifths is generally taken as evidence of adverse impact. Smaller differences may be it too
where they are significant, and larger ones may not be where numbers are small: so ratio, test and interval
stand side by side. Tests are not adjusted for being several: to miss a difference would be worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, exp, log, sqrt
from typing import Literal

from pydantic import Field

from interviews.correlation import Z95
from interviews.parts import Interval, Part

FOUR_FIFTHS = 0.8
MIN_GROUP = 5
MIN_EXPECTED = 5.0  # persons in each cell, for the normal approximation (Cochran 1954)
SIGNIFICANT = 0.05
# adverse: below four fifths and significant. below, significant: one without the other.
Finding = Literal["reference", "insufficient", "none", "below", "significant", "adverse"]
NoTable = Literal["few-groups", "none-selected"]


class GroupRate(Part):
    """One group beside the reference. Figures are None where `finding` is insufficient (under five people).

    `ratio_interval`: 95 % by the logarithm (Katz et al. 1978), with half a person more on both sides where
    none was selected (Walter 1975); None where all were selected in both groups. `fisher_p`: exact,
    two-sided. `z_p`: the test of two proportions, two-sided, where five are expected in every cell.
    """

    group: str
    n: int = Field(ge=0)
    selected: int | None
    rate: float | None = Field(default=None, ge=0, le=1)
    ratio: float | None = Field(default=None, ge=0)
    ratio_interval: Interval | None = None
    fisher_p: float | None = None
    z: float | None = None
    z_p: float | None = None
    finding: Finding


class ImpactTable(Part):
    """One way to group people. `unknown`: whose group the table did not tell; they are left out."""

    column: str
    reference: str | None
    groups: tuple[GroupRate, ...]
    unknown: int
    refused: NoTable | None = None


def adverse_impact(column: str, groups: Sequence[str], selected: Sequence[bool]) -> ImpactTable:
    """`groups`: each person's, empty where unknown. Groups come in the order of their names."""
    counts: dict[str, tuple[int, int]] = {}
    for group, chosen in zip(groups, selected, strict=True):
        if group:
            n, taken = counts.get(group, (0, 0))
            counts[group] = n + 1, taken + chosen
    enough = {group: count for group, count in counts.items() if count[0] >= MIN_GROUP}
    # Of two groups with the same rate the larger is the steadier one to compare with.
    best = max(enough, key=lambda g: (enough[g][1] / enough[g][0], enough[g][0], g), default=None)
    refused: NoTable | None = None
    if len(enough) < 2 or best is None:
        refused = "few-groups"
    elif enough[best][1] == 0:
        refused = "none-selected"
    reference = None if refused else best
    return ImpactTable(
        column=column,
        reference=reference,
        groups=tuple(
            _rate(group, *counts[group], enough.get(reference) if reference else None, group == reference)
            for group in sorted(counts)
        ),
        unknown=sum(not group for group in groups),
        refused=refused,
    )


def _rate(group: str, n: int, taken: int, best: tuple[int, int] | None, is_best: bool) -> GroupRate:
    if n < MIN_GROUP:
        return GroupRate(group=group, n=n, selected=None, finding="insufficient")
    rate = taken / n
    if best is None:
        return GroupRate(group=group, n=n, selected=taken, rate=rate, finding="none")
    if is_best:
        return GroupRate(group=group, n=n, selected=taken, rate=rate, ratio=1.0, finding="reference")
    ratio, p = rate / (best[1] / best[0]), fisher_exact(taken, n, best[1], best[0])
    z = two_proportions(taken, n, best[1], best[0])
    findings: dict[tuple[bool, bool], Finding] = {
        (True, True): "adverse",
        (True, False): "below",
        (False, True): "significant",
        (False, False): "none",
    }
    return GroupRate(
        group=group,
        n=n,
        selected=taken,
        rate=rate,
        ratio=ratio,
        ratio_interval=katz(taken, n, best[1], best[0]),
        fisher_p=p,
        z=z,
        z_p=None if z is None else erfc(abs(z) / sqrt(2)),
        finding=findings[ratio < FOUR_FIFTHS - 1e-12, p < SIGNIFICANT],
    )


def katz(a: int, n: int, b: int, m: int) -> Interval | None:
    """The 95 % interval of (a/n) / (b/m); None where neither proportion varies."""
    if a == n and b == m:
        return None
    extra = 0.5 if 0 in (a, b) else 0.0
    x, n_, y, m_ = a + extra, n + extra, b + extra, m + extra
    error = sqrt(1 / x - 1 / n_ + 1 / y - 1 / m_)
    middle = log(x / n_) - log(y / m_)
    return Interval(low=exp(middle - Z95 * error), high=exp(middle + Z95 * error))


def fisher_exact(a: int, n: int, b: int, m: int) -> float:
    """Two-sided: the tables with the same margins that are no likelier than this one."""
    from scipy import stats  # a second and 60 MB, for those alone who ask

    return float(stats.fisher_exact([[a, n - a], [b, m - b]]).pvalue)


def two_proportions(a: int, n: int, b: int, m: int) -> float | None:
    """Pooled z; None where fewer than five are expected in a cell."""
    pooled = (a + b) / (n + m)
    if min(n, m) * min(pooled, 1 - pooled) < MIN_EXPECTED:
        return None
    return (a / n - b / m) / sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
