"""The hint that an answer was read aloud: on strong evidence alone."""

from __future__ import annotations

import pytest

from interviews.events import Language
from interviews.reading import looks_read, read_aloud, reading_figures, register
from tests.interviews.conftest import final
from tests.interviews.reading_material import TALKED, WRITTEN


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
