"""Weights, missing cues, and what cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.presentation.fusion import fuse

WEIGHTS = {"frames": 2.0, "border": 1.0, "challenge": 3.0}
support = st.floats(-1, 1)
known = st.dictionaries(st.sampled_from(sorted(WEIGHTS)), st.none() | support)


def test_every_cue_is_shown_and_a_missing_one_costs_certainty_alone() -> None:
    full = fuse({"frames": 0.5, "border": 0.5, "challenge": 0.5}, WEIGHTS)
    part = fuse({"frames": 0.5, "border": None}, WEIGHTS)
    assert (full.score, full.certainty) == (0.5, 1.0)
    assert part.score == 0.5
    assert part.certainty == pytest.approx(1 / 3)
    assert [(p.name, p.weight, p.support) for p in part.parts] == [
        ("frames", 2.0, 0.5), ("border", 1.0, None), ("challenge", 3.0, None),
    ]  # fmt: skip


def test_heavier_cues_count_more() -> None:
    assert fuse({"border": -1.0, "challenge": 1.0}, WEIGHTS).score == pytest.approx(0.5)
    assert fuse({}, WEIGHTS).score == fuse({}, WEIGHTS).certainty == 0


@given(known)
def test_ranges_hold_and_dropping_a_cue_never_adds_certainty(cues: dict[str, float | None]) -> None:
    account = fuse(cues, WEIGHTS)
    values = [value for value in cues.values() if value is not None]
    assert 0 <= account.certainty <= 1
    if values:
        assert min(values) - 1e-9 <= account.score <= max(values) + 1e-9
    for name in cues:
        assert fuse({**cues, name: None}, WEIGHTS).certainty <= account.certainty + 1e-12


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="no weight for smell"):
        fuse({"smell": 0.1}, WEIGHTS)
    with pytest.raises(ValueError, match="positive"):
        fuse({}, {"frames": 0.0})
    with pytest.raises(ValueError, match="-1 and 1"):
        fuse({"frames": 2.0}, WEIGHTS)
