"""Track decisions on generated presentations.

`python -m bench.presentation MANIFEST...` takes the manifests of bench.attacks. Each video goes through the
server's own sampling path (`media.faces`), the frame model and the sequential test. Prints, by species, APCER
(attacks taken for bona fide), BPCER (bona fide taken for attacks), what is left undecided, and the time to a
decision; the same where all are decided at the product's point, and all that have as many samples as the
product asks for. Then what may be expected of other people and of other attacks: the cues fitted, and the
point set, on half the people and tried on the other half, both ways; and on two species and tried on the
third, too. `--write FILE` keeps what was measured, `--read FILE` takes it in place of manifests; `--fit`
prints the cues fitted to everything.
"""

from __future__ import annotations

import argparse
import csv
import json
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
from scipy.stats import beta

from bench.core.biometrics import auc
from bench.core.face_manifest import read_pictures
from bench.face_stills import find_main
from bench.presentation_fit import SPECIES, Judged, Sample, Track, fit, judged, point, wrong_at
from inference.settings import LivenessSettings
from media.faces import FaceWatch
from media.finding import FaceFinder
from media.items import FaceSample
from media.presentation.border import framed
from media.presentation.sequential import Targets
from media.presentation.track import CUES, LEAST
from media.settings import MediaSettings
from models.liveness import LivenessModel

FPS = 10.0  # where a manifest has no column `fps`: all are looked at, three a second are sampled, not four


def half(identity: str) -> bool:
    """Which half a person is in, by name alone; the speech that two clips share keeps them together."""
    name = "same-speech" if identity.startswith(("hdtf_WDA_Alex", "retalk_3")) else identity
    return (zlib.crc32(name.encode()) >> 7) % 2 == 1


def tracks(manifest: Path, finder: FaceFinder, model: LivenessModel) -> Iterator[Track]:
    """Every video of a manifest, but those in which no face could be sampled."""
    videos: dict[str, list[dict[str, str]]] = defaultdict(list)
    with manifest.open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            videos[row["video"]].append(row)
    for video, rows in videos.items():
        # Cuts make new tracks; the longest is the presentation's.
        seen: dict[int, list[Sample]] = defaultdict(list)
        for sample in _samples(manifest.parent, rows, finder):
            score = float(model.score(sample.liveness_crop[None])[0])
            seen[sample.track].append(Sample(sample.media_time, score, sample.border, sample.motion_within))
        if seen:
            longest: list[Sample] = max(seen.values(), key=len)
            told = rows[0]
            name = manifest.parent.name
            yield Track(video, name, told["identity"], told["attack_type"], tuple(longest))


def _samples(root: Path, rows: Sequence[dict[str, str]], finder: FaceFinder) -> Iterator[FaceSample]:
    """The main face's samples of one video, but those that the server would not ask about."""
    watch = FaceWatch(MediaSettings())
    for row in rows:
        rgb = np.ascontiguousarray(np.asarray(cv2.imread(str(root / row["path"])), np.uint8)[..., ::-1])
        for item in watch.look(finder, rgb, int(row["frame"]) / float(row.get("fps") or FPS)).items:
            if isinstance(item, FaceSample) and item.liveness_usable:
                yield item


def borders(folder: Path) -> list[float]:
    """`framed` of photographs of people whose face is 60 to 320 pixels wide where the longer side is 640.

    Grey tight crops and documents, which have borders, are not people before a camera: they are left out.
    """
    cv2.setNumThreads(1)
    finder, found = FaceFinder.load(), []
    for row in read_pictures(folder / "images.csv", needed=("path",)):
        if "lfw_gray" in row.name or "id_docs" in row.name:
            continue
        rgb = row.picture.rgb()
        scale = min(1.0, 640 / max(rgb.shape[:2]))
        rgb = np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        face = find_main(finder, rgb)
        if face is None or face.mesh is None or face.padded:
            continue
        if 60 <= face.box[2] - face.box[0] < rgb.shape[1] / 2:
            found.append(framed(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8), face.box))
    return found


def bounds(wrong: int, of: int) -> str:
    """A rate with its 95 % bounds (Clopper and Pearson 1934), as if presentations were independent."""
    low = float(beta.ppf(0.025, wrong, of - wrong + 1)) if wrong else 0.0
    high = float(beta.ppf(0.975, wrong + 1, of - wrong)) if wrong < of else 1.0
    return f"{wrong / max(of, 1):.3f} ({wrong} of {of}; {low:.3f} … {high:.3f})"


def summary(found: Sequence[Judged], limit: float) -> str:
    """By species: decisions, and what the point `limit` makes of all, and of those that are long enough."""
    lines = []
    long_enough = [one for one in found if len(one.track.samples) >= LEAST]
    for species in ("", *SPECIES):
        these = [one for one in found if one.track.species == species]
        if not these:
            continue
        decisions = [one.decision for one in these]
        wrong = decisions.count("bona-fide" if species else "attack")
        open_ = decisions.count("undecided")
        after = np.median([one.after for one in these if one.decision != "undecided"] or [np.nan])
        lines.append(
            f"  {f'APCER {species}' if species else 'BPCER':13} {bounds(wrong, len(these))},"
            f" undecided {open_ / len(these):.3f}, decided after {after:.1f} s;"
            f" all decided at {limit:.2f}: {bounds(*wrong_at(limit, found, [species]))},"
            f" of {LEAST} samples and more {bounds(*wrong_at(limit, long_enough, [species]))}"
        )
    return "\n".join(lines)


