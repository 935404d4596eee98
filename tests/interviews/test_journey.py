from __future__ import annotations

from itertools import count, pairwise
from typing import get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from interviews.annotations import Annotations
from interviews.commanded import REMEMBERED, Commands
from interviews.events import (
    AnswerScored,
    Event,
    IdentityHuman,
    IdentityVerified,
    Payload,
    QuestionStarted,
    ResultReady,
    SessionConnected,
    SessionDisconnected,
    SessionEnded,
)
from interviews.integrity import integrity
from interviews.journey import PREPARING, TRANSITIONS, Journey, Stage
from interviews.journey_events import (
    CandidateOpened,
    ConsentGiven,
    ConsentWithdrawn,
    DecisionMade,
    DeviceChecked,
    HumanReviewRequested,
    SurveyAnswered,
)
from interviews.live_events import (
    AnnotationAdded,
    AnnotationDeleted,
    AnnotationEdited,
    PageHidden,
    QuestionInterjected,
    SessionPaused,
    SessionResumed,
    ViewerJoined,
    as_candidate_sees,
)
from interviews.scoring import scores
from interviews.state import SessionState
from tests.interviews.conftest import BEGIN, created, final, log, rating

AGREED = ConsentGiven(recording=True, face=True, scoring=True, language="zh", notice="1")
REFUSED = ConsentGiven(recording=False, face=False, scoring=False, language="zh", notice="1")
MATCH = IdentityVerified(outcome="match", threshold=0.4, frames=5, model="faces@1")
DEVICES = DeviceChecked(microphone="ok", camera="ok", rtt_ms=30, loss=0.0)
DECISION = DecisionMade(decision="passed", reason="clear answers", by="hr")


def journey_of(*payloads: Payload) -> Journey:
    journey = Journey()
    for event in log(*((float(time), payload) for time, payload in enumerate((created(), *payloads)))):
        journey.apply(event)
    return journey


def test_the_whole_way() -> None:
    steps: list[tuple[Payload, Stage]] = [
        (CandidateOpened(), "opened"),
        (AGREED, "consented"),
        (MATCH, "verified"),
        (SessionConnected(), "verified"),
        (DEVICES, "device-checked"),
        (QuestionStarted(question="introduction"), "in-progress"),
        (SessionPaused(by="hr"), "paused"),
        (SessionDisconnected(reason="no-media"), "disconnected"),
        (SessionConnected(gap_s=1), "paused"),
        (SessionResumed(by="hr"), "in-progress"),
        (SessionEnded(reason="candidate"), "finished"),
        (ResultReady(overall=70.0), "scored"),
        (SurveyAnswered(ratings={"fairness": 5}), "scored"),
        (DECISION, "decided"),
        (HumanReviewRequested(), "decided"),
    ]
    journey = journey_of()
    assert journey.stage == "invited"
    for event, (_, stage) in zip(log(*((1.0, step) for step, _ in steps)), steps, strict=True):
        journey.apply(event)
        assert journey.stage == stage
    assert journey.decision == DECISION
    assert journey.review_open
    journey.apply(log((9, DecisionMade(decision="failed", reason="looked again", by="hr")))[0])
    assert (journey.review_open, journey.decision is not None and journey.decision.decision) == (
        False,
        "failed",
    )


def test_a_session_made_by_a_script_skips_what_it_does_not_have() -> None:
    journey = journey_of(SessionConnected(), QuestionStarted(question="introduction"))
    assert journey.stage == "in-progress"
    assert set(journey.reached) == {"invited", "in-progress"}
    assert journey.allows("scoring"), "nobody asked on the page"


def test_no_result_and_no_decision_before_the_end() -> None:
    journey = journey_of(SessionConnected(), ResultReady(overall=9.0), DECISION)
    assert (journey.stage, journey.decision) == ("invited", None)


@pytest.mark.parametrize("preparing", list(pairwise(PREPARING)))
def test_stages_before_the_first_question_are_never_gone_back_to(preparing: tuple[Stage, Stage]) -> None:
    earlier, later = preparing
    assert later in TRANSITIONS[earlier]
    assert earlier not in TRANSITIONS[later]


def test_who_refuses_faces_is_looked_at_by_a_person() -> None:
    assert journey_of(AGREED).identity == "face"
    assert journey_of(REFUSED).identity == "human"
    asked = IdentityHuman(decision="requested", actor="candidate")
    assert journey_of(AGREED, asked).identity == "human"
    confirmed = journey_of(REFUSED, asked, IdentityHuman(decision="confirmed", actor="hr"))
    assert (confirmed.stage, confirmed.identity) == ("verified", "verified")
    rejected = journey_of(AGREED, MATCH, IdentityHuman(decision="rejected", actor="hr"))
    assert rejected.identity == "human"


def test_consent_can_be_taken_back_and_given_again() -> None:
    journey = journey_of(AGREED, ConsentWithdrawn(what=("recording", "scoring")))
    assert [journey.allows(what) for what in ("recording", "face", "scoring")] == [False, True, False]
    assert journey_of(AGREED, ConsentWithdrawn(what=("scoring",)), AGREED).allows("scoring")


def test_answers_of_who_refuses_scoring_are_kept_without_a_score() -> None:
    state = SessionState.of(
        log(
            (0, created()),
            (0, AGREED),
            (1, SessionConnected()),
            (2, QuestionStarted(question="introduction")),
            (9, final(1, 3.0, "I am Li Lei")),
            (10, SessionEnded(reason="candidate")),
            (10, AnswerScored(question="introduction", rating=rating(relevance=80.0))),
            (10, ResultReady(overall=80.0)),
        )
    )
    assert scores(state, "s1").overall == 80.0
    for event in log((20, ConsentWithdrawn(what=("scoring",)))):
        state.apply(event)
    found = scores(state, "s1")
    assert found.overall is None
    assert found.insufficient is not None
    assert found.insufficient.code == "scoring-refused"
    assert all(a.score is None and not a.measures for a in found.answers)
    assert [u.text for u in state.answers[0].utterances] == ["I am Li Lei"]


