from __future__ import annotations

import pytest

from interviews.events import Language
from interviews.questions import default_questions


@pytest.mark.parametrize("language", ["zh", "en"])
def test_default_questions_are_in_both_languages(language: Language) -> None:
    questions = default_questions(language)
    assert [question.id for question in questions] == ["introduction", "problem", "teamwork"]
    for question in questions:
        assert question.text.keys() == {"zh", "en"}
        assert len(question.key_points) == 3
        assert all(("\u4e00" <= point[0] <= "\u9fff") == (language == "zh") for point in question.key_points)
