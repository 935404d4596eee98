"""Sound and picture: there, empty, or missing."""

from __future__ import annotations

import math

from media.settings import MediaSettings
from media.states import PictureState, SoundState

SETTINGS = MediaSettings()


def test_a_microphone_that_was_never_heard_is_told_soon() -> None:
    state = SoundState(SETTINGS)
    told = [item for step in range(200) for item in state.heard(step * 0.1, -96.0)]
    assert [(item.state, round(item.media_time)) for item in told] == [("silent", 5)]
    assert [item.state for item in state.heard(20.1, -40.0)] == ["ok"]


def test_somebody_who_thinks_is_not_a_dead_microphone() -> None:
    state = SoundState(SETTINGS)
    assert [item.state for item in state.heard(0, -30)] == ["ok"]
    told = [item for step in range(400) for item in state.heard(step * 0.1, -96.0)]
    assert [(item.state, round(item.media_time)) for item in told] == [("silent", 20)]


def test_missing_sound_and_its_return() -> None:
    state = SoundState(SETTINGS)
    assert [item.state for item in state.without_packets(0, math.inf)] == ["missing"]
    assert state.without_packets(1, math.inf) == []
    assert [item.state for item in state.heard(2, -30)] == ["ok"]
    assert state.without_packets(4, 2.9) == []
    assert [item.state for item in state.without_packets(5, 3.1)] == ["missing"]


def test_a_black_picture_needs_to_stay_black() -> None:
    state = PictureState(SETTINGS)
    assert [item.state for item in state.seen(0, 0.4)] == ["ok"]
    assert state.seen(1, 0.06) == []
    assert state.seen(1.5, 0.4) == []
    told = [item for step in range(20) for item in state.seen(2 + step / 4, 0.063)]
    assert [(item.state, item.media_time) for item in told] == [("black", 3.0)]
    assert [item.state for item in state.without_frames(9, 4)] == ["missing"]
    assert [item.state for item in state.seen(10, 0.4)] == ["ok"]
