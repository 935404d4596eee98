from __future__ import annotations

import numpy as np
import pytest
import torch

from bench.sound import read_clip
from models import store
from models.whisper.audio import FRAMES, SAMPLE_RATE, context_frames, log_mel, mel_filters


@pytest.mark.parametrize("bands", [80, 128])
def test_equals_transformers_features(bands: int) -> None:
    from transformers import WhisperFeatureExtractor

    clips = [
        read_clip(store.file("demo/two_cities.wav"))[:n] for n in (3 * SAMPLE_RATE, 7 * SAMPLE_RATE + 77)
    ]
    extractor = WhisperFeatureExtractor(feature_size=bands)
    expected = extractor(clips, sampling_rate=SAMPLE_RATE, return_tensors="np").input_features
    found = log_mel(clips, mel_filters(bands), FRAMES).numpy()
    np.testing.assert_allclose(found, expected, atol=2e-4)
    cut = log_mel(clips, mel_filters(bands), 900).numpy()
    np.testing.assert_allclose(cut, expected[:, :, :900], atol=2e-4)


@pytest.mark.parametrize(
    ("seconds", "frames"), [(0.1, 400), (2.5, 400), (2.51, 500), (10.0, 1200), (29.0, 3000), (30.0, 3000)]
)
def test_context_is_the_clip_and_a_tail_in_whole_seconds(seconds: float, frames: int) -> None:
    assert context_frames(round(seconds * SAMPLE_RATE)) == frames
    assert context_frames(round(seconds * SAMPLE_RATE), 12.0) == max(1200, frames)


def test_silence_is_the_floor() -> None:
    features = log_mel([np.zeros(SAMPLE_RATE, np.float32)], mel_filters(80), 400)
    assert torch.all(features == (-10 + 4) / 4)
