"""Conduct itself under any commands, sent at once or twice, while storage fails and gateways take over."""

from __future__ import annotations

import asyncio
import selectors
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.auth import Role
from gateway.command_models import Command
from gateway.conduct import Conduct
from gateway.judging import MAKES, known
from gateway.problems import Problem
from interviews.events import (
    Event,
    Payload,
    QuestionStarted,
    SessionConnected,
    SessionCreated,
    SessionDisconnected,
    SessionEnded,
)
from interviews.live_events import (
    AnswerFinished,
    AnsweringStarted,
    AnswerRetried,
    SessionPaused,
    SessionResumed,
    TimeExtended,
)
from interviews.state import SessionState
from storage.errors import StorageError
from tests.gateway.test_judging import QUESTIONS, SIDES, Side, command
from tests.interviews.conftest import BEGIN

Asked = tuple[Side, str, str | None, int | None]  # by whom, what, of which question, how far behind
ENDED = {"candidate": "candidate", "hr": "hr", "operator": "operator"}
# The way on is asked for oftenest: only then do questions follow one another.
NAMES = st.sampled_from([*sorted(set(MAKES) - {"edit-annotation", "delete-annotation"}), *["next"] * 6])
SLICE_S = 0.01  # at most so late does a timer fire


class HandLoop(asyncio.SelectorEventLoop):
    """A loop whose clock is set by hand, so that hours of timers take no time."""

    at = 0.0

    def __init__(self) -> None:
        super().__init__(selectors.SelectSelector())

    def time(self) -> float:
        return self.at

    def settle(self) -> None:
        """Everything that can go on has gone on."""
        for _ in range(12):
            self.run_until_complete(asyncio.sleep(0))


class Ledger:
    """Which time is left, counted by another way than the clock's: what was given less what ran."""

    def __init__(self) -> None:
        self.connected = self.paused = self.over = False
        self.phase, self.left, self.at = "idle", 0.0, 0.0
        self.questions = {question.id: question for question in QUESTIONS}

    def until(self, at: float) -> None:
        if self.connected and not self.paused and not self.over and self.phase in ("thinking", "answering"):
            self.left = max(0.0, self.left - (at - self.at))
        self.at = at

    def apply(self, event: Event) -> None:
        self.until(event.media_time)
        match event.data:
            case SessionConnected():
                self.connected = True
            case SessionDisconnected():
                self.connected = False
            case SessionPaused() | SessionResumed():
                self.paused = isinstance(event.data, SessionPaused)
            case QuestionStarted(question=id_):
                think = self.questions[id_].think_s
                self.phase, self.left = (
                    ("thinking", think) if think else ("answering", self.questions[id_].answer_s)
                )
            case AnsweringStarted(question=id_) | AnswerRetried(question=id_):
                self.phase, self.left = "answering", self.questions[id_].answer_s
            case AnswerFinished():
                self.phase, self.left = "over", 0.0
            case TimeExtended(seconds=seconds):
                self.left += seconds
            case SessionEnded():
                self.over = True


