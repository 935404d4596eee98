"""Dimensions are scored from answers, the whole from dimensions, by weights that may change."""

from __future__ import annotations

import pytest

from interviews.answers import Evidence, Measure
from interviews.dimension_scores import SIGMA_FLOOR, Z95
from interviews.events import (
    AnswerScored,
    Payload,
    QuestionStarted,
    ResultReady,
    SessionConnected,
    SessionCreated,
    SessionEnded,
)
from interviews.plan import Question
from interviews.report import Report
from interviews.rubric import RubricDimension, WeightsChanged
from interviews.scoring import Scores
from tests.interviews.conftest import final, log, rating

ANCHORS = {"en": ("one", "two", "three", "four", "five"), "zh": ("一", "二", "三", "四", "五")}
RUBRIC = tuple(
    RubricDimension(id=id_, name={"en": id_}, anchors=ANCHORS, weight=weight)
    for id_, weight in (("service", 60), ("teamwork", 30), ("english", 10))
)
ASKS = {"one": ("service",), "two": ("service", "teamwork"), "three": ("teamwork",)}
SAID = "I led a team of four people and we shipped it."


def _told(values: dict[str, float | None], *more: tuple[float, Payload]) -> Scores:
    return Scores.of(_log(values, *more))


def _log(values: dict[str, float | None], *more: tuple[float, Payload]):  # type: ignore[no-untyped-def]
    questions = tuple(Question(id=id_, text={"en": id_}, dimensions=asks) for id_, asks in ASKS.items())
    made = SessionCreated(candidate="Li", language="en", policy="CN", questions=questions, dimensions=RUBRIC)
    told: list[tuple[float, Payload]] = [(0, made), (1, SessionConnected())]
    for n, (id_, value) in enumerate(values.items(), start=1):
        told += [(10 * n, QuestionStarted(question=id_)), (10 * n + 1, final(n, 10 * n + 1, SAID))]
        told.append((90, AnswerScored(question=id_, rating=rating(relevance=value))))
    return log(*told, (91, SessionEnded(reason="hr")), (92, ResultReady(overall=None)), *more)


def _changed(version: int, **weights: float) -> tuple[float, Payload]:
    return 100, WeightsChanged(version=version, weights=weights, reason="the job is another", by="HR")


def test_a_dimension_is_the_mean_of_its_answers_with_level_and_interval() -> None:
    scores = _told({"one": 70.0, "two": 50.0, "three": 90.0})
    service, teamwork, english = scores.dimensions
    assert (service.score, service.level, service.anchor["en"]) == (60.0, 4, "four")
    assert (teamwork.score, teamwork.questions) == (70.0, ("two", "three"))
    assert english.insufficient is not None
    assert (english.score, english.level, english.insufficient.code) == (None, None, "dimension-not-asked")
    spread = 20.0  # standard deviation of 70, 50, 90
    assert service.interval is not None
    assert service.interval.high == pytest.approx(60 + Z95 * spread / 2**0.5, abs=0.05)
    assert [quote.start for quote in service.evidence] == [4.0, 4.0]
    assert (service.models, service.rubrics) == (("e5-small@1",), ("content-1",))
    assert (english.models, english.rubrics) == ((), ())


def test_the_whole_is_weighed_over_what_could_be_scored() -> None:
    scores = _told({"one": 70.0, "two": 50.0, "three": 90.0})
    assert scores.overall == pytest.approx((60 * 60 + 30 * 70) / 90, abs=0.05)
    assert [answer.weight for answer in scores.answers] == [0.3333, 0.5, 0.1667]
    by_answers = sum(a.weight * a.score for a in scores.answers if a.score is not None)
    assert scores.overall == pytest.approx(by_answers, abs=0.05)
    assert scores.interval is not None
    assert scores.interval.low < scores.overall < scores.interval.high


def test_two_alike_answers_do_not_make_a_score_certain() -> None:
    scores = _told({"one": 70.0, "two": 70.0, "three": 70.0})
    service = scores.dimensions[0]
    assert service.interval is not None
    assert service.interval.high - 70 == pytest.approx(Z95 * SIGMA_FLOOR / 2**0.5, abs=0.06)


def test_less_than_half_the_weight_gives_no_overall_score() -> None:
    scores = _told({"one": None, "two": None, "three": 90.0})
    assert (scores.overall, scores.interval) == (None, None)
    few = _told({"three": 90.0})
    assert few.dimensions[1].score == 90.0
    assert few.insufficient is not None
    assert (few.overall, few.insufficient.code) == (None, "too-little-weight")
    assert few.history[0].overall is None


