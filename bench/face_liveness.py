"""Presentation attack detection (ISO/IEC 30107-3) by frame and, where videos are told, by track.

A frame at or above the product's threshold (`inference.liveness.threshold`) passes as bona fide. Figures of
one species (`attack_type`) have its name at the end: `apcer_print`, `hter_print`, `frame_auc_print`; their
bona fide rows are all there are.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.core.face_manifest import Labelled, Rgb
from bench.core.manifest import ManifestError
from bench.core.metrics import Item, Metric
from bench.core.result import Result, build
from bench.face_options import FaceOptions
from bench.face_rows import FAILED, in_batches, item, labelled_rows, plain
from bench.face_stills import find_main
from bench.face_tracks import FPS, TRACK_METRICS, Frame, Sampling, TrackItem, track_items
from inference.settings import LivenessSettings
from media.finding import Face, FaceFinder, shares
from media.items import Unusable
from media.measuring import Measured
from media.presentation.track import LEAST
from media.settings import UsabilitySettings
from models.liveness import LivenessModel

COLUMNS = ("frame_auc", "apcer", "bpcer", "hter")
BONA_FIDE, ATTACK = "bona-fide", "attack"
KNOWN = {
    **dict.fromkeys(("live", "real", "bonafide", "genuine"), BONA_FIDE),
    **dict.fromkeys(("spoof", "attack", "fake"), ATTACK),
}
LEFT_OUT = ("unknown",)
UNNAMED = "unnamed"  # the species of attacks that have no attack_type


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is kept of one row's picture; the picture itself is not, for there may be thousands. `cues`: None
    where the server would not have sampled it. `insufficient`: why it would not have asked the model."""

    crop: Rgb
    cues: tuple[float | None, float | None] | None
    insufficient: Unusable | None


def measure(manifest: Path, options: FaceOptions) -> Result:
    """Raises `ManifestError`, `models.store.WeightsMissing`, `models.image_classifier.ModelError`."""
    rows, excluded = labelled_rows(manifest, options, KNOWN, LEFT_OUT)
    model = LivenessModel.load(options.model, device=options.device, threads=options.threads)
    threshold = LivenessSettings().threshold
    seen = _seen([row for row, _ in rows], FaceFinder.load())
    scores, cost_ms = in_batches(model.score, [one.crop for one in seen if one], options.batch)
    species = sorted({_species(row.attack_type) for row, label in rows if label == ATTACK})
    items: list[Item] = []
    frames: list[Frame] = []
    left = iter(scores)
    for (row, label), one in zip(rows, seen, strict=True):
        made = item(row, label, options, found=one is not None)
        kind = _species(row.attack_type) if label == ATTACK else None
        if one:
            score = float(next(left))
            made = _scored(made, score, kind, species, threshold)
            if row.video:
                cues, real = one.cues or (None, None), label == BONA_FIDE
                sampled = one.cues is not None
                frames.append(Frame(row.video, _time(row), score, real, row.cluster, *cues, sampled))
        items.append(made)
    tracks = _tracks(frames, threshold)
    definitions = (*_metrics(species), *(TRACK_METRICS if tracks else ()))
    notes = {
        "measured": len(scores),
        "bona_fide": sum(one.ratios.get("bpcer", (0, 0))[1] for one in items),
        "attacks": {kind: sum(f"apcer {kind}" in one.ratios for one in items) for kind in species},
        "insufficient": dict(Counter(one.insufficient for one in seen if one and one.insufficient)),
        "tracks": len(tracks),
        "tracks_too_short": sum(one.samples_taken < LEAST for one in tracks),
        "point": LivenessSettings().point,
        "threshold": threshold,
        "excluded": excluded,
        "cpu_ms_per_face": cost_ms,
    }
    settings = options.settings("liveness", manifest)
    return build(model.name, settings, definitions, [*items, *tracks], options.by, notes=notes)


def _seen(rows: Sequence[Labelled], finder: FaceFinder) -> list[_Seen | None]:
    """Of every row, in their order, the main face's crop and cues; None where no face was found."""
    seen: list[_Seen | None] = [None] * len(rows)
    videos: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        videos.setdefault(row.video or f"#{index}", []).append(index)
    for indices in videos.values():
        sampling = Sampling()
        for index in sorted(indices, key=lambda index: _time(rows[index])):
            row = rows[index]
            found = find_main(finder, row.picture.rgb())
            if found is None:
                continue
            face = Face(shares(found.box, found.rgb), found.detection, found.mesh)
            insufficient = Measured(found.rgb, face, found.mesh, UsabilitySettings()).usable.liveness
            cues = None
            if row.video and insufficient is None:
                cues = sampling.see(found.rgb, found.box, found.mesh, _time(row))
            seen[index] = _Seen(found.liveness_crop(), cues, insufficient)
    return seen


def _time(row: Labelled) -> float:
    """Seconds, by the column `fps` where there is one."""
    told = row.columns.get("fps", "").strip()
    try:
        fps = float(told) if told else FPS
    except ValueError as error:
        raise ManifestError(f"{row.picture.row}: fps must be a number, not {told!r}") from error
    if not 0 < fps < math.inf:
        raise ManifestError(f"{row.picture.row}: fps must be positive, not {told}")
    return row.frame / fps


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


def _tracks(frames: Sequence[Frame], threshold: float) -> list[TrackItem]:
    try:
        return track_items(frames, threshold)
    except ValueError as error:
        raise ManifestError(str(error)) from error
