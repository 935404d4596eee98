"""Conclusions by rules, key points, the line of the interview, and that nothing is said without its words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from interviews.answers import AnswerRating, Evidence, Measure
from interviews.events import (
    AnswerScored,
    Event,
    LinkMeasured,
    Payload,
    QuestionStarted,
    ResultReady,
    SessionConnected,
    SessionCreated,
    SessionEnded,
)
from interviews.journey_events import ConsentGiven
from interviews.live_events import AnnotationAdded, QuestionInterjected, SessionPaused, SessionResumed
from interviews.plan import Question
from interviews.report import Report
from interviews.rubric import RubricDimension
from tests.interviews.conftest import final, log

ANCHORS = {"en": tuple(f"behaviour {n}" for n in range(1, 6)), "zh": tuple(f"行为{n}" for n in range(1, 6))}
DIMENSIONS = tuple(
    RubricDimension(id=id_, name={"zh": zh, "en": id_}, anchors=ANCHORS, weight=25)
    for id_, zh in (
        ("communication", "沟通"),
        ("teamwork", "团队合作"),
        ("welding", "焊接"),
        ("integrity", "诚信"),
    )
)
SAID = "I asked the customer first. Then I called the warehouse and wrote it all down."
Value = float | None


def interview(values: dict[str, Value], *, more: tuple[tuple[float, Payload], ...] = ()) -> list[Event]:
    """One question a dimension; None: too short to be scored; `integrity` is never asked."""
    questions = tuple(
        Question(
            id=f"q-{id_}",
            text={"en": f"About {id_}?", "zh": f"谈谈{id_}"},
            dimensions=(id_,),
            key_points=("I asked first", "I followed up"),
        )
        for id_ in values
    )
    created = SessionCreated(
        candidate="Li Lei", language="en", policy="CN", questions=questions, dimensions=DIMENSIONS
    )
    told: list[tuple[float, Payload]] = [(0, created), (0, SessionConnected())]
    for n, (id_, value) in enumerate(values.items()):
        at = 20.0 * n + 1
        told += [(at, QuestionStarted(question=f"q-{id_}")), (at + 9, final(n, at + 1, SAID))]
        told.append((90.0, AnswerScored(question=f"q-{id_}", rating=_rating(value, at + 1.2))))
    told += [(90.0, SessionEnded(reason="hr")), (90.0, ResultReady(overall=None)), *more]
    return log(*sorted(told, key=lambda one: one[0]))


def _rating(value: Value, at: float) -> AnswerRating:
    if value is None:
        return AnswerRating(
            measures=(Measure(name="relevance", value=None, insufficient="too-short"),),
            tokens=3,
            model="e5@1",
            rubric="content-2",
        )
    closest = Evidence(quote="I asked the customer first.", start=at, end=at + 2, note="closest")
    asked = closest.model_copy(update={"note": "key-point:I asked first"})
    return AnswerRating(
        measures=(
            Measure(name="relevance", value=value, evidence=(closest,)),
            Measure(name="coverage", value=value, evidence=(asked,), missing=("key-point:I followed up",)),
            Measure(name="structure", value=0.0),  # looked for, and nothing found
        ),
        tokens=80,
        model="e5@1",
        rubric="content-2",
    )


VALUES: dict[str, Value] = {"communication": 88.0, "teamwork": 30.0, "welding": None}


def test_strengths_what_is_low_and_what_is_unknown() -> None:
    report = Report.of(interview(VALUES))
    by_kind = {(one.kind, one.about): one for one in report.conclusions}
    assert [one.kind for one in report.conclusions] == [
        *("strength", "weak", "uncertain", "uncertain"),
        *("missing-points", "missing-points"),
    ]
    strong = by_kind["strength", "communication"]
    assert strong.text.zh == "沟通突出：88 分，5 级（行为5）。"
    assert strong.probe is None
    weak = by_kind["weak", "teamwork"]
    assert weak.text.zh == "团队合作偏低：30 分，2 级（行为2）。建议复试追问。"
    assert weak.text.en == "teamwork is low: 30, level 2 (behaviour 2). Probe it in the next round."
    assert weak.probe is not None
    assert weak.probe.source == "bank"
    assert weak.probe.text.zh != weak.probe.text.en
    welding = by_kind["uncertain", "welding"]  # what was said stands there, though it has no score
    assert welding.probe is not None
    assert welding.probe.source == "anchor"
    assert "behaviour 4" in welding.probe.text.en
    assert welding.evidence[0].note.code == "whole-answer"
    never = by_kind["uncertain", "integrity"]
    assert "no question asks for it" in never.text.en
    assert never.evidence == ()
    missing = by_kind["missing-points", "q-communication"]
    assert "I followed up" in missing.text.en
    assert "1/2" in missing.text.en
    assert missing.probe is not None
    assert "I followed up" in missing.probe.text.zh
    for one in report.conclusions:
        assert one.evidence or one.about == "integrity"


def test_two_low_dimensions_are_not_offered_the_same_question() -> None:
    questions = [
        one.probe.question
        for one in Report.of(interview({"teamwork": 20.0, "communication": 20.0})).conclusions
        if one.probe and one.probe.question
    ]
    assert len(questions) == len(set(questions)) >= 2


def test_there_is_no_conclusion_without_consent_or_before_the_end() -> None:
    assert Report.of(interview(VALUES)[:-2]).conclusions == ()
    refused = ConsentGiven(recording=True, face=True, scoring=False, language="en", notice="1")
    report = Report.of(interview(VALUES, more=((95.0, refused),)))
    assert (report.overall, report.conclusions) == (None, ())


def test_without_a_plan_the_answers_themselves_are_weighed() -> None:
    events = [
        event.model_copy(update={"data": event.data.model_copy(update={"dimensions": ()})})
        if isinstance(event.data, SessionCreated)
        else event
        for event in interview(VALUES)
    ]
    found = [(one.kind, one.about) for one in Report.of(events).conclusions]
    assert found[:3] == [("strength", "q-communication"), ("weak", "q-teamwork"), ("uncertain", "q-welding")]


def test_key_points_are_found_or_missing() -> None:
    answer = Report.of(interview(VALUES)).scores.answers[0]
    assert [(one.point, one.found) for one in answer.key_points] == [
        ("I asked first", True),
        ("I followed up", False),
    ]
    assert answer.key_points[0].evidence[0].quote == "I asked the customer first."
    unknown = Report.of(interview(VALUES)).scores.answers[2]
    assert {one.found for one in unknown.key_points} == {None}


def scored(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every part of a report that gives a score of the machine, and where it stands."""
    if isinstance(node, dict):
        if path.split(".")[-1] not in ("reviewed", "observed", "history"):
            if any(node.get(name) is not None for name in ("score", "value", "overall")) and path:
                yield path, node
            for name, value in node.items():
                if name not in ("reviewed", "observed", "history"):
                    yield from scored(value, f"{path}.{name}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from scored(value, f"{path}[{index}]")


def test_every_score_has_its_words_within_the_session() -> None:
    report = json.loads(Report.of(interview(VALUES)).model_dump_json())
    found = dict(scored(report))
    assert {path.split("[")[0] for path in found} == {".scores", ".scores.dimensions", ".scores.answers"}
    assert sum(".measures[" in path for path in found) == 6
    for path, node in found.items():
        assert node["evidence"], path
        for quote in node["evidence"]:
            assert 0 <= quote["start"] < quote["end"] <= report["media_time"], path
            assert quote["quote"].strip(), path


@pytest.mark.parametrize("rtt", [500.0, None])
def test_the_line_of_the_interview(rtt: float | None) -> None:
    def link(at: float, loss: float, rtt_ms: float | None = 30.0) -> tuple[float, Payload]:
        measured = LinkMeasured(
            loss=loss, jitter_ms=5, rtt_ms=rtt_ms, kbps=900, fps=15, sound_lost_ms=0, frames_dropped=0
        )
        return at, measured

    note = AnnotationAdded(id="a-1", media_time=12.5, text="asks back", tags=("good",), by="Wang")
    more = (
        (14.0, note),
        (15.0, SessionPaused(by="Wang", reason="phone")),
        (18.0, SessionResumed(by="Wang")),
        (19.0, QuestionInterjected(id="i-1", text="And then?", by="Wang")),
        *(link(20, 0.0), link(25, 0.2), link(30, 0.1, rtt), link(35, 0.0)),
    )
    report = Report.of(interview(VALUES, more=more))
    line = [(one.kind, one.start, one.end, one.text) for one in report.timeline]
    assert line == [
        ("question", 1.0, 21.0, "About communication?"),
        ("annotation", 12.5, 12.5, "asks back"),
        ("pause", 15.0, 18.0, ""),
        ("interjection", 19.0, 19.0, "And then?"),
        ("link", 20.0, 30.0, "20.0 %, RTT 30 ms"),
        ("question", 21.0, 41.0, "About teamwork?"),
        ("question", 41.0, 90.0, "About welding?"),
    ]
    assert report.timeline[0].label.zh == "第 1 题"
    assert report.timeline[1].tags == ("good",)
