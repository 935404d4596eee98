"""The worker thread."""

from __future__ import annotations

import threading
import time

import pytest

from media.worker import Worker


def test_prompt_and_patient_jobs_take_turns() -> None:
    worker, order, gate, done = Worker("test"), list[str](), threading.Event(), threading.Event()
    worker.submit(lambda: (gate.wait(), None)[1])
    for i in range(3):
        worker.submit(lambda i=i: order.append(f"prompt {i}"))
        worker.submit(lambda i=i: order.append(f"patient {i}"), patient=True)
    worker.submit(done.set, patient=True)
    gate.set()
    assert done.wait(5)
    worker.close()
    assert order.index("patient 0") <= 1
    assert sorted(order) == sorted(f"{kind} {i}" for kind in ("prompt", "patient") for i in range(3))


def test_a_failed_job_does_not_end_the_thread(caplog: pytest.LogCaptureFixture) -> None:
    worker, done = Worker("test"), threading.Event()
    worker.submit(lambda: 1 / 0 and None)
    worker.submit(done.set)
    assert done.wait(5)
    worker.close()
    assert "a media job failed" in caplog.text


def test_closing_drops_what_waits() -> None:
    worker, ran = Worker("test"), list[int]()
    worker.submit(lambda: time.sleep(0.1))
    time.sleep(0.02)
    worker.submit(lambda: ran.append(1))
    worker.close()
    worker.submit(lambda: ran.append(2))
    time.sleep(0.05)
    assert ran == []
