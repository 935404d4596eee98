"""Adverse impact: what was planted is flagged, what is chance is not, and small groups are not judged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from interviews.adverse_impact import FOUR_FIFTHS, ImpactTable, adverse_impact, katz, two_proportions


def _table(**counts: tuple[int, int]) -> ImpactTable:
    """By group: how many, and how many of them were selected."""
    groups = [group for group, (n, _) in counts.items() for _ in range(n)]
    selected = [i < taken for n, taken in counts.values() for i in range(n)]
    return adverse_impact("sex", groups, selected)


def test_the_example_of_the_guidelines() -> None:
    """80 applicants, 48 hired (60 %); 40 applicants, 12 hired (30 %): the ratio is one half (Q&A 12)."""
    table = _table(white=(80, 48), black=(40, 12))
    black, white = table.groups
    assert (table.reference, white.finding, black.finding) == ("white", "reference", "adverse")
    assert black.ratio == pytest.approx(0.5)
    assert black.fisher_p == pytest.approx(stats.fisher_exact([[12, 28], [48, 32]]).pvalue)
    interval = stats.contingency.relative_risk(12, 40, 48, 80).confidence_interval(0.95)
    assert black.ratio_interval is not None
    assert (black.ratio_interval.low, black.ratio_interval.high) == pytest.approx(tuple(interval), abs=1e-6)
    assert black.z is not None
    assert black.z_p is not None
    chi2 = stats.chi2_contingency([[12, 28], [48, 32]], correction=False)
    assert black.z**2 == pytest.approx(chi2.statistic)
    assert black.z_p == pytest.approx(chi2.pvalue)


@pytest.mark.parametrize(
    ("few", "many", "finding"),
    [
        ((10, 3), (10, 5), "below"),  # 60 %, and as likely chance as not
        ((1000, 850), (1000, 950), "significant"),  # 89 %, and no chance
        ((100, 47), (100, 50), "none"),
        ((100, 40), (100, 50), "none"),  # exactly four fifths is not less
        ((200, 60), (200, 120), "adverse"),
    ],
)
def test_ratio_and_significance_are_told_apart(
    few: tuple[int, int], many: tuple[int, int], finding: str
) -> None:
    table = _table(few=few, many=many)
    assert [one.finding for one in table.groups] == [finding, "reference"]


def test_groups_under_five_are_insufficient_and_set_no_standard() -> None:
    table = _table(a=(4, 4), b=(20, 10), c=(20, 9))
    tiny = table.groups[0]
    assert (tiny.finding, tiny.selected, tiny.rate, tiny.ratio, tiny.fisher_p) == (
        "insufficient", None, None, None, None,
    )  # fmt: skip
    assert table.reference == "b"
    assert _table(a=(4, 4), b=(20, 10)).refused == "few-groups"
    assert _table(a=(5, 2), b=(5, 2)).refused is None


def test_nobody_selected_and_everybody_selected() -> None:
    table = _table(a=(20, 0), b=(20, 0))
    assert (table.refused, table.reference, table.groups[0].ratio) == ("none-selected", None, None)
    table = _table(a=(20, 20), b=(20, 20))
    assert [one.ratio for one in table.groups] == [1.0, 1.0]
    assert all(one.ratio_interval is None for one in table.groups)
    none = _table(a=(20, 0), b=(20, 10)).groups[0]
    assert (none.ratio, none.finding) == (0.0, "adverse")
    assert none.ratio_interval is not None
    assert none.ratio_interval.high < FOUR_FIFTHS


def test_unknown_groups_are_counted_and_left_out() -> None:
    table = adverse_impact("sex", ["a"] * 10 + ["b"] * 10 + [""] * 3, [True] * 23)
    assert (table.unknown, [one.n for one in table.groups]) == (3, [10, 10])


def test_the_normal_test_waits_for_enough_people() -> None:
    assert two_proportions(3, 8, 4, 8) is None
    assert two_proportions(10, 20, 12, 20) is not None


def test_katz_holds_the_true_ratio_as_often_as_it_says() -> None:
    rng, held = np.random.default_rng(4), 0
    for _ in range(2000):
        a, b = int(rng.binomial(80, 0.3)), int(rng.binomial(120, 0.5))
        interval = katz(a, 80, b, 120)
        assert interval is not None
        held += interval.low <= 0.6 <= interval.high
    assert 0.93 <= held / 2000 <= 0.97


def test_planted_impact_is_found_and_chance_is_seldom_flagged() -> None:
    rng = np.random.default_rng(6)
    found = chance = 0
    for _ in range(200):
        unequal = _table(x=(150, int(rng.binomial(150, 0.25))), y=(150, int(rng.binomial(150, 0.5))))
        equal = _table(x=(150, int(rng.binomial(150, 0.4))), y=(150, int(rng.binomial(150, 0.4))))
        found += any(one.finding == "adverse" for one in unequal.groups)
        chance += any(one.finding in ("adverse", "significant") for one in equal.groups)
    assert found > 190
    assert chance <= 12  # Fisher's test errs on the side of few: at most 5 % of 200, and some


Counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@given(st.dictionaries(st.sampled_from("abcdef"), Counts, min_size=1))
def test_of_any_table_the_figures_agree(counts: dict[str, tuple[int, int]]) -> None:
    table = _table(**counts)
    assert sum(one.n for one in table.groups) == sum(n for n, _ in counts.values())
    assert (table.reference is None) == (table.refused is not None)
    for one in table.groups:
        assert (one.finding == "insufficient") == (one.n < 5)
        if table.refused is None and one.finding != "insufficient":
            assert one.ratio is not None
            assert 0 <= one.ratio <= 1
            assert (one.finding in ("below", "adverse")) == (one.ratio < FOUR_FIFTHS - 1e-12)
            if one.ratio_interval is not None and one.selected:
                assert one.ratio_interval.low <= one.ratio + 1e-12
                assert one.ratio_interval.high >= one.ratio - 1e-12
