"""Validity on people whose truth is known: what was planted is found, and nothing where nothing was."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from interviews.candidate_scores import CandidateScores
from interviews.correlation import correlate, fisher_interval, pearson, unrestricted_r
from interviews.outcome_rows import Outcome
from interviews.reweighting import propose, whole_percent
from interviews.validity import MIN_PAIRS, Criterion, Matched, Relation, Validity, validity

TRUE_R = 0.5


def _pairs(n: int, r: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    score = rng.normal(size=n)
    return 60 + 10 * score, r * score + sqrt(1 - r * r) * rng.normal(size=n)


def test_a_correlation_and_its_intervals_are_those_of_the_textbook() -> None:
    score, figure = _pairs(120, TRUE_R, 1)
    found = correlate(score, figure, score)
    expected = stats.pearsonr(score, figure)
    low, high = expected.confidence_interval()
    assert found.pearson == pytest.approx(expected.statistic)
    assert (found.fisher.low, found.fisher.high) == pytest.approx((low, high), abs=1e-6)
    assert found.spearman == pytest.approx(stats.spearmanr(score, figure).statistic)
    assert found.bootstrap.low == pytest.approx(low, abs=0.06)
    assert found.bootstrap.high == pytest.approx(high, abs=0.06)
    assert found.corrected == pytest.approx(found.pearson)  # nobody was selected
    assert correlate(score, figure, score) == found


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    held = 0
    for seed in range(200):
        score, figure = _pairs(60, TRUE_R, seed)
        interval = fisher_interval(pearson(score, figure), 1 / sqrt(57))
        held += interval.low <= TRUE_R <= interval.high
    assert 0.91 <= held / 200 <= 0.99


def test_selection_on_the_score_hides_what_the_correction_finds_again() -> None:
    corrected, seen, held = [], [], 0
    for seed in range(40):
        score, figure = _pairs(600, TRUE_R, 100 + seed)
        hired = score > np.quantile(score, 0.7)  # the best 30 % alone have performance figures
        found = correlate(score[hired], figure[hired], score)
        seen.append(found.pearson)
        corrected.append(found.corrected)
        held += found.corrected_interval.low <= TRUE_R <= found.corrected_interval.high
    assert np.mean(seen) < 0.35
    assert np.mean(corrected) == pytest.approx(TRUE_R, abs=0.05)
    assert held >= 36  # 95 % of 40, less chance


@given(st.floats(-0.99, 0.99), st.floats(0.2, 5))
def test_the_correction_keeps_sign_and_bounds_and_can_be_undone(r: float, ratio: float) -> None:
    corrected = unrestricted_r(r, ratio)
    assert -1 <= corrected <= 1
    assert corrected * r >= 0
    assert unrestricted_r(corrected, 1 / ratio) == pytest.approx(r, abs=1e-9)
    assert (abs(corrected) >= abs(r) - 1e-12) == (ratio >= 1) or abs(corrected - r) < 1e-9


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=12).filter(lambda values: sum(values) > 1e-3))
def test_whole_percents_sum_to_a_hundred_and_stray_by_less_than_one(values: list[float]) -> None:
    weights = np.array(values)
    percents = whole_percent(weights)
    assert sum(percents) == 100
    assert all(abs(p - 100 * w / weights.sum()) < 1.001 for p, w in zip(percents, weights, strict=True))


def _people(n: int, true: tuple[float, ...], seed: int, noise: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    scores = 60 + 10 * rng.normal(size=(n, len(true)))
    return scores, (scores - 60) @ np.array(true) / 10 + noise * rng.normal(size=n)


ALIKE = {"a": 0.25, "b": 0.25, "c": 0.25, "d": 0.25}


def test_weights_are_found_that_tell_new_people_better() -> None:
    scores, figure = _people(300, (1.0, 0.5, 0.0, 0.0), 5)
    proposal = propose(scores, figure, ALIKE)
    assert proposal is not None
    by = {one.dimension: one for one in proposal.weights}
    assert sum(one.proposed for one in proposal.weights) == sum(one.today for one in proposal.weights) == 100
    assert by["a"].proposed == pytest.approx(67, abs=10)
    assert by["b"].proposed == pytest.approx(33, abs=10)
    assert proposal.better
    assert proposal.gain_interval.low > 0.02
    true = np.corrcoef(scores @ np.array([2, 1, 0, 0]), figure)[0, 1]
    assert proposal.r_proposed == pytest.approx(true, abs=0.03)
    assert proposal.r_groups is None


def test_nothing_to_gain_is_not_called_better() -> None:
    better = 0
    for seed in range(12):
        scores, figure = _people(60, (1.0, 1.0, 1.0, 1.0), seed)
        proposal = propose(scores, figure, ALIKE)
        assert proposal is not None
        better += proposal.better
    assert better <= 1


def test_chance_is_not_taken_for_validity() -> None:
    """Weights fitted to noise correlate with it; the figure for unseen people must not."""
    told = []
    for seed in range(20):
        scores, figure = _people(50, (0.0,) * 4, 40 + seed)
        proposal = propose(scores, figure, ALIKE)
        if proposal is not None:
            told.append(proposal.r_proposed)
            assert not proposal.better or proposal.gain > 0
    assert len(told) > 10
    assert abs(float(np.mean(told))) < 0.12


def test_a_dimension_that_goes_against_performance_weighs_nothing() -> None:
    scores, figure = _people(200, (-1.0, 1.0), 3)
    proposal = propose(scores, figure, {"a": 0.5, "b": 0.5})
    assert proposal is not None
    assert [one.proposed for one in proposal.weights] == [0, 100]
    assert propose(*_people(200, (-1.0, -1.0), 3, 0.2), {"a": 0.5, "b": 0.5}) is None


def test_groups_alone_are_printed_beside_and_tell_when_they_suffice() -> None:
    rng = np.random.default_rng(8)
    group = rng.integers(2, size=200)
    scores = 60 + 8 * rng.normal(size=(200, 2)) + 6 * group[:, None]
    names = [["x", "y"][one] for one in group]
    unfair = propose(scores, 2.0 * group + 0.5 * rng.normal(size=200), {"a": 0.5, "b": 0.5}, [names])
    fair = propose(scores, scores.sum(1) + 5 * rng.normal(size=200), {"a": 0.5, "b": 0.5}, [names])
    assert unfair is not None
    assert fair is not None
    assert unfair.r_groups is not None
    assert fair.r_groups is not None
    assert (unfair.groups_suffice, fair.groups_suffice) == (True, False)
    assert unfair.r_groups == pytest.approx(sqrt(1 / 1.25), abs=0.03)
    assert fair.r_groups < fair.r_today


def _validity(n: int, dimensions: int = 2, known: int | None = None) -> Validity:
    """`known` of n people have a score in the last dimension."""
    scores, figure = _people(n, (1.0,) * dimensions, 2)
    everybody, matched = [], []
    for i, (row, value) in enumerate(zip(scores, figure, strict=True)):
        of = {f"d{j}": float(np.clip(x, 0, 100)) for j, x in enumerate(row)}
        if known is not None and i >= known:
            of.pop(f"d{dimensions - 1}")
        one = CandidateScores(str(i), float(np.mean([*of.values()])), of, None)
        everybody.append(one)
        matched.append(Matched(one, Outcome(i, str(i), {"kpi": float(value)}, {})))
    return validity(everybody, matched, ["kpi"], [], {"d0": 50, "d1": 50})


def _only(found: Validity) -> tuple[Criterion, dict[str, Relation]]:
    [criterion] = found.criteria
    return criterion, {relation.predictor: relation for relation in criterion.relations}


def test_too_few_people_show_nothing_and_say_why() -> None:
    criterion, relations = _only(_validity(MIN_PAIRS - 1))
    assert {(r.correlation, r.refused.code if r.refused else "", r.points) for r in relations.values()} == {
        (None, "few-pairs", ())
    }
    assert criterion.proposal_refused is not None
    assert criterion.proposal_refused.code == "few-for-weights"
    criterion, relations = _only(_validity(MIN_PAIRS))
    assert [*relations] == ["overall", "d0", "d1"]
    assert all(relation.correlation for relation in relations.values())
    assert criterion.proposal is not None


def test_ten_people_are_needed_for_each_weight() -> None:
    criterion, relations = _only(_validity(49, dimensions=5))
    assert relations["d4"].correlation is not None
    assert criterion.proposal_refused is not None
    assert "50" in criterion.proposal_refused.en
    assert _only(_validity(50, dimensions=5))[0].proposal is not None


def test_a_dimension_that_few_have_is_left_out_of_the_weights() -> None:
    criterion, relations = _only(_validity(60, dimensions=3, known=20))
    assert criterion.left_out == ("d2",)
    assert relations["d2"].refused is not None
    assert criterion.proposal is not None
    assert criterion.proposal.n == 60


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False), st.floats(0.1, 50), st.floats(-100, 100))
def test_order_and_units_of_the_figures_do_not_matter(rng: object, factor: float, shift: float) -> None:
    score, figure = _pairs(40, TRUE_R, 9)
    order = np.array(sorted(range(40), key=lambda _: rng.random()))  # type: ignore[attr-defined]
    one, other = (
        correlate(score, figure, score),
        correlate(score[order], factor * figure[order] + shift, score),
    )
    assert other.pearson == pytest.approx(one.pearson, abs=1e-9)
    assert other.spearman == pytest.approx(one.spearman, abs=1e-9)
    assert other.corrected_interval.low == pytest.approx(one.corrected_interval.low, abs=1e-9)
