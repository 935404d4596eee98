"""Faces found in pictures, and faces seen where there is none (rows labelled `none`).

Any other label, or an empty one, says that somebody is in the picture. `detection_rate` looks again with room
around the picture, as is done with uploaded photos; `detection_rate_first_look` is what a video frame gets.
"""

from __future__ import annotations

import time
from pathlib import Path

from bench.core.face_manifest import Labelled, read_pictures
from bench.core.metrics import Item, Metric
from bench.core.result import Result, build
from bench.face_options import FaceOptions
from bench.face_rows import item, plain
from bench.face_stills import find_all
from media.finding import FaceFinder

COLUMNS = ("detection_rate", "misses", "false_face_rate")
NAME = "mediapipe-face@0.10.21"
FACE_FREE = frozenset({"none", "noface"})
METRICS = (
    Metric(name="detection_rate", key="found", about="pictures of people in which a face is found"),
    Metric(
        name="detection_rate_first_look",
        key="found first",
        about="the same without a second look with a border",
    ),
    Metric(name="misses", key="missed", kind="total", about="pictures of people in which no face is found"),
    Metric(name="mesh_rate", key="mesh", about="faces found whose mesh can be trusted"),
    Metric(name="false_face_rate", key="false", about="face-free pictures in which a face is seen"),
    Metric(name="false_faces", key="false faces", kind="total", about="faces seen in face-free pictures"),
)


def measure(manifest: Path, options: FaceOptions) -> Result:
    """Raises `ManifestError`, `models.store.WeightsMissing`; `ValueError` for a model or device."""
    if options.model or options.device != "cpu":
        raise ValueError("faces are found by the embedded detector on the CPU: no --model, no --device")
    rows = read_pictures(manifest, options.limit, ("path",))
    finder = FaceFinder.load()
    items, cpu_s = [], 0.0
    for row in rows:
        rgb = row.picture.rgb()
        began = time.thread_time()
        seen = find_all(finder, rgb)
        cpu_s += time.thread_time() - began
        items.append(_item(row, options, [face.padded for face in seen], bool(seen and seen[0].mesh)))
    notes = {
        "people": sum("found" in one.ratios for one in items),
        "face_free": sum("false" in one.ratios for one in items),
        "cpu_ms_per_picture": round(1000 * cpu_s / len(rows), 2),
    }
    settings = options.settings("detect", manifest)
    return build(NAME, settings, METRICS, items, options.by, notes=notes)


def _item(row: Labelled, options: FaceOptions, padded: list[bool], mesh: bool) -> Item:
    """`padded`: of every face seen, whether it took the second look. `mesh`: whether the main one has one."""
    free = plain(row.label) in FACE_FREE
    made = item(row, row.label, options, found=bool(padded))
    if free:
        made.ratios = {"false": (bool(padded), 1), "false faces": (len(padded), 1)}
    else:
        made.ratios = {
            "found": (bool(padded), 1),
            "found first": (bool(padded) and not padded[0], 1),
            "missed": (not padded, 1),
        }
        if padded:
            made.ratios["mesh"] = (mesh, 1)
    return made.model_copy(update={"faces": len(padded)})
