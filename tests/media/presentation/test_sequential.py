"""Wald's test on scores drawn from the model it assumes, and at its edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.presentation.sequential import Decision, Densities, SequentialTest, Targets, logit

DENSITIES = Densities(bona_fide=3.0, attack=-2.0, between=1.0, within=1.5, rho=0.5)
WALD = Targets()
scores = st.lists(st.floats(0, 1), min_size=1, max_size=60)


def drawn(mean: float, rng: np.random.Generator, frames: int = 120) -> list[float]:
    """Scores of one track at four frames a second, as the model says they come about."""
    shift, noise, out = rng.normal(0, DENSITIES.between), 0.0, []
    for i in range(frames):
        fresh = rng.normal(0, DENSITIES.within)
        noise = fresh if i == 0 else DENSITIES.rho * noise + math.sqrt(1 - DENSITIES.rho**2) * fresh
        out.append(1 / (1 + math.exp(-(mean + shift + noise))))
    return out


def decided(values: list[float], targets: Targets = WALD, **limits: int) -> tuple[Decision, SequentialTest]:
    test = SequentialTest(DENSITIES, targets, **limits)
    for i, value in enumerate(values):
        test.add(value, i / 4)
    return test.decision, test


def test_error_rates_stay_under_their_targets() -> None:
    rng, targets = np.random.default_rng(1), Targets(bpcer=0.05, apcer=0.10)
    live = [decided(drawn(DENSITIES.bona_fide, rng), targets, least=4)[0] for _ in range(600)]
    attacks = [decided(drawn(DENSITIES.attack, rng), targets, least=4)[0] for _ in range(600)]
    assert live.count("attack") / 600 <= 0.06
    assert attacks.count("bona-fide") / 600 <= 0.11
    assert live.count("bona-fide") / 600 > 0.85
    assert attacks.count("attack") / 600 > 0.85


def test_doubtful_scores_end_undecided() -> None:
    middle = 1 / (1 + math.exp(-(DENSITIES.bona_fide + DENSITIES.attack) / 2))
    decision, test = decided([middle] * 50, most=40)
    assert (decision, test.done, test.frames) == ("undecided", True, 40)
    assert test.log_likelihood_ratio == pytest.approx(0, abs=1e-6)


def test_a_decision_waits_for_the_least_frames_and_then_stands() -> None:
    test = SequentialTest(DENSITIES, Targets(), least=6)
    assert [test.add(0.999, i / 4) for i in range(6)] == ["undecided"] * 5 + ["bona-fide"]
    assert test.add(0.0, 2.0) == "bona-fide"
    assert test.frames == 6


def test_who_is_told_to_wait_decides_nothing() -> None:
    test = SequentialTest(DENSITIES, Targets(), least=2)
    assert [test.add(0.999, i / 4, wait=i < 5) for i in range(6)] == ["undecided"] * 5 + ["bona-fide"]


def test_frames_close_together_count_less() -> None:
    slow, fast = SequentialTest(DENSITIES, Targets()), SequentialTest(DENSITIES, Targets())
    for i in range(5):
        slow.add(0.9, i / 4)
        fast.add(0.9, i / 30)
    assert 1 < fast.effective < slow.effective < 5
    assert DENSITIES.independent(0.0) == 0
    assert DENSITIES.independent(60.0) == pytest.approx(1)
    assert Densities(1, 0, 1, 1, rho=0.0).independent(0.1) == 1


@given(scores)
def test_swapping_live_and_attack_swaps_the_outcome(values: list[float]) -> None:
    mirrored = Densities(bona_fide=2.5, attack=-2.5, between=1, within=1, rho=0.3)
    one, other = (SequentialTest(mirrored, Targets(0.1, 0.1)) for _ in range(2))
    for i, value in enumerate(values):
        one.add(value, i / 4)
        other.add(1 - value, i / 4)
    assert one.log_likelihood_ratio == pytest.approx(-other.log_likelihood_ratio, abs=1e-6)


@given(scores, st.integers(0, 59))
def test_a_higher_score_never_speaks_for_an_attack(values: list[float], which: int) -> None:
    raised = list(values)
    raised[which % len(values)] = 1.0
    low, high = (decided(v, Targets(1e-9, 1e-9))[1].log_likelihood_ratio for v in (values, raised))
    assert high >= low - 1e-9


@given(scores)
def test_the_ratio_cannot_outgrow_what_tracks_differ_by(values: list[float]) -> None:
    _, test = decided(values, Targets(1e-9, 1e-9))
    d = DENSITIES
    bound = (d.bona_fide - d.attack) * (6 + abs(d.bona_fide + d.attack) / 2) / d.between**2
    assert abs(test.log_likelihood_ratio) < bound


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="bona_fide > attack"):
        Densities(0, 1, 1, 1, 0)
    with pytest.raises(ValueError, match="rho"):
        Densities(1, 0, 1, 1, 1.0)
    with pytest.raises(ValueError, match="error rates"):
        Targets(0.6, 0.1)
    with pytest.raises(ValueError, match="between 0 and 1"):
        SequentialTest(DENSITIES, Targets()).add(1.2, 0)
    with pytest.raises(ValueError, match="least"):
        SequentialTest(DENSITIES, Targets(), least=9, most=8)
    assert (logit(0.0), logit(1.0), logit(0.5)) == (-6.0, 6.0, 0.0)
