"""Slopes, growing queues and logs of `bench churn`, on readings that are known."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from bench.churn_visits import PER_S, turned, with_pauses
from bench.clip import EncodedClip
from bench.server_watch import Logged
from bench.trend import grows, slope
from media.record.mux import SILENCE


def readings(per_hour: float, minutes: float = 30.0) -> list[tuple[float, float]]:
    """Every five seconds, 400 MB with noise that goes in waves of a minute."""
    rng = np.random.default_rng(3)
    times = np.arange(0, 60 * minutes, 5.0)
    noise = 4 * np.sin(times / 10) + rng.normal(0, 1, times.size)
    return list(zip(times.tolist(), (400 + per_hour * times / 3600 + noise).tolist(), strict=True))


def test_a_slope_is_found_with_its_interval() -> None:
    found = slope(readings(60.0), 300)
    assert found is not None
    assert found.per_hour == pytest.approx(60, abs=8)
    assert found.low < 60 < found.high
    assert found.low > 30


def test_what_does_not_grow_has_zero_in_its_interval() -> None:
    found = slope(readings(0.0), 300)
    assert found is not None
    assert found.low < 0 < found.high


def test_warm_up_is_left_out_and_too_little_is_no_slope() -> None:
    grown = [(at, value + (500 * at / 300 if at < 300 else 500)) for at, value in readings(0.0)]
    found = slope(grown, 300)
    assert found is not None
    assert found.low < 0 < found.high
    assert slope(readings(0.0, 7.0), 300) is None


def test_a_queue_grows_only_where_it_is_deeper_in_the_end() -> None:
    times = [5.0 * n for n in range(90)]
    assert grows([(at, at / 10) for at in times], 6)
    assert not grows([(at, float(n % 20)) for n, at in enumerate(times)], 6)
    assert not grows([(at, 0.1 * at / 450) for at in times], 6)
    assert not grows([], 6)


def test_faults_in_a_log_are_counted_from_where_it_was_ready(tmp_path: Path) -> None:
    lines = [
        json.dumps({"event": "start failed", "level": "error", "error": "too slow"}),
        json.dumps({"event": "ready", "level": "info"}),
        json.dumps({"event": "candidate came late", "level": "warning"}),
        json.dumps({"event": "recorder failed", "level": "error", "exception": "Traceback\nKeyError: 'x'"}),
        "Traceback (most recent call last):",
    ]
    log = tmp_path / "server.log"
    log.write_text("\n".join(lines) + "\n")
    found = Logged.read(log, len(lines[0]) + 1)
    assert dict(found.faults) == {
        "recorder failed: KeyError: 'x'": 1,
        "Traceback (most recent call last):": 1,
    }
    assert dict(found.warnings) == {"candidate came late": 1}


def test_speech_has_pauses_and_nobody_speaks_in_step() -> None:
    clip = EncodedClip(tuple(bytes([n]) for n in range(250)), tuple(b"picture%d" % n for n in range(15)), "x")
    spoken = with_pauses(clip, 0.5, 60.0)
    assert spoken.seconds == pytest.approx(60)
    assert sum(packet != SILENCE for packet in spoken.audio) == 30 * PER_S
    starts = {turned(spoken, random.Random(seed)).audio[:50] for seed in range(8)}
    assert len(starts) > 1
    other = turned(spoken, random.Random(1))
    assert sorted(other.audio) == sorted(spoken.audio)
    assert other.video[0] == b"picture0"  # a key frame
