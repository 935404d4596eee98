"""Track decisions on generated presentations.

`python -m bench.presentation MANIFEST...` takes the manifests of bench.attacks. Each video goes through the
server's own sampling path (`media.faces`), the frame model and the sequential test. Prints, by species,
APCER (attacks taken for bona fide), BPCER (bona fide taken for attacks) and the share left undecided, and
the same when the sign of the likelihood ratio decides what is open; for the calibration clips and for those
held out from the calibration; then BPCER where a threshold keeps the APCER of every species within `--apcer`
and nothing stays open; with `--table` one line per video.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from media.faces import FaceWatch
from media.finding import FaceFinder
from media.items import FaceSample
from media.presentation.sequential import Decision, Targets, logit
from media.presentation.track import TrackTest
from media.settings import MediaSettings
from models.liveness import LivenessModel

FPS = 10  # of the generated frames
EVERY = 1  # all are looked at, three a second are sampled; the server takes four


@dataclass(frozen=True, slots=True)
class Track:
    """What was measured of one video's face, and what the test made of it."""

    video: str
    identity: str
    species: str  # "" for bona fide
    decision: Decision
    ratios: dict[str, float]  # log-likelihood ratios at the decision, or at the end
    scores: list[float]
    border: float
    within: float


def held_out(identity: str) -> bool:
    """Half of the identities, by their names alone; the speech that two clips share keeps them together."""
    name = "same-speech" if identity.startswith(("hdtf_WDA_Alex", "retalk_3")) else identity
    return (zlib.crc32(name.encode()) >> 7) % 2 == 1


def samples(root: Path, rows: Sequence[dict[str, str]], finder: FaceFinder) -> Iterator[FaceSample]:
    """The main face's samples of one video."""
    watch = FaceWatch(MediaSettings())
    for row in rows[::EVERY]:
        rgb = np.ascontiguousarray(np.asarray(cv2.imread(str(root / row["path"])), np.uint8)[..., ::-1])
        items = watch.look(finder, rgb, int(row["frame"]) / FPS).items
        yield from (item for item in items if isinstance(item, FaceSample))


def tracks(manifest: Path, finder: FaceFinder, model: LivenessModel, targets: Targets) -> Iterator[Track]:
    """Every video of a manifest. Those in which no face could be sampled are left out and counted by the
    caller."""
    videos: dict[str, list[dict[str, str]]] = defaultdict(list)
    with manifest.open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            videos[row["video"]].append(row)
    for video, rows in videos.items():
        # Cuts make new tracks; the longest is the presentation's.
        seen: dict[int, list[FaceSample]] = defaultdict(list)
        for sample in samples(manifest.parent, rows, finder):
            seen[sample.track].append(sample)
        if not seen:
            continue
        longest = max(seen.values(), key=len)
        test = TrackTest(targets)
        scores = [float(model.score(sample.liveness_crop[None])[0]) for sample in longest]
        ratios: dict[str, float] = {}
        for score, sample in zip(scores, longest, strict=True):
            if test.add(score, sample.media_time, sample.border, sample.motion_within) != "undecided":
                ratios = dict(test.ratios)
                break
        within = [sample.motion_within for sample in longest if sample.motion_within is not None]
        yield Track(
            video, rows[0]["identity"], rows[0]["attack_type"], test.decision, ratios or dict(test.ratios),
            scores, float(np.mean([sample.border or 0.0 for sample in longest])),
            float(np.percentile(within, 80)) if within else -1.0,
        )  # fmt: skip


