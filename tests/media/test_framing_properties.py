"""Whatever a picture does, nothing that is told flickers."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.blinks import Blinks
from media.facetrack import Track
from media.framing import FaceCount, FaceLight, Framing
from media.items import FacesChanged, FaultChanged, HintChanged
from media.settings import FramingSettings

SETTINGS = FramingSettings()
share = st.floats(0, 1)
lights = st.builds(
    FaceLight,
    brightness=share,
    backlight=share,
    focus=st.floats(0, 2000),
    turned_away=st.none() | st.booleans(),
    covered=st.none() | st.floats(0, 0.5),
)
boxes = st.tuples(st.floats(-0.5, 1), st.floats(-0.5, 1), st.floats(0.02, 1), st.floats(0.02, 1))
steps = st.lists(st.tuples(st.floats(0.03, 0.5), st.none() | st.tuples(boxes, lights)), max_size=80)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_hints_and_faults_stand_as_long_as_they_must_and_always_change(
    looks: list[tuple[float, tuple[tuple[float, float, float, float], FaceLight] | None]],
) -> None:
    framing, time = Framing(SETTINGS, 0.15), 0.0
    told: list[HintChanged | FaultChanged] = []
    for step, face in looks:
        time += step
        track = None if face is None else Track(1, face[0], 0, time)
        told += framing.update(time, track, None if face is None else face[1])
    hints = [item for item in told if isinstance(item, HintChanged)]
    assert all(a.hint != b.hint for a, b in pairwise(hints))
    assert not hints or hints[0].hint is not None
    for fault in {item.fault for item in told if isinstance(item, FaultChanged)}:
        changes = [item for item in told if isinstance(item, FaultChanged) and item.fault == fault]
        assert [item.present for item in changes] == [n % 2 == 0 for n in range(len(changes))]
        assert all(b.media_time - a.media_time >= SETTINGS.stand_s for a, b in pairwise(changes))
    assert all(b.media_time - a.media_time >= SETTINGS.stand_s for a, b in pairwise(hints))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.03, 0.5), st.integers(0, 3)), max_size=80))
def test_the_number_of_faces_stands_as_long_as_it_must(looks: list[tuple[float, int]]) -> None:
    count, time = FaceCount(SETTINGS), 0.0
    told: list[FacesChanged] = []
    for step, faces in looks:
        time += step
        told += count.update(time, [0.9] * faces)
    assert all(a.faces != b.faces for a, b in pairwise(told))
    assert all(b.media_time - a.media_time >= SETTINGS.count_hold_s for a, b in pairwise(told))


@pytest.mark.parametrize(
    ("box", "light", "hint"),
    [
        ((0.45, 0.4, 0.06, 0.1), FaceLight(0.5, 0, 900), "closer"),
        ((0.8, 0.3, 0.3, 0.4), FaceLight(0.5, 0, 900), "whole"),
        ((0.4, 0.3, 0.2, 0.35), FaceLight(0.1, 0, 900), "brighter"),
        ((0.4, 0.3, 0.2, 0.35), FaceLight(0.25, 0.6, 900), "backlight"),
        ((0.4, 0.3, 0.2, 0.35), FaceLight(0.5, 0, 60), "focus"),
    ],
)
def test_a_clear_cut_fault_is_told_by_the_second_picture_that_shows_it(
    box: tuple[float, float, float, float], light: FaceLight, hint: str
) -> None:
    framing = Framing(SETTINGS, 0.15)
    good = Track(1, (0.4, 0.3, 0.2, 0.35), 0, 0)
    for step in range(8):
        assert not framing.update(step / 8, good, FaceLight(0.5, 0, 900))
    bad = Track(1, box, 0, 1)
    assert not framing.update(1.0, bad, light)
    assert framing.pending
    assert [x.hint for x in framing.update(1.067, bad, light) if isinstance(x, HintChanged)] == [hint]


def test_blinks_are_told_and_eyes_shut_for_long_are_not() -> None:
    blinks, told = Blinks(), []
    for n in range(120):
        shut = n in (40, 41) or 70 <= n < 90
        told += blinks.update(n / 15, 1, 0.05 if shut else 0.8)
    assert [round(item.start * 15) for item in told] == [40]
