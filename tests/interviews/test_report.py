from __future__ import annotations

import json

import pytest

from interviews.events import (
    AffectObserved,
    Alarm,
    AnswerScored,
    Event,
    FaceState,
    InferenceGap,
    LinkMeasured,
    LivenessObserved,
    PictureState,
    Policy,
    QuestionStarted,
    ResultReady,
    SessionConnected,
    SessionDisconnected,
    SessionEnded,
    SoundState,
    SpeechMeasured,
)
from interviews.report import Report, Scores, Transcript
from tests.interviews.conftest import created, final, log, rating


def _affect(valence: str, confidence: float) -> AffectObserved:
    return AffectObserved(
        track=1,
        valence=valence,
        confidence=confidence,
        probabilities={"happy": 0.8},
        frames=4,
        model="affect@1",
    )


def _liveness(decision: str, score: float) -> LivenessObserved:
    return LivenessObserved(
        track=1,
        score=score,
        decision=decision,
        frames=20,
        threshold=0.66,
        model="liveness@1",
    )


def _link(lost: float, dropped: int) -> LinkMeasured:
    return LinkMeasured(
        loss=0.02, jitter_ms=8, rtt_ms=30, kbps=900, fps=15, sound_lost_ms=lost, frames_dropped=dropped
    )


def interview(policy: Policy = "CN") -> list[Event]:
    return log(
        (0, created(policy=policy)),
        (0, SessionConnected()),
        (0, FaceState(state="one", faces=1)),
        (1, QuestionStarted(question="introduction")),
        (2, final(1, 2.0, "I led a team of four people. We built a shop and it sells well.")),
        (8, _affect("positive", 0.8)),
        (9, _affect("neutral", 0.6)),
        (9, _liveness("attack", 0.4)),
        (10, FaceState(state="several", faces=2)),
        (12, FaceState(state="one", faces=1)),
        (12, _liveness("bona-fide", 0.9)),
        (12, _link(20, 1)),
        (13, SessionDisconnected(reason="no-media")),
        (15, SessionConnected(gap_s=2)),
        (15, _link(5, 0)),
        (16, InferenceGap(deployment="SpeechRecognition", state="lost")),
        (18, InferenceGap(deployment="SpeechRecognition", state="recovered", gap_s=2)),
        (18, PictureState(state="black")),
        (18, SoundState(state="silent")),
        (19, Alarm(code="storage.full", detail="")),
        (20, SessionEnded(reason="hr")),
        (20, AnswerScored(question="introduction", rating=rating(relevance=70.0, coherence=50.0))),
        (20, ResultReady(overall=65.4)),
    )


def test_the_same_log_gives_the_same_bytes() -> None:
    def read() -> list[Event]:
        return [Event.model_validate_json(event.model_dump_json()) for event in interview()]

    assert Report.of(read()).model_dump_json() == Report.of(interview()).model_dump_json()


def test_what_the_report_says() -> None:
    report = Report.of(interview())
    assert (report.candidate, report.state, report.media_time) == ("Li Lei", "scored", 20.0)
    assert report.overall == report.scores.overall == pytest.approx(65.4)
    assert report.ended_at is not None
    assert (report.ended_at - report.created_at).total_seconds() == 20
    said = report.transcript.questions[0].utterances[0]
    assert said.text.startswith("I led")
    assert said.words[0].start == pytest.approx(2.2)
    assert report.sufficiency.verdict.code == "sufficient"
    assert {id_: why.code for id_, why in report.sufficiency.missing.items()} == {
        "problem": "not-asked",
        "teamwork": "not-asked",
    }
    assert report.versions.models == ("affect@1", "asr@1", "e5-small@1", "liveness@1")
    assert (report.versions.rubrics, report.versions.weights) == (("content-1",), "weights-1")


def test_facts_have_their_times() -> None:
    facts = [(f.what.code, f.start, f.end, f.detail) for f in Report.of(interview()).integrity]
    assert facts == [
        ("liveness-attack", 9.0, 12.0, ""),
        ("several-people", 10.0, 12.0, ""),
        ("disconnected", 13.0, 15.0, ""),
        ("inference-gap", 16.0, 18.0, "SpeechRecognition"),
        ("picture-black", 18.0, 20.0, ""),
        ("sound-silent", 18.0, 20.0, ""),
        ("alarm", 19.0, 19.0, "storage.full"),
    ]


