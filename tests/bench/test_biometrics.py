"""Error rates against numbers worked out by hand, and what holds for any scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bench.core import biometrics as b

# Four genuine, five impostors. From the top: g g i g i i g i i.
SCORES = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
LABELS = [True, True, False, True, False, False, True, False, False]

scored = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=2, max_size=40)


def split(rows: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    labels = np.array([label for _, label in rows])
    assume(labels.any() and not labels.all())
    return np.array([score / 4 for score, _ in rows]), labels


def test_roc_goes_through_every_score() -> None:
    curve = b.roc(SCORES, LABELS)
    assert curve.far == pytest.approx([0, 0, 0, 0.2, 0.2, 0.4, 0.6, 0.6, 0.8, 1])
    assert curve.tar == pytest.approx([0, 0.25, 0.5, 0.5, 0.75, 0.75, 0.75, 1, 1, 1])
    assert curve.thresholds[0] == np.inf
    assert curve.thresholds[1:] == pytest.approx(SCORES)


def test_figures_worked_out_by_hand() -> None:
    assert b.auc(SCORES, LABELS) == pytest.approx((5 + 5 + 4 + 2) / 20)
    assert b.tar_at_far(SCORES, LABELS, 0.01) == 0.5
    assert b.tar_at_far(SCORES, LABELS, 0.2) == 0.75
    assert b.threshold_at_far(SCORES, LABELS, 0.2) == 0.6
    # FRR is .25 from FAR .2 to .6, so both are equal at .25.
    assert b.eer(SCORES, LABELS) == pytest.approx(0.25)
    found = b.rates_at(SCORES, LABELS, 0.5)
    assert (found.fmr, found.fnmr, found.accuracy) == pytest.approx((0.4, 0.25, 6 / 9))
    assert found.hter == pytest.approx(0.325)


def test_ties_count_half_and_stand_at_one_point() -> None:
    assert b.auc([1, 1, 1], [True, False, False]) == 0.5
    assert b.roc([1, 1, 1], [True, False, False]).far.tolist() == [0, 1]
    assert b.eer([1, 1, 1], [True, False, False]) == pytest.approx(0.5)
    assert b.threshold_at_far([1, 1, 1], [True, False, False], 0.01) == np.inf


def test_det_is_on_the_normal_deviates() -> None:
    far, frr = b.det(SCORES, LABELS)
    assert far[3] == pytest.approx(-0.8416, abs=1e-4)
    assert frr[3] == pytest.approx(0, abs=1e-9)
    assert np.isfinite([far, frr]).all()


def test_attacks_are_counted_by_species() -> None:
    scores = [0.9, 0.5, 0.7, 0.1, 0.2, 0.8]
    real = [True, True, False, False, False, False]
    found = b.presentation(scores, real, ["", "", "print", "print", "screen", "mask"], 0.66)
    assert found.apcer == {"mask": 1.0, "print": 0.5, "screen": 0.0}
    assert (found.worst, found.pooled, found.bpcer, found.hter) == (1.0, 0.5, 0.5, 0.5)


def test_balanced_accuracy_counts_classes_alike() -> None:
    assert b.balanced_accuracy(list("aaab"), list("aaaa")) == 0.75
    assert b.balanced_accuracy(list("aaaa"), list("aaab")) == 0.5


def test_calibration_of_bins() -> None:
    rows, error = b.calibration([0.55, 0.55, 0.95, 0.95], [True, False, True, True])
    assert [(round(sure, 2), right, n) for sure, right, n in rows] == [(0.55, 0.5, 2), (0.95, 1.0, 2)]
    assert error == pytest.approx(0.05)
    assert b.calibration([1.0], [True])[1] == 0


def test_pairs_come_as_often_as_their_people() -> None:
    for rows in b.pair_draws(["x", "x", "y"], ["x", "y", "z"], 200):
        own, between = np.count_nonzero(rows == 0), np.count_nonzero(rows == 1)
        assert between % max(own, 1) == 0, "x with y comes a multiple of x's draws"
        assert own or not between


@pytest.mark.parametrize(
    ("scores", "labels", "said"),
    [
        ([1.0], [True], "one kind"),
        ([1.0, np.nan], [True, False], "finite"),
        ([1.0, 2.0], [True], "one length"),
    ],
)
def test_what_has_no_rate_is_refused(scores: list[float], labels: list[bool], said: str) -> None:
    for figure in (b.auc, b.eer, b.roc):
        with pytest.raises(ValueError, match=said):
            figure(scores, labels)


@given(scored)
def test_the_area_is_the_one_below_the_curve(rows: list[tuple[int, bool]]) -> None:
    scores, labels = split(rows)
    curve = b.roc(scores, labels)
    area = float(np.sum(np.diff(curve.far) * (curve.tar[1:] + curve.tar[:-1]) / 2))
    assert b.auc(scores, labels) == pytest.approx(area)
    pairs = scores[labels][:, None] - scores[~labels][None]
    assert b.auc(scores, labels) == pytest.approx((np.sign(pairs) / 2 + 0.5).mean())


@given(scored)
def test_curves_only_rise_and_end_at_the_corners(rows: list[tuple[int, bool]]) -> None:
    curve = b.roc(*split(rows))
    assert (np.diff(curve.far) >= 0).all()
    assert (np.diff(curve.tar) >= 0).all()
    assert (np.diff(curve.thresholds) < 0).all()
    assert (curve.far[0], curve.tar[0], curve.far[-1], curve.tar[-1]) == (0, 0, 1, 1)


@given(scored, st.sampled_from([0.001, 0.01, 0.1, 0.5]))
def test_rates_agree_with_the_threshold_that_gives_them(rows: list[tuple[int, bool]], far: float) -> None:
    scores, labels = split(rows)
    found = b.rates_at(scores, labels, b.threshold_at_far(scores, labels, far))
    assert found.fmr <= far
    assert 1 - found.fnmr == pytest.approx(b.tar_at_far(scores, labels, far))


@given(scored)
def test_turning_scores_around_turns_the_figures_around(rows: list[tuple[int, bool]]) -> None:
    scores, labels = split(rows)
    assert b.auc(-scores, labels) == pytest.approx(1 - b.auc(scores, labels))
    assert b.eer(-scores, labels) == pytest.approx(1 - b.eer(scores, labels))
    assert b.auc(np.exp(scores), labels) == pytest.approx(b.auc(scores, labels))
