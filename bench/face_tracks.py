"""The frames of one video as one decision: the server's sequential test (`media.presentation.track`) of them.

A track that is undecided passes neither as bona fide nor as an attack; it counts as no response (the APNRR
and BPNRR of ISO/IEC 30107-3), not as an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.core.metrics import Item, Metric
from media.presentation.track import TrackTest

FPS = 25  # of the numbers in a manifest's `frame`

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
        about="attack videos nearer to bona fide",
    ),
    Metric(name="track_side_bpcer", key="track side bpcer", about="bona fide videos nearer to an attack"),
    Metric(
        name="track_side_hter",
        key="track side",
        kind="balanced_error",
        about="half total error rate when the open ones go to the nearer side",
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
    """One scored frame of a video. `frame`: its number, 25 of them a second. `score`: probability of a bona
    fide presentation; the others as in `media.items.FaceSample`."""

    video: str
    frame: float
    score: float
    bona_fide: bool
    cluster: str
    border: float | None = None
    motion_within: float | None = None


def track_items(frames: Sequence[Frame], threshold: float) -> list[Item]:
    """One item per video. Raises `ValueError` where a video is labelled both ways."""
    videos: dict[str, list[Frame]] = {}
    for frame in frames:
        videos.setdefault(frame.video, []).append(frame)
    return [
        _item(name, sorted(of_one, key=lambda frame: frame.frame), threshold)
        for name, of_one in videos.items()
    ]


def _item(name: str, frames: Sequence[Frame], threshold: float) -> Item:
    real = frames[0].bona_fide
    if any(frame.bona_fide != real for frame in frames):
        raise ValueError(f"video {name} holds frames of both labels")
    label = "bona-fide" if real else "attack"
    mean = sum(frame.score for frame in frames) / len(frames)
    test = _tested(frames)
    side = "bona-fide" if test.log_likelihood_ratio >= 0 else "attack"
    kind = "bp" if real else "ap"
    return Item.model_validate(
        {
            "name": f"video {name}",
            "cluster": frames[0].cluster,
            "ratios": {
                f"track {kind}cer": (test.decision not in (label, "undecided"), 1),
                f"track {kind}nrr": (test.decision == "undecided", 1),
                f"track side {kind}cer": (side != label, 1),
            },
            "scored": {"track": (round(mean, 6), real), "track ratio": (test.log_likelihood_ratio, real)},
            "called": {
                "track": ("bona-fide" if mean >= threshold else "attack", label),
                "track side": (side, label),
            },
            "frames": len(frames),
            "decision": test.decision,
            "log_likelihood_ratios": {cue: round(ratio, 3) for cue, ratio in test.ratios.items()},
            "score": round(mean, 6),
        }
    )


def _tested(frames: Sequence[Frame]) -> TrackTest:
    """Up to the first decision, or to the last frame."""
    test = TrackTest()
    for frame in frames:
        if test.add(frame.score, frame.frame / FPS, frame.border, frame.motion_within) != "undecided":
            break
    return test