def test_link_counters_survive_a_restart() -> None:
    link = Report.of(interview()).link
    assert (link.sound_lost_ms, link.frames_dropped, link.disconnections, link.disconnected_s) == (
        25,
        1,
        1,
        2,
    )
    assert (link.loss, link.rtt_ms, link.measurements) == (0.02, 30, 2)


def test_observations_stand_apart_with_no_weight() -> None:
    report = Report.of(interview())
    seen = report.observed
    assert seen.weight == 0
    assert seen.affect is not None
    assert (seen.affect.positive, seen.affect.neutral, seen.affect.confidence) == (0.5, 0.5, 0.7)
    assert seen.liveness is not None
    assert (seen.liveness.decision, seen.liveness.decisions) == ("bona-fide", {"attack": 1, "bona-fide": 1})
    assert (seen.face.presence, seen.face.several_s) == (0.9, 2.0)
    assert (seen.speech[0].band, seen.speech[0].words_per_minute) == ("usual", 150.0)
    other = [
        event for event in interview() if event.data.type not in {"affect.observed", "liveness.observed"}
    ]
    assert Scores.of(other) == Scores.of(interview())


@pytest.mark.parametrize("policy", ["EU", "strict"])
def test_no_affect_where_the_law_forbids_it(policy: Policy) -> None:
    report = Report.of(interview(policy))
    assert report.observed.affect is None
    assert report.observed.affect_forbidden
    assert "affect@1" not in report.model_dump_json()
    assert "positive" not in report.model_dump_json()


def test_before_the_end_there_is_what_there_is() -> None:
    events = interview()[:6]
    report = Report.of(events)
    assert (report.state, report.overall, report.ended_at) == ("live", None, None)
    assert report.scores.answers[0].insufficient is not None
    assert report.scores.answers[0].insufficient.code == "not-rated"
    assert len(Transcript.of(events).questions[0].utterances) == 1
    assert Report.of(events[:1]).observed.face.presence is None


def test_a_log_without_its_beginning_is_refused() -> None:
    with pytest.raises(ValueError, match=r"session\.created"):
        Report.of(interview()[1:])
    assert Transcript.of([]).questions == ()


def test_everything_a_reader_sees_is_in_both_languages() -> None:
    def walk(node: object) -> int:
        if isinstance(node, dict):
            if "code" in node:
                assert set(node) == {"code", "zh", "en"}
                assert node["zh"] != node["code"] != node["en"], node
                return 1
            return sum(walk(value) for value in node.values())
        return sum(walk(value) for value in node) if isinstance(node, list) else 0

    assert walk(json.loads(Report.of(interview()).model_dump_json())) > 10


def _measured(utterance: int, start: float, end: float, **more: float | None) -> SpeechMeasured:
    base = {"words_per_minute": 150.0, "syllables_per_minute": 200.0, "pause_ratio": 0.0, "dbfs": -20.0}
    return SpeechMeasured.model_validate({"utterance": utterance, "start": start, "end": end} | base | more)


def test_an_answer_gathers_what_its_utterances_show() -> None:
    events = log(
        (0, created()),
        (0, SessionConnected()),
        (1, QuestionStarted(question="introduction")),
        (4, final(1, 3.0, "Um, I led a team of four people.")),
        (4, _measured(1, 3, 6, pitch_hz=120.0, snr_db=30.0, clipping=0.0)),
        (9, final(2, 8.0, "We built a shop.")),
        (9, _measured(2, 8, 9, pitch_hz=200.0, clipping=0.04, dbfs=-10.0)),
    )
    [speech] = Report.of(events).observed.speech
    assert (speech.latency_s, speech.fillers) == (2.2, 1)
    assert speech.pauses == 1
    assert (speech.pitch_hz, speech.snr_db, speech.clipping) == (120.0, 30.0, 0.01)
    assert (speech.bandwidth_hz, speech.loudness_range_db) == (None, None)
    assert speech.dbfs == pytest.approx(-14.9, abs=0.1)
    cut = log(*((e.media_time, e.data) for e in events[:3]), (2, SessionDisconnected(reason="no-media")))
    after = [*cut, *log(*((e.media_time, e.data) for e in events[3:]))]
    [speech] = Report.of(after).observed.speech
    assert speech.latency_s is None  # the connection was lost before the first word


def test_a_log_from_before_these_measures_still_reads() -> None:
    old = {"utterance": 1, "start": 0.0, "end": 2.0, "pause_ratio": 0.1, "dbfs": -20.0}
    event = SpeechMeasured.model_validate(old | {"words_per_minute": None, "syllables_per_minute": None})
    assert (event.pitch_hz, event.filler_ratio, event.pauses) == (None, None, 0)
