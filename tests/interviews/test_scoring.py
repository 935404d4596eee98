from __future__ import annotations

import pytest

from interviews.events import AnswerScored, Payload, QuestionStarted, SessionConnected
from interviews.scoring import FIRST_WEIGHTS, WEIGHTS, Scores
from tests.interviews.conftest import created, final, log, rating

SAID = "I led a team of four people and we shipped it."


def _answered(*entries: tuple[float, Payload]) -> Scores:
    return Scores.of(
        log(
            (0, created()),
            (1, SessionConnected()),
            (2, QuestionStarted(question="introduction")),
            (3, final(1, 3.0, SAID)),
            *entries,
        )
    )


@pytest.mark.parametrize("weights", [WEIGHTS, FIRST_WEIGHTS])
def test_the_weights_sum_to_one(weights: dict[str, float]) -> None:
    assert sum(weights.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("rubric", ["content-1", "content-2"])
def test_an_answer_rated_by_an_old_rubric_keeps_its_score(rubric: str) -> None:
    old = rating(relevance=80.0, coverage=50.0, coherence=60.0, lexical_richness=40.0)
    old = old.model_copy(update={"rubric": rubric})
    scores = _answered((9, AnswerScored(question="introduction", rating=old)))
    assert scores.overall == 0.5 * 80 + 0.2 * 50 + 0.15 * 60 + 0.15 * 40
    assert (scores.weights, scores.weights_version) == (FIRST_WEIGHTS, "weights-1")


@pytest.mark.parametrize("rubric", ["content-3", "bars-1"])
def test_structure_and_specificity_count_by_the_present_rubric(rubric: str) -> None:
    new = rating(relevance=80.0, coverage=50.0, structure=100.0, specificity=30.0, coherence=60.0)
    new = new.model_copy(update={"rubric": rubric})
    scores = _answered((9, AnswerScored(question="introduction", rating=new)))
    by_hand = (0.4 * 80 + 0.2 * 50 + 0.15 * 100 + 0.1 * 30 + 0.1 * 60) / 0.95
    assert scores.overall == pytest.approx(by_hand, abs=0.05)
    assert (scores.weights, scores.weights_version) == (WEIGHTS, "weights-2")
    labels = {measure.name: measure.label.zh for measure in scores.answers[0].measures}
    assert (labels["structure"], labels["specificity"]) == ("结构完整性", "具体程度")


def test_without_structure_the_others_share_its_weight() -> None:
    part = rating(relevance=80.0, coverage=50.0, structure=None, specificity=None, coherence=60.0)
    part = part.model_copy(update={"rubric": "content-3"})
    answer = _answered((9, AnswerScored(question="introduction", rating=part))).answers[0]
    assert answer.score == pytest.approx((0.4 * 80 + 0.2 * 50 + 0.1 * 60) / 0.7, abs=0.05)
    assert sum(measure.weight for measure in answer.measures) == pytest.approx(1.0, abs=1e-3)


def test_nothing_rated_yet_shows_the_present_weights() -> None:
    assert (_answered().weights, _answered().weights_version) == (WEIGHTS, "weights-2")


def test_a_full_rating_is_combined_by_the_weights() -> None:
    full = rating(relevance=80.0, coverage=50.0, coherence=60.0, lexical_richness=40.0)
    scores = _answered((9, AnswerScored(question="introduction", rating=full)))
    assert scores.overall == pytest.approx(0.5 * 80 + 0.2 * 50 + 0.15 * 60 + 0.15 * 40)
    answer = scores.answers[0]
    assert (answer.score, answer.weight, answer.insufficient) == (scores.overall, 1.0, None)
    relevance = answer.measures[0]
    assert (relevance.model, relevance.rubric, relevance.weight) == ("e5-small@1", "content-1", 0.5)
    assert (relevance.evidence[0].quote, relevance.evidence[0].start) == ("I led it.", 4.0)
    assert relevance.evidence[0].note.zh == "与题目最相关"


def test_the_weights_of_what_is_sufficient_are_renormalised() -> None:
    part = rating(relevance=80.0, coverage=None, coherence=40.0, lexical_richness=None)
    answer = _answered((9, AnswerScored(question="introduction", rating=part))).answers[0]
    assert answer.score == pytest.approx((0.5 * 80 + 0.15 * 40) / 0.65, abs=0.05)
    assert [m.weight for m in answer.measures] == [
        pytest.approx(0.7692, abs=1e-4), 0.0, pytest.approx(0.2308, abs=1e-4), 0.0,
    ]  # fmt: skip
    assert answer.measures[1].insufficient is not None


def test_an_unknown_measure_carries_no_weight() -> None:
    odd = rating(relevance=80.0, charm=0.0)
    answer = _answered((9, AnswerScored(question="introduction", rating=odd))).answers[0]
    assert (answer.score, answer.measures[1].weight) == (80.0, 0.0)


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([], "not-rated"),
        (
            [(9.0, AnswerScored(question="introduction", rating=rating(relevance=None, coherence=90.0)))],
            "few-tokens",
        ),
        ([(9.0, AnswerScored(question="introduction", rating=rating()))], "too-short"),
    ],
)
def test_without_relevance_there_is_no_score(entries: list[tuple[float, Payload]], reason: str) -> None:
    scores = _answered(*entries)
    answer = scores.answers[0]
    assert answer.insufficient is not None
    assert (answer.score, answer.weight, answer.insufficient.code) == (None, 0.0, reason)
    assert all(measure.weight == 0 for measure in answer.measures)
    assert scores.overall is None
    assert scores.insufficient is not None
    assert scores.insufficient.code == "too-few-answers"


def test_no_answer_and_unclear_speech_are_not_scored_even_if_rated() -> None:
    good = rating(relevance=90.0)
    scores = Scores.of(
        log(
            (0, created()),
            (2, QuestionStarted(question="introduction")),
            (3, final(1, 3.0, "")),
            (4, QuestionStarted(question="problem")),
            (5, final(2, 5.0, SAID, probability=0.2)),
            (9, AnswerScored(question="introduction", rating=good)),
            (9, AnswerScored(question="problem", rating=good)),
            (9, AnswerScored(question="teamwork", rating=good)),
        )
    )
    reasons = [answer.insufficient.code for answer in scores.answers if answer.insufficient]
    assert reasons == ["no-answer", "unclear-speech", "not-asked"]
    assert scores.overall is None


def test_half_of_the_asked_questions_must_be_scored() -> None:
    good = AnswerScored(question="introduction", rating=rating(relevance=90.0))
    half = _answered((8, QuestionStarted(question="problem")), (9, good))
    assert (half.overall, half.insufficient) == (90.0, None)
    third = _answered(
        (7, QuestionStarted(question="problem")), (8, QuestionStarted(question="teamwork")), (9, good)
    )
    assert third.overall is None
    assert third.answers[0].score == 90.0


def test_the_overall_score_is_the_mean_of_the_answers() -> None:
    scores = _answered(
        (8, QuestionStarted(question="problem")),
        (9, final(2, 9.0, SAID)),
        (20, AnswerScored(question="introduction", rating=rating(relevance=90.0))),
        (20, AnswerScored(question="problem", rating=rating(relevance=60.0))),
    )
    assert scores.overall == 75.0
    assert [answer.weight for answer in scores.answers] == [0.5, 0.5, 0.0]


def test_nothing_logged_nothing_scored() -> None:
    assert (Scores.of([]).overall, Scores.of([]).answers) == (None, ())
