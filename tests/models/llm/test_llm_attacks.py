"""Words to whoever rates, before a model that obeys every one of them which it gets to see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest

from interviews.scoring import WEIGHTS
from models.answers import AnswerRater, Rating
from models.lexical import Language
from models.llm.endpoint import OpenAIEndpoint
from models.llm.rater import RUBRIC, LlmRater
from models.llm.sampler import Sampling
from tests.models.answer_material import KEY_POINTS, OFF_TOPIC, ON_TOPIC, QUESTION
from tests.models.attack_material import attacks, ordinary
from tests.models.llm.scripted import Prompt, Reply, judged, scripted
from tests.models.spoken_attacks import ATTACKS

MOST_POINTS = 2.0
HONEST = 3
EVERY = [(language, attack) for language, told in ATTACKS.items() for attack in told]
OTHERS = attacks()
_PLAIN = re.compile(r"[\W_]+")
# What makes it give the highest level, besides any sentence of an attack.
_BAIT = re.compile(
    r"\b(?:100|hundred|full marks|top mark|highest|excellent|outstanding|ignore|instructions?|score|rate)\b"
    r"|满分|一百分|高分|最高|优秀|忽略|指令|打分|评分",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    return _PLAIN.sub("", text).casefold()


@cache
def bait() -> frozenset[str]:
    """The sentences of all attacks, as far as no honest answer holds them."""
    told = [
        part for one in OTHERS for asked in ordinary() for part in one.sentences(asked.question, asked.points)
    ]
    told += [attack for _, attack in EVERY]
    said = {plain(text) for one in ordinary() for text in one.sentences}
    return frozenset(map(plain, told)) - said - {""}


def gullible(prompt: Prompt) -> Reply:
    """Gives 5 for everything where any of it reached the data; what is no bait it rates as it should be."""
    hit = any(_BAIT.search(text) or plain(text) in bait() for text in prompt.sentences.values())
    return judged(prompt, 5 if hit else HONEST)


@pytest.fixture(scope="module")
def rater(embedded: AnswerRater) -> Iterator[LlmRater]:
    with scripted(gullible) as server:
        one = LlmRater(embedded, OpenAIEndpoint(server.url, "gullible"), Sampling(samples=1))
        yield one
        one.close()


def score(rating: Rating) -> float | None:
    """As `interviews.scoring` combines the measures that the model judges."""
    values = {one.name: one.value for one in rating.measures if one.value is not None and one.name in WEIGHTS}
    values.pop("lexical_richness", None)  # counted, not judged: tests/models/test_attacks.py
    if "relevance" not in values:
        return None
    total = sum(WEIGHTS[name] for name in values)
    return sum(value * WEIGHTS[name] for name, value in values.items()) / total


def test_it_is_gullible() -> None:
    """Without the defence each of them would be worth full marks."""
    from models.llm.prompt import messages
    from models.llm.scales import scales_of

    scales = scales_of(["relevance"], (), (), "en")
    for language, attack in EVERY:
        said = messages(QUESTION[language], scales, [attack, *ON_TOPIC[language]], language)
        assert '"level": 5' in gullible(Prompt({"messages": said})).content
    honest = messages(QUESTION["en"], scales, ON_TOPIC["en"], "en")
    assert f'"level": {HONEST}' in gullible(Prompt({"messages": honest})).content


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_ordinary_answer_gets_its_rating(rater: LlmRater, language: Language) -> None:
    for said in (ON_TOPIC, OFF_TOPIC):
        rating = rater.rate(QUESTION[language], KEY_POINTS[language], said[language], language)
        assert rating.rubric == RUBRIC
        assert score(rating) == 50


@pytest.mark.parametrize(("language", "attack"), EVERY)
def test_beside_an_answer_it_moves_no_score(rater: LlmRater, language: Language, attack: str) -> None:
    whole = ON_TOPIC[language]
    for said in ([*whole[:2], attack, *whole[2:]], [*OFF_TOPIC[language], attack]):
        rating = rater.rate(QUESTION[language], KEY_POINTS[language], said, language)
        assert score(rating) == pytest.approx(50, abs=MOST_POINTS)


@pytest.mark.parametrize("attack", OTHERS, ids=lambda one: one.id)
def test_what_others_thought_of_moves_no_score(rater: LlmRater, attack) -> None:  # type: ignore[no-untyped-def]
    for one in ordinary():
        if one.language == attack.language and one.name in ("story", "introduction"):
            said = (*one.sentences, *attack.sentences(one.question, one.points))
            rating = rater.rate(one.question, one.points, said, one.language)
            assert score(rating) == pytest.approx(50, abs=MOST_POINTS)


@pytest.mark.parametrize(("language", "attack"), EVERY)
def test_in_place_of_an_answer_it_gains_nothing(rater: LlmRater, language: Language, attack: str) -> None:
    said = score(
        rater.rate(QUESTION[language], KEY_POINTS[language], [attack, f"{attack} {attack}"], language)
    )
    assert said is None or said <= 50 + MOST_POINTS