def by_cue(found: Sequence[Judged]) -> str:
    """What each cue adds: rates by the sign of some cues' ratios, and the area under the curve."""
    lines = []
    for cues in (
        ("frames",),
        ("frames", "border"),
        ("frames", "stillness"),
        ("frames", "border", "stillness"),
    ):
        sides = {
            species: [
                sum(one.ratios.get(cue, 0.0) for cue in cues) for one in found if one.track.species == species
            ]
            for species in ("", *SPECIES)
        }
        real, fake = sides[""], [side for species in SPECIES for side in sides[species]]
        if not real or not fake:
            continue
        area = auc([*real, *fake], [True] * len(real) + [False] * len(fake))
        attacks = " / ".join(f"{np.mean(np.array(sides[one]) >= 0):.3f}" for one in SPECIES if sides[one])
        lines.append(
            f"  {', '.join(cues):26} BPCER {np.mean(np.array(real) < 0):.3f}, APCER {attacks}, AUC {area:.3f}"
        )
    return "\n".join(lines)


def crossed(
    found: Sequence[Track], photographs: Sequence[float], targets: Targets, without: str = ""
) -> list[tuple[Judged, float]]:
    """Every track as the cues fitted to the other half's see it, with the point that half sets. `without`:
    a species that is left out of the fit and of the point."""
    out = []
    for tried in (False, True):
        known = [t for t in found if half(t.identity) != tried and (not without or t.species != without)]
        cues = fit(known, photographs)
        limit = point([judged(track, cues, targets) for track in known], targets.apcer)
        out += [(judged(t, cues, targets), limit) for t in found if half(t.identity) == tried]
    return out


def across(found: Sequence[tuple[Judged, float]], species: Sequence[str]) -> str:
    """Pooled over the halves: decisions, and all decided at the half's own point."""
    lines = []
    for one in species:
        these = [(test, limit) for test, limit in found if test.track.species == one]
        if not these:
            continue
        wrong = sum(test.decision == ("bona-fide" if one else "attack") for test, _ in these)
        open_ = sum(test.decision == "undecided" for test, _ in these)
        forced = sum((test.side >= limit) != (one == "") for test, limit in these)
        lines.append(
            f"  {f'APCER {one}' if one else 'BPCER':13} {bounds(wrong, len(these))},"
            f" undecided {open_ / len(these):.3f}; all decided: {bounds(forced, len(these))}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.presentation", description=__doc__)
    parser.add_argument("manifests", type=Path, nargs="*")
    parser.add_argument("--photographs", type=Path, help="folder with images.csv: people in rooms")
    parser.add_argument("--write", type=Path, help="JSON lines, one per video")
    parser.add_argument("--read", type=Path, nargs="+", default=[], help="what --write kept")
    parser.add_argument("--fit", action="store_true", help="print the cues fitted to all of it")
    args = parser.parse_args()
    settings = LivenessSettings()
    targets = Targets(bpcer=settings.bpcer, apcer=settings.apcer)
    found = [track for file in args.read for track in _kept(file)]
    if args.manifests:
        cv2.setNumThreads(1)
        finder, model = FaceFinder.load(), LivenessModel.load()
        found += [track for manifest in args.manifests for track in tracks(manifest, finder, model)]
    if args.write:
        args.write.write_text("\n".join(json.dumps(asdict(t)) for t in found) + "\n", encoding="utf-8")
    photographs = borders(args.photographs) if args.photographs else []
    people = len({track.identity for track in found})
    print(f"{len(found)} presentations of {people} people")
    print("the product's test:")
    print(summary([judged(track, CUES, targets) for track in found], settings.point))
    print("by the sign of some cues alone, attacks by species:")
    print(by_cue([judged(track, CUES, targets) for track in found]))
    print("fitted to half the people, tried on the other half, both ways:")
    print(across(crossed(found, photographs, targets), ("", *SPECIES)))
    for species in SPECIES:
        print(f"the same, fitted without any {species}:")
        print(across(crossed(found, photographs, targets, without=species), ("", species)))
    if args.fit:
        cues = fit(found, photographs)
        print(f"fitted to all:\n  {cues.frames}\n  border {cues.border}\n  stillness {cues.stillness}")
        limit = point([judged(track, cues, targets) for track in found], targets.apcer)
        print(f"  no species' APCER is above {targets.apcer:.0%} from {limit:.2f} on")


def _kept(file: Path) -> list[Track]:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [Track(**row | {"samples": tuple(Sample(**one) for one in row["samples"])}) for row in rows]


if __name__ == "__main__":
    main()
