"""Figures of the face, affect and liveness cards, on the labelled material. Run with `-s` to see them."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from models.affect import LABELS, AffectModel, valence
from models.faces.crops import affect_crop, liveness_crop
from models.faces.detector import FaceDetector
from models.faces.mesh import FaceMesh
from models.liveness import LivenessModel
from models.measures import auc, classification, presentation
from tests.models.eval_set import Rgb, folder, labelled, read_rgb
from tests.models.faces_fixtures import main_box

pytestmark = pytest.mark.eval

SURE = 0.6  # a detection this good is a face even when no mesh fits, as one seen from the side
NEGATIVE = ("anger", "disgust", "fear", "sadness")


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    return FaceDetector.load()


@pytest.fixture(scope="module")
def mesh() -> FaceMesh:
    return FaceMesh.load()


def clips() -> list[Path]:
    root = folder("video")
    with (root / "clips.csv").open(encoding="utf-8") as table:
        return [root / row["path"] for row in csv.DictReader(table)]


def sampled(clip: Path, fps: float = 4, seconds: float = 6) -> Iterator[Rgb]:
    """Frames at the server's own rate, longest side 640 pixels."""
    with av.open(str(clip)) as container:
        due = 0.0
        for frame in container.decode(video=0):
            if (frame.time or 0.0) < due:
                continue
            due += 1 / fps
            if due > seconds:
                return
            scale = min(1.0, 640 / max(frame.width, frame.height))
            size = {"width": round(frame.width * scale), "height": round(frame.height * scale)}
            yield np.asarray(frame.reformat(**size, format="rgb24").to_ndarray(), np.uint8)


def test_faces_are_found_in_talking_clips(detector: FaceDetector, mesh: FaceMesh) -> None:
    rates, cpu, frames = {}, 0.0, 0
    for clip in clips():
        found = []
        for rgb in sampled(clip):
            start = time.thread_time()
            faces = detector.detect(rgb)
            present = bool(faces) and mesh(rgb, faces[0]).present
            cpu += time.thread_time() - start
            found.append(present or any(face.score >= SURE for face in faces))
        rates[clip.name], frames = float(np.mean(found)), frames + len(found)
        print(f"{clip.name}: a face in {rates[clip.name]:.1%} of {len(found)} frames")
    print(
        f"detector and mesh: {1000 * cpu / frames:.1f} ms of CPU per frame of up to 640 px, {frames} frames"
    )
    assert rates.pop("pyfeat_no_face.mp4") == 0
    # A concert film: its cuts show an audience in the dark, mostly from the side.
    assert rates.pop("fr_short_hamilton_clip.mp4") > 0.75
    assert min(rates.values()) >= 0.97


def test_affect_on_labelled_faces(detector: FaceDetector, mesh: FaceMesh) -> None:
    crops, labels = [], []
    for path, label in labelled("affect"):
        if label in LABELS:
            rgb = read_rgb(path)
            box = main_box(detector, mesh, rgb)
            if box is not None:
                crops.append(affect_crop(rgb, box))
                labels.append(label)
    model = AffectModel.load()
    start = time.thread_time()
    rows = np.concatenate([model.probabilities(np.stack(crops[i : i + 1])) for i in range(len(crops))])
    cpu = (time.thread_time() - start) / len(crops)
    result = classification([LABELS[i] for i in rows.argmax(1)], labels)
    happy = rows[:, LABELS.index("happiness")]
    is_happy = np.array([label == "happiness" for label in labels])
    is_negative = np.array([label in NEGATIVE for label in labels])
    smile = auc(happy[is_happy], happy[is_negative])
    band = [valence(np.eye(7, dtype=np.float32)[LABELS.index(label)])[0] for label in labels]
    observed = [valence(row) for row in rows]
    bands = classification([name for name, _ in observed], [str(name) for name in band])
    surplus = float(np.mean([confidence for _, confidence in observed])) - bands.accuracy
    print(f"affect, {len(labels)} faces: accuracy {result.accuracy:.3f}, balanced {result.balanced:.3f}")
    print("recall", {label: round(value, 2) for label, value in result.recall.items()})
    print(f"happy against negative AUC {smile:.3f}")
    print(f"valence: accuracy {bands.accuracy:.3f}, balanced {bands.balanced:.3f}, {bands.recall}")
    print(f"confidence above accuracy by {surplus:.3f}; {1000 * cpu:.1f} ms of CPU per face")
    assert result.balanced > 0.5
    assert smile > 0.95
    assert bands.balanced > 0.7
    assert abs(surplus) < 0.06


def test_liveness_on_labelled_pictures_and_talking_clips(detector: FaceDetector, mesh: FaceMesh) -> None:
    model = LivenessModel.load()
    scores: dict[str, list[float]] = {"real": [], "spoof": [], "unknown": []}
    for path, label in labelled("spoof"):
        rgb = read_rgb(path)
        box = main_box(detector, mesh, rgb)
        if box is not None:
            scores[label].append(float(model.score(liveness_crop(rgb, box)[None])[0]))
    means = {}
    for clip in clips():
        boxes = [(rgb, main_box(detector, mesh, rgb)) for rgb in sampled(clip, fps=2)]
        crops = [liveness_crop(rgb, box) for rgb, box in boxes if box is not None]
        if crops:
            means[clip.name] = float(model.score(np.stack(crops)).mean())
            print(f"{clip.name}: mean score {means[clip.name]:.2f} over {len(crops)} frames")
    result = presentation(np.array(scores["real"]), np.array(scores["spoof"]), model.threshold)
    below = float(np.mean([mean < model.threshold for mean in means.values()]))
    print(
        f"liveness at {model.threshold}: APCER {result.apcer:.2f} of {len(scores['spoof'])} attack pictures"
    )
    print(f"broadcast and studio clips whose mean is below the threshold: {below:.2f} of {len(means)}")
    start = time.thread_time()
    for _ in range(10):
        model.score(np.zeros((1, 128, 128, 3), np.uint8))
    print(f"{100 * (time.thread_time() - start):.1f} ms of CPU per face")
    assert result.apcer <= 0.34
    assert result.bpcer == 0
