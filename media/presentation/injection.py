"""Signs that the picture does not come from a camera at all (ISO/IEC 30107-1 leaves these to the system).

Each is one `Cue`. None is proof: many people use a virtual camera for its background, and codecs smooth what
a sensor would show.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from media.presentation.cues import Cue, insufficient

Grey = NDArray[np.uint8]
Hash = NDArray[np.bool_]

# As browsers label them. Most have honest uses (backgrounds, a phone as camera): worth a note, not a verdict.
VIRTUAL_CAMERAS: tuple[str, ...] = (
    "obs", "obs virtual camera", "obs-camera", "manycam", "snap camera", "v4l2loopback", "dummy video device",
    "xsplit", "camo", "reincubate", "droidcam", "mmhmm", "e2esoft", "ivcam", "nvidia broadcast", "epoccam",
    "splitcam", "youcam", "chromacam", "sparkocam", "webcamoid", "akvcam", "unity video capture", "vcam",
    "iriun", "altercam", "fake_device", "virtual camera", "virtual webcam", "streamlabs", "avatarify",
    "deepfacelive", "logi capture", "ndi", "prism live", "vtube studio",
)  # fmt: skip
_VIRTUAL = re.compile(r"(?<![a-z0-9])(" + "|".join(map(re.escape, VIRTUAL_CAMERAS)) + r")(?![a-z])")

HASH_SIDE = 16
REPEAT_RATIO = 0.5
MIN_LAG_S, MIN_PAIRS, MOVING_BITS = 1.5, 12, 6.0
TIMING_CV, MIN_INTERVALS = 0.001, 100
CLOCK_S, CLOCK_RATIO = 8.0, 0.05
NOISE_LEVEL, MIN_FLAT = 0.05, 40


def virtual_camera(label: str | None) -> Cue:
    """The device's label as the page reports it; value 1 when it names a virtual camera."""
    if not label:
        return insufficient("virtual-camera", 1.0, "the page reported no name")
    found = _VIRTUAL.search(label.lower().replace("_", " ")) or _VIRTUAL.search(label.lower())
    return Cue("virtual-camera", float(bool(found)), 1.0, "suspicious" if found else "clear", label[:80])


def difference_hash(grey: Grey) -> Hash:
    """256 bits of a uint8 picture, any size: is each cell brighter than its left neighbour (dHash)?"""
    small = cv2.resize(grey, (HASH_SIDE + 1, HASH_SIDE), interpolation=cv2.INTER_AREA).astype(np.int16)
    return np.asarray(small[:, 1:] > small[:, :-1]).ravel()


def repeated_frames(hashes: Sequence[Hash], times: Sequence[float]) -> Cue:
    """A loop: at some fixed lag, each picture nearly is the one before it, though pictures between differ.

    Value: median distance (bits) at the best lag over that between neighbours; a recording sampled at other
    moments than the time before is still nearer to itself than to its own next sample. Times in seconds.
    Raises `ValueError` for different lengths.
    """
    if len(hashes) != len(times):
        raise ValueError("one time per hash")
    name = "repeated-frames"
    if len(hashes) < 2 * MIN_PAIRS or times[-1] - times[0] < 2 * MIN_LAG_S:
        return insufficient(name, REPEAT_RATIO, "too few frames")
    bits = np.stack(hashes).astype(np.float32)
    distance = bits @ (1 - bits).T + (1 - bits) @ bits.T
    at = np.asarray(times, np.float64)
    neighbours = float(np.median(np.diagonal(distance, 1)))
    if neighbours < MOVING_BITS:
        return insufficient(name, REPEAT_RATIO, "the picture hardly moves")
    step = float(np.median(np.diff(at)))
    lags, nearest, pairs = _nearest(distance, at, step / 2)
    if not (pairs >= MIN_PAIRS).any():
        return insufficient(name, REPEAT_RATIO, "too few frames")
    lags, ratios = lags[pairs >= MIN_PAIRS], nearest[pairs >= MIN_PAIRS] / neighbours
    value = float(ratios.min())
    if value >= REPEAT_RATIO:
        return Cue(name, value, REPEAT_RATIO, "clear")
    # Twice the loop's length fits as well as once.
    return Cue(name, value, REPEAT_RATIO, "suspicious", f"every {lags[ratios < REPEAT_RATIO][0]:.1f} s")


