from __future__ import annotations

from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from interviews.clock import QuestionClock
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
from interviews.plan import Question
from interviews.state import SessionState
from tests.interviews.conftest import BEGIN, created, final, log

QUESTIONS = (
    Question(id="think", text={"en": "Why?"}, think_s=30, answer_s=60, retries=1),
    Question(id="at-once", text={"en": "How?"}, answer_s=90),
)
PLAN = SessionCreated(candidate="Li Lei", language="en", policy="CN", questions=QUESTIONS)


def clock_of(*entries: tuple[float, Payload]) -> QuestionClock:
    clock = QuestionClock()
    for event in log((0, PLAN), (1, SessionConnected()), *entries):
        clock.apply(event)
    return clock


def test_thinking_then_answering_then_over() -> None:
    clock = clock_of((2, QuestionStarted(question="think")))
    assert (clock.phase, clock.remaining(12)) == ("thinking", 20)
    due = clock.due()
    assert due is not None
    assert (due.at, due.payload) == (32, AnsweringStarted(question="think", by="timeout"))
    for event in log((due.at, due.payload)):
        clock.apply(event)
    assert (clock.phase, clock.remaining(40)) == ("answering", 52)
    due = clock.due()
    assert due is not None
    assert (due.at, due.payload) == (92, AnswerFinished(question="think", by="timeout"))
    for event in log((due.at, due.payload)):
        clock.apply(event)
    assert (clock.phase, clock.remaining(100), clock.due()) == ("over", 0, None)


def test_a_question_without_thinking_goes_to_answering_at_once() -> None:
    clock = clock_of((2, QuestionStarted(question="at-once")))
    assert (clock.phase, clock.remaining(2)) == ("answering", 90)


def test_it_stands_still_while_paused_and_while_away() -> None:
    clock = clock_of(
        (2, QuestionStarted(question="at-once")),
        (12, SessionPaused(by="hr")),
        (20, SessionDisconnected(reason="no-media")),
        (30, SessionResumed(by="hr")),
        (40, SessionConnected(gap_s=20)),
    )
    assert clock.remaining(50) == 70  # ten seconds before the pause, ten after both were over
    assert clock_of((2, QuestionStarted(question="at-once")), (12, SessionPaused(by="hr"))).due() is None


def test_an_extension_adds_and_a_retry_restarts() -> None:
    clock = clock_of(
        (2, QuestionStarted(question="think")),
        (12, TimeExtended(question="think", seconds=15, by="hr")),
    )
    assert clock.remaining(12) == 35
    for event in log((20, AnsweringStarted(question="think", by="candidate"))):
        clock.apply(event)
    assert clock.remaining(50) == 30
    for event in log((50, AnswerRetried(question="think")), (60, AnswerRetried(question="think"))):
        clock.apply(event)
    assert (clock.remaining(60), clock.retries_left) == (50, 0), "the second retry is one too many"


@pytest.mark.parametrize(
    "payload",
    [
        AnswerFinished(question="at-once", by="candidate"),
        AnsweringStarted(question="at-once", by="candidate"),
        TimeExtended(question="at-once", seconds=10, by="hr"),
        AnswerRetried(question="at-once"),
    ],
)
def test_what_is_said_of_another_question_changes_nothing(payload: Payload) -> None:
    clock = clock_of((2, QuestionStarted(question="think")), (3, payload))
    assert (clock.phase, clock.remaining(12)) == ("thinking", 20)


def test_words_in_a_pause_or_before_a_retry_answer_nothing() -> None:
    state = SessionState.of(
        log(
            (0, PLAN),
            (1, SessionConnected()),
            (2, QuestionStarted(question="think")),
            (10, AnsweringStarted(question="think", by="candidate")),
            (14, final(1, 11.0, "first try")),
            (20, AnswerRetried(question="think")),
            (24, final(2, 21.0, "second try")),
            (30, SessionPaused(by="hr", reason="phone")),
            (34, final(3, 31.0, "hello mum")),
            (40, SessionResumed(by="hr")),
            (44, final(4, 41.0, "as I said")),
        )
    )
    assert [u.text for u in state.answers[0].utterances] == ["second try", "as I said"]
    assert [(u.text, state.aside(u)) for u in state.outside] == [
        ("first try", "begun-anew"),
        ("hello mum", "paused"),
    ]


def test_a_session_of_today_only_gains_a_timeout() -> None:
    clock = QuestionClock()
    for event in log((0, created()), (1, SessionConnected()), (1, QuestionStarted(question="introduction"))):
        clock.apply(event)
    assert (clock.phase, clock.remaining(1)) == ("answering", 120)


class ClockMachine(RuleBasedStateMachine):
    """Any sequence of events at times that go on; what is due comes when it is due."""

    @initialize()
    def begin(self) -> None:
        self.seq = count(1)
        self.clock, self.at = QuestionClock(), 0.0
        self.apply(PLAN)

    def apply(self, payload: Payload, at: float | None = None) -> None:
        before = self.clock.remaining(self.at)
        event = Event(
            session="s1", seq=next(self.seq), media_time=self.at if at is None else at, at=BEGIN, data=payload
        )
        changed = self.clock.apply(event)
        after = self.clock.remaining(self.at)
        if not changed:
            assert after == before
        grows = QuestionStarted | AnsweringStarted | AnswerRetried | TimeExtended
        if not isinstance(payload, grows):
            # Who turns out to have been away for a while already gets that while back, and no more.
            assert after <= before + (self.at - event.media_time) + 1e-6

    @rule(seconds=st.floats(0, 50))
    def wait(self, seconds: float) -> None:
        until = self.at + seconds
        while (due := self.clock.due()) is not None and due.at <= until:
            phase = self.clock.phase
            self.at = max(self.at, due.at)
            assert self.clock.remaining(self.at) == pytest.approx(0, abs=1e-6)
            self.apply(due.payload, due.at)
            assert self.clock.phase != phase, "what was due moves it on: no timeout comes twice"
        before, stands = self.clock.remaining(self.at), not self.clock.running
        self.at = until
        after = self.clock.remaining(self.at)
        assert after == before if stands else after <= before

    @rule(question=st.sampled_from(["think", "at-once", "never-planned"]), kind=st.integers(0, 4))
    def happens(self, question: str, kind: int) -> None:
        payloads: list[Payload] = [
            QuestionStarted(question=question),
            AnsweringStarted(question=question, by="candidate"),
            AnswerRetried(question=question),
            AnswerFinished(question=question, by="candidate"),
            TimeExtended(question=question, seconds=20, by="hr"),
        ]
        self.apply(payloads[kind])

    @rule(
        payload=st.sampled_from(
            [
                SessionPaused(by="hr"),
                SessionResumed(by="hr"),
                SessionConnected(),
                SessionDisconnected(reason="left"),
            ]
        )
    )
    def breaks_or_goes_on(self, payload: Payload) -> None:
        self.apply(payload)

    @rule(early=st.floats(0, 10))
    def late_news(self, early: float) -> None:
        """A lost connection is told at the time of its last packet, behind the others."""
        self.apply(SessionDisconnected(reason="no-media"), max(0.0, self.at - early))

    @rule()
    def ends(self) -> None:
        self.apply(SessionEnded(reason="hr"))

    @invariant()
    def is_defined(self) -> None:
        clock = self.clock
        assert (clock.phase == "idle") == (clock.question is None)
        assert clock.remaining(self.at) >= 0
        assert clock.phase in ("thinking", "answering") or clock.remaining(self.at) == 0
        assert (clock.due() is not None) == clock.running


TestClockMachine = ClockMachine.TestCase
TestClockMachine.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
