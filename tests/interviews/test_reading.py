"""The hint that an answer was read aloud: on strong evidence alone."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from interviews.events import Language
from interviews.reading import WRITTEN as WRITTEN_FROM
from interviews.reading import looks_read, read_aloud, reading_figures, register
from tests.interviews.conftest import final
from tests.interviews.reading_material import TALKED, WRITTEN
from tests.models.answer_material import OFF_TOPIC, ON_TOPIC, ON_TOPIC_INTRODUCTION

STORIES = (Path(__file__).parents[1] / "models" / "story_labels.toml").read_text("utf-8")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_read_aloud_answer_is_flagged_with_its_figures(language: Language) -> None:
    flag = read_aloud([final(1, 3.0, WRITTEN[language], language=language)], language)
    assert flag is not None
    assert flag.name == "read-aloud"
    assert flag.detail["fillers"] == flag.detail["repairs"] == 0
    assert flag.detail["seconds"] >= 30
    assert flag.evidence
    assert all(one.quote in WRITTEN[language] and 3.0 <= one.start <= one.end for one in flag.evidence)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_worded_like_talk_is_not_flagged(language: Language) -> None:
    figures = reading_figures(final(1, 0.0, TALKED[language], language=language).words, language)
    assert figures is not None, "there is enough to judge"
    assert read_aloud([final(1, 0.0, TALKED[language], language=language)], language) is None
    assert register(TALKED[language], language) < 0 < register(WRITTEN[language], language)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_short_answer_says_nothing(language: Language) -> None:
    short = WRITTEN[language][: len(WRITTEN[language]) // 3]
    assert reading_figures(final(1, 0.0, short, language=language).words, language) is None
    assert read_aloud([final(1, 0.0, short, language=language)], language) is None
    assert read_aloud([], language) is None


def test_one_slip_of_the_tongue_is_enough_against_it() -> None:
    for slip in ("um, ", "the the "):
        assert read_aloud([final(1, 0.0, slip + WRITTEN["en"])], "en") is None


def test_uneven_articulation_speaks_against_it() -> None:
    figures = reading_figures(final(1, 0.0, WRITTEN["en"]).words, "en")
    assert figures is not None
    assert looks_read(figures)
    assert not looks_read({**figures, "articulation_spread": 0.32})


def test_made_up_answers_are_not_worded_like_writing() -> None:
    told: list[tuple[Language, Sequence[str]]] = [
        (story["language"], [text for _, text in story["told"]]) for story in tomllib.loads(STORIES)["story"]
    ]
    languages: tuple[Language, ...] = ("en", "zh")
    for language in languages:
        told += [(language, one[language]) for one in (ON_TOPIC, ON_TOPIC_INTRODUCTION, OFF_TOPIC)]
    assert len(told) == 22
    assert max(register(" ".join(texts), language) for language, texts in told) < WRITTEN_FROM
