"""Blocking work in threads that nobody joins."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys

import pytest

from gateway.background import in_daemon

PR_SET_PDEATHSIG = 1


async def test_the_end_and_the_error_of_the_work_come_back() -> None:
    done: list[int] = []
    await in_daemon(lambda: done.append(1))
    assert done == [1]
    with pytest.raises(ZeroDivisionError):
        await in_daemon(lambda: done.append(1 // 0))


@pytest.mark.skipif(sys.platform != "linux", reason="parent death signals are Linux's")
@pytest.mark.parametrize("stays", [True, False])
async def test_processes_that_end_with_their_parent_thread(stays: bool) -> None:
    """As Ray starts its own: they live on only where the thread does."""
    libc = ctypes.CDLL(None)
    started: list[subprocess.Popen[bytes]] = []

    def end_with_parent() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    def start() -> None:
        started.append(subprocess.Popen(["sleep", "60"], preexec_fn=end_with_parent))

    await in_daemon(start, stays=stays)
    (process,) = started
    try:
        if stays:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.5)
        else:
            assert process.wait(5) == -signal.SIGKILL
    finally:
        process.kill()
        process.wait()
