"""Small transducers with random weights that say something, and the library's own one-session path."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders
from tokenizers.models import BPE
from torch import Tensor

from bench.sound import read_sound
from models import store
from models.transducer.checkpoint import Checkpoint
from models.transducer.decoder import SlotDecoder

BINS, LABELS = 80, 64  # the blank comes after the labels
FACTOR = 8
Sound = NDArray[np.int16]


@cache
def speech(seconds: float = 8.0) -> Sound:
    """A reading, 16 kHz, that ends in a moment of silence: then what comes after it is clear."""
    sound = np.concatenate(list(read_sound(store.file("demo/two_cities.wav"), 16_000, seconds)))
    sound[-400:] = 0
    return sound


def floats(sound: Sound) -> NDArray[np.float32]:
    return sound.astype(np.float32) / 32768.0


@cache
def extractor() -> Any:
    from transformers.models.nemotron_asr_streaming import NemotronAsrStreamingFeatureExtractor

    return NemotronAsrStreamingFeatureExtractor(feature_size=BINS)


def tokenizer() -> Tokenizer:
    """Every label is a word of its own, so that a text says which labels were meant."""
    vocabulary = {f"▁w{label:02}": label for label in range(LABELS)}
    made = Tokenizer(BPE(vocabulary, []))
    made.decoder = decoders.Metaspace()
    return made


def small_model(seed: int = 0, **settings: Any) -> Any:
    """A `NemotronAsrStreamingForRNNT` of three layers whose encoder and joint network vary with the sound."""
    from transformers.models.nemotron_asr_streaming import (
        NemotronAsrStreamingConfig,
        NemotronAsrStreamingEncoderConfig,
        NemotronAsrStreamingForRNNT,
    )

    torch.manual_seed(seed)
    encoder = NemotronAsrStreamingEncoderConfig(
        hidden_size=128,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=256,
        num_mel_bins=BINS,
        subsampling_conv_channels=32,
    )
    config = NemotronAsrStreamingConfig(
        encoder_config=encoder,
        decoder_hidden_size=64,
        vocab_size=LABELS + 1,
        blank_token_id=LABELS,
        **settings,
    )
    model = NemotronAsrStreamingForRNNT(config).eval().requires_grad_(False)
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=0.08)
        elif "norm" not in name:
            torch.nn.init.normal_(parameter, std=0.1)
    # What was said must matter for what is said next, and the blank must now win and now lose.
    model.joint.head.weight.mul_(4)
    model.joint.head.weight[LABELS].mul_(6)
    model.decoder.embedding.weight.mul_(12)
    model.decoder.decoder_projector.weight.mul_(4)
    for matrix in (each for each in model.decoder.lstm.parameters() if each.ndim > 1):
        matrix.mul_(4)
    model.generation_config.decoder_start_token_id = LABELS
    model.generation_config.pad_token_id = 0
    # Random layers say almost the same of everything: the last one is made to speak of the differences alone.
    encoded = library_encoder(model, list(library_chunks(speech(), 3)), 3)[0]
    spread, mean = encoded.std(dim=0), encoded.mean(dim=0)
    projector = model.encoder_projector
    projector.bias.copy_((projector.bias - mean) / spread)
    projector.weight.div_(spread[:, None])
    return model


@cache
def lively_model() -> Any:
    """The same with the blank's bias found by bisection: less than half of the frames say something."""
    model = small_model()
    encoded = library_encoder(model, list(library_chunks(speech(), 3)), 3)
    low, high = -20.0, 20.0
    for _ in range(30):
        bias = (low + high) / 2
        share = emitting(model, encoded, bias)
        if 0.3 <= share <= 0.5:
            return model
        low, high = (bias, high) if share > 0.5 else (low, bias)
    raise AssertionError("no bias makes this model say something in some frames alone")


def emitting(model: Any, encoded: Tensor, bias: float) -> float:
    """Share of frames with a label, once the blank has this bias."""
    model.joint.head.bias[LABELS] = bias
    decoder = SlotDecoder(model, slots=1, frames=encoded.shape[1])
    labels = decoder(encoded, torch.ones(1, dtype=torch.bool))
    return len(set(labels.frames[0].tolist())) / encoded.shape[1]


def checkpoint(model: Any) -> Checkpoint:
    return Checkpoint("small@random", model, extractor(), tokenizer(), (3, 0, 1, 6, 13))


def saved(model: Any, folder: Path) -> Path:
    """What a person who has weights would point to."""
    model.save_pretrained(folder)
    extractor().save_pretrained(folder)
    tokenizer().save(str(folder / "tokenizer.json"))
    settings = {"supported_num_lookahead_tokens": [6, 3, 0], "default_num_lookahead_tokens": 3}
    (folder / "processor_config.json").write_text(json.dumps(settings), "utf-8")
    return folder


def library_chunks(sound: Sound, lookahead: int) -> Iterator[Tensor]:
    """Mel chunks as the library's streaming makes them, up to that of the last whole hop."""
    made, take, hop, half = extractor(), FACTOR * lookahead + 1, 160, 256
    chunk = FACTOR * (lookahead + 1)
    whole = np.pad(floats(sound), (0, (chunk + 2) * hop))
    found = made(whole[: (take - 1) * hop + 200], sampling_rate=16_000, return_tensors="pt")
    yield found.input_features[:, :take]
    frames = take
    while frames < len(sound) // hop:
        start = frames * hop - half
        piece = whole[start : start + chunk * hop + 400]
        if start < 0:  # the least lookahead: the second window begins before the first sample
            piece = np.pad(whole[: start + chunk * hop + 400], (-start, 0))
        found = made(piece, sampling_rate=16_000, return_tensors="pt", center=False)
        assert found.input_features.shape[1] == chunk
        yield found.input_features
        frames += chunk


@torch.inference_mode()
def library_encoder(model: Any, chunks: list[Tensor], lookahead: int) -> Tensor:
    """One stream through the library's cached encoder: [1, tokens, joint size]."""
    keys, padding, found = None, None, []
    for chunk in chunks:
        out = model.get_audio_features(
            input_features=chunk,
            past_key_values=keys,
            padding_cache=padding,
            num_lookahead_tokens=lookahead,
            use_cache=True,
            output_attention_mask=False,
        )
        keys, padding = out.past_key_values, out.padding_cache
        found.append(out.pooler_output)
    return torch.cat(found, dim=1)


@torch.inference_mode()
def library_labels(model: Any, chunks: list[Tensor], lookahead: int) -> list[tuple[int, int]]:
    """(label, frame) of one stream by the library's `generate`."""
    stream = (chunk for chunk in chunks)
    out = model.generate(input_features=stream, num_lookahead_tokens=lookahead, max_new_tokens=100_000)
    # A step's duration moves the pointer after its label: the frame it was said at is the sum before it.
    frames = (out.durations[0].cumsum(0) - out.durations[0]).tolist()
    pairs = zip(out.sequences[0].tolist()[1:], frames[1:], strict=True)
    return [(label, frame) for label, frame in pairs if label != LABELS]
