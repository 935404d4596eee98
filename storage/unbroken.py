"""Statements that run to their end even where whoever waits for them is cancelled.

SQLAlchemy closes a connection of which a statement was broken off. SQLite keeps such a connection open, and
its write lock with it, until the statement's cursor is collected as garbage: nobody else writes until then.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")


async def to_its_end(work: Awaitable[T]) -> T:
    """Its result; where the waiting is cancelled meanwhile, CancelledError once it has ended."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # seen: the cancellation is what the caller is told
        raise


@asynccontextmanager
async def unbroken(context: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """Enters and leaves `context` as a whole: what was entered while the waiting was cancelled is left."""
    stack = AsyncExitStack()
    try:
        yield await to_its_end(stack.enter_async_context(context))
    except BaseException as error:
        await to_its_end(stack.__aexit__(type(error), error, error.__traceback__))
        raise
    await to_its_end(stack.aclose())


class UnbrokenConnection(AsyncConnection):
    """As its base; what the repositories call is never broken off."""

    async def execute(self, *given: Any, **more: Any) -> Any:
        return await to_its_end(super().execute(*given, **more))

    async def run_sync(self, *given: Any, **more: Any) -> Any:
        return await to_its_end(super().run_sync(*given, **more))


class UnbrokenEngine(AsyncEngine):
    _connection_cls = UnbrokenConnection  # SQLAlchemy's own name: tests/storage/test_event_log.py cancels
