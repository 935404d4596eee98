"""What `bench report` streams and asks, and the figures it makes; the measurement itself runs by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bench.report import ASKED, Sample, _figures, interview, plan
from gateway.api_models import CreateSession


@pytest.mark.parametrize(("minutes", "questions"), [(10, 5), (4, 2), (1, 2)])
def test_an_interview_has_its_length_and_words_to_its_end(minutes: float, questions: int) -> None:
    answers = [np.full(48_000 * 7, 900, np.int16), np.full(48_000 * 30, 900, np.int16)]
    if minutes < 10:  # ten minutes of Opus take long to encode
        clip = interview(answers, (b"picture",) * 150, minutes, 1)
        assert clip.seconds == pytest.approx(60 * minutes, abs=0.1)
        assert len(clip.video) == round(15 * 60 * minutes)
    body = CreateSession.model_validate({"candidate": "Li", "language": "en", **plan(minutes)})
    assert [question.id for question in body.questions or ()] == [*ASKED[:questions]]
    assert all(question.key_points for question in body.questions or ())
    assert sum(one.weight for one in body.dimensions) == pytest.approx(100)


def test_figures_are_over_all_interviews() -> None:
    samples = [Sample(1, 60.0, 60.0, 100, 2, n / 2, n, n + 0.1, n + 1.0) for n in (2.0, 4.0, 6.0)]
    figures = _figures(samples)
    assert (figures["interviews"], figures["json_p50_s"], figures["pdf_p50_s"]) == (3, 4.1, 5.0)
    assert figures["pdf_p95_s"] == pytest.approx(6.8)
