"""The sound jitter buffer: a hole costs only itself."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.jitter import SoundJitterBuffer


@dataclass
class Packet:
    sequence_number: int
    ssrc: int = 1


def through(numbers: Iterable[int], depth: int = 4) -> list[tuple[int, int]]:
    """(number, lost before it) as delivered, in a loop whose timers never fire."""
    out: list[tuple[int, int]] = []

    async def run() -> None:
        buffer = SoundJitterBuffer[Packet](depth, 60.0, lambda p, lost: out.append((p.sequence_number, lost)))
        for number in numbers:
            buffer.add(Packet(number & 0xFFFF))
        buffer.flush()

    asyncio.run(run())
    return out


def test_packets_in_order_pass_at_once() -> None:
    out: list[int] = []

    async def run() -> None:
        buffer = SoundJitterBuffer[Packet](4, 60.0, lambda p, lost: out.append(p.sequence_number))
        for number in range(65_530, 65_540):
            buffer.add(Packet(number & 0xFFFF))
            assert out[-1] == number & 0xFFFF

    asyncio.run(run())


def test_swapped_packets_come_out_in_order() -> None:
    assert through([1, 3, 2, 5, 4, 6]) == [(n, 0) for n in range(1, 7)]


def test_a_lost_packet_is_counted_where_it_is_missing() -> None:
    assert through([1, 2, 4, 5, 6, 7, 8, 9]) == [(1, 0), (2, 0), (4, 1), *((n, 0) for n in range(5, 10))]


def test_late_and_repeated_packets_are_dropped() -> None:
    assert through([1, 2, 2, 4, 5, 6, 7, 8, 3, 9, 1]) == [
        (1, 0), (2, 0), (4, 1), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0),
    ]  # fmt: skip


def test_a_new_source_and_a_new_start_are_not_loss() -> None:
    out: list[tuple[int, int, int]] = []

    async def run() -> None:
        buffer = SoundJitterBuffer[Packet](
            4, 60.0, lambda p, lost: out.append((p.ssrc, p.sequence_number, lost))
        )
        for packet in (Packet(5), Packet(7), Packet(900, 2), Packet(901, 2), Packet(30_000, 2)):
            buffer.add(packet)

    asyncio.run(run())
    assert out == [(1, 5, 0), (1, 7, 1), (2, 900, 0), (2, 901, 0), (2, 30_000, 0)]


async def test_nobody_waits_longer_than_agreed() -> None:
    out: list[int] = []
    buffer = SoundJitterBuffer[Packet](4, 0.05, lambda p, lost: out.append(p.sequence_number))
    buffer.add(Packet(1))
    buffer.add(Packet(3))
    assert out == [1]
    await asyncio.sleep(0.1)
    assert out == [1, 3]


@pytest.mark.parametrize("loss", [0.01, 0.05, 0.2])
def test_every_packet_that_arrives_is_delivered(loss: float) -> None:
    rng = random.Random(4)
    arrived = [n for n in range(3000) if n == 0 or rng.random() > loss]
    out = through(arrived)
    assert [number for number, _ in out] == arrived
    assert sum(lost for _, lost in out) == arrived[-1] + 1 - len(arrived)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=200), st.integers(0, 65_535))
def test_disorder_within_the_depth_is_undone(delays: list[int], first: int) -> None:
    order = sorted(range(len(delays)), key=lambda n: (n + min(delays[n], 3 if n else 0), n))
    out = through([first + n for n in [0, *[n for n in order if n]]])
    assert out == [((first + n) & 0xFFFF, 0) for n in range(len(delays))]
