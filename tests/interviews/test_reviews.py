"""What people say of a result beside the machine, and how far the two agree over a job."""

from __future__ import annotations

import numpy as np
import pytest

from interviews.agreement import MIN_PAIRS, agreement, qwk
from interviews.candidate_scores import CandidateScores
from interviews.comparison import comparison
from interviews.report import Report
from interviews.review_events import CommentAdded, CommentDeleted, CommentEdited, RatingGiven
from tests.interviews.test_conclusions import VALUES, interview


def _rating(score: float, by: str, **more: object) -> RatingGiven:
    given = {"dimension": "teamwork", "score": score, "reason": "because", "by": by, **more}
    return RatingGiven.model_validate(given)


def test_human_ratings_stand_beside_the_machines_and_move_nothing() -> None:
    more = (
        (100.0, _rating(70.0, "Wang", level=4, person="p-1")),
        (101.0, _rating(50.0, "Zhao", person="p-2")),
        (102.0, _rating(90.0, "Wang", level=5, person="p-1", reason="read it again")),
        (103.0, _rating(10.0, "Wang", dimension="never-planned", person="p-1")),
    )
    before, after = Report.of(interview(VALUES)), Report.of(interview(VALUES, more=more))
    assert after.scores == before.scores
    assert after.conclusions == before.conclusions
    by_id = {one.dimension: one for one in after.reviewed.dimensions}
    teamwork = by_id["teamwork"]
    assert (teamwork.machine, teamwork.human, teamwork.difference) == (30.0, 70.0, 40.0)
    assert [(one.by, one.score, one.level, one.given_as, one.current) for one in teamwork.ratings] == [
        ("Wang", 70.0, 4, "level", False),
        ("Zhao", 50.0, 3, "score", True),
        ("Wang", 90.0, 5, "level", True),
    ]
    assert teamwork.ratings[2].reason == "read it again"
    assert (by_id["welding"].human, by_id["welding"].difference, by_id["welding"].ratings) == (None, None, ())


def test_comments_keep_what_they_were() -> None:
    more = (
        (100.0, CommentAdded(id="c-1", text="建议安排线下复试", by="Wang", person="p-1")),
        (101.0, CommentEdited(id="c-1", text="建议安排线下复试，问团队合作", by="Wang", person="p-1")),
        (102.0, CommentAdded(id="c-2", text="no", by="Zhao")),
        (103.0, CommentDeleted(id="c-2", by="Zhao")),
        (104.0, CommentEdited(id="c-2", text="after its end", by="Zhao")),
        (105.0, CommentDeleted(id="c-9", by="Zhao")),
    )
    first, second = Report.of(interview(VALUES, more=more)).reviewed.comments
    assert (first.text, [one.text for one in first.versions]) == (
        "建议安排线下复试，问团队合作",
        ["建议安排线下复试"],
    )
    assert (second.text, second.deleted_by, [one.text for one in second.versions]) == ("", "Zhao", ["no"])


def _people(n: int, seed: int = 1) -> list[CandidateScores]:
    rng = np.random.default_rng(seed)
    machine = rng.uniform(10, 95, n)
    human = np.clip(machine + rng.normal(5, 8, n), 0, 100)
    return [
        CandidateScores(
            session=f"s{i}",
            overall=60.0,
            dimensions={"teamwork": float(machine[i])},
            decision=None,
            human={"teamwork": float(human[i]), "never-scored": 50.0},
        )
        for i in range(n)
    ]


def test_agreement_is_told_from_enough_candidates_alone() -> None:
    never, few = agreement(_people(MIN_PAIRS - 1))
    assert (never.dimension, never.n) == ("never-scored", 0)
    assert few.refused is not None
    assert (few.n, few.pearson, few.qwk) == (MIN_PAIRS - 1, None, None)
    assert str(MIN_PAIRS) in few.refused.en
    found = comparison(_people(40)).agreement[1]
    assert (found.dimension, found.n, found.refused) == ("teamwork", 40, None)
    assert found.pearson is not None
    assert found.qwk is not None
    assert found.pearson_interval is not None
    assert found.qwk_interval is not None
    assert found.pearson_interval.low < found.pearson < found.pearson_interval.high
    assert found.qwk_interval.low < found.qwk < found.qwk_interval.high
    assert found.pearson > 0.9
    assert found.difference == pytest.approx(5, abs=3)
    assert agreement(_people(40)) == agreement(_people(40))


def test_quadratic_weighted_kappa_is_cohens() -> None:
    """Against the sum over the table of levels, as Cohen (1968) writes it."""
    rng = np.random.default_rng(3)
    a, b = rng.integers(1, 6, 50).astype(float), rng.integers(1, 6, 50).astype(float)
    table = np.zeros((5, 5))
    for one, other in zip(a.astype(int), b.astype(int), strict=True):
        table[one - 1, other - 1] += 1
    weights = (np.arange(5)[:, None] - np.arange(5)) ** 2
    expected = np.outer(table.sum(1), table.sum(0)) / 50
    assert float(qwk(a, b)) == pytest.approx(1 - (weights * table).sum() / (weights * expected).sum())
    assert np.isnan(qwk(np.full(9, 3.0), np.full(9, 3.0)))
