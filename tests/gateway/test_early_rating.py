"""Answers are rated while the interview goes on; what comes late is rated anew, and no rating is stale."""

from __future__ import annotations

import asyncio

from bench.clip import EncodedClip
from gateway.early_rating import EarlyRating
from gateway.metrics import Metrics
from interviews.events import (
    AnswerScored,
    Event,
    Payload,
    QuestionStarted,
    SessionConnected,
    UtteranceStarted,
)
from interviews.journey_events import ConsentGiven, ConsentWithdrawn
from interviews.state import SessionState
from tests.gateway.conftest import Running
from tests.gateway.fakes import FakeInference
from tests.interviews.conftest import BEGIN, created, final


class Told:
    """A log written by hand and by what is tested."""

    def __init__(self) -> None:
        self.state = SessionState()
        self.inference = FakeInference(lambda *_: None)
        self.events: list[Event] = []
        self.early = EarlyRating("s1", lambda: self.state, self._client, self.record, Metrics())

    async def _client(self) -> FakeInference:
        return self.inference

    async def record(self, payload: Payload) -> Event:
        seq = len(self.events) + 1
        at = float(seq)
        event = Event.model_validate(
            {"session": "s1", "seq": seq, "media_time": at, "at": BEGIN, "data": payload.model_dump()}
        )
        self.events.append(event)
        self.state.apply(event)
        self.early.seen(event)
        return event

    async def tell(self, *payloads: Payload) -> None:
        for payload in payloads:
            await self.record(payload)
        await self.early.stop(5)

    @property
    def rated(self) -> list[tuple[str, tuple[int, ...] | None]]:
        data = (event.data for event in self.events)
        return [(one.question, one.utterances) for one in data if isinstance(one, AnswerScored)]


async def test_an_answer_is_rated_once_the_next_question_is_asked() -> None:
    told = Told()
    await told.tell(created(), SessionConnected(), QuestionStarted(question="introduction"))
    await told.tell(UtteranceStarted(utterance=1), final(1, 3.2, "I led a team."))
    assert told.rated == []  # it may go on
    await told.tell(QuestionStarted(question="problem"))
    assert told.rated == [("introduction", (1,))]
    await told.tell(UtteranceStarted(utterance=2), final(2, 20.0, "It was hard."))
    assert len(told.rated) == 1


async def test_last_words_are_waited_for() -> None:
    told = Told()
    await told.tell(created(), SessionConnected(), QuestionStarted(question="introduction"))
    await told.tell(UtteranceStarted(utterance=1), QuestionStarted(question="problem"))
    assert told.rated == []
    await told.tell(UtteranceStarted(utterance=2))
    assert told.rated == []
    await told.tell(final(1, 3.1, "I led a team."))
    assert told.rated == [("introduction", (1,))]


async def test_words_that_come_later_still_make_the_rating_stale() -> None:
    told = Told()
    await told.tell(created(), SessionConnected(), QuestionStarted(question="introduction"))
    await told.tell(final(1, 3.0, "I led a team."), QuestionStarted(question="problem"))
    assert told.rated == [("introduction", (1,))]
    assert told.state.answers[0].rated_whole
    told.inference.ratings_fail = 1
    await told.tell(final(2, 3.5, "Of four."))  # it began before the question changed, and nobody had known
    assert not told.state.answers[0].rated_whole
    await told.tell(final(3, 3.7, "Good people."))
    assert told.rated == [("introduction", (1,)), ("introduction", (1, 2, 3))]
    assert told.state.answers[0].rated_whole


async def test_nothing_is_rated_where_consent_is_withdrawn() -> None:
    told = Told()
    await told.tell(created(), SessionConnected(), QuestionStarted(question="introduction"))
    given = ConsentGiven(recording=True, face=True, scoring=True, language="en", notice="1")
    await told.tell(given, ConsentWithdrawn(what=("scoring",)))
    await told.tell(final(1, 3.0, "I led a team."), QuestionStarted(question="problem"))
    assert told.rated == []


async def test_the_end_rates_what_is_left(running: Running, clip: EncodedClip) -> None:
    session = await running.create()
    async with running.peer(session, clip) as peer:
        await peer.connect()
        await running.until(session["id"], "transcript.final")
        await asyncio.sleep(0.5)
        status, _, _ = await running.call("POST", f"/api/v1/sessions/{session['id']}/next")
        assert status == 200
        await running.until(session["id"], "answer.scored")
        await peer.end()
    log = await running.until(session["id"], "result.ready")
    at = [event.data.type for event in log]
    scored = [event.data for event in log if isinstance(event.data, AnswerScored)]
    assert at.index("answer.scored") < at.index("session.ended")
    answers = SessionState.of(log).answers
    assert all(answer.rated_whole for answer in answers if answer.started is not None)
    assert {one.question for one in scored} == {a.question.id for a in answers if a.started is not None}
