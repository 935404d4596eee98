"""Link figures per interval."""

from __future__ import annotations

import pytest

from media.link import Freezes, LinkMeter, LinkTotals


def sample(meter: LinkMeter, time: float, *totals: int) -> tuple[float, float, float]:
    made = meter.sample(
        time,
        LinkTotals(*totals),
        jitter_s=0.004,
        rtt_s=None,
        sound_lost_ms=20.0,
        sound_heard_ms=1980.0,
        frames_dropped=3,
    )
    assert (made.jitter_ms, made.rtt_ms, made.frames_dropped) == (4.0, None, 3)
    assert (made.sound_lost_ms, made.sound_heard_ms) == (20.0, 1980.0)
    return made.loss, made.kbps, made.fps


def test_each_sample_is_about_its_own_interval() -> None:
    meter = LinkMeter()
    assert sample(meter, 2.0, 200, 200, 250_000, 30) == (0.0, 1000.0, 15.0)
    assert sample(meter, 4.0, 290, 300, 500_000, 40) == (pytest.approx(0.1), 1000.0, 5.0)
    # Late packets make up for loss told before, and never turn it negative.
    assert sample(meter, 6.0, 310, 310, 500_000, 40) == (0.0, 0.0, 0.0)
    assert sample(meter, 6.0, 310, 310, 500_000, 40) == (0.0, 0.0, 0.0)


def test_a_picture_that_stands_still_is_a_freeze() -> None:
    freezes = Freezes()
    at = 0.0
    for _ in range(30):
        freezes.picture(at)
        at += 1 / 15
    assert freezes.count == 0
    at += 0.1  # 167 ms: not yet 150 ms more than usual
    freezes.picture(at)
    assert freezes.count == 0
    at += 0.7
    freezes.picture(at)
    assert freezes.count == 1
    assert freezes.seconds == pytest.approx(0.7)
    for _ in range(30):
        at += 1.0  # rare by intent
        freezes.picture(at)
    before = freezes.count
    freezes.picture(at + 1.0)
    assert freezes.count == before
