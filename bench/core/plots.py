"""Results as a picture: a figure per group with its interval, and how readings are distributed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bench.core.bootstrap import Interval
from bench.core.result import Result


def plot(result: Result, path: Path, *, metric: str, samples: dict[str, str]) -> None:
    """Writes a PNG: `metric` per group, and the cumulative distribution of `samples` (key: label), if any."""
    readings = {
        label: np.sort(np.concatenate(found))
        for key, label in samples.items()
        if (found := [item.samples[key] for item in result.items if item.samples.get(key)])
    }
    figure = Figure(figsize=(11 if readings else 6, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, 2 if readings else 1, squeeze=False)[0]
    _bars(axes[0], result, metric)
    if readings:
        for label, values in readings.items():
            axes[1].step(values, np.arange(1, len(values) + 1) / len(values), where="post", label=label)
        axes[1].set(xlabel="ms", ylabel="share at most this late", ylim=(0, 1))
        axes[1].grid(alpha=0.3)
        axes[1].legend(loc="lower right")
    figure.suptitle(f"{result.model}, {len(result.items)} items", fontsize=10)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def _bars(axes: Axes, result: Result, metric: str) -> None:
    rows: list[tuple[str, float | None, Interval | None]] = [
        (f"all ({len(result.items)})", result.metrics.get(metric), result.intervals.get(metric))
    ]
    rows += [
        (f"{group.value} ({group.items})", group.metrics.get(metric), group.intervals.get(metric))
        for group in result.groups
    ]
    shown = [(label, value, pair) for label, value, pair in rows if value is not None]
    places = np.arange(len(shown))
    values = [value for _, value, _ in shown]
    axes.barh(places, values, color=["0.45"] + ["tab:blue"] * (len(shown) - 1) if shown else [])
    for place, (_, value, pair) in zip(places, shown, strict=True):
        if pair is not None:
            axes.plot(pair, (place, place), color="black", linewidth=1.2)
        axes.annotate(
            f" {value:.3f}", (max(value, pair[1] if pair else value), place), va="center", fontsize=8
        )
    axes.set_yticks(places, [label for label, _, _ in shown], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel(metric)
    axes.margins(x=0.15)
