"""Media time."""

from __future__ import annotations

import pytest

from media.clock import MediaClock, RtpTimeline


def test_the_clock_starts_at_the_first_packet_and_runs_on() -> None:
    now = [100.0]
    clock = MediaClock(monotonic=lambda: now[0])
    assert (clock.now(), clock.started) == (0.0, False)
    clock.start()
    now[0] = 103.0
    clock.start()
    assert (clock.now(), clock.started) == (3.0, True)
    assert MediaClock(50.0, lambda: now[0]).now() == 50.0


def test_timestamps_move_the_stream_and_jitter_does_not() -> None:
    timeline = RtpTimeline(48_000, 1.0)
    start = (1 << 32) - 48_000
    for i in range(200):
        late = 0.3 if i % 7 == 0 and i else 0.0
        placed = timeline.place((start + i * 960) % (1 << 32), 1, 10 + i * 0.02 + late)
        assert placed == pytest.approx(10 + i * 0.02)
        assert not timeline.restarted


def test_a_lag_that_stays_moves_the_anchor_and_one_that_catches_up_does_not() -> None:
    timeline = RtpTimeline(48_000, 1.0)
    for i in range(50):
        timeline.place(i * 960, 1, i * 0.02)
    for i in range(50, 60):  # stalled for 1.8 s, then all at once
        assert timeline.place(i * 960, 1, 2.8) == pytest.approx(i * 0.02)
    for i in range(60, 140):
        timeline.place(i * 960, 1, max(2.8, i * 0.02))
        assert not timeline.restarted
    restarts = []
    for i in range(140, 400):  # the sender slept for three seconds and goes on where it was
        timeline.place(i * 960, 1, i * 0.02 + 3)
        if timeline.restarted:
            restarts.append(i)
    assert len(restarts) == 1
    assert restarts[0] == pytest.approx(140 + 2 / 0.02, abs=3)


@pytest.mark.parametrize("jump", [48_000 * 5, 10**8, -(10**8), 48_000 * 60])
def test_jumps_of_the_senders_clock_restart_at_once(jump: int) -> None:
    timeline = RtpTimeline(48_000, 1.0)
    timeline.place(1 << 31, 1, 1.0)
    assert timeline.place(((1 << 31) + jump) % (1 << 32), 1, 1.02) == 1.02
    assert timeline.restarted
    timeline.place(5, 2, 1.04)
    assert timeline.restarted
