"""A Hugging Face folder of a `NemotronAsrStreamingForRNNT`, read by the library's own `from_pretrained`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from models import hub

MODEL_TYPE = "nemotron_asr_streaming"
_TRAINED = (13, 6, 1, 0)  # what the library takes where a folder says nothing


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`model`, `extractor` and `tokenizer` are the libraries' own objects.

    `lookaheads` are the right contexts the model was trained with, in frames of 80 ms, its default first.
    """

    name: str
    model: Any
    extractor: Any
    tokenizer: Any
    lookaheads: tuple[int, ...]


def read(model: str, *, device: str, dtype: torch.dtype) -> Checkpoint:
    """A folder, or a Hugging Face id (its local cache is respected).

    Raises `ValueError` when the folder is not such a model's, with its feature extractor and tokenizer.
    """
    located = hub.locate(model)
    folder = located.folder
    if located.model_type != MODEL_TYPE:
        raise ValueError(f"{folder} holds a {located.model_type!r} model, not {MODEL_TYPE!r}")
    for one_of in (("tokenizer.json",), ("processor_config.json", "preprocessor_config.json")):
        if not any((folder / file).is_file() for file in one_of):
            raise ValueError(f"{folder} lacks {' or '.join(one_of)}")
    # Imported late: the library takes seconds, and only who loads such a model needs it.
    from tokenizers import Tokenizer
    from transformers.models.nemotron_asr_streaming import (
        NemotronAsrStreamingFeatureExtractor,
        NemotronAsrStreamingForRNNT,
    )

    network, report = NemotronAsrStreamingForRNNT.from_pretrained(
        folder, dtype=dtype, local_files_only=True, output_loading_info=True
    )
    if missing := sorted(report["missing_keys"]):
        raise ValueError(f"{folder} lacks weights, the first of them {missing[0]}")
    extractor = NemotronAsrStreamingFeatureExtractor.from_pretrained(folder, local_files_only=True)
    bins = network.config.encoder_config.num_mel_bins
    if extractor.feature_size != bins:
        raise ValueError(
            f"{folder}: features of {extractor.feature_size} bands for a model that wants {bins}"
        )
    return Checkpoint(
        located.name,
        network.eval().requires_grad_(False).to(device),
        extractor,
        Tokenizer.from_file(str(folder / "tokenizer.json")),
        _lookaheads(located.json("processor_config.json")),
    )


def _lookaheads(processor: dict[str, Any]) -> tuple[int, ...]:
    trained: Sequence[int] = processor.get("supported_num_lookahead_tokens") or _TRAINED
    default = processor.get("default_num_lookahead_tokens")
    if default is None:
        default = trained[0]
    return (default, *(each for each in trained if each != default))
