"""Any sequence of commands, by either side, sent late or twice: what is taken changes the state, once."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.command_models import Command, CommandBody, End, Next, situation
from gateway.judging import MAKES, check_going_on, check_known, known, may, payload_for, repeated
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
from interviews.plan import Question
from interviews.state import SessionState
from tests.interviews.conftest import BEGIN

Side = Literal["candidate", "hr"]
QUESTIONS = tuple(
    Question(id=f"q{n}", text={"en": "Why?"}, think_s=20.0 * (n % 2), answer_s=30, retries=n)
    for n in range(3)
)
SIDES = st.sampled_from(["candidate", "hr"])
MORE: dict[str, dict[str, Any]] = {
    "extend": {"seconds": 10},
    "interject": {"text": "And then?"},
    "annotate": {"text": "good"},
    "edit-annotation": {"text": "very good"},
    "page-hidden": {"hidden_s": 3},
}


def command(name: str, id_: str, **more: Any) -> Command:
    return CommandBody.model_validate({"command": name, "id": id_, **MORE.get(name, {}), **more}).root


class Interview(RuleBasedStateMachine):
    """As `gateway.conduct` goes about it, without its waiting."""

    @initialize()
    def begin(self) -> None:
        self.state, self.log, self.at = SessionState(), list[Event](), 0.0
        self.sent: list[tuple[Side, Command, Event]] = []
        self.note(SessionCreated(candidate="Li Lei", language="en", policy="CN", questions=QUESTIONS), at=0.0)

    def note(self, payload: Payload, at: float | None = None) -> Event:
        event = Event(
            session="s1",
            seq=len(self.log) + 1,
            media_time=self.at if at is None else at,
            at=BEGIN,
            data=payload,
        )
        self.log.append(event)
        self.state.apply(event)
        return event

    def judge(self, side: Side, asked: Command) -> Event:
        """Raises Problem."""
        may(side, asked)
        if before := repeated(self.state, known(side, asked), asked):
            return before
        check_known(self.state, asked)
        if isinstance(asked, Next | End):
            if self.state.over:
                raise Problem("session.ended")
            if isinstance(asked, End):
                return self.note(SessionEnded(reason=side, command=known(side, asked)))
            if self.state.state == "created":
                raise Problem("session.not-started")
            check_going_on(self.state)
            if self.state.next_question is None:
                raise Problem("session.last-question")
            started = QuestionStarted(question=self.state.next_question.id, command=known(side, asked))
            return self.note(started)
        return self.note(payload_for(asked, self.state, side, side, self.at))

    @rule(
        side=SIDES,
        name=st.sampled_from(sorted(set(MAKES) - {"end"})),
        question=st.sampled_from([None, "q0", "q1", "q2"]),
        behind=st.sampled_from([None, 0, 1, 5]),
    )
    def somebody_commands(self, side: Side, name: str, question: str | None, behind: int | None) -> None:
        more: dict[str, Any] = {}
        if name in ("extend", "start-answering", "finish-answer", "retry"):
            more["question"] = question
        if name in ("edit-annotation", "delete-annotation"):
            more["annotation"] = next(iter(self.state.annotations.current), "a-none")
        if behind is not None:
            more["after"] = max(0, len(self.log) - behind)
        asked = command(name, f"c{len(self.log)}-{len(self.sent)}", **more)
        before, logged = situation(self.state, self.at), len(self.log)
        annotated = dict(self.state.annotations.current)
        try:
            event = self.judge(side, asked)
        except Problem:
            event = None
        if event is None:
            assert len(self.log) == logged, "what is refused leaves no trace"
            return
        assert event.data.type == MAKES[name]
        self.sent.append((side, asked, event))
        after = situation(self.state, self.at)
        told_alone = ("interject", "page-hidden", "start-practice", "end-practice")
        changed = (
            before.model_dump(exclude={"seq"}) != after.model_dump(exclude={"seq"})
            or annotated != self.state.annotations.current
        )
        # Begun anew in the very moment in which it began, or edited to the same: nothing to see.
        assert changed or name in (*told_alone, "retry", "edit-annotation"), "the fold took it"

    @rule(which=st.integers(0, 50))
    def sends_again(self, which: int) -> None:
        if self.sent:
            side, asked, event = self.sent[which % len(self.sent)]
            logged = len(self.log)
            assert self.judge(side, asked) is event
            assert len(self.log) == logged

    @rule(seconds=st.floats(0, 25))
    def time_passes(self, seconds: float) -> None:
        until = self.at + seconds
        while (due := self.state.clock.due()) is not None and due.at <= until:
            self.note(due.payload, due.at)
        self.at = until

    @rule(connected=st.booleans())
    def the_line(self, connected: bool) -> None:
        if not self.state.over:
            self.note(SessionConnected() if connected else SessionDisconnected(reason="no-media"))

    @rule(side=SIDES, really=st.integers(0, 9))
    def somebody_ends(self, side: Side, really: int) -> None:
        if really == 0 and not self.state.over:
            self.judge(side, command("end", f"end{len(self.log)}"))
            with pytest.raises(Problem, match=r"session\.ended"):
                self.judge(side, command("end", f"again{len(self.log)}"))

    @invariant()
    def the_log_alone_says_where_it_stands(self) -> None:
        again = SessionState.of(self.log)
        assert situation(again, self.at) == situation(self.state, self.at)
        assert again.commands.made == self.state.commands.made
        assert [event.seq for event in self.log] == list(range(1, len(self.log) + 1))


TestInterview = Interview.TestCase
TestInterview.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_every_command_is_said_to_make_an_event() -> None:
    variants = CommandBody.model_json_schema()["discriminator"]["mapping"]
    assert set(variants) == set(MAKES)


def test_the_same_id_of_the_other_side_is_another_command() -> None:
    end = command("end", "one")
    assert known("candidate", end) != known("hr", end)
    assert known("operator", end) == known("hr", end)
