from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.sound import read_clip
from models import store
from models.pitch import HOP, SAMPLE_RATE, Pitch
from tests.models.voices import voice


@pytest.fixture(scope="module")
def pitch() -> Pitch:
    return Pitch.load()


def test_synthesised_voices(pitch: Pitch) -> None:
    errors = []
    for hz in (70, 90, 110, 150, 200, 300, 420):
        found, confidence = pitch(voice(hz, 2.0))
        voiced = confidence >= 0.5
        assert voiced.mean() > 0.9
        errors.append(float(np.median(found[voiced])) / hz - 1)
    print(f"\nmedian pitch of seven voices: error up to {100 * max(map(abs, errors)):.2f} %")
    assert max(map(abs, errors)) < 0.01


def test_silence_and_noise_have_no_voice(pitch: Pitch) -> None:
    noise = np.random.default_rng(0).normal(0, 0.05, SAMPLE_RATE).astype(np.float32)
    for wave in (np.zeros(SAMPLE_RATE, np.float32), noise):
        assert (pitch(wave)[1] >= 0.5).mean() < 0.05


@pytest.mark.parametrize("wave", [np.zeros(HOP - 1, np.float32), np.full(HOP, np.nan, np.float32)])
def test_bad_input_is_refused(pitch: Pitch, wave: NDArray[np.float32]) -> None:
    with pytest.raises(ValueError, match="finite samples"):
        pitch(wave)


def test_costs_little(pitch: Pitch) -> None:
    sound = read_clip(store.file("demo/two_cities.wav"))[: 20 * SAMPLE_RATE]
    pieces = [sound[at : at + 2 * SAMPLE_RATE] for at in range(0, len(sound), 2 * SAMPLE_RATE)]
    pitch(pieces[0])
    begin = time.thread_time()
    for piece in pieces:
        pitch(piece)
    share = (time.thread_time() - begin) / (len(sound) / SAMPLE_RATE)
    print(f"\n{100 * share:.2f} % of real time")
    assert share < 0.02
