"""Are two pictures of one person (ISO/IEC 19795-1): pairs through alignment, embedding and comparison.

A picture without a face is a failure to enrol: its pairs have no score and are counted, and every other
figure is over the rest. The threshold is the product's own, fixed before; the pairs have no part in it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.core import biometrics
from bench.core.bootstrap import Interval
from bench.core.face_manifest import Pair, Picture, read_pairs
from bench.core.metrics import Item, Metric
from bench.core.result import Result, build
from bench.face_options import FaceOptions
from bench.face_rows import in_batches
from inference.settings import InferenceSettings
from models.identity.alignment import FaceAligner
from models.identity.embedding import FaceEmbedder

COLUMNS = ("accuracy", "eer", "tar_at_far_1pct")
DRAWS = 500
METRICS = (
    Metric(name="auc", key="same", kind="auc", about="area under the ROC: same person against two people"),
    Metric(name="eer", key="same", kind="eer", about="equal error rate"),
    Metric(name="accuracy", key="right", about="pairs decided right at the product's threshold"),
    Metric(
        name="tar_at_far_1pct", key="same", kind="tar_at_far", share=0.01, about="genuine accepted at FAR 1 %"
    ),
    Metric(
        name="tar_at_far_01pct",
        key="same",
        kind="tar_at_far",
        share=0.001,
        about="genuine accepted at FAR .1 %; with fewer than 1000 impostor pairs, where none is accepted",
    ),
    Metric(name="fmr", key="fmr", about="impostor pairs accepted at the product's threshold"),
    Metric(name="fnmr", key="fnmr", about="genuine pairs rejected at the product's threshold"),
    Metric(
        name="failed_to_enrol",
        key="failed",
        kind="total",
        about="pairs with a picture in which no face was found; the other figures are over the rest",
    ),
)
Float32 = NDArray[np.float32]


def measure(manifest: Path, options: FaceOptions) -> Result:
    """Raises `ManifestError`, `models.store.WeightsMissing`, `models.image_classifier.ModelError`."""
    pairs = read_pairs(manifest, options.limit)
    threshold = InferenceSettings().identity.threshold
    model = FaceEmbedder.load(options.model, device=options.device, threads=options.threads)
    faces, cost = embedded(
        [picture for pair in pairs for picture in (pair.first, pair.second)], model, options.batch
    )
    measured = items(pairs, faces, threshold, options.by)
    result = build(
        model.name,
        options.settings("verify", manifest) | {"threshold": threshold},
        METRICS,
        measured,
        options.by,
        notes={
            "pairs": len(pairs),
            "measured": sum("same" in one.scored for one in measured),
            "pictures": len(faces),
            "pictures_without_a_face": sum(face is None for face in faces.values()),
            "threshold": threshold,
            **cost,
        },
    )
    result.intervals |= intervals(pairs, measured)
    return result


def embedded(
    pictures: Iterable[Picture], model: FaceEmbedder, batch: int
) -> tuple[dict[Path, Float32 | None], dict[str, Any]]:
    """The largest face of each picture as a unit vector, None where none was found; and what it cost."""
    aligner = FaceAligner.load()
    once = {picture.path: picture for picture in pictures}
    began, crops = time.process_time(), {}
    for path, picture in once.items():
        face = aligner.largest(picture.rgb())
        if face is not None:
            crops[path] = face.crop
    aligning = 1000 * (time.process_time() - began) / max(1, len(once))
    rows, cost_ms = in_batches(model.embed, list(crops.values()), batch)
    vectors: dict[Path, Float32 | None] = dict.fromkeys(once)
    vectors.update(zip(crops, rows, strict=True))
    return vectors, {"cpu_ms_per_picture_read_and_aligned": round(aligning, 1), "cpu_ms_per_face": cost_ms}


def items(
    pairs: Sequence[Pair],
    faces: dict[Path, Float32 | None],
    threshold: float,
    by: Sequence[str] = (),
) -> list[Item]:
    """One item per pair: `score` (cosine) or None, `same`, `file_a`, `file_b`."""
    found = []
    for pair in pairs:
        first, second = faces[pair.first.path], faces[pair.second.path]
        score = None if first is None or second is None else round(float(first @ second), 6)
        made = Item(
            name=pair.name,
            cluster=person(pair.first.path),
            ratios={"failed": (score is None, 1)},
            groups={column: pair.columns[column] for column in by if pair.columns.get(column)},
        )
        if score is not None:
            right = (score >= threshold) == pair.same
            made.scored["same"] = (score, pair.same)
            made.ratios["right"] = (right, 1)
            made.ratios["fnmr" if pair.same else "fmr"] = (not right, 1)
        told = {"score": score, "same": pair.same}
        paths = {"file_a": str(pair.first.path), "file_b": str(pair.second.path)}
        found.append(made.model_copy(update=told | paths))
    return found


def person(path: Path) -> str:
    """Who is shown, as far as names of files tell: `Name_0001.jpg` or `Name/0001.jpg`; else the file itself.

    Where a name does not tell, each picture counts as a person of its own, and intervals come out too narrow.
    """
    name = path.stem.rstrip("0123456789_-")
    if not re.search(r"[^\W\d_]", name) or name == path.parent.name:
        return str(path.parent)
    return f"{path.parent}/{name}" if re.search(r"_\d{3,}$", path.stem) else str(path)


def intervals(
    pairs: Sequence[Pair], measured: Sequence[Item], count: int = DRAWS
) -> dict[str, Interval | None]:
    """95 % by bootstrap over people: of a pair both are drawn (`biometrics.pair_draws`)."""
    people = [(person(pair.first.path), person(pair.second.path)) for pair in pairs]
    draws = biometrics.pair_draws([a for a, _ in people], [b for _, b in people], count)
    found: dict[str, Interval | None] = {}
    for metric in METRICS:
        values = [value for rows in draws if (value := metric.of(measured, rows)) is not None]
        if metric.kind != "total" and len(values) >= count / 2:
            low, high = np.quantile(values, (0.025, 0.975))
            found[metric.name] = (round(float(low), 4), round(float(high), 4))
        else:
            found[metric.name] = None
    return found
