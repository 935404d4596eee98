"""Colours thrown back by a simulated face: skin, room light, camera exposure, noise and delay."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from media.presentation.flash import PALETTE, Colour, judge, sequence

STEP_S, START = 0.6, 1.0
SKIN = np.array([0.7, 0.5, 0.4])
Series = NDArray[np.float64]


def filmed(
    shown: tuple[Colour, ...], share: float, lag: float, seed: int = 0, rate: float = 10, noise: float = 0.4
) -> tuple[Series, Series, Series]:
    """Times, face and background of 1 s before to 1 s after; `share`: the screen's light over the room's."""
    rng = np.random.default_rng(seed)
    times = np.arange(0, START + len(shown) * STEP_S + 1, 1 / rate)
    face, behind = np.empty((len(times), 3)), np.empty((len(times), 3))
    for i, t in enumerate(times):
        index = int(np.floor((t - START - lag) / STEP_S))
        screen = np.array(shown[index]) if 0 <= index < len(shown) else np.full(3, 0.4)
        exposure = 150 * (1 + 0.05 * np.sin(t))
        face[i] = exposure * SKIN * (1 + share * screen) + rng.normal(0, noise, 3)
        behind[i] = exposure * 0.5 * (1 + 0.1 * share * screen) + rng.normal(0, noise, 3)
    return times, face, behind


@pytest.mark.parametrize("seed", range(6))
def test_a_face_before_the_screen_passes(seed: int) -> None:
    shown = sequence(random.Random(seed))
    result = judge(*filmed(shown, 0.08, 0.2, seed), shown, START, STEP_S)
    assert (result.outcome, result.reason) == ("passed", "")
    assert result.lag_s == pytest.approx(0.2, abs=0.11)
    assert result.correlation > 0.7
    assert result.confidence >= 0.99


@pytest.mark.parametrize("seed", range(6))
def test_a_recording_that_shows_other_colours_never_passes(seed: int) -> None:
    shown, recorded = sequence(random.Random(seed)), sequence(random.Random(seed + 100))
    result = judge(*filmed(recorded, 0.25, 0.2, seed), shown, START, STEP_S)
    assert result.outcome != "passed"


def test_other_colours_are_told_when_they_are_strong() -> None:
    shown = ((1.0, 0.15, 0.15), (0.15, 0.15, 1.0)) * 5
    other = ((0.15, 1.0, 0.15), (0.15, 1.0, 0.15), (1.0, 0.15, 1.0), (1.0, 0.15, 1.0)) * 3
    result = judge(*filmed(other[:10], 0.4, 0.0), shown, START, STEP_S)
    assert (result.outcome, result.reason) == ("insufficient", "other-colours")


def test_the_right_colours_much_too_late_fail() -> None:
    shown = sequence(random.Random(5))
    result = judge(*filmed(shown, 0.1, 1.4), shown, START, STEP_S)
    assert (result.outcome, result.reason) == ("failed", "lag")


@pytest.mark.parametrize("seed", range(6))
def test_a_bright_room_is_insufficient_and_no_fail(seed: int) -> None:
    shown = sequence(random.Random(seed))
    result = judge(*filmed(shown, 0.001, 0.2, seed), shown, START, STEP_S)
    assert (result.outcome, result.reason) == ("insufficient", "no-response")


def test_too_few_samples_are_insufficient() -> None:
    shown = sequence(random.Random(1))
    result = judge(*filmed(shown, 0.1, 0.2, rate=2), shown, START, STEP_S)
    assert (result.outcome, result.reason) == ("insufficient", "too-few-samples")
    with pytest.raises(ValueError, match="n x 3"):
        judge(np.zeros(4), np.zeros((3, 3)), np.zeros((3, 3)), shown, START, STEP_S)


@given(st.integers(0, 10_000), st.integers(1, 30))
def test_orders_never_show_a_colour_twice_in_a_row(seed: int, count: int) -> None:
    shown = sequence(random.Random(seed), count)
    assert len(shown) == count
    assert set(shown) <= set(PALETTE)
    assert all(a != b for a, b in pairwise(shown))
