"""Cues fitted to tracks whose making is known."""

from __future__ import annotations

import numpy as np
import pytest

from bench.presentation import across, bounds, by_cue, crossed, half, summary
from bench.presentation_fit import SPECIES, Sample, Track, fit, judged, point, wrong_at
from media.presentation.sequential import Targets

PEOPLE = [f"person {n}" for n in range(12)]


def drawn(person: str, species: str, rng: np.random.Generator) -> Track:
    """Fourteen samples: high scores, motion and no border of a person; a border, and stillness of prints."""
    mean = rng.normal(1.0 if species else 4.0, 1.0)
    scores = 1 / (1 + np.exp(-(mean + rng.normal(0, 0.5, 14))))
    border = 2.0 if species and rng.random() < 0.9 else 0.0
    within = 0.001 if species == "print" else 0.02
    samples = tuple(
        Sample(i / 4, float(s), border if i % 2 == 0 else None, within) for i, s in enumerate(scores)
    )
    return Track(f"{person} {species}", "1", person, species, samples)


@pytest.fixture(scope="module")
def tracks() -> list[Track]:
    rng = np.random.default_rng(1)
    return [drawn(person, species, rng) for person in PEOPLE for species in ("", *SPECIES)]


def test_what_is_fitted_is_what_was_drawn(tracks: list[Track]) -> None:
    cues = fit(tracks, [0.0] * 20)
    assert cues.frames.bona_fide == pytest.approx(4.0, abs=0.6)
    assert cues.frames.attack == pytest.approx(1.0, abs=0.6)
    assert cues.frames.within == pytest.approx(0.5, abs=0.1)
    assert cues.border.ratio(0.0) > 1
    assert cues.border.ratio(2.0) < -2
    assert cues.stillness.ratio(0.001) < -1 < 0 < cues.stillness.ratio(0.02)
    for bins in (cues.border, cues.stillness):
        assert sum(bins.bona_fide) == pytest.approx(1, abs=0.01)
        assert sum(bins.attack) == pytest.approx(1, abs=0.01)
        assert min(*bins.bona_fide, *bins.attack) > 0, "nothing is held for impossible"
    with pytest.raises(ValueError, match="both classes"):
        fit([track for track in tracks if track.species])


def test_the_point_keeps_every_species_within_the_rate(tracks: list[Track]) -> None:
    cues = fit(tracks)
    found = [judged(track, cues, Targets()) for track in tracks]
    for apcer in (0.0, 0.1, 0.3):
        limit = point(found, apcer)
        rates = [np.divide(*wrong_at(limit, found, [species])) for species in SPECIES]
        assert max(rates) <= apcer
    assert wrong_at(point(found, 0.0), found, [""])[0] >= wrong_at(point(found, 0.3), found, [""])[0]


def test_halves_never_share_a_person_and_every_track_is_tried_once(tracks: list[Track]) -> None:
    assert half("hdtf_WDA_AlexandriaOcasioCortez_000") == half("retalk_3"), "they say the same"
    assert {half(person) for person in PEOPLE} == {True, False}
    tried = crossed(tracks, [], Targets())
    assert sorted(test.track.video for test, _ in tried) == sorted(track.video for track in tracks)
    assert len({limit for _, limit in tried}) <= 2
    assert "BPCER" in across(tried, ("", *SPECIES))
    assert "undecided" in summary([test for test, _ in tried], 0.2)


def test_a_species_left_out_has_no_part_in_the_fit(tracks: list[Track]) -> None:
    changed = [
        Track(t.video, t.seed, t.identity, t.species, t.samples[:1]) if t.species == "tablet" else t
        for t in tracks
    ]
    one, other = (crossed(some, [], Targets(), without="tablet") for some in (tracks, changed))
    assert {limit for _, limit in one} == {limit for _, limit in other}


def test_cues_are_told_apart(tracks: list[Track]) -> None:
    told = by_cue([judged(track, fit(tracks), Targets()) for track in tracks]).splitlines()
    areas = [float(line.split()[-1]) for line in told]
    assert len(areas) == 4
    assert areas[3] >= areas[0]
    assert areas[3] > 0.9


def test_bounds_are_exact() -> None:
    assert bounds(0, 14) == "0.000 (0 of 14; 0.000 … 0.232)"
    assert bounds(3, 3).endswith("(3 of 3; 0.292 … 1.000)")
