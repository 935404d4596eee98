from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.batching import Pace, choose


def test_clips_of_like_length_go_together() -> None:
    assert choose([4.5, 13.5, 5, 4, 12.5], limit=4) == [0, 2, 3]
    assert choose([13.5, 4.5, 12.5, 14.5], limit=4) == [0, 2, 3]
    assert choose([4.5, 4.5, 4.5], limit=2) == [0, 1]
    assert choose([], limit=2) == []


@given(st.lists(st.floats(4, 30), min_size=1, max_size=12), st.integers(1, 8))
def test_the_first_always_goes_and_padding_stays_bounded(work: list[float], limit: int) -> None:
    chosen = choose(work, limit)
    assert chosen[0] == 0
    assert len(chosen) <= limit
    alone = [work[i] for i in chosen]
    assert max(alone) * len(alone) <= 1.25 * sum(alone) + 1e-6


def test_an_idle_device_gives_partials_at_the_base_interval() -> None:
    pace = Pace(0.7, 8, 0.7)
    pace.partials(1, 0.2)
    assert pace.interval_s(0, 1) == 0.7


def test_the_interval_grows_with_speakers_and_with_the_cost_of_finals() -> None:
    pace = Pace(0.7, 8, 0.7)
    pace.partials(2, 1.0)
    assert pace.interval_s(0, 4) == pytest.approx(4 * 0.5 / 0.7)
    pace.finals(10, 1, 4.5)  # 30 % of the last 15 s
    assert pace.interval_s(10, 4) == pytest.approx(4 * 0.5 / 0.4)
    assert pace.interval_s(26, 4) == pytest.approx(4 * 0.5 / 0.7)


def test_cheap_finals_end_a_famine_of_partials() -> None:
    pace = Pace(0.7, 8, 0.7)
    pace.partials(1, 5)
    assert pace.interval_s(0, 1) == pytest.approx(5 / 0.7)
    pace.finals(1, 2, 0.6)
    assert pace.interval_s(20, 1) == 0.7


def test_a_slow_device_takes_smaller_steps() -> None:
    pace = Pace(0.7, 8, 0.7)
    assert pace.clips_per_step(4) == 4
    pace.partials(4, 0.75)
    assert pace.clips_per_step(4) == 3
    pace = Pace(0.7, 8, 0.7)
    pace.partials(1, 2)
    assert pace.clips_per_step(4) == 1


def test_the_interval_is_bounded() -> None:
    pace = Pace(0.7, 8, 0.7)
    pace.partials(1, 20)
    pace.finals(0, 1, 15)
    assert pace.interval_s(0, 4) == 8
