"""Facial affect against labels: which of seven expressions, and how far happiness stands from the rest.

Calibration is judged by cross-validation over people: a temperature chosen on four fifths of them, confidence
measured on the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.core import biometrics
from bench.core.metrics import Item, Metric
from bench.core.result import Result, build
from bench.face_options import FaceOptions
from bench.face_rows import FAILED, in_batches, item, labelled_rows
from bench.face_stills import find_main
from media.finding import FaceFinder
from models.affect import BANDS, LABELS, SYNONYMS, AffectModel, valence
from models.affect.bands import TEMPERATURE, bands

COLUMNS = ("balanced_accuracy", "accuracy", "valence_auc")
NEGATIVE = ("anger", "disgust", "fear", "sadness")
LEFT_OUT = ("contempt", "unknown")  # contempt is an eighth class, which no model here knows
METRICS = (
    Metric(name="accuracy", key="right", about="expressions named right, of seven"),
    Metric(
        name="balanced_accuracy",
        key="expression",
        kind="balanced_accuracy",
        about="mean recall of the classes",
    ),
    Metric(
        name="valence_auc",
        key="happiness",
        kind="auc",
        about="probability of happiness: happy faces against angry, disgusted, fearful and sad ones",
    ),
    FAILED,
)
TEMPERATURES = np.arange(0.7, 2.55, 0.1)
FOLDS, REPEATS = 5, 10
Rows = NDArray[np.float32]


def measure(manifest: Path, options: FaceOptions) -> Result:
    """Raises `ManifestError`, `models.store.WeightsMissing`, `models.image_classifier.ModelError`."""
    known = {word: label for label, words in SYNONYMS.items() for word in words}
    rows, excluded = labelled_rows(manifest, options, known, LEFT_OUT)
    finder = FaceFinder.load()
    model = AffectModel.load(options.model, device=options.device, threads=options.threads)
    # Crops alone are kept: there may be thousands of large pictures.
    found = [
        (main.affect_crop(), main.padded) if (main := find_main(finder, row.picture.rgb())) else None
        for row, _ in rows
    ]
    scores, cost_ms = in_batches(model.probabilities, [one[0] for one in found if one], options.batch)
    items, left = [], iter(scores)
    for (row, label), face in zip(rows, found, strict=True):
        made = item(row, label, options, found=face is not None)
        items.append(_scored(made, label, next(left)) if face else made)
    notes: dict[str, Any] = {
        "measured": len(scores),
        "padded": sum(padded for _, padded in filter(None, found)),
        "excluded": excluded,
        "cpu_ms_per_face": cost_ms,
    }
    if scores:
        labels = [label for (_, label), face in zip(rows, found, strict=True) if face]
        people = [row.cluster for (row, _), face in zip(rows, found, strict=True) if face]
        notes |= {"recall": _recall(items), **calibrated(np.stack(scores), labels, people)}
    return build(model.name, options.settings("affect", manifest), METRICS, items, options.by, notes=notes)


def _scored(made: Item, label: str, row: Rows) -> Item:
    said = LABELS[int(row.argmax())]
    made.ratios["right"] = (said == label, 1)
    made.called["expression"] = (said, label)
    if label == "happiness" or label in NEGATIVE:
        made.scored["happiness"] = (round(float(row[LABELS.index("happiness")]), 6), label == "happiness")
    band, confidence = valence(row)
    told = {name: round(float(value), 4) for name, value in zip(LABELS, row, strict=True)}
    return made.model_copy(
        update={"said": said, "probabilities": told, "valence": band, "confidence": round(confidence, 4)}
    )


def _recall(items: Sequence[Item]) -> dict[str, str]:
    """Right of all, for each class that occurs."""
    calls = [call for one in items if (call := one.called.get("expression"))]
    return {
        label: f"{sum(a == b == label for a, b in calls)} of {sum(b == label for _, b in calls)}"
        for label in LABELS
        if any(b == label for _, b in calls)
    }


def calibrated(rows: Rows, labels: Sequence[str], people: Sequence[str]) -> dict[str, Any]:
    """How far the confidence of valence can be trusted.

    `rows`: float32 (n, 7). `reliability`, `calibration_error`: as served. `temperature_chosen`: the median of
    cross-validation's choices; `calibration_error_held_out` and `log_loss_held_out`: with them, on people who
    had no part in the choice; `log_loss`: as served.
    """
    one_hot = np.eye(len(LABELS), dtype=np.float32)
    actual = np.array([BANDS.index(valence(one_hot[LABELS.index(label)])[0]) for label in labels])
    served = bands(rows, TEMPERATURE)
    reliability, error = biometrics.calibration(served.max(1), served.argmax(1) == actual)
    told: dict[str, Any] = {
        "reliability": [[round(sure, 4), round(right, 4), n] for sure, right, n in reliability],
        "calibration_error": round(error, 4),
        "log_loss": round(_log_loss(served, actual), 4),
        "temperature_served": TEMPERATURE,
    }
    names = sorted(set(people))
    if len(names) < FOLDS:
        return told
    who = np.array([names.index(name) for name in people])
    rng = np.random.default_rng(0)
    chosen, errors, losses = [], [], []
    for _ in range(REPEATS):
        fold = (rng.permutation(len(names)) % FOLDS)[who]
        held_out = np.zeros_like(served)
        for n in range(FOLDS):
            rest = fold != n
            best = min(TEMPERATURES, key=lambda t: _log_loss(bands(rows[rest], t), actual[rest]))
            held_out[~rest] = bands(rows[~rest], best)
            chosen.append(best)
        errors.append(biometrics.calibration(held_out.max(1), held_out.argmax(1) == actual)[1])
        losses.append(_log_loss(held_out, actual))
    return told | {
        "temperature_chosen": round(float(np.median(chosen)), 2),
        "calibration_error_held_out": round(float(np.mean(errors)), 4),
        "log_loss_held_out": round(float(np.mean(losses)), 4),
    }


def _log_loss(probabilities: NDArray[np.float64], actual: NDArray[np.intp]) -> float:
    return float(-np.log(probabilities[np.arange(len(actual)), actual]).mean())
