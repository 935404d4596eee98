"""Cues of injection, each on what should and what should not raise it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from media.presentation.injection import (
    VIRTUAL_CAMERAS,
    clock_mismatch,
    difference_hash,
    missing_noise,
    regular_timing,
    repeated_frames,
    virtual_camera,
)

Grey = NDArray[np.uint8]


@pytest.mark.parametrize(
    "label",
    [
        "OBS Virtual Camera",
        "ManyCam Virtual Webcam",
        "Snap Camera",
        "Camo",
        "DroidCam Source 3",
        "v4l2loopback (platform:v4l2loopback-000)",
        "Iriun Webcam #2",
        "e2eSoft iVCam",
        "fake_device_0",
        "XSplit VCam",
        "NVIDIA Broadcast",
        "mmhmm camera",
    ],
)
def test_virtual_cameras_are_named(label: str) -> None:
    assert virtual_camera(label).outcome == "suspicious"


@pytest.mark.parametrize(
    "label",
    [
        "FaceTime HD Camera",
        "Integrated Camera (04f2:b6d9)",
        "Logitech BRIO",
        "HD Pro Webcam C920",
        "USB2.0 HD UVC WebCam",
        "Jobsite camera",
        "Camouflage cam",
        "front camera",
    ],
)
def test_ordinary_cameras_are_not(label: str) -> None:
    assert virtual_camera(label).outcome == "clear"


@given(st.sampled_from(VIRTUAL_CAMERAS), st.sampled_from(["", " (1)", " #2"]))
def test_every_listed_name_is_found_in_any_case(name: str, tail: str) -> None:
    assert virtual_camera(name.upper() + tail).outcome == "suspicious"


def test_without_a_label_nothing_is_known() -> None:
    assert virtual_camera(None).outcome == virtual_camera("").outcome == "insufficient"


def moving(times: NDArray[np.float64], seed: int = 0) -> list[Grey]:
    """A textured patch that wanders without ever coming back the same way."""
    rng = np.random.default_rng(seed)
    texture = cv2.GaussianBlur(rng.normal(0, 1, (400, 400)).astype(np.float32), (0, 0), 8)
    texture = (texture - texture.min()) / np.ptp(texture) * 255
    rates = rng.uniform(0.3, 2.2, (2, 4))
    out = []
    for t in times:
        x, y = (150 + 60 * np.mean(np.sin(rates[i] * t + i)) for i in range(2))
        moved = cv2.warpAffine(texture, np.float32([[1, 0, -x], [0, 1, -y]]), (100, 100))
        out.append(moved.clip(0, 255).astype(np.uint8))
    return out


def test_a_loop_is_found_at_sampling_moments_of_its_own() -> None:
    times = np.arange(80) / 4 + np.random.default_rng(1).uniform(-0.02, 0.02, 80)
    cue = repeated_frames([difference_hash(g) for g in moving(times % 5.1)], list(times))
    assert cue.outcome == "suspicious"
    assert float(cue.detail.split()[1]) == pytest.approx(5.1, abs=0.3)


@pytest.mark.parametrize("seed", range(4))
def test_movement_that_never_repeats_is_clear(seed: int) -> None:
    times = np.arange(80) / 4
    assert repeated_frames([difference_hash(g) for g in moving(times, seed)], list(times)).outcome == "clear"


def test_too_little_or_too_still_is_said() -> None:
    times = np.arange(60) / 4
    still = [difference_hash(moving(times[:1])[0])] * 60
    assert repeated_frames(still, list(times)).outcome == "insufficient"
    assert repeated_frames(still[:5], list(times[:5])).outcome == "insufficient"
    with pytest.raises(ValueError, match="one time"):
        repeated_frames(still, [0.0])


def test_even_timestamps_are_suspicious_and_jittered_ones_clear() -> None:
    even = [
        (4_294_960_000 + i * 3000) % (1 << 32) for i in range(200) if i % 17
    ]  # wraps, and leaves some out
    assert regular_timing(even).outcome == "suspicious"
    jitter = np.random.default_rng(0).normal(0, 90, 200).round()
    assert regular_timing([int(i * 3000 + jitter[i]) + 1000 for i in range(200)]).outcome == "clear"
    assert regular_timing(even[:50]).outcome == "insufficient"


def test_noise_of_a_sensor_is_there_or_not() -> None:
    rng = np.random.default_rng(0)
    scene = cv2.GaussianBlur(rng.uniform(80, 160, (240, 320)).astype(np.float32), (0, 0), 25)
    noisy = [
        (scene + rng.normal(0, 1.5, scene.shape)).round().clip(0, 255).astype(np.uint8) for _ in range(6)
    ]
    assert missing_noise(noisy).outcome == "clear"
    assert missing_noise([scene.round().astype(np.uint8)] * 6).outcome == "suspicious"
    assert missing_noise(noisy[:2]).outcome == "insufficient"
    drawn = rng.integers(0, 255, (240, 320)).astype(np.uint8)
    assert missing_noise([drawn] * 6).outcome == "insufficient"


def test_a_clock_that_runs_at_its_own_pace_is_suspicious() -> None:
    chance = np.random.default_rng(0)
    arrivals = [i / 15 + float(chance.exponential(0.01)) for i in range(200)]
    true = [(4_294_900_000 + i * 6000) % (1 << 32) for i in range(200)]  # wraps
    assert clock_mismatch(true, arrivals).outcome == "clear"
    slow = [round(i * 6000 * 0.9) for i in range(200)]
    cue = clock_mismatch(slow, arrivals)
    assert cue.outcome == "suspicious"
    assert cue.value == pytest.approx(0.1, abs=0.01)
    assert clock_mismatch(true[:50], arrivals[:50]).outcome == "insufficient"
    with pytest.raises(ValueError, match="one arrival"):
        clock_mismatch(true, arrivals[:3])
