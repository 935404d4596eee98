"""The frames of one video as one decision: the server's sequential test (`media.presentation.track`) of them.

The test sees what the server would have sampled: four frames a second, however many there are. A track that
is undecided passes neither as bona fide nor as an attack; it counts as no response (the APNRR and BPNRR of
ISO/IEC 30107-3), not as an error. Beside it `track_side_…` decides all at the product's point, from all
frames where there are too few for the test: a handful of frames, or one, is never decided otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.core.metrics import Item, Metric
from inference.settings import LivenessSettings
from media.presentation.sequential import Targets
from media.presentation.track import LEAST, TrackTest
from media.presentation.watch import CueWatch
from media.settings import MediaSettings
from models.faces.mesh import Mesh

FPS = 25.0  # of the numbers in a manifest's `frame` where it has no column `fps`
Cues = tuple[float | None, float | None]

TRACK_METRICS = (
    Metric(name="track_auc", key="track", kind="auc", about="mean score of a video's frames"),
    Metric(name="track_apcer", key="track apcer", about="attack videos that are decided bona fide"),
    Metric(name="track_bpcer", key="track bpcer", about="bona fide videos that are decided attacks"),
    Metric(name="track_apnrr", key="track apnrr", about="attack videos that stay undecided"),
    Metric(name="track_bpnrr", key="track bpnrr", about="bona fide videos that stay undecided"),
    Metric(name="track_ratio_auc", key="track ratio", kind="auc", about="log-likelihood ratio of the test"),
    Metric(
        name="track_side_apcer",
        key="track side apcer",
        about="attack videos on the bona fide side of the product's point, every video decided",
    ),
    Metric(name="track_side_bpcer", key="track side bpcer", about="bona fide videos on its attack side"),
    Metric(
        name="track_side_hter",
        key="track side",
        kind="balanced_error",
        about="mean of the two",
    ),
    Metric(
        name="track_mean_hter",
        key="track",
        kind="balanced_error",
        about="half total error rate of the mean score at the threshold, every video decided",
    ),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One scored frame of a video, `time` in seconds. `score`: probability of a bona fide presentation; the
    others as in `media.items.FaceSample`. `sampled`: the server would have looked at it."""

    video: str
    time: float
    score: float
    bona_fide: bool
    cluster: str
    border: float | None = None
    motion_within: float | None = None
    sampled: bool = True


class TrackItem(Item):
    """One video. `samples_taken`: how many of its frames the server would have sampled and asked about."""

    samples_taken: int


class Sampling:
    """Which frames of one video the server would have sampled, and what their cues are."""

    def __init__(self) -> None:
        self._watch = CueWatch()
        self._every = 0.9 / MediaSettings().face_fps  # a tenth early is in time, as in media.faces
        self._last = float("-inf")

    def see(
        self, rgb: NDArray[np.uint8], box: tuple[float, ...], mesh: Mesh | None, time: float
    ) -> Cues | None:
        """Border and motion within of the next frame, None where it is between two samples."""
        if time < self._last + self._every:
            return None
        self._last = time
        x1, y1, x2, y2 = box
        return self._watch.look(rgb, (x1, y1, x2, y2), mesh, 1, time) if mesh else (None, None)


def track_items(frames: Sequence[Frame], threshold: float) -> list[TrackItem]:
    """One item per video. Raises `ValueError` where a video is labelled both ways."""
    videos: dict[str, list[Frame]] = {}
    for frame in frames:
        videos.setdefault(frame.video, []).append(frame)
    return [
        _item(name, sorted(of_one, key=lambda frame: frame.time), threshold)
        for name, of_one in videos.items()
    ]


def _item(name: str, frames: Sequence[Frame], threshold: float) -> TrackItem:
    real = frames[0].bona_fide
    if any(frame.bona_fide != real for frame in frames):
        raise ValueError(f"video {name} holds frames of both labels")
    label = "bona-fide" if real else "attack"
    mean = sum(frame.score for frame in frames) / len(frames)
    sampled = [frame for frame in frames if frame.sampled]
    test = _tested(sampled)
    # Too few samples for a decision: every frame that there is says a little more.
    all_of_it = test if test.decision != "undecided" or len(sampled) >= LEAST else _tested(frames)
    side = "bona-fide" if all_of_it.log_likelihood_ratio >= LivenessSettings().point else "attack"
    kind = "bp" if real else "ap"
    return TrackItem.model_validate(
        {
            "name": f"video {name}",
            "cluster": frames[0].cluster,
            "ratios": {
                f"track {kind}cer": (test.decision not in (label, "undecided"), 1),
                f"track {kind}nrr": (test.decision == "undecided", 1),
                f"track side {kind}cer": (side != label, 1),
            },
            "scored": {
                "track": (round(mean, 6), real),
                "track ratio": (round(all_of_it.log_likelihood_ratio, 6), real),
            },
            "called": {
                "track": ("bona-fide" if mean >= threshold else "attack", label),
                "track side": (side, label),
            },
            "frames": len(frames),
            "samples_taken": len(sampled),
            "decision": test.decision,
            "log_likelihood_ratios": {cue: round(ratio, 3) for cue, ratio in all_of_it.ratios.items()},
            "score": round(mean, 6),
        }
    )


def _tested(frames: Sequence[Frame]) -> TrackTest:
    """Up to the first decision, or to the last frame."""
    settings = LivenessSettings()
    test = TrackTest(Targets(bpcer=settings.bpcer, apcer=settings.apcer))
    for frame in frames:
        if test.add(frame.score, frame.time, frame.border, frame.motion_within) != "undecided":
            break
    return test
