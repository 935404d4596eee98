"""What a viewer with little bandwidth is sent: never a frame that cannot be decoded."""

from __future__ import annotations

import itertools

import pytest

from media.encoded import EncodedFrame
from media.forward.bandwidth import Bandwidth, Rates
from media.forward.gate import Gate
from media.forward.group import PictureGroup
from media.forward.packed import Packed

FPS = 16
PATTERN = (0, 2, 1, 2)  # the temporal layers of L1T3; every upper frame here refers to the base layer alone
KEYS = 2 * FPS  # pictures from one key frame to the next
SIZE = 4000  # octets: 512 kb/s in all


def picture(n: int, *, layered: bool, key: bool = False) -> Packed:
    layer = PATTERN[n % 4] if layered else None
    data = bytes([0 if key else 1]) + bytes(SIZE - 1)
    return Packed(EncodedFrame("video", "VP8", 90_000, data, n, 1, 0, layer, layer is not None), n / FPS)


def sent(bps: float | None, *, layered: bool, seconds: int = 20) -> tuple[Gate, list[Packed]]:
    gate, rates, out = Gate(), Rates(), []
    for n in range(seconds * FPS):
        one = picture(n, layered=layered, key=n % KEYS == 0)
        rates.add(one.frame.temporal or 0, one.size, one.media_time)
        if gate.admits(one, rates, bps if n > 2 * FPS else None, one.media_time):
            out.append(one)
    return gate, out


def test_without_a_limit_everything_passes_from_the_key_frame_on() -> None:
    assert len(sent(None, layered=True)[1]) == 20 * FPS
    gate = Gate()
    assert not gate.admits(picture(1, layered=False), Rates(), None, 0.0)
    assert gate.wants_key_frame


@pytest.mark.parametrize(("bps", "layers"), [(400_000, {0, 1}), (200_000, {0})])
def test_temporal_layers_are_dropped_from_the_top(bps: float, layers: set[int]) -> None:
    _, out = sent(bps, layered=True)
    late = [one for one in out if one.media_time > 8 and not one.key]
    assert {one.frame.temporal for one in late} == layers
    rate = 8 * sum(one.size for one in out if one.media_time > 8) / 12
    assert 0.3 * bps < rate <= bps


def test_without_layers_pictures_run_until_the_next_key_frame_that_fits() -> None:
    _, out = sent(200_000, layered=False)
    numbers = [one.frame.timestamp for one in out]
    starts = [n for before, n in itertools.pairwise(numbers) if n != before + 1]
    assert starts
    assert all(n % KEYS == 0 for n in starts)  # after a gap only a key frame
    rate = 8 * sum(one.size for one in out if one.media_time > 5) / 15
    assert 100_000 < rate <= 200_000


def test_bandwidth_follows_reports() -> None:
    bandwidth = Bandwidth()
    assert bandwidth.bps is None
    bandwidth.receivable(100_000)
    assert bandwidth.bps is None  # a first estimate alone says little
    bandwidth.receivable(300_000)
    assert bandwidth.bps == 300_000
    bandwidth.receivable(1_000_000)
    bandwidth.receivable(1_000_000)
    bandwidth.lost(0.3, 600_000)
    assert bandwidth.bps == pytest.approx(510_000)
    for _ in range(30):
        bandwidth.lost(0.0, 500_000)
    assert bandwidth.bps == 1_000_000  # the loss is over


def test_a_group_is_drawn_together_and_given_up_when_long() -> None:
    group = PictureGroup()
    group.add(picture(1, layered=False))
    assert group.pictures() == []
    for n in range(10):
        group.add(picture(n, layered=False, key=n == 0))
    times = [one.media_time for one in group.pictures()]
    assert times[-1] == 9 / FPS
    assert times == sorted(times)
    assert times[-1] - times[0] < 0.01
    assert group.fresh
    for n in range(10, 5 * FPS):
        group.add(picture(n, layered=False))
    assert not group.fresh
    assert group.pictures() == []
