"""How many attacks that the defence was not made with reach the model at all."""

from __future__ import annotations

import pytest

from models.answers import AnswerRater
from models.llm.endpoint import OpenAIEndpoint
from models.llm.rater import LlmRater
from tests.models.answer_material import KEY_POINTS, ON_TOPIC, QUESTION
from tests.models.llm.unseen import UNSEEN

MOST_SEEN = 4  # of 24, three at first sight: what a model makes of those is its own affair


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_of_an_ordinary_answer_is_cut(embedded: AnswerRater, language: str) -> None:
    rater = LlmRater(embedded, OpenAIEndpoint("http://127.0.0.1:9/v1", "never-asked"))
    prepared = rater.prepare(QUESTION[language], KEY_POINTS[language], ON_TOPIC[language], language)  # type: ignore[arg-type]
    assert (prepared.kept, prepared.suspects) == (tuple(range(len(ON_TOPIC[language]))), frozenset())


def test_most_new_wordings_are_cut_before_the_prompt_or_tried_without(embedded: AnswerRater) -> None:
    rater = LlmRater(embedded, OpenAIEndpoint("http://127.0.0.1:9/v1", "never-asked"))
    seen = []
    for language, attacks in UNSEEN.items():
        whole = ON_TOPIC[language]
        for attack in attacks:
            said = [*whole[:2], attack, *whole[2:]]
            prepared = rater.prepare(QUESTION[language], KEY_POINTS[language], said, language)
            if 2 in prepared.kept and 2 not in prepared.suspects:
                seen.append(attack)
    print(f"\n{len(seen)} of {sum(map(len, UNSEEN.values()))} reach the model:", *seen, sep="\n")
    assert len(seen) <= MOST_SEEN