def _nearest(
    distance: NDArray[np.float32], at: NDArray[np.float64], width: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Lags from `MIN_LAG_S` on, `width` apart; for each the median over pictures of the distance to the
    nearest one that is older by about so much (1.5 widths), and how many pictures have one."""
    now, then = np.tril_indices(len(at), -1)
    bins = np.floor((at[now] - at[then] - MIN_LAG_S) / width + 1.5).astype(int)
    inside = bins >= 0
    count = int(np.ceil((at[-1] - at[0] - MIN_LAG_S) / width)) + 3
    table = np.full((len(at), count), np.inf, np.float32)
    np.minimum.at(table, (now[inside], bins[inside]), distance[now[inside], then[inside]])
    # Three bins side by side, each half a step wide.
    near = np.sort(np.minimum(np.minimum(table[:, :-2], table[:, 1:-1]), table[:, 2:]), axis=0)
    pairs = np.isfinite(near).sum(0)
    columns = np.arange(near.shape[1])
    low, high = near[(pairs - 1).clip(0) // 2, columns], near[(pairs // 2).clip(0, len(at) - 1), columns]
    lags = np.asarray(MIN_LAG_S + columns * width, np.float64)
    return lags, np.asarray((low + high) / 2, np.float64), np.asarray(pairs, np.int64)


def regular_timing(timestamps: Sequence[int], clock_rate: int = 90_000) -> Cue:
    """Steps of the frames' RTP timestamps (RFC 3550): a camera's clock jitters, a file's does not.

    Value: coefficient of variation of the steps, frames left out taken as multiples. The 32 bit wrap is
    undone. Weak: some drivers stamp evenly.
    """
    name = "regular-timing"
    steps = np.mod(np.diff(np.asarray(timestamps, np.int64)), 1 << 32)
    steps = steps[(steps > 0) & (steps < 2 * clock_rate)]
    if len(steps) < MIN_INTERVALS:
        return insufficient(name, TIMING_CV, "too few frames")
    usual = float(np.median(steps))
    single = steps / np.maximum(1, np.round(steps / usual))
    value = float(single.std() / single.mean())
    return Cue(name, value, TIMING_CV, "suspicious" if value < TIMING_CV else "clear")


def clock_mismatch(timestamps: Sequence[int], arrivals: Sequence[float], clock_rate: int = 90_000) -> Cue:
    """RTP time against the time of arrival: a camera's clock keeps time, a player's may run at its own pace.

    Value: how far the slope is from one. A camera's crystal is off by less than 0.0001; a queue that builds
    up by 0.2 s in ten seconds makes 0.02, so it needs a long and calm stretch. Times in seconds.
    Raises `ValueError` for different lengths.
    """
    if len(timestamps) != len(arrivals):
        raise ValueError("one arrival per timestamp")
    name = "clock-mismatch"
    at = np.asarray(arrivals, np.float64)
    if len(at) < MIN_INTERVALS or at[-1] - at[0] < CLOCK_S:
        return insufficient(name, CLOCK_RATIO, "too few frames")
    steps = np.mod(np.diff(np.asarray(timestamps, np.int64)) + (1 << 31), 1 << 32) - (1 << 31)
    sent = np.concatenate([[0], np.cumsum(steps)]) / clock_rate
    value = abs(float(np.polyfit(at - at[0], sent, 1)[0]) - 1)
    return Cue(name, value, CLOCK_RATIO, "suspicious" if value > CLOCK_RATIO else "clear")


def missing_noise(frames: Sequence[Grey]) -> Cue:
    """Temporal noise where nothing moves and nothing is drawn: a sensor has some, a rendered picture none.

    uint8 grey pictures of one size, a few neighbouring ones. Value: median over flat 8 × 8 blocks of the
    deviation over time, grey levels. Blocks near black or white clip, and are left out.
    """
    name = "missing-noise"
    if len(frames) < 4:
        return insufficient(name, NOISE_LEVEL, "too few frames")
    stack = np.stack(frames).astype(np.float32)
    height, width = (stack.shape[1] // 8) * 8, (stack.shape[2] // 8) * 8
    blocks = stack[:, :height, :width].reshape(len(stack), height // 8, 8, width // 8, 8)
    mean = blocks.mean((0, 2, 4))
    drawn = blocks.mean(0).std((1, 3))
    moved = blocks.mean((2, 4)).std(0)
    flat = (drawn < 4) & (moved < 1) & (mean > 30) & (mean < 225)
    if int(flat.sum()) < MIN_FLAT:
        return insufficient(name, NOISE_LEVEL, "no flat, still part")
    noise = blocks.std(0).mean((1, 3))
    value = float(np.median(noise[flat]))
    return Cue(name, value, NOISE_LEVEL, "suspicious" if value < NOISE_LEVEL else "clear")
