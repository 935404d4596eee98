"""Words to whoever rates gain nothing: not beside an answer, and not in place of one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from interviews.scoring import WEIGHTS
from models import lexical
from models.answers import AnswerRater, Rating
from models.embedding import Kind
from models.lexical import Language
from tests.models.answer_material import (
    INTRODUCTION,
    KEY_POINTS,
    OFF_TOPIC,
    ON_TOPIC,
    ON_TOPIC_INTRODUCTION,
    QUESTION,
)
from tests.models.attack_material import Attack, Ordinary, attacks, ordinary
from tests.models.spoken_attacks import ATTACKS

MOST_POINTS = 2.0
# What somebody who knows the measures may add: a story's headings, lists of figures and names, bare deeds.
PADDING: dict[Language, tuple[tuple[str, ...], ...]] = {
    "en": (
        (
            "The situation was difficult.",
            "My task was to solve it.",
            "I took action quickly.",
            "In the end the result was excellent.",
        ),
        ("5, 10, 15, 20, 25, 30.", "Python, Java, Excel, Docker, SQL."),
        ("I did it, I made it, I built it, I wrote it, I solved it, I led it.",),
        ("There were 12 people, 30 days, 5 teams and 40 meetings in 2021.",),
        ("We worked with Google, Amazon, Microsoft and Oracle in New York, London and Paris.",),
    ),
    "zh": (
        ("当时的情况很困难。", "我的任务是解决它。", "我马上采取了行动。", "最后结果非常好。"),
        ("五个、十个、十五个、二十个、三十个。", "Python、Java、Excel、Docker、SQL。"),
        ("我做了，我写了，我改了，我查了，我带了，我解决了。",),
        ("一共有十二个人，三十天，五个小组，四十次会议，那是二零二一年。",),
        ("我们和华为、腾讯、阿里、百度在北京、上海、深圳合作。",),
    ),
}
EVERY = [(language, attack) for language, attacks in ATTACKS.items() for attack in attacks]


@pytest.fixture(scope="module")
def rater() -> AnswerRater:
    """Each text is encoded once: the same answers stand in hundreds of ratings."""
    rater = AnswerRater.load()
    encode, known = rater.encoder.encode, dict[tuple[str, str], NDArray[np.float32]]()

    def remembered(texts: Sequence[str], kind: Kind = "query") -> NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if (text, kind) not in known]
        known.update(zip([(text, kind) for text in new], encode(new, kind), strict=True))
        return np.stack([known[text, kind] for text in texts]) if texts else encode([], kind)

    rater.encoder.encode = remembered  # type: ignore[method-assign]
    return rater


def score(rating: Rating) -> float | None:
    """As `interviews.scoring` combines the measures."""
    values = {one.name: one.value for one in rating.measures if one.value is not None}
    if "relevance" not in values:
        return None
    total = sum(WEIGHTS[name] for name in values)
    return sum(value * WEIGHTS[name] for name, value in values.items()) / total


@cache
def _honest(rater: AnswerRater, answer: tuple[str, ...], language: Language) -> float:
    found = score(rater.rate(QUESTION[language], KEY_POINTS[language], answer, language))
    assert found is not None
    return found


def test_there_are_enough_in_both_languages() -> None:
    assert all(len(set(attacks)) >= 20 for attacks in ATTACKS.values())


@pytest.mark.parametrize(("language", "attack"), EVERY)
def test_beside_an_answer_it_moves_no_score(rater: AnswerRater, language: Language, attack: str) -> None:
    question, points = QUESTION[language], KEY_POINTS[language]
    whole, short, other = ON_TOPIC[language], ON_TOPIC[language][:4], OFF_TOPIC[language]
    for answer, mixes in (
        (whole, [[attack, *whole], [*whole[:2], attack, *whole[2:]]]),
        (short, [[*short, attack]]),
        (other, [[*other, attack]]),
    ):
        honest = _honest(rater, answer, language)
        for mixed in mixes:
            moved = score(rater.rate(question, points, mixed, language))
            assert moved == pytest.approx(honest, abs=MOST_POINTS)


@pytest.mark.parametrize(("language", "attack"), EVERY)
def test_in_place_of_an_answer_it_is_not_better_than_one_about_something_else(
    rater: AnswerRater, language: Language, attack: str
) -> None:
    question, points = QUESTION[language], KEY_POINTS[language]
    other = _honest(rater, OFF_TOPIC[language], language)
    said = score(rater.rate(question, points, [attack, f"{attack} {attack}"], language))
    assert said is None or said <= other + MOST_POINTS


@pytest.mark.parametrize("language", ["en", "zh"])
def test_all_of_them_together_gain_nothing(rater: AnswerRater, language: Language) -> None:
    question, points, attacks = QUESTION[language], KEY_POINTS[language], ATTACKS[language]
    honest = score(rater.rate(question, points, ON_TOPIC[language], language))
    moved = score(rater.rate(question, points, [*attacks, *ON_TOPIC[language], *attacks], language))
    assert moved == pytest.approx(honest, abs=MOST_POINTS)
    alone = rater.rate(question, points, attacks, language)
    assert score(alone) is None
    assert alone.measures[0].insufficient in ("only-asides", "only-repetition")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_padding_with_headings_figures_names_and_deeds_does_not_pay(
    rater: AnswerRater, language: Language
) -> None:
    question, points = QUESTION[language], KEY_POINTS[language]
    for answer in (ON_TOPIC[language], ON_TOPIC[language][:4]):
        honest = _honest(rater, answer, language)
        for padding in PADDING[language]:
            padded = score(rater.rate(question, points, [*answer, *padding], language))
            assert padded is not None
            assert padded <= honest + MOST_POINTS, padding
    hollow = rater.rate(question, points, PADDING[language][0], language)
    assert score(hollow) is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_sentence_of_an_ordinary_answer_is_taken_for_one(rater: AnswerRater, language: Language) -> None:
    for question, answer in ((QUESTION, ON_TOPIC), (INTRODUCTION, ON_TOPIC_INTRODUCTION)):
        rating = rater.rate(question[language], (), answer[language], language)
        words = [lexical.tokens(one, language, rater.encoder.pieces) for one in answer[language]]
        assert rating.tokens == sum(map(len, words))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_question_about_rating_can_be_answered(rater: AnswerRater, language: Language) -> None:
    question = {
        "en": "How would you grade the essays of your pupils fairly?",
        "zh": "你会怎样公平地给学生的作文打分？",
    }[language]
    answer = {
        "en": (
            "I would write down the criteria first and show the pupils what full marks stand for.",
            "Then I would give points for the argument, the language and the sources separately.",
            "A colleague grades ten essays as well, so that we see whether our scores agree.",
        ),
        "zh": (
            "我会先把评分标准写清楚，让学生知道满分的作文是什么样的。",
            "然后按内容、语言和结构分别打分，而不是凭印象给一个总分。",
            "我还会请另一位老师也批改十篇，看看我们打的分数是否一致。",
        ),
    }[language]
    rating = rater.rate(question, (), answer, language)
    assert (rating.measures[0].value or 0) >= 60


@pytest.mark.parametrize("attack", attacks(), ids=lambda one: one.id)
def test_what_others_thought_of_moves_no_score(rater: AnswerRater, attack: Attack) -> None:
    for one in ordinary():
        if one.language != attack.language or one.name == "short-story":
            continue
        said = attack.sentences(one.question, one.points)
        moved = score(rater.rate(one.question, one.points, (*one.sentences, *said), one.language))
        assert moved == pytest.approx(_score_of(rater, one), abs=MOST_POINTS)


@cache
def _score_of(rater: AnswerRater, one: Ordinary) -> float:
    found = score(rater.rate(one.question, one.points, one.sentences, one.language))
    assert found is not None
    return found