def test_other_weights_are_kept_beside_the_plans_with_the_difference() -> None:
    values: dict[str, float | None] = {"one": 70.0, "two": 50.0, "three": 90.0}
    scores = _told(values, _changed(2, service=0, teamwork=100, english=0))
    plan, now = scores.history
    assert (plan.version, plan.by, plan.overall) == (1, "", 63.3)
    assert (now.version, now.by, now.reason, now.overall) == (2, "HR", "the job is another", 70.0)
    assert now.difference == pytest.approx(6.7)
    assert (scores.overall, scores.interval) == (70.0, now.interval)
    assert [one.weight for one in scores.dimensions] == [0, 100, 0]


@pytest.mark.parametrize(
    "odd",
    [
        _changed(2, service=60, teamwork=30),
        _changed(2, service=120, teamwork=-30, english=10),
        _changed(2, service=60, teamwork=30, english=20),
        _changed(3, service=10, teamwork=80, english=10),
        _changed(2),
    ],
)
def test_weights_that_do_not_fit_change_nothing(odd: tuple[float, Payload]) -> None:
    values: dict[str, float | None] = {"one": 70.0, "two": 50.0, "three": 90.0}
    assert _told(values, odd) == _told(values)


def test_the_same_log_gives_the_same_bytes() -> None:
    values: dict[str, float | None] = {"one": 70.0, "two": 50.0, "three": None}
    events = _log(values, _changed(2, service=10, teamwork=80, english=10))
    assert Report.of(events).model_dump_json() == Report.of([*events]).model_dump_json()


def _leveled(**levels: float | None) -> Scores:
    """As `_told` with 70, 50 and 90, the second answer judged by dimensions' own levels too."""
    second = rating(relevance=50.0)
    quote = Evidence(quote="we shipped it", start=21.0, end=22.0, note="rests-on")
    more = tuple(
        Measure(
            name=f"dimension:{id_}",
            value=value,
            insufficient=None if value is not None else "no-valid-quote",
            evidence=(quote,) if value is not None else (),
            detail={"sd": 20.0} if value is not None else {},
        )
        for id_, value in levels.items()
    )
    leveled = second.model_copy(update={"measures": second.measures + more})
    told = (95, AnswerScored(question="two", rating=leveled))
    return _told({"one": 70.0, "two": 50.0, "three": 90.0}, told)


def test_a_dimension_that_was_judged_by_its_own_levels_takes_these() -> None:
    scores = _leveled(service=100.0)
    service, teamwork, _ = scores.dimensions
    assert (service.score, service.level, service.anchor["en"]) == (85.0, 5, "five")
    assert [quote.quote for quote in service.evidence][1] == "we shipped it"
    assert teamwork.score == 70.0
    assert scores.overall == pytest.approx((60 * 85 + 30 * 70) / 90, abs=0.05)
    assert scores.history[0].overall == scores.overall
    assert scores.answers[1].score == 50.0
    label = next(one.label for one in scores.answers[1].measures if one.name == "dimension:service")
    assert label.en == "service"


def test_a_dimension_without_a_valid_level_keeps_the_answer_s_score() -> None:
    assert _leveled(service=None).overall == _told({"one": 70.0, "two": 50.0, "three": 90.0}).overall


def test_changed_weights_weigh_levels_too() -> None:
    rest = {"service": 0.0, "teamwork": 90.0, "english": 10.0}
    assert _leveled(service=100.0).overall != (before := _leveled(teamwork=0.0).overall)
    events = _log({"one": 70.0, "two": 50.0, "three": 90.0}, _changed(2, **rest))
    assert Scores.of(events).overall == 70.0
    assert before == pytest.approx((60 * 60 + 30 * 45) / 90, abs=0.05)


def test_samples_that_disagree_widen_the_interval() -> None:
    def width(sd: float) -> float:
        one = rating(relevance=70.0)
        measures = tuple(m.model_copy(update={"detail": {"sd": sd}}) for m in one.measures)
        again = (95, AnswerScored(question="one", rating=one.model_copy(update={"measures": measures})))
        interval = _told({"one": 70.0, "two": 70.0, "three": 70.0}, again).interval
        assert interval is not None
        return interval.high - interval.low

    assert width(0.0) < width(10.0) < width(30.0)
