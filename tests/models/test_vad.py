from __future__ import annotations

import csv
import time

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from bench.sound import read_clip
from models import store
from models.vad import CHUNK, SAMPLE_RATE, VoiceActivity
from tests.models import eval_set


@pytest.fixture(scope="module")
def vad() -> VoiceActivity:
    return VoiceActivity.load()


def run(vad: VoiceActivity, sound: NDArray[np.float32]) -> NDArray[np.float64]:
    state, found = vad.new_state(), []
    for begin in range(0, len(sound) - CHUNK + 1, CHUNK):
        probability, state = vad(sound[begin : begin + CHUNK], state)
        found.append(probability)
    return np.array(found)


def test_hears_speech(vad: VoiceActivity) -> None:
    sound = read_clip(store.file("demo/two_cities.wav"))
    begin = time.perf_counter()
    found = run(vad, sound)
    print(f"\n{1000 * (time.perf_counter() - begin) / len(found):.3f} ms per chunk")
    assert (found > 0.5).mean() > 0.6


def test_silence_and_noise_are_no_speech(vad: VoiceActivity) -> None:
    assert run(vad, np.zeros(5 * SAMPLE_RATE, np.float32)).max() < 0.05
    noise = np.random.default_rng(0).normal(0, 0.05, 5 * SAMPLE_RATE).astype(np.float32)
    assert run(vad, noise).max() < 0.2


def test_streams_do_not_disturb_each_other(vad: VoiceActivity) -> None:
    sound = read_clip(store.file("demo/two_cities.wav"))[: 96 * CHUNK].reshape(3, 32, CHUNK)
    alone = np.stack([run(vad, stream.ravel()) for stream in sound])
    states = [vad.new_state() for _ in range(3)]
    together = []
    for step in range(32):
        probabilities, states = vad.step(sound[:, step], states)
        together.append(probabilities)
    np.testing.assert_allclose(np.stack(together, axis=1), alone, atol=1e-5)


def test_the_chunk_before_matters(vad: VoiceActivity) -> None:
    """The last 64 samples of a chunk belong in front of the next: without them the network goes deaf."""
    sound = read_clip(store.file("demo/two_cities.wav"))[: 10 * SAMPLE_RATE]
    state, without = vad.new_state(), []
    for begin in range(0, len(sound) - CHUNK + 1, CHUNK):
        probability, state = vad(sound[begin : begin + CHUNK], state)
        state.context[:] = 0
        without.append(probability)
    assert np.abs(run(vad, sound) - np.array(without)).max() > 0.1


def test_bad_input_is_refused(vad: VoiceActivity) -> None:
    with pytest.raises(ValueError, match="shape"):
        vad(np.zeros(160, np.float32), vad.new_state())
    with pytest.raises(ValueError, match="finite"):
        vad(np.full(CHUNK, np.nan, np.float32), vad.new_state())
    probabilities, states = vad.step(np.zeros((0, CHUNK), np.float32), [])
    assert probabilities.shape == (0,)
    assert states == []


@pytest.mark.eval
def test_agrees_with_hand_labels(vad: VoiceActivity) -> None:
    folder = eval_set.folder("speech")
    scores: list[NDArray[np.float64]] = []
    labels: list[bool] = []
    with (folder / "vad.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            sound, rate = soundfile.read(folder / row["path"], dtype="float32")
            assert rate == SAMPLE_RATE
            found = run(vad, sound)
            segments = [tuple(map(float, text.split("-"))) for text in row["speech_segments"].split()]
            middles = (np.arange(len(found)) * CHUNK + CHUNK / 2) / SAMPLE_RATE
            scores.append(found)
            labels += [any(begin <= t <= end for begin, end in segments) for t in middles]
    score, speech = np.concatenate(scores), np.array(labels)
    inside, outside = score[speech], np.sort(score[~speech])
    area = np.searchsorted(outside, inside, side="left").mean() / len(outside)
    print(f"\narea under the ROC curve {area:.3f}, {len(score)} frames")
    assert area > 0.95
    assert (inside > 0.5).mean() > 0.9
