"""Conducting one interview: the order of its questions, its timers, and the commands of those who take part.

One thing at a time: a command is judged by the state that the one before it left, and a timeout that is
overtaken by a command does not happen. Timers are made from the log's fold alone (`interviews.clock`), so
they are as they were when another gateway takes the session over.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

from gateway.auth import Role
from gateway.command_models import Command, End, Next, Situation, situation
from gateway.judging import check_going_on, check_known, known, may, payload_for, repeated
from gateway.problems import Problem
from interviews.clock import Due
from interviews.events import Event, Payload, QuestionStarted
from interviews.live_events import SessionPaused, SessionResumed
from interviews.state import SessionState
from storage.errors import NotOwner, StorageError

SOON_S = 0.002  # a timer may fire this early
AGAIN_S = 1.0
log = structlog.get_logger("viva.conduct")


class Conduct:
    """`now`: media time. `record`: onto the log, at a media time. `end`: as which side, command's id, who.

    `paused_changed` is told when the interview was paused or goes on. Lives on one event loop.
    """

    def __init__(
        self,
        session: str,
        *,
        state: Callable[[], SessionState],
        over: Callable[[], bool],
        now: Callable[[], float],
        record: Callable[[float, Payload], Awaitable[Event]],
        end: Callable[[Role, str, str], Awaitable[Event]],
        asked: Callable[[], None],
        paused_changed: Callable[[], None],
    ) -> None:
        self._session, self._state, self._over, self._now = session, state, over, now
        self._record, self._end = record, end
        self._asked, self._paused_changed = asked, paused_changed
        self._to_ask = deque(answer.question.id for answer in state().answers if answer.started is None)
        self._one = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._due: Due | None = None  # what the timer waits for
        self._running: set[asyncio.Task[None]] = set()

    @property
    def situation(self) -> Situation:
        return situation(self._state(), self._now())

    # --- questions -----------------------------------------------------------------------------------

    def first_question(self) -> QuestionStarted | None:
        """The one to ask as soon as media flows; None where all have been asked. It counts as asked now."""
        return QuestionStarted(question=self._to_ask.popleft()) if self._to_ask else None

    async def next_question(self, by: str) -> Event:
        """Raises Problem: session.ended, session.not-started, session.paused, session.last-question."""
        async with self._one:
            return await self._next("", by)

    async def _next(self, command: str, by: str) -> Event:
        if self._over():
            raise Problem("session.ended")
        if self._state().state == "created":
            raise Problem("session.not-started")
        check_going_on(self._state())
        if not self._to_ask:
            raise Problem("session.last-question")
        self._asked()
        started = QuestionStarted(question=self._to_ask[0], command=command, by=by)
        event = await self._record(self._now(), started)
        self._to_ask.popleft()  # only now: what could not be logged was not asked
        return event

    # --- commands ------------------------------------------------------------------------------------

    async def command(self, command: Command, role: Role, by: str) -> Event:
        """The event it made, now or when it came before. `by`: who acts.

        Raises Problem: token.forbidden, command.stale, command.id-taken, session.*, answer.*,
        annotation.unknown; StorageError.
        """
        may(role, command)
        name = known(role, command)
        async with self._one:
            state = self._state()
            if before := repeated(state, name, command):
                return before
            check_known(state, command)
            if isinstance(command, Next):
                return await self._next(name, by)
            if isinstance(command, End):
                return await self._end(role, name, by)
            payload = payload_for(command, state, role, by, self._now())
            return await self._record(self._now(), payload)

    # --- timers --------------------------------------------------------------------------------------

    def seen(self, event: Event) -> None:
        """Called with every event once the state holds it."""
        if event.seq == 0 and event.data.type in ("transcript.partial", "sound.level"):
            return
        self._schedule()
        if isinstance(event.data, SessionPaused | SessionResumed):
            self._paused_changed()

    def stop(self) -> None:
        """Nothing happens by itself any more."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._due = None

    def _schedule(self) -> None:
        due = None if self._over() else self._state().clock.due()
        if due == self._due:
            return
        self.stop()
        self._due = due
        if due is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, due.at - self._now()), self._fire)

    def _fire(self) -> None:
        self._timer = self._due = None
        task = asyncio.create_task(self._time_is_over(), name=f"timeout-{self._session}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _time_is_over(self) -> None:
        async with self._one:
            due = None if self._over() else self._state().clock.due()
            if due is None:
                return
            if due.at - self._now() > SOON_S:  # something came in between
                self._schedule()
                return
            try:
                await self._record(due.at, due.payload)
            except NotOwner:
                return
            except StorageError as error:
                log.error("timeout not recorded", session=self._session, error=str(error))
                self._timer = asyncio.get_running_loop().call_later(AGAIN_S, self._fire)
