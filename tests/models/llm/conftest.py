from __future__ import annotations

import pytest

from models.answers import AnswerRater


@pytest.fixture(scope="session")
def embedded() -> AnswerRater:
    return AnswerRater.load()
