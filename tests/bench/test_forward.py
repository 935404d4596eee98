"""The measurement of forwarding reaches its viewers, and finds it cheaper than encoding anew."""

from __future__ import annotations

import pytest

from bench.clip import encode
from bench.forward import Cost, measure

pytestmark = pytest.mark.realtime


async def test_forwarding_costs_less_than_encoding() -> None:
    clip = encode(None, seconds=2.0)
    costs: dict[str, Cost] = {}
    for way in ("forwarded", "encoded anew"):
        costs[way] = await measure(way, clip, 1, 2.0)
        assert costs[way].fps > 8
    assert costs["forwarded"].core < costs["encoded anew"].core / 2
