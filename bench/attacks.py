"""Attack presentations made from clips of people.

`python -m bench.attacks --clips FOLDER --out FOLDER --seed N`. FOLDER holds clips.csv with a column `path`.
Each clip becomes one bona fide presentation and one of each species (print, phone, tablet), `--seconds` long
at `--fps`, as JPEG frames of 640 × 480, and manifest.csv: `path,label,attack_type,identity,video,frame,fps`
(label live or spoof). The same seed makes the same files.
"""

from __future__ import annotations

import argparse
import csv
import sys
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np

from bench.attack_plane import SPECIES, Picture, Rgb, Species, build
from bench.attack_scene import HEIGHT, WIDTH, camera, held, transmitted
from models.faces.crops import face_box
from models.faces.detector import FaceDetector

FIELDS = ("path", "label", "attack_type", "identity", "video", "frame", "fps")
LONGEST = 960
Face = tuple[float, float, float, float]


def read(clip: Path, fps: float, seconds: float) -> list[Rgb]:
    """Frames of a clip at `fps`, no side over 960 pixels."""
    frames: list[Rgb] = []
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            if (frame.time or 0.0) < len(frames) / fps:
                continue
            if len(frames) >= seconds * fps:
                break
            scale = min(1.0, LONGEST / max(frame.width, frame.height))
            size = {"width": round(frame.width * scale), "height": round(frame.height * scale)}
            frames.append(np.asarray(frame.reformat(**size, format="rgb24").to_ndarray(), np.uint8))
    return frames


def find_face(frames: Sequence[Rgb], detector: FaceDetector) -> Face | None:
    """The median box of the best face over some frames; None when most show none."""
    some = frames[:: max(1, len(frames) // 6)]
    found = [face_box(faces[0]) for frame in some if (faces := detector.detect(frame))]
    if len(found) * 2 <= len(some):
        return None
    x1, y1, x2, y2 = np.median(found, axis=0)
    return float(x1), float(y1), float(x2), float(y2)


def view(frame: Rgb, face: Face | None) -> Picture:
    """The 4:3 part of a frame around the face that a webcam would show, 480 × 640, 0..1."""
    height, width = frame.shape[:2]
    across = min(width, height * WIDTH / HEIGHT)
    if face is not None:  # a face should not be smaller than a fifth of the picture: nobody sits so far away
        across = min(across, max(5 * (face[2] - face[0]), 320))
    down = across * HEIGHT / WIDTH
    cx, cy = ((face[0] + face[2]) / 2, (face[1] + face[3]) / 2) if face else (width / 2, height / 2)
    left, top = np.clip(cx - across / 2, 0, width - across), np.clip(cy - down / 2, 0, height - down)
    part = frame[int(top) : int(top + down), int(left) : int(left + across)]
    way = cv2.INTER_AREA if across > WIDTH else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, (WIDTH, HEIGHT), interpolation=way) / np.float32(255), np.float32)


def present(
    species: Species | None,
    frames: Sequence[Rgb],
    face: Face,
    background: Rgb,
    fps: int,
    rng: np.random.Generator,
) -> Iterator[Rgb]:
    """One presentation as the server decodes it; `species` None is the bona fide one."""
    if species is None:
        sensor: Iterator[Picture] = (view(frame, face) for frame in frames)
    else:
        plane = build(species, frames, face, rng)
        shown = min(1.0, _share(face, plane.alpha.shape, frames[0]))
        blurred = cv2.GaussianBlur(view(background, None), (0, 0), float(rng.uniform(2, 6)))
        sensor = held(plane, shown, np.asarray(blurred, np.float32), len(frames), fps, rng)
    yield from transmitted(camera(sensor, rng), fps, int(rng.integers(500, 1500)))


def _share(face: Face, shape: tuple[int, ...], frame: Rgb) -> float:
    """Width of the face over that of a surface which shows about two face widths, or the whole frame."""
    aspect = shape[1] / shape[0]
    across = min(2.05 * (face[2] - face[0]), float(frame.shape[1]), frame.shape[0] * aspect)
    return float((face[2] - face[0]) / across)


def make(clips: Path, out: Path, seed: int, fps: int, seconds: float, species: Sequence[Species]) -> int:
    """Writes the frames and the manifest; returns the number of presentations. Raises `OSError`."""
    detector = FaceDetector.load()
    with (clips / "clips.csv").open(encoding="utf-8") as table:
        names = [row["path"] for row in csv.DictReader(table)]
    behind = {name: read(clips / name, 1, 1)[0] for name in names}
    out.mkdir(parents=True, exist_ok=True)
    made = 0
    with (out / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.DictWriter(file, FIELDS)
        rows.writeheader()
        for name in names:
            frames = read(clips / name, fps, seconds)
            face = find_face(frames, detector)
            if face is None:
                print(f"{name}: no face, background only", file=sys.stderr)
                continue
            for kind in (None, *species):
                rng = np.random.default_rng([seed, zlib.crc32(f"{name} {kind}".encode())])
                other = str(rng.choice([n for n in names if n != name]))
                video = f"{Path(name).stem}-{kind or 'live'}-{seed}"
                (out / video).mkdir(exist_ok=True)
                shown = present(kind, frames, face, behind[other], fps, rng)
                for number, frame in enumerate(islice(shown, len(frames))):
                    path = f"{video}/{number:03}.jpg"
                    cv2.imwrite(str(out / path), frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
                    label = "spoof" if kind else "live"
                    told = (path, label, kind or "", Path(name).stem, video, number, fps)
                    rows.writerow(dict(zip(FIELDS, told, strict=True)))
                made += 1
    return made


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.attacks", description=__doc__)
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fps", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--species", nargs="+", choices=SPECIES, default=list(SPECIES))
    args = parser.parse_args()
    cv2.setNumThreads(1)
    made = make(args.clips, args.out, args.seed, args.fps, args.seconds, args.species)
    print(f"{made} presentations in {args.out}")


if __name__ == "__main__":
    main()
