from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interviews.events import (
    AnswerScored,
    AnyPayload,
    CaptionsPaced,
    Event,
    FaceState,
    QuestionStarted,
    ResultReady,
    SessionConnected,
    SessionDisconnected,
    SessionEnded,
    UtteranceStarted,
)
from interviews.journey_events import SurveyAnswered
from interviews.live_events import AnswerFinished, AnsweringStarted, AnswerRetried, TimeExtended
from interviews.presence import FlashPrompted, LivenessConcluded
from interviews.report import Report
from interviews.state import TRANSITIONS, SessionState
from tests.interviews.conftest import BEGIN, created, final, log, rating

_QUESTIONS = ["introduction", "problem", "never-planned"]
_CLASSES = [kind for kind in get_args(get_args(AnyPayload)[0]) if kind.__name__ != "SessionCreated"]


def _payloads() -> st.SearchStrategy[Any]:
    """Any payload of any kind; questions and utterances from few, so that they meet."""
    drawn = {
        QuestionStarted: st.builds(QuestionStarted, question=st.sampled_from(_QUESTIONS)),
        UtteranceStarted: st.builds(UtteranceStarted, utterance=st.integers(0, 5)),
        FlashPrompted: st.builds(FlashPrompted, colours=st.just(((1.0, 0.15, 0.15), (0.15, 1.0, 1.0)))),
        LivenessConcluded: st.builds(LivenessConcluded, cues=st.just(())),
        **{
            kind: st.builds(kind, question=st.sampled_from(_QUESTIONS))
            for kind in (AnsweringStarted, AnswerRetried, AnswerFinished, TimeExtended)
        },
        SurveyAnswered: st.builds(SurveyAnswered, ratings=st.just({"fairness": 4})),
        AnswerScored: st.builds(
            AnswerScored,
            question=st.sampled_from(_QUESTIONS),
            rating=st.sampled_from(
                [rating(relevance=70.0, coherence=None), rating(), rating(relevance=None)]
            ),
        ),
    }
    finals = st.builds(
        final, st.integers(0, 5), st.floats(0, 1e4), st.sampled_from(["", "yes. I did.", "no"])
    )
    common = [drawn.get(kind, st.builds(kind)) for kind in _CLASSES if kind.__name__ != "TranscriptFinal"]
    starts = st.builds(created, policy=st.sampled_from(["CN", "EU", "strict"]))
    return st.one_of(finals, starts, *common)


_EVENTS = st.lists(
    st.builds(
        Event,
        session=st.just("s1"),
        seq=st.integers(0, 99),
        media_time=st.floats(0, 1e4, allow_nan=False),
        at=st.just(BEGIN),
        data=_payloads(),
    ),
    max_size=25,
)


@given(events=_EVENTS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_sequence_of_events_raises_or_leaves_the_transitions(events: list[Event]) -> None:
    state = SessionState()
    for event in events:
        before = state.state
        state.apply(event)
        assert state.state == before or state.state in TRANSITIONS[before]
        assert state.current_question is None or state.current_question.id in state.questions
        assert state.media_time >= event.media_time
    said = [u.utterance for a in state.answers for u in a.utterances] + [u.utterance for u in state.outside]
    assert sorted(said) == sorted(state.finals), "every final is shown once, to one question"
    if state.created is not None:
        report = Report.of(events)
        assert report.model_dump_json() == Report.of(events).model_dump_json()
        assert report.overall is None or 0 <= report.overall <= 100
        assert (report.observed.affect is None) or state.created.policy == "CN"


def test_the_life_of_a_session() -> None:
    steps = [
        (created(), "created"),
        (SessionConnected(), "live"),
        (SessionDisconnected(reason="no-media"), "disconnected"),
        (SessionConnected(gap_s=3), "live"),
        (SessionEnded(reason="candidate"), "ended"),
        (SessionConnected(), "ended"),
        (ResultReady(overall=61.0), "scored"),
        (ResultReady(overall=99.0), "scored"),
    ]
    state = SessionState()
    for event, (_, expected) in zip(log(*((1.0, step) for step, _ in steps)), steps, strict=True):
        state.apply(event)
        assert state.state == expected
    assert state.overall == 61.0
    assert state.over


def test_a_result_before_the_end_is_passed_over() -> None:
    state = SessionState.of(log((0, created()), (1, SessionConnected()), (2, ResultReady(overall=50.0))))
    assert (state.state, state.overall) == ("live", None)


def test_speech_belongs_to_the_question_that_its_first_word_answers() -> None:
    state = SessionState.of(
        log(
            (0, created()),
            (1, SessionConnected()),
            (1, UtteranceStarted(utterance=1)),
            (3, QuestionStarted(question="introduction")),
            (3.0, final(1, 1.0, "hello there")),
            # Its samples begin before the question with the pre-roll, its first word after it.
            (9.0, final(2, 2.9, "I am Li Lei")),
            (10.0, QuestionStarted(question="problem")),
            (10.0, UtteranceStarted(utterance=3)),
            (14.0, final(3, 9.0, "still the old one")),
            (14.0, final(3, 9.0, "the same utterance again")),
            (15.0, UtteranceStarted(utterance=4)),
        )
    )
    assert [u.text for u in state.outside] == ["hello there"]
    assert [u.text for u in state.answers[0].utterances] == ["I am Li Lei", "still the old one"]
    assert state.answers[1].utterances == ()
    assert (state.answers[1].started, state.answers[2].started) == (10.0, None)
    assert state.current_question is not None
    assert state.current_question.id == "problem"
    assert state.next_question is not None
    assert state.next_question.id == "teamwork"
    assert state.open_utterances == {4}


def test_what_the_live_page_shows_is_in_the_state() -> None:
    state = SessionState.of(
        log(
            (0, created()),
            (1, FaceState(state="several", faces=2)),
            (2, CaptionsPaced(interval_s=2, slower=True)),
        )
    )
    assert (state.faces, state.captions_interval_s, state.media_time, state.last_seq) == (2, 2.0, 2.0, 3)


@pytest.mark.parametrize("question", ["never-planned", "teamwork"])
def test_questions_outside_the_plan_or_after_the_end_are_passed_over(question: str) -> None:
    entries = [(0.0, created()), (1.0, SessionConnected())]
    if question == "teamwork":
        entries.append((2.0, SessionEnded(reason="hr")))
    state = SessionState.of(log(*entries, (3.0, QuestionStarted(question=question))))
    assert state.current_question is None