class Conducted(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.loop = HandLoop()
        self.log: list[Event] = []
        self.state, self.ledger = SessionState(), Ledger()
        self.failing = 0
        self.sent: list[tuple[Side, Command]] = []
        self.answered: dict[str, Event] = {}
        self.conduct: Conduct | None = None
        made = SessionCreated(candidate="Li Lei", language="en", policy="CN", questions=QUESTIONS)
        for payload in (made, SessionConnected(), QuestionStarted(question="q0")):
            self.loop.run_until_complete(self.record(0.0, payload))
        self.takes_over()

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            if self.conduct:
                self.conduct.stop()
            self.loop.settle()
            self.loop.close()

    async def record(self, at: float, payload: Payload) -> Event:
        await asyncio.sleep(0)  # others come in between, as while a database writes
        if self.failing:
            self.failing -= 1
            raise StorageError("the disk is away")
        event = Event(session="s1", seq=len(self.log) + 1, media_time=at, at=BEGIN, data=payload)
        self.log.append(event)
        self.state.apply(event)
        self.ledger.apply(event)
        if self.conduct:
            self.conduct.seen(event)
        return event

    async def end(self, role: Role, name: str, by: str) -> Event:
        if self.state.over:
            raise Problem("session.ended")
        reason: Any = ENDED[role]
        return await self.record(self.loop.at, SessionEnded(reason=reason, command=name, by=by))

    @rule()
    def takes_over(self) -> None:
        """Another gateway reads the log and goes on; the one before does nothing by itself any more."""
        if self.conduct:
            self.conduct.stop()
        self.state = SessionState.of(self.log)
        self.conduct = Conduct(
            "s1",
            state=lambda: self.state,
            over=lambda: self.state.over,
            now=lambda: self.loop.at,
            record=self.record,
            end=self.end,
            asked=lambda: None,
            paused_changed=lambda: None,
        )
        self.loop.call_soon(self.conduct._schedule)
        self.loop.settle()

    @rule(
        asked=st.lists(
            st.tuples(
                SIDES,
                NAMES,
                st.sampled_from([None, "q0", "q1", "q2"]),
                st.sampled_from([None, 0, 2]),
            ),
            min_size=1,
            max_size=3,
        ),
        failing=st.sampled_from([0, 0, 1]),
        really=st.integers(0, 7),
    )
    def at_once(self, asked: list[Asked], failing: int, really: int) -> None:
        commands: list[tuple[Side, Command]] = []
        for side, name, question, behind in asked:
            if name == "end" and really:
                continue
            more: dict[str, Any] = {}
            if name in ("extend", "start-answering", "finish-answer", "retry"):
                more["question"] = question
            if behind is not None:
                more["after"] = max(0, len(self.log) - behind)
            commands.append((side, command(name, f"c{len(self.sent) + len(commands)}", **more)))
        self.failing = failing
        self.send(commands)
        self.failing = 0
        self.sent += commands

    @rule(which=st.integers(0, 60), times=st.integers(1, 3))
    def sends_again(self, which: int, times: int) -> None:
        if self.sent:
            self.send([self.sent[which % len(self.sent)]] * times)

    def send(self, commands: list[tuple[Side, Command]]) -> None:
        conduct, before = self.conduct, len(self.log)
        assert conduct is not None

        async def all_of_them() -> list[Event | BaseException]:
            tasks = [conduct.command(one, side, side) for side, one in commands]
            return await asyncio.gather(*tasks, return_exceptions=True)

        outcomes = self.loop.run_until_complete(all_of_them())
        self.loop.settle()
        for (side, asked), outcome in zip(commands, outcomes, strict=True):
            name = known(side, asked)
            made = [event for event in self.log if getattr(event.data, "command", "") == name]
            if isinstance(outcome, Event):
                assert made == [outcome], "acknowledged with the one event that the log has"
                assert self.log[outcome.seq - 1] == outcome
                assert self.answered.setdefault(name, outcome) == outcome
            else:
                assert isinstance(outcome, Problem | StorageError), outcome
                assert not any(event.seq > before for event in made), "what is refused leaves no trace"

    @rule(connected=st.booleans())
    def the_line(self, connected: bool) -> None:
        if not self.state.over and connected != self.state.clock.connected:
            payload = SessionConnected() if connected else SessionDisconnected(reason="no-media")
            self.loop.run_until_complete(self.record(self.loop.at, payload))
            self.loop.settle()

    @rule(seconds=st.floats(0.1, 40), failing=st.sampled_from([0, 0, 0, 1]))
    def time_passes(self, seconds: float, failing: int) -> None:
        until = self.loop.at + seconds
        self.failing = failing
        while True:
            due = self.state.clock.due()
            if due is None or due.at > until:
                break
            self.loop.at = max(self.loop.at, due.at) + SLICE_S
            logged = len(self.log)
            self.loop.settle()
            if len(self.log) == logged:  # storage was away: it is tried again a second later
                self.failing = 0
                self.loop.at += 1.0
                self.loop.settle()
            assert len(self.log) > logged, "what is due comes"
        self.failing = 0
        self.loop.at = max(self.loop.at, until)
        self.loop.settle()

    @invariant()
    def nothing_is_lost_and_time_is_right(self) -> None:
        if not hasattr(self, "log"):
            return
        assert [event.seq for event in self.log] == list(range(1, len(self.log) + 1))
        at = self.loop.at
        clock, again = self.state.clock, SessionState.of(self.log)
        assert (again.clock.phase, again.clock.remaining(at)) == (clock.phase, clock.remaining(at))
        assert (again.state, again.journey.stage) == (self.state.state, self.state.journey.stage)
        assert again.commands == self.state.commands
        self.ledger.until(at)
        assert clock.phase == self.ledger.phase
        assert clock.remaining(at) >= 0
        assert abs(clock.remaining(at) - self.ledger.left) < 1e-6
        asked = [event.data.question for event in self.log if isinstance(event.data, QuestionStarted)]
        assert asked == [question.id for question in QUESTIONS][: len(asked)], "each once, in their order"


TestConducted = Conducted.TestCase
TestConducted.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
