"""Our label-looping decoder against the library's `generate()` on a stream of mel chunks."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from models.transducer.decoder import SlotDecoder
from tests.models.transducer_models import (
    LABELS,
    library_chunks,
    library_encoder,
    library_labels,
    lively_model,
    small_model,
    speech,
)

Said = list[tuple[int, int]]


def decoded(decoder: SlotDecoder, encoded: Tensor, frames: int, active: list[list[bool]]) -> list[Said]:
    """Labels of every row of `encoded`, whose next chunk is decoded when `active[step][row]` says so."""
    said: list[Said] = [[] for _ in encoded]
    at = [0] * len(encoded)
    for step in active:
        chunk = torch.stack([row[place : place + frames] for row, place in zip(encoded, at, strict=True)])
        labels = decoder(chunk, torch.tensor(step))
        for row, moves in enumerate(step):
            found = [
                (token, frame + at[row])
                for token, frame in zip(labels.tokens[row].tolist(), labels.frames[row].tolist(), strict=True)
                if token >= 0
            ]
            assert moves or not found
            said[row] += found
            at[row] += frames * moves
    return said


def test_labels_and_frames_equal_generate() -> None:
    model, lookahead = lively_model(), 3
    expected, encoded = [], []
    for begin in (0, 16_000, 32_000):
        chunks = list(library_chunks(speech()[begin : begin + 5 * 16_000], lookahead))
        expected.append(library_labels(model, chunks, lookahead))
        encoded.append(library_encoder(model, chunks, lookahead))
    together = torch.cat(encoded)
    chunks = together.shape[1] // 4
    decoder = SlotDecoder(model, slots=3, frames=4)
    assert decoded(decoder, together, 4, [[True] * 3] * chunks) == expected
    assert all(len({label for label, _ in said}) >= 8 for said in expected)  # not one label again and again
    decoder.reset(0, 1, 2)
    # Once more, each row at its own pace: a pause changes nothing, and no row hears another.
    apart = torch.cat([together, together[:, -4:]], dim=1)
    steps = [[at % 2 == 0, at % 3 == 0, at >= 5] for at in range(3 * chunks)]
    counts = [0, 0, 0]
    for step in steps:
        for row in range(3):
            step[row] = step[row] and counts[row] < chunks
            counts[row] += step[row]
    assert counts == [chunks] * 3
    assert decoded(decoder, apart, 4, steps) == expected


@pytest.mark.parametrize("limit", [1, 3])
def test_a_frame_that_never_ends_is_left(limit: int) -> None:
    model = small_model(seed=3, max_symbols_per_step=limit)
    model.joint.head.bias[LABELS] = -50.0  # never blank
    chunks = list(library_chunks(speech(2.0), 3))
    expected = library_labels(model, chunks, 3)
    encoded = library_encoder(model, chunks, 3)
    assert len(expected) == limit * encoded.shape[1]
    decoder = SlotDecoder(model, slots=1, frames=4)
    assert decoded(decoder, encoded, 4, [[True]] * (encoded.shape[1] // 4)) == [expected]


def test_the_guard_counts_per_frame_and_blanks_end_it() -> None:
    """Some frames run into the guard and others stop before it."""
    model = small_model()
    chunks = list(library_chunks(speech(4.0), 3))
    encoded = library_encoder(model, chunks, 3)
    seen = set()
    for bias in (-4.0, 0.0, 4.0):
        model.joint.head.bias[LABELS] = bias
        expected = library_labels(model, chunks, 3)
        decoder = SlotDecoder(model, slots=1, frames=4)
        assert decoded(decoder, encoded, 4, [[True]] * (encoded.shape[1] // 4)) == [expected]
        per_frame = [frame for _, frame in expected]
        seen |= {per_frame.count(frame) for frame in range(encoded.shape[1])}
    assert {0, model.config.max_symbols_per_step} < seen


def test_probabilities_are_those_of_the_joint_network() -> None:
    model = lively_model()
    encoded = library_encoder(model, list(library_chunks(speech(3.0), 3)), 3)
    decoder = SlotDecoder(model, slots=1, frames=encoded.shape[1])
    labels = decoder(encoded, torch.ones(1, dtype=torch.bool))
    assert labels.tokens.shape[1] > 3
    with torch.inference_mode():
        start = model.decoder(torch.tensor([[LABELS]]))
        frame = int(labels.frames[0, 0])
        logits = model.joint(decoder_hidden_states=start, encoder_hidden_states=encoded[:, frame : frame + 1])
        first = logits[0, 0].softmax(dim=-1)
    assert first.argmax() == labels.tokens[0, 0]
    torch.testing.assert_close(labels.probabilities[0, 0], first.max())
    assert ((labels.probabilities > 0) & (labels.probabilities <= 1)).all()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="NOT TESTED: CUDA graphs need a GPU")
def test_graph_equals_plain_rounds() -> None:
    model = lively_model()
    encoded = library_encoder(model, list(library_chunks(speech(), 3)), 3)
    everyone = [[True]] * (encoded.shape[1] // 4)
    expected = decoded(SlotDecoder(model, slots=1, frames=4), encoded, 4, everyone)
    try:
        decoder = SlotDecoder(model.to("cuda"), slots=1, frames=4)
        decoder.capture()
        found = decoded(decoder, encoded.to("cuda"), 4, everyone)
    finally:
        model.to("cpu")
    assert [label for label, _ in found[0]] == [label for label, _ in expected[0]]
