"""The frames of one video as one decision: what the server says of a face after so many frames.

A track that is undecided passes neither as bona fide nor as an attack; it counts as no response (the APNRR
and BPNRR of ISO/IEC 30107-3), not as an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.core.metrics import Item, Metric
from gateway.observing import LivenessTrack
from inference.messages import LivenessResult

TRACK_METRICS = (
    Metric(name="track_auc", key="track", kind="auc", about="mean score of a video's frames"),
    Metric(name="track_apcer", key="track apcer", about="attack videos that are decided bona fide"),
    Metric(name="track_bpcer", key="track bpcer", about="bona fide videos that are decided attacks"),
    Metric(name="track_apnrr", key="track apnrr", about="attack videos that stay undecided"),
    Metric(name="track_bpnrr", key="track bpnrr", about="bona fide videos that stay undecided"),
    Metric(
        name="track_mean_hter",
        key="track",
        kind="balanced_error",
        about="half total error rate of the mean score at the threshold, every video decided",
    ),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One scored frame of a video. `score`: probability of a bona fide presentation."""

    video: str
    frame: float
    score: float
    bona_fide: bool
    cluster: str


def track_items(frames: Sequence[Frame], model: str, threshold: float) -> list[Item]:
    """One item per video. Raises `ValueError` where a video is labelled both ways."""
    videos: dict[str, list[Frame]] = {}
    for frame in frames:
        videos.setdefault(frame.video, []).append(frame)
    return [
        _item(name, sorted(of_one, key=lambda frame: frame.frame), model, threshold)
        for name, of_one in videos.items()
    ]


def _item(name: str, frames: Sequence[Frame], model: str, threshold: float) -> Item:
    real = frames[0].bona_fide
    if any(frame.bona_fide != real for frame in frames):
        raise ValueError(f"video {name} holds frames of both labels")
    mean = sum(frame.score for frame in frames) / len(frames)
    decision, wrong = _decide(frames, model, threshold), "attack" if real else "bona-fide"
    kind = "bp" if real else "ap"
    passes = "bona-fide" if mean >= threshold else "attack"
    return Item.model_validate(
        {
            "name": f"video {name}",
            "cluster": frames[0].cluster,
            "ratios": {
                f"track {kind}cer": (decision == wrong, 1),
                f"track {kind}nrr": (decision == "undecided", 1),
            },
            "scored": {"track": (round(mean, 6), real)},
            "called": {"track": (passes, "bona-fide" if real else "attack")},
            "frames": len(frames),
            "decision": decision,
            "score": round(mean, 6),
        }
    )


def _decide(frames: Sequence[Frame], model: str, threshold: float) -> str:
    """bona-fide, attack or undecided, after the last of the frames, by the server's own rule."""
    track = LivenessTrack(1, threshold)
    for frame in frames:
        decision = track.add(LivenessResult(frame.score, model)).decision
    return decision
