"""Scores as pictures: ROC and DET of every comparison in a result, and how far confidence can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bench.core import biometrics
from bench.core.result import Result

TICKS = (0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95)  # shares marked on a DET plot's axes


def plot_curves(result: Result, path: Path) -> bool:
    """Writes a PNG: the ROC, the DET on normal deviates and, where the notes of the result hold `reliability`
    (rows of mean confidence, share right, items), a reliability diagram. False: there is nothing to draw.
    """
    found = {name: _of(result, name) for name in _keys(result)}
    curves = {name: pairs for name, pairs in found.items() if len({real for _, real in pairs}) == 2}
    reliability = result.notes.get("reliability") or []
    count = 2 * bool(curves) + bool(reliability)
    if not count:
        return False
    figure = Figure(figsize=(5 * count, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, count, squeeze=False)[0]
    if curves:
        _roc(axes[0], curves)
        _det(axes[1], curves)
    if reliability:
        _reliability(axes[-1], reliability)
    figure.suptitle(f"{result.model}, {len(result.items)} items", fontsize=10)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    return True


Pairs = list[tuple[float, bool]]


def _keys(result: Result) -> list[str]:
    return list(dict.fromkeys(metric.key for metric in result.definitions if metric.kind == "auc"))


def _of(result: Result, key: str) -> Pairs:
    return [item.scored[key] for item in result.items if key in item.scored]


def _roc(axes: Axes, curves: dict[str, Pairs]) -> None:
    for name, pairs in curves.items():
        scores, labels = zip(*pairs, strict=True)
        curve = biometrics.roc(scores, labels)
        axes.plot(curve.far, curve.tar, label=f"{name}, area {biometrics.auc(scores, labels):.3f}")
    axes.plot((0, 1), (0, 1), color="0.7", linestyle=":")
    axes.set(xlabel="false acceptance rate", ylabel="true acceptance rate", title="ROC")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", fontsize=8)


def _det(axes: Axes, curves: dict[str, Pairs]) -> None:
    for name, pairs in curves.items():
        scores, genuine = zip(*pairs, strict=True)
        # Below half a row nothing was measured: the curve ends there and not at an arbitrary corner.
        far, frr = biometrics.det(scores, genuine, least=0.5 / len(pairs))
        axes.plot(far, frr, label=f"{name}, equal at {biometrics.eer(scores, genuine):.3f}")
    places = biometrics.deviate(TICKS)
    labels = [f"{100 * share:g} %" for share in TICKS]
    axes.set_xticks(places, labels, fontsize=8)
    axes.set_yticks(places, labels, fontsize=8)
    low, high = biometrics.deviate((0.0005, 0.97))
    axes.set(xlim=(low, high), ylim=(low, high), title="DET, normal deviates")
    axes.set(xlabel="false acceptance rate", ylabel="false rejection rate")
    axes.plot((low, high), (low, high), color="0.7", linestyle=":")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper right", fontsize=8)


def _reliability(axes: Axes, rows: Sequence[Sequence[float]]) -> None:
    sure, right, count = np.array(rows, float).T
    axes.plot((0, 1), (0, 1), color="0.7", linestyle=":")
    axes.scatter(sure, right, s=200 * count / count.max() + 10, alpha=0.7)
    for x, y, n in zip(sure, right, count, strict=True):
        axes.annotate(f"{n:.0f}", (x, y), ha="center", va="center", fontsize=7)
    axes.set(xlabel="mean confidence", ylabel="share right", xlim=(0, 1.05), ylim=(0, 1.05))
    axes.set_title("reliability")
    axes.grid(alpha=0.3)
