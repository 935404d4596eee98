"""A thread that keeps heavy work off the event loop."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable

logger = logging.getLogger(__name__)
Job = Callable[[], None]


class Worker:
    """One daemon thread with two queues: while both hold jobs it takes turns, so neither waits for long.

    Jobs are few by construction: a stream submits itself once and takes all that has piled up when it runs.
    """

    def __init__(self, name: str) -> None:
        self._ready = threading.Condition()
        self._prompt: deque[Job] = deque()
        self._patient: deque[Job] = deque()
        self._later: list[tuple[float, int, Job]] = []  # a heap by time
        self._count = itertools.count()
        self._wakes_at = float("inf")
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Job, *, patient: bool = False, together_s: float = 0.0) -> None:
        """From any thread. After `close` jobs are dropped. `together_s`: with all others of that period, at
        the clock's next multiple of it, so that one wake-up serves them all."""
        with self._ready:
            if self._closed:
                return
            if together_s > 0:
                due = (time.monotonic() // together_s + 1) * together_s
                heapq.heappush(self._later, (due, next(self._count), job))
                if due >= self._wakes_at:
                    return  # the thread looks at the clock before
            else:
                (self._patient if patient else self._prompt).append(job)
            self._ready.notify()

    def close(self) -> None:
        """Drops what waits and ends the thread after the job at hand."""
        with self._ready:
            self._closed = True
            self._prompt.clear()
            self._patient.clear()
            self._later.clear()
            self._ready.notify()
        self._thread.join()

    def _run(self) -> None:
        patient_next = False
        while True:
            with self._ready:
                while not (self._take_due() or self._prompt or self._patient or self._closed):
                    self._wakes_at = self._later[0][0] if self._later else float("inf")
                    self._ready.wait(self._wakes_at - time.monotonic() if self._later else None)
                self._wakes_at = 0.0  # awake
                if self._closed:
                    return
                take_patient = self._patient and (patient_next or not self._prompt)
                job = (self._patient if take_patient else self._prompt).popleft()
                patient_next = not take_patient
            try:
                job()
            except Exception:
                logger.exception("a media job failed")

    def _take_due(self) -> bool:
        """Puts what is due where it is taken from. Whether there was any."""
        now, before = time.monotonic(), len(self._later)
        while self._later and self._later[0][0] <= now:
            self._prompt.append(heapq.heappop(self._later)[2])
        return len(self._later) < before
