"""Presentation attack detection (ISO/IEC 30107-3) by frame and, where videos are told, by track.

A frame at or above the model's threshold passes as bona fide. Figures of one species (`attack_type`) have its
name at the end: `apcer_print`, `hter_print`, `frame_auc_print`; their bona fide rows are all there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.core.face_manifest import Labelled
from bench.core.manifest import ManifestError
from bench.core.metrics import Item, Metric
from bench.core.result import Result, build
from bench.face_options import FaceOptions
from bench.face_rows import FAILED, in_batches, item, labelled_rows, plain
from bench.face_stills import Found, find_main
from bench.face_tracks import FPS, TRACK_METRICS, Frame, track_items
from media.finding import FaceFinder
from media.presentation.watch import CueWatch
from models.liveness import LivenessModel

COLUMNS = ("frame_auc", "apcer", "bpcer", "hter")
BONA_FIDE, ATTACK = "bona-fide", "attack"
KNOWN = {
    **dict.fromkeys(("live", "real", "bonafide", "genuine"), BONA_FIDE),
    **dict.fromkeys(("spoof", "attack", "fake"), ATTACK),
}
LEFT_OUT = ("unknown",)
UNNAMED = "unnamed"  # the species of attacks that have no attack_type


def measure(manifest: Path, options: FaceOptions) -> Result:
    """Raises `ManifestError`, `models.store.WeightsMissing`, `models.image_classifier.ModelError`."""
    rows, excluded = labelled_rows(manifest, options, KNOWN, LEFT_OUT)
    finder = FaceFinder.load()
    found = [find_main(finder, row.picture.rgb()) for row, _ in rows]
    model = LivenessModel.load(options.model, device=options.device, threads=options.threads)
    crops = [face.liveness_crop() for face in found if face]
    scores, cost_ms = in_batches(model.score, crops, options.batch)
    species = sorted({_species(row.attack_type) for row, label in rows if label == ATTACK})
    items: list[Item] = []
    frames: list[Frame] = []
    left = iter(scores)
    beside = _beside(rows, found)
    for (row, label), face in zip(rows, found, strict=True):
        made = item(row, label, options, found=face is not None)
        kind = _species(row.attack_type) if label == ATTACK else None
        if face:
            score = float(next(left))
            made = _scored(made, score, kind, species, model.threshold)
            if row.video:
                cues = beside[row.video, row.frame]
                frames.append(Frame(row.video, row.frame, score, label == BONA_FIDE, row.cluster, *cues))
        items.append(made)
    tracks = _tracks(frames, model.threshold)
    definitions = (*_metrics(species), *(TRACK_METRICS if tracks else ()))
    notes = {
        "measured": len(scores),
        "bona_fide": sum(one.ratios.get("bpcer", (0, 0))[1] for one in items),
        "attacks": {kind: sum(f"apcer {kind}" in one.ratios for one in items) for kind in species},
        "tracks": len(tracks),
        "threshold": model.threshold,
        "excluded": excluded,
        "cpu_ms_per_face": cost_ms,
    }
    settings = options.settings("liveness", manifest)
    return build(model.name, settings, definitions, [*items, *tracks], options.by, notes=notes)


def _beside(
    rows: Sequence[tuple[Labelled, str]], found: Sequence[Found | None]
) -> dict[tuple[str, float], tuple[float | None, float | None]]:
    """Border and motion within the face of each video's frames, by (video, frame)."""
    videos: dict[str, list[tuple[float, Found]]] = {}
    for (row, _), face in zip(rows, found, strict=True):
        if row.video and face is not None:
            videos.setdefault(row.video, []).append((row.frame, face))
    seen = {}
    for video, frames in videos.items():
        watch = CueWatch()
        for frame, face in sorted(frames, key=lambda one: one[0]):
            cues = watch.look(face.rgb, face.box, face.mesh, 1, frame / FPS) if face.mesh else (None, None)
            seen[video, frame] = cues
    return seen


def _species(attack_type: str) -> str:
    return plain(attack_type) or UNNAMED


def _metrics(species: Sequence[str]) -> list[Metric]:
    about = "bona fide against attacks"
    found = [Metric(name="frame_auc", key="live", kind="auc", about=f"{about}, single frames")]
    found += [
        Metric(name="apcer", key="apcer", about="attacks that pass as bona fide, all species alike"),
        Metric(name="bpcer", key="bpcer", about="bona fide frames taken for attacks"),
        Metric(name="hter", key="live", kind="balanced_error", about="mean of apcer and bpcer"),
    ]
    for kind in species:
        key = f"live {kind}"
        found += [
            Metric(name=f"frame_auc_{kind}", key=key, kind="auc", about=f"{about} of {kind}"),
            Metric(name=f"apcer_{kind}", key=f"apcer {kind}", about=f"attacks of {kind} that pass"),
            Metric(
                name=f"hter_{kind}", key=key, kind="balanced_error", about=f"mean of apcer_{kind} and bpcer"
            ),
        ]
    return [*found, FAILED]


def _scored(made: Item, score: float, kind: str | None, species: Sequence[str], threshold: float) -> Item:
    """`kind`: the species of an attack, None of a bona fide frame, which every species is held against."""
    passes, real = score >= threshold, kind is None
    for key in ["live", *(f"live {name}" for name in species if kind in (None, name))]:
        made.scored[key] = (round(score, 6), real)
        made.called[key] = (BONA_FIDE if passes else ATTACK, BONA_FIDE if real else ATTACK)
    if kind is None:
        made.ratios["bpcer"] = (not passes, 1)
    else:
        made.ratios |= {"apcer": (passes, 1), f"apcer {kind}": (passes, 1)}
    return made.model_copy(update={"score": round(score, 6), "attack_type": kind or ""})


def _tracks(frames: Sequence[Frame], threshold: float) -> list[Item]:
    try:
        return track_items(frames, threshold)
    except ValueError as error:
        raise ManifestError(str(error)) from error
