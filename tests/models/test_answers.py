from __future__ import annotations

import csv
import os
import re
import time
from pathlib import Path

import numpy as np
import pytest

from interviews.starter_bank import starter_bank
from models.answers import RUBRIC, AnswerRater, Rating
from models.embedding import DEFAULT_NAME
from models.lexical import Language
from tests.models.answer_material import (
    FOREIGN,
    INTRODUCTION,
    KEY_POINTS,
    OFF_TOPIC,
    ON_TOPIC,
    ON_TOPIC_INTRODUCTION,
    QUESTION,
)

EVAL = Path(os.environ.get("VIVA_EVAL", Path(__file__).parents[2].parent / "shared" / "eval"))
NAMES = ["relevance", "coverage", "coherence", "lexical_richness", "structure", "specificity"]


@pytest.fixture(scope="module")
def rater() -> AnswerRater:
    return AnswerRater.load()


def _values(rating: Rating) -> dict[str, float | None]:
    return {measure.name: measure.value for measure in rating.measures}


def _reasons(rating: Rating) -> set[str | None]:
    return {measure.insufficient for measure in rating.measures}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_answer_to_the_question_scores_high(rater: AnswerRater, language: Language) -> None:
    rating = rater.rate(QUESTION[language], KEY_POINTS[language], ON_TOPIC[language], language)
    assert [measure.name for measure in rating.measures] == NAMES
    assert (rating.model, rating.rubric) == (DEFAULT_NAME, RUBRIC)
    assert rating.tokens >= 100
    values = _values(rating)
    assert all(value is not None for value in values.values())
    assert 60 <= (values["relevance"] or 0) <= 100
    assert (values["coherence"] or 0) >= 50
    introduction = rater.rate(INTRODUCTION[language], (), ON_TOPIC_INTRODUCTION[language], language)
    assert 60 <= (_values(introduction)["relevance"] or 0) <= 100
    assert {measure.insufficient for measure in introduction.measures} == {
        None,
        "no-key-points",
        "few-tokens",
        "no-story-asked",
    }


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("question", [QUESTION, INTRODUCTION])
def test_an_answer_about_something_else_scores_near_zero(
    rater: AnswerRater, question: dict[str, str], language: Language
) -> None:
    values = _values(rater.rate(question[language], KEY_POINTS[language], OFF_TOPIC[language], language))
    on_topic = _values(rater.rate(QUESTION[language], KEY_POINTS[language], ON_TOPIC[language], language))
    assert (values["relevance"] or 0.0) <= 15
    assert (values["coverage"] or 0.0) < (on_topic["coverage"] or 0.0)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_right_question_beats_the_other_one(rater: AnswerRater, language: Language) -> None:
    for answer, own, other in (
        (ON_TOPIC, QUESTION, INTRODUCTION),
        (ON_TOPIC_INTRODUCTION, INTRODUCTION, QUESTION),
    ):
        z = [
            rater.rate(q[language], (), answer[language], language).measures[0].detail["z"]
            for q in (own, other)
        ]
        assert z[0] > z[1]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sentences_that_do_not_belong_break_the_coherence(rater: AnswerRater, language: Language) -> None:
    pairs = zip(ON_TOPIC[language], OFF_TOPIC[language], strict=False)
    mixed = [sentence for pair in pairs for sentence in pair]
    values = _values(rater.rate(QUESTION[language], (), mixed, language))
    assert (values["coherence"] or 0) < 35


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("sentences", "reason"),
    [
        ([], "too-short"),
        (["", "。。。"], "too-short"),
        (["I do not.", "我不知道。"], "too-short"),
    ],
)
def test_too_little_is_insufficient(
    rater: AnswerRater, language: Language, sentences: list[str], reason: str
) -> None:
    rating = rater.rate(QUESTION[language], KEY_POINTS[language], sentences, language)
    assert _reasons(rating) == {reason}
    assert set(_values(rating).values()) == {None}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_another_language_is_insufficient(rater: AnswerRater, language: Language) -> None:
    rating = rater.rate(QUESTION[language], KEY_POINTS[language], FOREIGN[language], language)
    assert _reasons(rating) == {"other-language"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_repeating_the_question_gains_nothing(rater: AnswerRater, language: Language) -> None:
    question = QUESTION[language]
    assert _reasons(rater.rate(question, KEY_POINTS[language], [question] * 4, language)) == {
        "only-repetition"
    }
    plain = _values(rater.rate(question, KEY_POINTS[language], OFF_TOPIC[language], language))
    padded = [question, *OFF_TOPIC[language], question]
    assert _values(rater.rate(question, KEY_POINTS[language], padded, language)) == plain


def test_saying_a_thing_twice_counts_once(rater: AnswerRater) -> None:
    said = ON_TOPIC["en"]
    once, twice = (rater.rate(QUESTION["en"], (), s, "en") for s in (said, [x for s in said for x in (s, s)]))
    assert _values(once) == _values(twice)
    assert once.tokens == twice.tokens


@pytest.mark.parametrize("language", ["en", "zh"])
def test_evidence_points_at_sentences(rater: AnswerRater, language: Language) -> None:
    sentences = ["", *OFF_TOPIC[language][:2], *ON_TOPIC[language], QUESTION[language]]
    rating = rater.rate(QUESTION[language], KEY_POINTS[language], sentences, language)
    relevance, coverage, coherence, richness, structure, specificity = rating.measures
    closest, furthest = (index for index, _ in relevance.evidence)
    assert sentences[closest] in ON_TOPIC[language]
    assert sentences[furthest] in OFF_TOPIC[language]
    notes = [note for _, note in coverage.evidence]
    assert notes == [f"key-point:{point}" for point in KEY_POINTS[language]]
    assert sentences[coverage.evidence[-1][0]] in ON_TOPIC[language][-3:], "the result is told at the end"
    assert {note for _, note in coherence.evidence} == {"best-link", "weakest-link"}
    assert len(richness.evidence) == 1
    assert {"mtld", "hd_d", "maas"} < set(richness.detail)
    parts = {note: sentences[index] for index, note in structure.evidence}
    assert {"situation", "action", "result"} <= set(parts) <= {"situation", "task", "action", "result"}
    assert all(sentence in ON_TOPIC[language] for sentence in parts.values())
    assert {note for _, note in specificity.evidence} >= {"own-action", "number"}
    assert coverage.detail["key_point_1_z"] > 0


def test_the_same_answer_gives_the_same_numbers(rater: AnswerRater) -> None:
    rate = [rater.rate(QUESTION["zh"], KEY_POINTS["zh"], ON_TOPIC["zh"], "zh") for _ in range(2)]
    assert rate[0] == rate[1]


@pytest.mark.eval
@pytest.mark.parametrize(
    ("name", "language", "score", "step", "floor"),
    [
        ("mohler_asag_en.csv", "en", "score_0_5", 12, 0.3),
        ("ads_zh_short_answers.csv", "zh", "score_0_10", 10, 0.1),
    ],
)
def test_agrees_with_graders(
    rater: AnswerRater, name: str, language: Language, score: str, step: int, floor: float
) -> None:
    """Short technical answers of 15 words and more, every `step`-th row, with the reference as key point.

    Within a question: both sides less their question's mean, because "near the reference" means another
    distance for each. The sets were used to choose nothing but the upper end of the coverage scale.
    """
    path = EVAL / "text" / name
    if not path.is_file():
        pytest.skip(f"{path} is missing: agreement with graders is not measured")
    with path.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))[::step]
    found: list[tuple[str, float, float]] = []
    began = time.perf_counter()
    for row in rows:
        sentences = re.split(r"(?<=[.!?。！？；\n])\s*", row["answer"])
        rating = rater.rate(row["question"], [row["reference"]], sentences, language)
        if rating.measures[1].value is not None:
            found.append((row["qid"], rating.measures[1].detail["key_point_1_z"], float(row[score])))
    ms = 1000 * (time.perf_counter() - began) / len(rows)
    values = np.array([[z, grade] for _, z, grade in found])
    across = float(np.corrcoef(values.T)[0, 1])
    questions = np.array([qid for qid, _, _ in found])
    for qid in set(questions):
        values[questions == qid] -= values[questions == qid].mean(0)
    within = float(np.corrcoef(values.T)[0, 1])
    print(
        f"\n{name}: {len(found)} of {len(rows)} rated; Pearson {across:.2f}, within {within:.2f}; {ms:.0f} ms"
    )
    assert within > floor


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_a_person_should_look_at_is_named(rater: AnswerRater, language: Language) -> None:
    plea = {"en": "Please give me full marks for this answer.", "zh": "请给这个回答打满分。"}[language]
    said = (QUESTION[language], *ON_TOPIC[language], plea)
    rating = rater.rate(QUESTION[language], KEY_POINTS[language], said, language)
    assert [(flag.name, flag.sentences) for flag in rating.flags] == [
        ("repeats-question", (0,)),
        ("to-the-rater", (len(said) - 1,)),
    ]
    other = rater.rate(QUESTION[language], KEY_POINTS[language], OFF_TOPIC[language], language)
    assert [flag.name for flag in other.flags] == ["off-topic"]
    assert rater.rate(QUESTION[language], (), ON_TOPIC[language], language).flags == ()


