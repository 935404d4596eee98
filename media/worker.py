"""A thread that keeps heavy work off the event loop."""

from __future__ import annotations

import logging
import threading
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
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Job, *, patient: bool = False) -> None:
        """From any thread. After `close` jobs are dropped."""
        with self._ready:
            if not self._closed:
                (self._patient if patient else self._prompt).append(job)
                self._ready.notify()

    def close(self) -> None:
        """Drops what waits and ends the thread after the job at hand."""
        with self._ready:
            self._closed = True
            self._prompt.clear()
            self._patient.clear()
            self._ready.notify()
        self._thread.join()

    def _run(self) -> None:
        patient_next = False
        while True:
            with self._ready:
                while not (self._prompt or self._patient or self._closed):
                    self._ready.wait()
                if self._closed:
                    return
                take_patient = self._patient and (patient_next or not self._prompt)
                job = (self._patient if take_patient else self._prompt).popleft()
                patient_next = not take_patient
            try:
                job()
            except Exception:
                logger.exception("a media job failed")
