"""Two results of the same items: differences with intervals, and which items changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.core.bootstrap import Interval, Rows, interval
from bench.core.metrics import Item, Metric
from bench.core.result import Result


@dataclass(frozen=True, slots=True)
class Difference:
    """`difference` is after − before over the items of both, its interval by the paired bootstrap."""

    name: str
    before: float | None
    after: float | None
    difference: float | None
    interval: Interval | None

    @property
    def significant(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.interval is not None and not self.interval[0] <= 0 <= self.interval[1]


@dataclass(frozen=True, slots=True)
class Change:
    """An item of both whose numerator of the first ratio, such as its errors, or whose output changed."""

    name: str
    before: float
    after: float
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Comparison:
    shared: int
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]  # the largest first


def compare(before: Result, after: Result) -> Comparison:
    """Items are paired by name. Figures of the run as a whole have no interval."""
    old = {item.name: item for item in before.items}
    new = {item.name: item for item in after.items}
    names = [name for name in old if name in new]
    pairs = [(old[name], new[name]) for name in names]
    known = {metric.name: metric for metric in (*before.definitions, *after.definitions)}
    return Comparison(
        shared=len(names),
        only_before=tuple(name for name in old if name not in new),
        only_after=tuple(name for name in new if name not in old),
        differences=tuple(
            (_paired(known[name], pairs) if name in known else None)
            or _plain(name, before.metrics.get(name), after.metrics.get(name))
            for name in dict.fromkeys([*before.metrics, *after.metrics])
        ),
        changes=_changes(pairs, before.definitions),
    )


def _paired(metric: Metric, pairs: Sequence[tuple[Item, Item]]) -> Difference | None:
    """None where the items of either lack it: it may still be a figure of that run."""
    olds, news = [old for old, _ in pairs], [new for _, new in pairs]

    def difference(rows: Rows | None) -> float | None:
        was, now = metric.of(olds, rows), metric.of(news, rows)
        return None if was is None or now is None else now - was

    was, now = metric.of(olds), metric.of(news)
    if was is None or now is None:
        return None
    found = interval([old.cluster for old in olds], difference)
    return Difference(metric.name, was, now, now - was, found)


def _plain(name: str, was: float | None, now: float | None) -> Difference:
    return Difference(name, was, now, None if was is None or now is None else now - was, None)


def _changes(pairs: Sequence[tuple[Item, Item]], definitions: Sequence[Metric]) -> tuple[Change, ...]:
    key = next((metric.key for metric in definitions if metric.kind == "ratio"), "")
    found = []
    for old, new in pairs:
        was, now = (item.ratios.get(key, (0.0, 0.0))[0] for item in (old, new))
        texts = [str((item.model_extra or {}).get("hypothesis", "")) for item in (old, new)]
        if was != now or texts[0] != texts[1]:
            found.append(Change(old.name, was, now, *texts))
    return tuple(sorted(found, key=lambda change: (-abs(change.after - change.before), change.name)))
