"""How many streams a device carries with the streaming transducer, on random weights.

`python -m bench.transducer --slots 8 --size small --seconds 10` feeds recorded speech to all slots at once,
one chunk each per step, as the slot engine does when every session speaks, and prints what a step costs.
Speed does not depend on what the weights say, but decoding does on how often they say something: the blank's
bias is set such that about one frame in three has a label, at most one each, which is what English speech has
(random weights left to themselves say ten or none). `--size real` is the published configuration (0.6 billion
parameters) and wants a GPU.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import torch
from numpy.typing import NDArray

from bench.core.machine import line
from bench.core.statistics import percentile
from bench.sound import read_sound
from models import store
from models.streaming import SAMPLE_RATE, SlotChunk

if TYPE_CHECKING:
    from models.streaming import PartialText
    from models.transducer import Transducer
    from models.transducer.checkpoint import Checkpoint

_WARM_UP = 3  # steps that are not counted
_SHARE = (0.2, 0.45)  # frames with a label, least and most
_SMALL = {"hidden_size": 128, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 256}


@dataclass(frozen=True, slots=True)
class Figures:
    """One run. `compute_…_ms`: wall time of a step over all slots, features to text."""

    size: str
    device: str
    dtype: str
    parameters: int
    slots: int
    chunk_ms: int
    steps: int
    compute_p50_ms: float
    compute_p95_ms: float
    labels_per_s: float
    labels_per_frame: float
    memory_mb: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--size", choices=("small", "real"), default="small")
    parser.add_argument("--slots", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10.0, help="of speech per slot")
    parser.add_argument("--lookahead", type=int, default=3, help="frames of 80 ms; 3 makes chunks of 320 ms")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--dtype", choices=("float32", "float16", "bfloat16"), help="bfloat16 on a GPU")
    parser.add_argument("--threads", type=int, default=1, help="on a CPU")
    parser.add_argument("--json", type=Path, help="write the figures there too")


def main(options: argparse.Namespace) -> int:
    torch.set_num_threads(options.threads)
    figures = measure(
        options.size,
        slots=options.slots,
        seconds=options.seconds,
        lookahead=options.lookahead,
        device=options.device,
        dtype=options.dtype or ("bfloat16" if options.device.startswith("cuda") else "float32"),
    )
    print(line())
    for name, value in asdict(figures).items():
        print(f"{name:>18}  {value}")
    print("random weights: what is said means nothing; only the speed is measured")
    if options.json:
        found = {"command": sys.argv[1:], "metrics": asdict(figures)}
        options.json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    return 0


def measure(size: str, *, slots: int, seconds: float, lookahead: int, device: str, dtype: str) -> Figures:
    """Steps all slots through `seconds` of speech, each from another place in it."""
    from models import transducer as streaming

    on_gpu = device.startswith("cuda")
    model = random_model(size, device=device, dtype=getattr(torch, dtype))
    sound = np.concatenate(list(read_sound(store.file("demo/two_cities.wav"), SAMPLE_RATE)))
    checkpoint = _checkpoint(model, lookahead)
    transducer = streaming.Transducer(checkpoint, slots=slots, lookahead=lookahead)
    chunk = transducer.capabilities.chunk or 0
    steps = max(_WARM_UP + 2, round(seconds * SAMPLE_RATE / chunk))
    if on_gpu:
        torch.cuda.reset_peak_memory_stats(device)
    _make_it_speak(model, checkpoint.extractor, transducer, sound, chunk)
    for slot in range(slots):
        transducer.open(slot, "en")
    taken, labels = [], 0
    for step in range(steps):
        chunks = _chunks(sound, slots, step, chunk)
        began = time.perf_counter()
        partials = transducer.step(chunks)
        taken.append((time.perf_counter() - began) * 1000)
        labels = _labels(partials)
    counted = taken[_WARM_UP:]
    p50, p95 = percentile(counted, 0.5, 2) or 0.0, percentile(counted, 0.95, 2) or 0.0
    frames = slots * steps * (lookahead + 1)
    memory = torch.cuda.max_memory_allocated(device) if on_gpu else psutil.Process().memory_info().rss
    return Figures(
        size=size,
        device=torch.cuda.get_device_name(device) if on_gpu else "cpu",
        dtype=dtype,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        slots=slots,
        chunk_ms=round(chunk / SAMPLE_RATE * 1000),
        steps=len(counted),
        compute_p50_ms=p50,
        compute_p95_ms=p95,
        labels_per_s=round(labels / (sum(taken) / 1000), 1),
        labels_per_frame=round(labels / frames, 3),
        memory_mb=round(memory / 2**20),
    )


def random_model(size: str, *, device: str, dtype: torch.dtype) -> Any:
    """A `NemotronAsrStreamingForRNNT` with random weights, small or as published."""
    from transformers.models.nemotron_asr_streaming import (
        NemotronAsrStreamingConfig,
        NemotronAsrStreamingEncoderConfig,
        NemotronAsrStreamingForRNNT,
    )

    torch.manual_seed(0)
    encoder = NemotronAsrStreamingEncoderConfig(**(_SMALL if size == "small" else {}))
    config = NemotronAsrStreamingConfig(encoder_config=encoder, max_symbols_per_step=1)
    return NemotronAsrStreamingForRNNT(config).eval().requires_grad_(False).to(device, dtype)


def _checkpoint(model: Any, lookahead: int) -> Checkpoint:
    from tokenizers import Tokenizer, decoders
    from tokenizers.models import BPE
    from transformers.models.nemotron_asr_streaming import NemotronAsrStreamingFeatureExtractor

    from models.transducer.checkpoint import Checkpoint

    tokenizer = Tokenizer(BPE({f"▁{label}": label for label in range(model.config.vocab_size)}, []))
    tokenizer.decoder = decoders.Metaspace()
    extractor = NemotronAsrStreamingFeatureExtractor(feature_size=model.config.encoder_config.num_mel_bins)
    return Checkpoint("random@0", model, extractor, tokenizer, (lookahead,))


def _make_it_speak(
    model: Any, extractor: Any, transducer: Transducer, sound: NDArray[np.int16], chunk: int
) -> None:
    """Bisects the blank's bias; weights change in place, where a captured graph reads them."""
    blank, projector = model.config.blank_token_id, model.encoder_projector
    # Random layers say almost the same of everything: the last one is made to speak of the differences alone.
    mel = extractor(
        sound[: 8 * SAMPLE_RATE] / np.float32(32768), sampling_rate=SAMPLE_RATE, return_tensors="pt"
    )
    encoded = model.get_audio_features(
        mel.input_features.to(projector.weight), num_lookahead_tokens=3
    ).pooler_output[0]
    spread, mean = encoded.std(dim=0), encoded.mean(dim=0)
    projector.bias.copy_((projector.bias - mean) / spread)
    projector.weight.div_(spread[:, None])
    model.joint.head.weight.mul_(10)
    low, high, steps = -20.0, 20.0, 20
    for _ in range(12):
        bias = (low + high) / 2
        model.joint.head.bias[blank] = bias
        transducer.open(0, "en")
        for step in range(steps):
            partial = transducer.step(_chunks(sound, 1, step, chunk))
        transducer.close(0)
        share = _labels(partial) / (steps * chunk / SAMPLE_RATE / 0.08)
        if _SHARE[0] <= share <= _SHARE[1]:
            return
        low, high = (bias, high) if share > _SHARE[1] else (low, bias)


def _chunks(sound: NDArray[np.int16], slots: int, step: int, chunk: int) -> list[SlotChunk]:
    """The next chunk of every slot; each hears the recording from another place on, round and round."""
    places = ((slot * 7 + step) * chunk + np.arange(chunk) for slot in range(slots))
    return [SlotChunk(slot, sound[place % len(sound)]) for slot, place in enumerate(places)]


def _labels(partials: Sequence[PartialText | None]) -> int:
    return sum(len(partial.text.split()) for partial in partials if partial)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.transducer", description=__doc__)
    add_arguments(parser)
    sys.exit(main(parser.parse_args()))
