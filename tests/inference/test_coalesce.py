from __future__ import annotations

import asyncio

import pytest

from inference.coalesce import Coalescer


class Callee:
    """Doubles numbers, as slowly as the test wants."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.go = asyncio.Event()

    async def __call__(self, items: list[int]) -> list[int]:
        self.calls.append(items)
        await self.go.wait()
        if 13 in items:
            raise ValueError("unlucky")
        return [2 * item for item in items]


async def submit_all(coalescer: Coalescer[int, int], items: range) -> list[asyncio.Task[int | None]]:
    tasks = [asyncio.create_task(coalescer.submit(item)) for item in items]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_the_first_goes_at_once_and_the_rest_together() -> None:
    callee = Callee()
    coalescer = Coalescer(callee, limit=8, waiting=8)
    tasks = await submit_all(coalescer, range(1))
    tasks += await submit_all(coalescer, range(1, 5))
    assert callee.calls == [[0]]
    callee.go.set()
    assert await asyncio.gather(*tasks) == [0, 2, 4, 6, 8]
    assert callee.calls == [[0], [1, 2, 3, 4]]


async def test_a_call_carries_at_most_its_limit() -> None:
    callee = Callee()
    coalescer = Coalescer(callee, limit=2, waiting=8)
    tasks = await submit_all(coalescer, range(5))
    callee.go.set()
    assert await asyncio.gather(*tasks) == [0, 2, 4, 6, 8]
    assert [len(call) for call in callee.calls] == [2, 2, 1]


async def test_the_oldest_is_dropped_and_counted() -> None:
    callee = Callee()
    coalescer = Coalescer(callee, limit=1, waiting=2)
    tasks = await submit_all(coalescer, range(1))
    tasks += await submit_all(coalescer, range(1, 5))
    callee.go.set()
    assert await asyncio.gather(*tasks) == [0, None, None, 6, 8]
    assert coalescer.dropped == 2


async def test_an_error_reaches_those_it_concerns() -> None:
    callee = Callee()
    callee.go.set()
    coalescer = Coalescer(callee, limit=1, waiting=8)
    tasks = await submit_all(coalescer, range(12, 15))
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert done[0] == 24
    assert isinstance(done[1], ValueError)
    assert done[2] == 28


async def test_closing_leaves_nobody_waiting() -> None:
    coalescer = Coalescer(Callee(), limit=1, waiting=8)
    tasks = await submit_all(coalescer, range(3))
    await coalescer.close()
    for task in tasks:
        with pytest.raises(asyncio.CancelledError):
            await task