def test_annotations_as_they_are_now() -> None:
    note = AnnotationAdded(id="a1", media_time=3.0, text="hesitates", tags=("probe",), by="hr")
    other = AnnotationAdded(id="a2", media_time=5.0, text="good example", by="hr")
    edited = AnnotationEdited(id="a1", media_time=3.0, text="thinks", by="hr")
    annotations = Annotations()
    for event in log(
        (4, note),
        (6, other),
        (7, edited),
        (8, AnnotationDeleted(id="a2", by="hr")),
        (9, AnnotationEdited(id="a2", media_time=0, text="too late", by="hr")),
    ):
        annotations.apply(event)
    assert annotations.current == {"a1": edited}


def test_a_command_is_known_by_its_id_for_a_while() -> None:
    commands = Commands()
    for event in log(*((1.0, SessionPaused(by="hr", command=f"hr:{n}")) for n in range(REMEMBERED + 1))):
        commands.apply(event)
    assert len(commands.made) == REMEMBERED
    assert "hr:0" not in commands.made
    assert commands.since("pause", REMEMBERED)
    assert not commands.since("pause", REMEMBERED + 1)
    assert not commands.since("question", 0)


def test_the_candidate_does_not_see_who_and_why() -> None:
    paused = SessionPaused(by="Wang Fang", reason="somebody else in the room?")
    assert as_candidate_sees(paused) == SessionPaused(by="hr", reason="")
    asked = QuestionInterjected(id="q1", text="Why?", by="Wang Fang")
    assert as_candidate_sees(asked) == QuestionInterjected(id="q1", text="Why?", by="hr")
    assert as_candidate_sees(AGREED) is AGREED


def test_who_ended_asked_decided_and_watches_is_kept_from_the_candidate() -> None:
    ended = SessionEnded(reason="hr", by="Wang Fang")
    assert as_candidate_sees(ended) == SessionEnded(reason="hr", by="hr")
    started = QuestionStarted(question="q2", by="Wang Fang")
    assert as_candidate_sees(started) == QuestionStarted(question="q2", by="hr")
    own = QuestionStarted(question="q2", by="candidate")
    assert as_candidate_sees(own) is own
    confirmed = IdentityHuman(decision="confirmed", actor="hr", by="Wang Fang")
    assert as_candidate_sees(confirmed) == IdentityHuman(decision="confirmed", actor="hr", by="hr")
    joined = ViewerJoined(viewer=1, watching=1, by="Wang Fang")
    assert as_candidate_sees(joined) == ViewerJoined(viewer=1, watching=1, by="hr")


def test_what_came_by_itself_is_written_as_before() -> None:
    assert SessionEnded(reason="grace-expired").model_dump() == {
        "type": "session.ended",
        "reason": "grace-expired",
    }
    assert QuestionStarted.model_validate({"type": "question.started", "question": "q1"}).by is None


def test_a_hidden_page_is_a_fact_to_weigh() -> None:
    [fact] = integrity(log((0, created()), (20, PageHidden(hidden_s=8))), 30)
    assert (fact.what.code, fact.start, fact.end) == ("page-hidden", 12.0, 20.0)


class JourneyMachine(RuleBasedStateMachine):
    """Whatever is logged, the journey stays on its ways and forgets nothing that it reached."""

    @initialize()
    def begin(self) -> None:
        self.seq = count(1)
        self.journey, self.logged = Journey(), list[Event]()
        self.apply(created())

    def apply(self, payload: Payload) -> None:
        stage, reached = self.journey.stage, dict(self.journey.reached)
        event = Event(
            session="s1", seq=next(self.seq), media_time=float(len(self.logged)), at=BEGIN, data=payload
        )
        self.logged.append(event)
        self.journey.apply(event)
        ways: set[Stage] = {stage} | TRANSITIONS[stage]
        ways |= {two for one in TRANSITIONS[stage] for two in TRANSITIONS[one] if stage in PREPARING}
        assert self.journey.stage in ways
        assert reached.items() <= self.journey.reached.items()

    @rule(
        payload=st.sampled_from(
            [
                CandidateOpened(),
                AGREED,
                REFUSED,
                ConsentWithdrawn(what=("face",)),
                MATCH,
                IdentityHuman(decision="rejected", actor="hr"),
                DEVICES,
                SessionConnected(),
                SessionDisconnected(reason="left"),
                QuestionStarted(question="introduction"),
                SessionPaused(by="hr"),
                SessionResumed(by="hr"),
                ResultReady(overall=None),
                DECISION,
                HumanReviewRequested(),
            ]
        )
    )
    def happens(self, payload: Payload) -> None:
        self.apply(payload)

    @rule()
    def ends(self) -> None:
        self.apply(SessionEnded(reason="hr"))

    @invariant()
    def is_defined(self) -> None:
        journey = self.journey
        assert journey.stage in get_args(Stage)
        assert journey.stage in journey.reached
        assert journey.stage != "in-progress" or (journey.connected and not journey.paused)
        assert (journey.decision is not None) == (journey.stage == "decided")
        again = Journey()
        for event in self.logged:
            again.apply(event)
        assert again == journey, "the log alone says where it stands"


TestJourneyMachine = JourneyMachine.TestCase
TestJourneyMachine.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
