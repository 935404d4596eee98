"""Our streaming features against the library's feature extractor."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers.models.nemotron_asr_streaming import NemotronAsrStreamingFeatureExtractor

from models.transducer.features import SlotFeatures
from tests.models.transducer_models import BINS, FACTOR, extractor, floats, library_chunks, speech

PAD = FACTOR - 1


def features(lookahead: int, slots: int = 1) -> SlotFeatures:
    return SlotFeatures(
        extractor(),
        slots=slots,
        frames=FACTOR * (lookahead + 1),
        first_pad=PAD,
        device=torch.device("cpu"),
    )


def drain(stream: SlotFeatures, slot: int) -> list[Tensor]:
    found = []
    while stream.ready(slot):
        mel, active = stream.take()
        assert active[slot]
        found.append(mel[slot])
    return found


@pytest.mark.parametrize("lookahead", [0, 1, 3, 6, 13])
def test_each_chunk_equals_the_librarys(lookahead: int) -> None:
    sound = speech(4.0)
    expected = list(library_chunks(sound, lookahead))
    stream = features(lookahead)
    found, place = [], 0
    for length in [1, 159, 5000, 0, 16_000, len(sound)]:  # of any length, a whole second and more at once
        piece = floats(sound[place : place + length])
        stream.push(0, piece)
        piece.fill(9.0)  # the caller's buffer is the caller's
        found += drain(stream, 0)
        place += length
    stream.finish(0)
    found += drain(stream, 0)
    assert len(found) == len(expected)
    assert not found[0][:PAD].any()
    assert torch.equal(found[0][:PAD], torch.zeros(PAD, BINS))
    found[0] = found[0][PAD:]
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs[0], atol=1e-5, rtol=0)


@pytest.mark.parametrize("samples", [1, 159, 160, 4039, 4040, 4041, 20_007])
def test_the_end_equals_one_pass_over_the_whole(samples: int) -> None:
    """The library's silence begins after the pre-emphasis: the last sample does not echo in it."""
    sound = floats(speech()[16_000 : 16_000 + samples])
    assert samples == 1 or abs(sound[-1]) > 0
    stream = features(3)
    stream.push(0, sound)
    found = drain(stream, 0)
    stream.finish(0)
    found += drain(stream, 0)
    assert not stream.ready(0)
    frames = samples // 160
    assert bool(found) == (frames > 0)
    if frames:
        ours = torch.cat(found)[PAD:]
        theirs = extractor()(sound, sampling_rate=16_000, return_tensors="pt").input_features[0]
        torch.testing.assert_close(ours[:frames], theirs[:frames], atol=1e-5, rtol=0)
        torch.testing.assert_close(ours[frames + 2 :], torch.full_like(ours[frames + 2 :], np.log(2.0**-24)))


def test_slots_are_independent_and_start_anew() -> None:
    sound = floats(speech(3.0))
    alone = features(1)
    alone.push(0, sound)
    expected = drain(alone, 0)
    both = features(1, slots=3)
    both.push(0, noise(9_000))
    both.take()
    both.reset(0)
    found: dict[int, list[Tensor]] = {0: [], 2: []}
    for start in range(0, len(sound), 3_000):  # slot 2 hears the same, later and in larger pieces
        both.push(0, sound[start : start + 3_000])
        if start % 9_000 == 6_000:
            both.push(2, sound[start - 6_000 : start + 3_000])
        while both.ready(0) or both.ready(2):
            mel, active = both.take()
            assert not active[1]
            for slot in found:
                if active[slot]:
                    found[slot].append(mel[slot])
    for mels in found.values():
        assert len(mels) >= len(expected) - 2
        for ours, theirs in zip(mels, expected, strict=False):
            torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)


def test_filters_are_rounded_where_the_checkpoint_wants_it() -> None:
    made = NemotronAsrStreamingFeatureExtractor(feature_size=BINS, mel_filters_dtype="bfloat16")
    sound = floats(speech(2.0))
    stream = SlotFeatures(made, slots=1, frames=32, first_pad=PAD, device=torch.device("cpu"))
    stream.push(0, sound)
    ours = torch.cat(drain(stream, 0))[PAD:]
    theirs = made(sound, sampling_rate=16_000, return_tensors="pt").input_features[0, : len(ours)]
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)
    plain = extractor()(sound, sampling_rate=16_000, return_tensors="pt").input_features[0, : len(ours)]
    assert (ours - plain).abs().max() > 1e-3


def test_another_sampling_rate_is_refused() -> None:
    made = NemotronAsrStreamingFeatureExtractor(sampling_rate=8_000)
    with pytest.raises(ValueError, match="8000 Hz"):
        SlotFeatures(made, slots=1, frames=32, first_pad=PAD, device=torch.device("cpu"))


def noise(samples: int) -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(0, 0.1, samples).astype(np.float32)
