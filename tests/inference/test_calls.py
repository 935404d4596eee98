from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from inference.calls import Callee, InferenceFailed, InferenceUnavailable
from inference.ray_flags import set_flags

set_flags()

from ray.exceptions import ActorDiedError, ActorUnavailableError, RayTaskError  # noqa: E402
from ray.serve.exceptions import BackPressureError  # noqa: E402


class Deployed:
    """A Serve handle whose one method does what the test says."""

    def __init__(self) -> None:
        self.answer: Callable[[], Awaitable[Any]] = self.works
        self.work = self.ping = SimpleNamespace(remote=lambda *args: self.answer())

    async def works(self) -> str:
        return "model@1"

    def fails(self, error: BaseException) -> None:
        async def answer() -> Any:
            raise error

        self.answer = answer


@pytest.fixture
def gaps() -> list[str]:
    return []


@pytest.fixture
def handle() -> Deployed:
    return Deployed()


@pytest.fixture
def callee(gaps: list[str], handle: Deployed) -> Callee:
    callee = Callee("Liveness", 0.2, lambda name, state, seconds: gaps.append(f"{name} {state}"))
    callee._handle = handle
    return callee


@pytest.mark.parametrize(
    "error",
    [
        ActorDiedError(),
        ActorUnavailableError("gone", b"0" * 16),
        BackPressureError(3, 2),
        ConnectionResetError(),
        TimeoutError(),
        asyncio.CancelledError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_is_lost_or_full_may_be_tried_again(
    callee: Callee, handle: Deployed, gaps: list[str], error: BaseException
) -> None:
    await callee.call("work")
    handle.fails(error)
    with pytest.raises(InferenceUnavailable, match="Liveness"):
        await callee.call("work")
    assert callee.state == "lost"
    handle.answer = handle.works
    await callee.call("work")
    assert (callee.state, gaps) == ("ready", ["Liveness lost", "Liveness recovered"])
    await callee.close()


@pytest.mark.parametrize(
    "error", [RayTaskError("rate", "trace", ValueError("bad")), ValueError("bad")], ids=["actor", "grpc"]
)
async def test_an_error_of_the_model_is_no_gap(
    callee: Callee, handle: Deployed, gaps: list[str], error: Exception
) -> None:
    await callee.call("work")
    handle.fails(error)
    with pytest.raises(InferenceFailed, match="bad"):
        await callee.call("work")
    assert gaps == []


async def test_a_call_that_hangs_ends_at_its_deadline(callee: Callee, handle: Deployed) -> None:
    handle.answer = lambda: asyncio.sleep(60)
    with pytest.raises(InferenceUnavailable, match=r"within 0\.2 s"):
        await callee.call("work")
    await callee.close()


async def test_a_call_that_waits_for_a_new_replica_marks_a_gap_and_still_gets_its_answer(
    gaps: list[str], handle: Deployed
) -> None:
    callee = Callee("Liveness", 5, lambda name, state, seconds: gaps.append(state), stall_s=0.1)
    callee._handle = handle
    assert await callee.call("work") == "model@1"
    assert gaps == []

    async def comes_back_late() -> str:
        await asyncio.sleep(0.3)
        return "model@1"

    handle.answer = comes_back_late
    waiting = asyncio.create_task(callee.call("work"))
    await asyncio.sleep(0.2)
    assert (gaps, callee.state) == (["lost"], "lost")
    assert await waiting == "model@1"
    assert (gaps, callee.state) == (["lost", "recovered"], "ready")
    await callee.close()


async def test_a_call_that_outlived_a_dead_replica_is_no_second_gap(
    callee: Callee, handle: Deployed, gaps: list[str]
) -> None:
    await callee.call("work")
    handle.answer = lambda: asyncio.sleep(30)
    old = asyncio.create_task(callee.call("work"))
    await asyncio.sleep(0.05)
    handle.answer = handle.works
    await callee.call("work")
    with pytest.raises(InferenceUnavailable):
        await old
    assert gaps == []
    assert callee.state == "ready"


async def test_a_lost_deployment_is_probed_until_it_is_back(
    callee: Callee, handle: Deployed, gaps: list[str]
) -> None:
    await callee.call("work")
    handle.fails(ActorDiedError())
    with pytest.raises(InferenceUnavailable):
        await callee.call("work")
    handle.answer = handle.works
    await asyncio.wait_for(callee.ready.wait(), 5)
    assert gaps == ["Liveness lost", "Liveness recovered"]
    assert callee.model == "model@1"


async def test_our_own_cancellation_is_not_swallowed(callee: Callee, handle: Deployed) -> None:
    handle.answer = lambda: asyncio.sleep(60)
    callee.deadline_s = 60
    task = asyncio.create_task(callee.call("work"))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_before_the_start_nothing_is_there() -> None:
    callee = Callee("Liveness", 1, lambda *gap: None)
    with pytest.raises(InferenceUnavailable, match="not started"):
        await callee.call("work")
    await callee.close()
