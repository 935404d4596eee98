"""Which temporal layers are decoded."""

from __future__ import annotations

import pytest

from media.encoded import EncodedFrame
from media.layers import Layers

ORDER = (0, 2, 1, 2)


def frame(number: int, layer: int | None, *, sync: bool = False) -> EncodedFrame:
    return EncodedFrame("video", "VP8", 90_000, b"\x01", number * 3000, 1, 0, layer, sync)


def taken(layers: Layers, numbers: range, rate: float, fps: float = 30.0) -> list[int]:
    return [n for n in numbers if layers.take(frame(n, ORDER[n % 4], sync=n % 4 in (1, 2)), n / fps, rate)]


@pytest.mark.parametrize(("rate", "every"), [(7.0, 4), (15.0, 2), (30.0, 1)])
def test_no_more_layers_than_the_rate_needs(rate: float, every: int) -> None:
    layers = Layers()
    taken(layers, range(60), rate)
    assert taken(layers, range(60, 120), rate) == list(range(60, 120, every))


def test_a_higher_layer_is_taken_up_where_it_needs_the_base_alone() -> None:
    layers = Layers()
    taken(layers, range(60), 7.0)
    kept = taken(layers, range(60, 90), 15.0)
    assert kept[:2] in ([60, 62], [60, 61])  # from the first frame that allows it on
    assert kept[-6:] == [78, 80, 82, 84, 86, 88]


def test_a_stream_without_layers_is_decoded_whole() -> None:
    layers = Layers()
    assert all(layers.take(frame(n, None), n / 30, 4.0) for n in range(90))
