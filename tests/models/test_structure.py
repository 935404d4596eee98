"""Situation, task, action and result are found, where a question asks for a story of one's own."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from interviews.questions import default_questions
from interviews.starter_bank import starter_bank
from models.embedding import TextEncoder
from models.lexical import Language
from models.story_questions import asks_about_person, asks_for_story
from models.structure import PARTS, SHARES, Part, Structure, value
from tests.models.answer_material import OFF_TOPIC, ON_TOPIC

PART = {"s": "situation", "t": "task", "a": "action", "r": "result", "o": "other"}
STORIES = tomllib.loads((Path(__file__).parent / "story_labels.toml").read_text("utf-8"))["story"]
# Not stories by their wording: an explanation, and one that leaves it open whether a story or a plan is told.
UNLIKE_THEIR_KIND = {"explain-to-layperson", "target-at-risk", "engineer-live"}


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.load()


@pytest.fixture(scope="module")
def finder(encoder: TextEncoder) -> Structure:
    return Structure(encoder)


def _parts(finder: Structure, encoder: TextEncoder, told: list[str], language: Language) -> list[Part]:
    return finder.parts(told, encoder.encode(told, "passage"), language)


@pytest.mark.parametrize(("language", "least"), [("en", 0.85), ("zh", 0.78)])
def test_sentences_of_labelled_stories_are_told_apart(
    finder: Structure, encoder: TextEncoder, language: Language, least: float
) -> None:
    """Of five classes; the commonest of them makes up a third. The figures are in docs/scores.md."""
    right, found, there = Counter[str](), Counter[str](), Counter[str]()
    for story in STORIES:
        if story["language"] != language:
            continue
        told = [sentence for _, sentence in story["told"]]
        labels = finder.labels(told, encoder.encode(told, "passage"), language)
        for label, (part, _) in zip(labels, story["told"], strict=True):
            found[label] += 1
            there[PART[part]] += 1
            right[label] += label == PART[part]
    for part in PART.values():
        print(f"\n{language} {part}: {right[part]} of {found[part]} found, of {there[part]} there", end="")
    print(f"\n{language}: {right.total()} of {there.total()}")
    assert right.total() >= least * there.total()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_evidence_is_a_sentence_of_that_part(
    finder: Structure, encoder: TextEncoder, language: Language
) -> None:
    wrong = total = 0
    for story in STORIES:
        if story["language"] == language:
            for part in _parts(finder, encoder, [text for _, text in story["told"]], language):
                total += 1
                wrong += PART[story["told"][part.sentence][0]] != part.name
    assert total >= 20
    assert wrong <= 0.1 * total


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_story_without_its_end_has_no_result(
    finder: Structure, encoder: TextEncoder, language: Language
) -> None:
    whole = _parts(finder, encoder, list(ON_TOPIC[language]), language)
    begun = _parts(finder, encoder, list(ON_TOPIC[language][:5]), language)
    assert {part.name for part in whole} >= {"situation", "action", "result"}
    assert "result" not in {part.name for part in begun}
    assert value(begun) < value(whole)
    assert value(_parts(finder, encoder, list(OFF_TOPIC[language]), language)) < value(begun)


def test_the_shares_of_the_parts() -> None:
    assert sum(SHARES.values()) == pytest.approx(1.0)
    assert value([Part(name, 0, 1.0) for name in PARTS]) == 100.0
    assert value([]) == 0.0


def test_no_sentences_no_parts(finder: Structure, encoder: TextEncoder) -> None:
    assert finder.parts([], encoder.encode([], "passage"), "en") == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_which_questions_ask_for_a_story(language: Language) -> None:
    for question in starter_bank().values():
        if question.id not in UNLIKE_THEIR_KIND:
            asked = asks_for_story(question.text[language], language)
            assert asked == (question.kind == "structured"), question.id
    introduction, problem, teamwork = (one.text[language] for one in default_questions(language))
    assert not asks_for_story(introduction, language)
    assert asks_about_person(introduction, language)
    assert asks_for_story(problem, language)
    assert asks_for_story(teamwork, language)
