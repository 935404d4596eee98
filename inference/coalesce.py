"""One call at a time, carrying everything that came while the last one ran.

The cost of a call is per call and hardly per byte, so items are gathered; but no timer ever delays the first.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Coalescer(Generic[Item, Result]):
    """Gathers items of one event loop into calls of at most `limit` items, results in the items' order.

    Bounded: when more than `waiting` items wait, the oldest is answered with None and counted in `dropped`.
    What `call` raises is raised to every caller whose item it carried.
    """

    def __init__(
        self, call: Callable[[list[Item]], Awaitable[Sequence[Result]]], *, limit: int, waiting: int
    ) -> None:
        self._call = call
        self._limit = limit
        self._waiting = waiting
        self._queue: deque[tuple[Item, asyncio.Future[Result | None]]] = deque()
        self._worker: asyncio.Task[None] | None = None
        self.dropped = 0

    async def submit(self, item: Item) -> Result | None:
        """The item's result, or None when newer items pushed it out."""
        future: asyncio.Future[Result | None] = asyncio.get_running_loop().create_future()
        self._queue.append((item, future))
        if len(self._queue) > self._waiting:
            _, oldest = self._queue.popleft()
            self.dropped += 1
            if not oldest.done():
                oldest.set_result(None)
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        try:
            while self._queue:
                taken = [self._queue.popleft() for _ in range(min(self._limit, len(self._queue)))]
                await self._carry([(item, future) for item, future in taken if not future.done()])
        finally:
            self._worker = None

    async def _carry(self, taken: list[tuple[Item, asyncio.Future[Result | None]]]) -> None:
        if not taken:
            return
        try:
            results = await self._call([item for item, _ in taken])
            for (_, future), result in zip(taken, results, strict=True):
                if not future.done():
                    future.set_result(result)
        except Exception as error:
            for _, future in taken:
                if not future.done():
                    future.set_exception(error)
        finally:  # the loop is shutting down: nobody may wait for ever
            for _, future in taken:
                future.cancel()

    async def close(self) -> None:
        """Cancels the call in flight; whoever waits is cancelled too."""
        waiting, self._queue = list(self._queue), deque()
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        for _, future in waiting:
            future.cancel()
