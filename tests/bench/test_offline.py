"""Cutting a long recording at its quiet moments."""

from __future__ import annotations

import numpy as np

from bench.offline import windows


def test_cuts_fall_into_the_pauses_and_lose_nothing() -> None:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, 70 * 16_000).astype(np.float32)
    for pause in (26.0, 50.0):
        noise[round(pause * 16_000) : round((pause + 0.4) * 16_000)] = 0
    pieces = windows(noise)
    assert np.array_equal(np.concatenate(pieces), noise)
    assert max(map(len, pieces)) <= 30 * 16_000
    assert [26.0 < end < 26.4 for end in [len(pieces[0]) / 16_000]] == [True]
    assert 50.0 < (len(pieces[0]) + len(pieces[1])) / 16_000 < 50.4


def test_short_recordings_stay_whole() -> None:
    sound = np.zeros(16_000, np.float32)
    assert [len(piece) for piece in windows(sound)] == [16_000]
