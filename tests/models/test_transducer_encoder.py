"""Our slot encoder against the library's cached one-session streaming."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from models.transducer.encoder import SlotEncoder
from models.transducer.graph import Graphed
from tests.models.transducer_models import (
    BINS,
    FACTOR,
    extractor,
    floats,
    library_encoder,
    small_model,
    speech,
)

PAD = FACTOR - 1


def streams(lookahead: int, count: int, chunks: int) -> Tensor:
    """Log-mel of a reading from several places in it."""
    frames = FACTOR * (lookahead + 1) * chunks - PAD
    made = extractor()(floats(speech(14.0)), sampling_rate=16_000, return_tensors="pt")
    return torch.stack([made.input_features[0, 40 * at :][:frames] for at in range(count)])


def pieces(stream: Tensor, lookahead: int) -> list[Tensor]:
    """As the library wants them: the first is seven frames shorter."""
    first, chunk = FACTOR * lookahead + 1, FACTOR * (lookahead + 1)
    return [stream[None, :first], *(piece[None] for piece in stream[first:].split(chunk))]


def slot_chunk(stream: Tensor, lookahead: int, index: int) -> Tensor:
    chunk = FACTOR * (lookahead + 1)
    return functional.pad(stream, (0, 0, PAD, 0))[index * chunk : (index + 1) * chunk]


@pytest.mark.parametrize("lookahead", [0, 1, 3, 6, 13])
def test_equals_the_library_past_the_window(lookahead: int) -> None:
    chunks = 75 // (lookahead + 1) + 3  # the attention's window of 71 frames has moved on by then
    model = small_model()
    sound = streams(lookahead, 1, chunks)
    encoder = SlotEncoder(model, slots=1, lookahead=lookahead)
    active = torch.ones(1, dtype=torch.bool)
    ours = [encoder(slot_chunk(sound[0], lookahead, at)[None], active).clone() for at in range(chunks)]
    theirs = library_encoder(model, pieces(sound[0], lookahead), lookahead)
    assert theirs.std(dim=1).mean() > 0.5  # of order 1, and different at different times
    torch.testing.assert_close(torch.cat(ours, dim=1), theirs, atol=3e-4, rtol=0)


def test_slots_start_pause_and_start_anew_by_themselves() -> None:
    lookahead, chunks, slots = 3, 24, 3
    model = small_model(seed=2)
    sound = streams(lookahead, slots, chunks)
    theirs = [library_encoder(model, pieces(stream, lookahead), lookahead) for stream in sound]
    encoder = SlotEncoder(model, slots=slots, lookahead=lookahead)
    found: list[list[Tensor]] = [[] for _ in range(slots)]
    step = 0
    while min(len(said) for said in found) < chunks:
        # Slot s begins after 3 s steps and misses every (s + 2)th; strangers' sound lies in what is not
        # active.
        active = torch.tensor(
            [step >= 3 * s and len(found[s]) < chunks and bool(step % (s + 2)) for s in range(slots)]
        )
        if step == 13:  # slot 1 has heard something by now, and is given to another session
            assert found[1]
            encoder.reset(1)
            found[1].clear()
        mel = torch.randn(slots, FACTOR * (lookahead + 1), BINS)
        for slot in range(slots):
            if active[slot]:
                mel[slot] = slot_chunk(sound[slot], lookahead, len(found[slot]))
        encoded = encoder(mel, active)
        for slot in range(slots):
            if active[slot]:
                found[slot].append(encoded[slot].clone())
        step += 1
    for slot in range(slots):
        torch.testing.assert_close(torch.cat(found[slot]), theirs[slot][0], atol=3e-4, rtol=0)


def test_what_it_cannot_do_is_refused() -> None:
    model = small_model()
    for lookahead in (-1, 71):
        with pytest.raises(ValueError, match="0 to 70"):
            SlotEncoder(model, slots=1, lookahead=lookahead)
    model.encoder.subsampling.conv_in.stride = (1, 1)
    with pytest.raises(ValueError, match="stride 2"):
        SlotEncoder(model, slots=1, lookahead=0)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="NOT TESTED: CUDA graphs need a GPU")
def test_graph_equals_plain_calls() -> None:
    lookahead, chunks, slots = 3, 22, 4
    device = torch.device("cuda")
    model = small_model().to(device)
    sound = streams(lookahead, slots, chunks).to(device)
    plain = SlotEncoder(model, slots=slots, lookahead=lookahead)
    graphed = SlotEncoder(model, slots=slots, lookahead=lookahead)
    shape = torch.zeros(slots, FACTOR * (lookahead + 1), BINS)
    step = Graphed(graphed, shape, torch.zeros(slots, dtype=torch.bool), device=device)
    assert not graphed.seen.any()  # the warm-up has left no trace
    for at in range(chunks):
        if at == 11:
            plain.reset(2)
            graphed.reset(2)
        active = torch.tensor([True, at % 2 == 0, True, at > 5], device=device)
        mel = torch.stack([slot_chunk(stream, lookahead, at) for stream in sound])
        expected, found = plain(mel, active), step(mel, active)
        torch.testing.assert_close(found[active], expected[active], atol=1e-4, rtol=1e-3)
    assert torch.equal(plain.seen, graphed.seen)