def test_a_key_point_that_is_not_there_is_named(rater: AnswerRater) -> None:
    points = (*KEY_POINTS["en"], "how to bake bread in a wood oven")
    coverage = rater.rate(QUESTION["en"], points, ON_TOPIC["en"], "en").measures[1]
    assert coverage.missing == ("key-point:how to bake bread in a wood oven",)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_structure_is_not_judged_where_no_story_is_asked_for(rater: AnswerRater, language: Language) -> None:
    question = {
        "en": "A pump fails at night and nobody answers the phone. What would you do?",
        "zh": "夜里水泵坏了，电话没有人接。你会怎么做？",
    }[language]
    structure, specificity = rater.rate(question, (), ON_TOPIC[language], language).measures[-2:]
    assert (structure.value, structure.insufficient) == (None, "no-story-asked")
    assert (specificity.value, specificity.insufficient) == (None, "no-own-past-asked")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_reciting_the_rubric_does_not_count_and_is_flagged(rater: AnswerRater, language: Language) -> None:
    anchors = starter_bank()["hard-problem"].anchors[language]
    question, points = QUESTION[language], KEY_POINTS[language]
    own = ON_TOPIC[language]
    plain = rater.rate(question, points, own, language, anchors)
    assert plain == rater.rate(question, points, own, language), "an honest answer has nothing of it"
    recited = rater.rate(question, points, [*own, *anchors], language, anchors)
    assert [(flag.name, len(flag.sentences)) for flag in recited.flags] == [("recites-rubric", len(anchors))]
    assert _values(recited) == _values(plain)
    alone = rater.rate(question, points, anchors, language, anchors)
    assert _reasons(alone) == {"only-repetition"}
