"""The code of one interview: what is saved, run and submitted, and what becomes of it after the answer.

Everything is judged by the state that the log gives, so it is the same after a restart: what was written and
not submitted when a question ended is submitted, and what was submitted and not checked is checked.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

import structlog

from gateway.code_runner.messages import Outcome, Program
from gateway.code_runner.runner import Busy, CodeRunner
from gateway.code_settings import CodeSettings
from gateway.judging import check_going_on
from gateway.problems import Problem
from interviews.coding import MAX_SOURCE, CodeLanguage, CodingTask, TestCase
from interviews.coding_events import CodeChecked, CodeRan, CodeSaved, CodeSubmitted
from interviews.events import Event, Payload, QuestionStarted
from interviews.live_events import AnswerFinished
from interviews.state import SessionState
from storage.errors import StorageError

TRIES = 2  # to check a submission
log = structlog.get_logger("viva.coding")


class Coding:
    """`now`: media time. `record`: onto the log, at a media time. Lives on one event loop."""

    def __init__(
        self,
        session: str,
        runner: CodeRunner,
        settings: CodeSettings,
        *,
        state: Callable[[], SessionState],
        over: Callable[[], bool],
        now: Callable[[], float],
        record: Callable[[float, Payload], Awaitable[Event]],
    ) -> None:
        self._session, self._runner, self._settings = session, runner, settings
        self._state, self._over, self._now, self._record = state, over, now, record
        self._saves_from = self._runs_from = -math.inf  # time.monotonic(): when the next may come
        self._run: tuple[str, asyncio.Task[Event]] | None = None
        self._one = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        if not state().over:
            runner.warm(state().code.languages)

    # --- what the candidate does ---------------------------------------------------------------------

    async def save(self, id_: str, question: str, language: CodeLanguage, source: str) -> Event:
        """Raises Problem: session.*, command.*, answer.phase, code.*; StorageError. So do the others."""
        if before := self._repeated(id_, "code.saved"):
            return before
        self._task(question, language, source)
        self._not_before(self._saves_from)
        return await self._save(question, language, source, id_)

    async def run(self, id_: str, question: str, language: CodeLanguage, source: str) -> Event:
        """With the visible cases. One at a time; asked for again while it runs it is the same run."""
        if before := self._repeated(id_, "code.ran"):
            return before
        if self._run is not None and not self._run[1].done():
            if self._run[0] != id_:
                raise Problem("code.running")
            return await asyncio.shield(self._run[1])
        task = self._task(question, language, source)
        if self._state().code.of(question).runs >= self._settings.max_runs:
            raise Problem("code.spent")
        self._not_before(self._runs_from)
        self._runs_from = time.monotonic() + self._settings.run_every_s
        made = asyncio.create_task(self._carry_out(id_, question, task, language, source))
        made.add_done_callback(_retrieved)
        self._run = (id_, made)
        return await asyncio.shield(made)

    async def submit(self, id_: str, question: str, language: CodeLanguage, source: str) -> Event:
        """It counts, unless another follows. What it does with every case is found out after the answer."""
        if before := self._repeated(id_, "code.submitted"):
            return before
        self._task(question, language, source)
        if not source.strip():
            raise Problem("code.empty")
        self._not_before(self._runs_from)
        self._runs_from = time.monotonic() + self._settings.run_every_s
        made = CodeSubmitted(question=question, language=language, source=source, command=_known(id_))
        return await self._record(self._now(), made)

    def _repeated(self, id_: str, type_: str) -> Event | None:
        event = self._state().commands.made.get(_known(id_))
        if event is not None and event.data.type != type_:
            raise Problem("command.id-taken")
        return event

    def _task(self, question: str, language: CodeLanguage, source: str) -> CodingTask:
        """The task of the question that is being answered now."""
        state = self._state()
        if self._over():
            raise Problem("session.ended")
        if state.state == "created":
            raise Problem("session.not-started")
        check_going_on(state)
        current = state.clock.question
        if current is None:
            raise Problem("session.no-question")
        if current.id != question:
            raise Problem("command.stale")
        if current.task is None:
            raise Problem("code.no-task")
        if state.clock.phase != "answering":
            raise Problem("answer.phase")
        if language not in current.task.languages:
            raise Problem("code.language")
        if len(source.encode()) > MAX_SOURCE:
            raise Problem("code.too-large")
        return current.task

    @staticmethod
    def _not_before(at: float) -> None:
        left = at - time.monotonic()
        if left > 0:
            raise Problem("code.too-often", headers={"Retry-After": str(math.ceil(left))})

    async def _save(self, question: str, language: CodeLanguage, source: str, id_: str = "") -> Event:
        settings = self._settings
        pause = max(settings.save_every_s, len(source.encode()) / settings.save_bytes_s)
        self._saves_from = time.monotonic() + pause
        name = _known(id_) if id_ else ""
        saved = CodeSaved(question=question, language=language, source=source, command=name)
        return await self._record(self._now(), saved)

    async def _carry_out(
        self, id_: str, question: str, task: CodingTask, language: CodeLanguage, source: str
    ) -> Event:
        written = self._state().code.of(question).written
        if written is None or (written.language, written.source) != (language, source):
            await self._save(question, language, source)
        cases = tuple((n, case) for n, case in enumerate(task.cases) if case.visible)
        try:
            done = await self._runner.run(_program(task, language, source, cases))
        except Busy:
            raise Problem("code.busy", headers={"Retry-After": "10"}) from None
        if self._over():
            raise Problem("session.ended")
        ran = CodeRan(
            question=question,
            language=language,
            outcome=done.outcome,
            compiler=done.compiler,
            results=done.results,
            command=_known(id_),
        )
        return await self._record(self._now(), ran)

    # --- after the answer ----------------------------------------------------------------------------

    def seen(self, event: Event) -> None:
        """Called with every event once the state holds it: the end of an answer is the end of its code."""
        if isinstance(event.data, AnswerFinished | QuestionStarted) and self._state().code.work:
            task = asyncio.create_task(self._settle_soon(), name=f"code-{self._session}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _settle_soon(self) -> None:
        try:
            await self.settle()
        except (StorageError, Problem) as error:  # what is left is done at the end
            log.error("code not submitted", session=self._session, error=str(error))

    async def settle(self) -> None:
        """Submit what was written for questions that are over, and check it. Raises StorageError."""
        async with self._one:
            for question in self._state().code.unsubmitted:
                written = self._state().code.of(question).written
                if written is not None and not self._open(question):
                    made = CodeSubmitted(
                        question=question, language=written.language, source=written.source, automatic=True
                    )
                    await self._record(self._now(), made)
            if not self._state().journey.allows("scoring"):
                return  # people read it
            for question in self._state().code.unchecked:
                if not self._open(question):
                    await self._check(question)

    async def _check(self, question: str) -> None:
        work = self._state().code.of(question)
        task = self._state().code.tasks[question].task
        submitted = work.submitted
        if task is None or submitted is None:
            return
        cases = tuple(enumerate(task.cases))
        done = Outcome(outcome="failed")
        for _ in range(TRIES):
            done = await self._runner.run(
                _program(task, submitted.language, submitted.source, cases), waits=True
            )
            if done.outcome != "failed":
                break
        able = self._runner.known(submitted.language)
        checked = CodeChecked(
            question=question,
            submitted=work.submission,
            outcome=done.outcome,
            compiler=done.compiler,
            results=done.results,
            runner=able.version if able else "",
        )
        await self._record(self._now(), checked)

    def _open(self, question: str) -> bool:
        state = self._state()
        current = state.clock.question
        return (
            not self._over()
            and current is not None
            and current.id == question
            and state.clock.phase != "over"
        )

    def stop(self) -> None:
        """Nothing more happens; what is left is done by whoever has the session next."""
        for task in self._tasks | ({self._run[1]} if self._run else set()):
            task.cancel()


def _retrieved(task: asyncio.Task[Event]) -> None:
    """Whoever asked may have gone: then nobody looks at what became of it."""
    if not task.cancelled():
        task.exception()


def _known(id_: str) -> str:
    """As the log knows the candidate's commands."""
    return f"candidate:{id_}"


def _program(
    task: CodingTask, language: CodeLanguage, source: str, cases: tuple[tuple[int, TestCase], ...]
) -> Program:
    return Program(
        language=language, source=source, cases=cases, time_s=task.time_s, memory_mb=task.memory_mb
    )
