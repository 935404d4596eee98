"""First and last minute of a long recording, on readings that are known."""

from __future__ import annotations

import pytest

from bench.core.metrics import Item
from bench.soak import Memory, figures


def test_first_and_last_minute_are_told_apart() -> None:
    ends = [float(second) for second in range(300)]
    late = [100.0] * 60 + [500.0] * 180 + [200.0] * 60
    item = Item.model_validate(
        {
            "name": "long",
            "cluster": "s",
            "samples": {"word_end_s": ends, "partial_latency": late},
            "sound_s": 300.0,
        }
    )
    memory = Memory()
    memory.readings = [(second, 900.0 if second < 240 else 950.0) for second in ends]
    found = figures(item, memory)
    assert found["first_minute_p95_ms"] == pytest.approx(100)
    assert found["last_minute_p95_ms"] == pytest.approx(200)
    assert found["last_to_first_p95"] == pytest.approx(2)
    assert found["second_minute_memory_mb"] == pytest.approx(900)
    assert found["last_minute_memory_mb"] == pytest.approx(950, abs=1)
    assert memory.by_minute() == [900.0] * 4 + [950.0]


def test_memory_is_read_once_a_second() -> None:
    memory = Memory()
    for tick in range(125):
        memory.look(tick * 0.02)
    assert [round(at) for at, _ in memory.readings] == [0, 1, 2]
    assert all(mb > 10 for _, mb in memory.readings)
