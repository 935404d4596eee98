from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interviews.candidate_scores import CandidateScores
from interviews.comparison import comparison, spread_of
from interviews.wording import message


def _one(name: str, *answers: float, over: bool = True) -> CandidateScores:
    return CandidateScores(
        session=f"s-{name}",
        overall=round(sum(answers) / len(answers), 1) if answers else None,
        dimensions={"service": answers[0]} if answers else {},
        decision=None,
        candidate=name,
        over=over,
        insufficient=None if answers else message("too-few-answers"),
        answers={f"q{i}": score for i, score in enumerate(answers)},
        by_dimension={"service": answers[:1]} if answers else {},
    )


def test_the_highest_first_and_those_without_a_score_apart() -> None:
    others = [_one(f"P{i}", 40 + i % 3, 42 - i % 2, 41) for i in range(8)]
    found = comparison(
        [*others, _one("Li", 80, 82, 81), _one("Wu"), _one("Xu", over=False), _one("Bo", 80, 82, 80)]
    )
    first, second, *rest = found.candidates
    assert [first.candidate, second.candidate] == ["Li", "Bo"]
    assert [first.like_first, second.like_first] == [True, True]
    assert not any(one.like_first for one in rest)
    assert [(one.candidate, one.reason and one.reason.code) for one in found.insufficient] == [
        ("Wu", "too-few-answers")
    ]
    assert found.unfinished == 1
    service = first.dimensions["service"]
    assert service.interval is not None
    assert first.overall.interval is not None
    wide, narrow = (one.high - one.low for one in (service.interval, first.overall.interval))
    assert wide > 1.5 * narrow  # one answer tells less than three


def test_few_answers_have_no_interval() -> None:
    found = comparison([_one("Li", 80, 82), _one("Han", 50, 60)])
    assert found.spread is None
    assert [one.overall.interval for one in found.candidates] == [None, None]
    assert comparison([]).candidates == ()


def test_levels_and_difficulties_are_no_spread_and_the_interval_holds_the_truth() -> None:
    rng = np.random.default_rng(3)
    people, questions = rng.uniform(40, 80, 60), rng.uniform(-15, 15, 5)
    exact = people[:, None] + questions
    held, told = 0, []
    for _ in range(40):
        scores = exact + 6 * rng.normal(size=exact.shape)
        spread = spread_of([{f"q{i}": float(s) for i, s in enumerate(row)} for row in scores])
        assert spread is not None
        assert spread.freedom == 59 * 4
        told.append(spread.deviation)
        held += int((np.abs(scores.mean(1) - exact.mean(1)) <= spread.half(5)).sum())
    assert np.mean(told) == pytest.approx(6, abs=0.15)
    assert 0.93 <= held / (40 * 60) <= 0.97


def test_questions_that_only_some_were_asked() -> None:
    rng = np.random.default_rng(4)
    answers = []
    for _ in range(300):
        asked = rng.choice(6, 3, replace=False)
        level = rng.uniform(40, 80)
        answers.append({f"q{i}": float(level + 10 * i + 5 * rng.normal()) for i in asked})
    spread = spread_of(answers)
    assert spread is not None
    assert spread.deviation == pytest.approx(5, abs=0.4)


ROW = st.lists(st.floats(0, 100), min_size=1, max_size=6)


@given(st.lists(ROW, max_size=12))
def test_intervals_hold_their_score_and_stay_on_the_scale(rows: list[list[float]]) -> None:
    found = comparison(_one(str(i), *row) for i, row in enumerate(rows))
    for one in found.candidates:
        interval = one.overall.interval
        assert (interval is None) == (found.spread is None)
        if interval is not None:
            assert 0 <= interval.low <= one.overall.value + 0.06
            assert one.overall.value - 0.06 <= interval.high <= 100