def summary(found: Sequence[Track]) -> str:
    """Error rates by species, one line each."""
    lines = []
    for species in ("", "print", "phone", "tablet"):
        decisions = [track.decision for track in found if track.species == species]
        if not decisions:
            continue
        wrong = decisions.count("bona-fide" if species else "attack") / len(decisions)
        open_ = decisions.count("undecided") / len(decisions)
        name = f"APCER {species}" if species else "BPCER"
        sides = np.array([side(track) for track in found if track.species == species])
        forced = float((sides >= 0).mean() if species else (sides < 0).mean())
        lines.append(
            f"  {name:13} {wrong:.3f}  undecided {open_:.3f}  by sign alone {forced:.3f}  of {len(decisions)}"
        )
    return "\n".join(lines)


def side(track: Track) -> float:
    """Log-likelihood ratio of all cues, bona fide over attack."""
    return sum(track.ratios.values())


def point(found: Sequence[Track], apcer: float) -> float:
    """The least threshold on `side` at which no species' APCER is above `apcer` (ISO/IEC 30107-3, 13.3)."""
    worst = -math.inf
    for species in {track.species for track in found} - {""}:
        sides = sorted((side(track) for track in found if track.species == species), reverse=True)
        allowed = math.floor(apcer * len(sides))
        worst = max(worst, sides[allowed] if allowed < len(sides) else -math.inf)
    return math.nextafter(worst, math.inf)


def at(threshold: float, found: Sequence[Track]) -> str:
    """BPCER and each species' APCER where every track is decided by this threshold."""
    rates = []
    for species in ("", "print", "phone", "tablet"):
        sides = np.array([side(track) for track in found if track.species == species])
        wrong = float((sides >= threshold).mean() if species else (sides < threshold).mean())
        rates.append(f"{'APCER ' + species if species else 'BPCER'} {wrong:.3f}")
    return ", ".join(rates)


def calibration(found: Sequence[Track]) -> str:
    """What `media.presentation.track.FRAMES` is made of, from these tracks."""
    logits: dict[bool, list[NDArray[np.float64]]] = {False: [], True: []}
    for track in found:
        logits[bool(track.species)].append(np.array([logit(score) for score in track.scores]))
    means = {kind: np.array([x.mean() for x in rows]) for kind, rows in logits.items()}
    spread = float(np.sqrt(np.mean([m.var(ddof=1) for m in means.values()])))
    rest = [x - x.mean() for rows in logits.values() for x in rows if len(x) > 4]
    within = float(np.sqrt(np.mean([r.var() for r in rest])))
    rho = sum(float((r[1:] * r[:-1]).sum()) for r in rest) / max(sum(float((r**2).sum()) for r in rest), 1e-9)
    return (
        f"  bona fide {means[False].mean():.2f} attack {means[True].mean():.2f}"
        f" between {spread:.2f} within {within:.2f} rho {rho:.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.presentation", description=__doc__)
    parser.add_argument("manifests", type=Path, nargs="+")
    parser.add_argument("--bpcer", type=float, default=0.05)
    parser.add_argument("--apcer", type=float, default=0.10)
    parser.add_argument("--table", type=Path, help="JSON lines, one per video")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    finder, model = FaceFinder.load(), LivenessModel.load()
    targets = Targets(bpcer=args.bpcer, apcer=args.apcer)
    found = [t for m in args.manifests for t in tracks(m, finder, model, targets)]
    if args.table:
        args.table.write_text("\n".join(json.dumps(asdict(t)) for t in found) + "\n", encoding="utf-8")
    tuned = [t for t in found if not held_out(t.identity)]
    kept = [t for t in found if held_out(t.identity)]
    print(f"calibration clips, {len(tuned)} presentations\n{summary(tuned)}\n{calibration(tuned)}")
    print(f"held-out clips, {len(kept)} presentations\n{summary(kept)}")
    for name, known in (("the calibration clips'", tuned), ("all clips'", found)):
        limit = point(known, args.apcer)
        print(f"all decided at the ratio {limit:.2f}, where none of {name} APCERs is above {args.apcer:.0%}:")
        print(f"  calibration clips: {at(limit, tuned)}\n  held-out clips: {at(limit, kept)}")


if __name__ == "__main__":
    main()
