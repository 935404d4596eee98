"""Whisper's weights as our module names them, from the embedded CTranslate2 file or a Hugging Face folder."""

from __future__ import annotations

import io
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from torch import Tensor

from models import hub, store
from models.whisper.network import Shape

State = dict[str, Tensor]
EMBEDDED = "whisper-base@1.0.0"
_DTYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One model. `alignment_heads` are the decoder's (layer, head) pairs that follow the sound."""

    name: str
    shape: Shape
    state: State
    tokenizer: Path
    suppress: tuple[int, ...]
    begin_suppress: tuple[int, ...]
    alignment_heads: tuple[tuple[int, int], ...]


def load(model: str | None) -> Checkpoint:
    """The embedded model for None, else a folder or a Hugging Face id (its local cache is respected).

    Raises `models.store.WeightsMissing` when the embedded files were not fetched, `ValueError` when a folder
    is not a Whisper model in safetensors form.
    """
    return _embedded() if model is None else _hugging_face(model)


def _embedded() -> Checkpoint:
    joined = b"".join(store.file(f"whisper-base/model.bin.part{part}").read_bytes() for part in (1, 2))
    config = json.loads(store.file("whisper-base/config.json").read_text("utf-8"))
    state = from_ctranslate2(read_ctranslate2(io.BytesIO(joined)))
    return Checkpoint(
        EMBEDDED,
        _shape(state),
        state,
        store.file("whisper-base/tokenizer.json"),
        tuple(config["suppress_ids"]),
        tuple(config["suppress_ids_begin"]),
        tuple((layer, head) for layer, head in config["alignment_heads"]),
    )


def read_ctranslate2(stream: BinaryIO) -> State:
    """Tensors of a CTranslate2 `model.bin` (binary version 6) by their names in the file."""

    def number(code: str) -> int:
        return int(struct.unpack(f"<{code}", stream.read(struct.calcsize(code)))[0])

    def text() -> str:
        return stream.read(number("H"))[:-1].decode()

    number("I")  # version of the layout
    specification = text()
    if specification != "WhisperSpec":
        raise ValueError(f"a Whisper model was expected, the file holds {specification!r}")
    number("I")  # revision of the specification
    tensors = {}
    for _ in range(number("I")):
        name = text()
        shape = [number("I") for _ in range(number("B"))]
        dtype = _DTYPES[number("B")]
        raw = stream.read(number("I"))
        tensors[name] = torch.from_numpy(np.frombuffer(raw, dtype=dtype).reshape(shape).copy())
    return tensors


def from_ctranslate2(tensors: State) -> State:
    """CTranslate2 names → ours. It keeps query, key and value as one matrix, as we do."""
    state = {
        "encoder.positions": tensors["encoder/position_encodings/encodings"],
        "decoder.positions": tensors["decoder/position_encodings/encodings"],
        "decoder.embedding": tensors["decoder/embeddings/weight"],
    }

    def linear(ours: str, theirs: str) -> None:
        state[f"{ours}.weight"] = tensors[f"{theirs}/weight"]
        state[f"{ours}.bias"] = tensors[f"{theirs}/bias"]

    def norm(ours: str, theirs: str) -> None:
        state[f"{ours}.weight"] = tensors[f"{theirs}/gamma"]
        state[f"{ours}.bias"] = tensors[f"{theirs}/beta"]

    linear("encoder.conv1", "encoder/conv1")
    linear("encoder.conv2", "encoder/conv2")
    for side in ("encoder", "decoder"):
        norm(f"{side}.norm", f"{side}/layer_norm")
        for index in range(_count(tensors, f"{side}/layer_", "/")):
            ours, theirs = f"{side}.layers.{index}", f"{side}/layer_{index}"
            linear(f"{ours}.attention.qkv", f"{theirs}/self_attention/linear_0")
            linear(f"{ours}.attention.out", f"{theirs}/self_attention/linear_1")
            norm(f"{ours}.attention_norm", f"{theirs}/self_attention/layer_norm")
            linear(f"{ours}.mlp.up", f"{theirs}/ffn/linear_0")
            linear(f"{ours}.mlp.down", f"{theirs}/ffn/linear_1")
            norm(f"{ours}.mlp_norm", f"{theirs}/ffn/layer_norm")
            if side == "decoder":
                linear(f"{ours}.cross.q", f"{theirs}/attention/linear_0")
                linear(f"{ours}.cross.kv", f"{theirs}/attention/linear_1")
                linear(f"{ours}.cross.out", f"{theirs}/attention/linear_2")
                norm(f"{ours}.cross_norm", f"{theirs}/attention/layer_norm")
    return state


def from_hugging_face(tensors: State) -> State:
    """transformers' `WhisperForConditionalGeneration` names → ours. Keys have no bias there: zeros here."""
    tensors = {name.removeprefix("model."): tensor for name, tensor in tensors.items()}
    state = {
        "encoder.positions": tensors["encoder.embed_positions.weight"],
        "decoder.positions": tensors["decoder.embed_positions.weight"],
        "decoder.embedding": tensors["decoder.embed_tokens.weight"],
    }

    def copy(ours: str, theirs: str) -> None:
        state[f"{ours}.weight"] = tensors[f"{theirs}.weight"]
        state[f"{ours}.bias"] = tensors[f"{theirs}.bias"]

    def fuse(ours: str, theirs: str, parts: str) -> None:
        weights = [tensors[f"{theirs}.{part}_proj.weight"] for part in parts]
        biases = [
            tensors.get(f"{theirs}.{part}_proj.bias", weight.new_zeros(len(weight)))
            for part, weight in zip(parts, weights, strict=True)
        ]
        state[f"{ours}.weight"], state[f"{ours}.bias"] = torch.cat(weights), torch.cat(biases)

    copy("encoder.conv1", "encoder.conv1")
    copy("encoder.conv2", "encoder.conv2")
    for side in ("encoder", "decoder"):
        copy(f"{side}.norm", f"{side}.layer_norm")
        for index in range(_count(tensors, f"{side}.layers.", ".")):
            layer = f"{side}.layers.{index}"
            fuse(f"{layer}.attention.qkv", f"{layer}.self_attn", "qkv")
            copy(f"{layer}.attention.out", f"{layer}.self_attn.out_proj")
            copy(f"{layer}.attention_norm", f"{layer}.self_attn_layer_norm")
            copy(f"{layer}.mlp.up", f"{layer}.fc1")
            copy(f"{layer}.mlp.down", f"{layer}.fc2")
            copy(f"{layer}.mlp_norm", f"{layer}.final_layer_norm")
            if side == "decoder":
                copy(f"{layer}.cross.q", f"{layer}.encoder_attn.q_proj")
                fuse(f"{layer}.cross.kv", f"{layer}.encoder_attn", "kv")
                copy(f"{layer}.cross.out", f"{layer}.encoder_attn.out_proj")
                copy(f"{layer}.cross_norm", f"{layer}.encoder_attn_layer_norm")
    return state


def _hugging_face(model: str) -> Checkpoint:
    from safetensors.torch import load_file

    located = hub.locate(model)
    folder = located.folder
    if not (folder / "tokenizer.json").is_file():
        raise ValueError(f"{folder} lacks tokenizer.json")
    if located.model_type != "whisper":
        raise ValueError(f"{folder} holds a {located.model_type!r} model, not Whisper")
    config = located.json("config.json")
    generation = config | located.json("generation_config.json")
    tensors: State = {}
    for path in located.weights:
        tensors |= load_file(path)
    state = from_hugging_face(tensors)
    shape = _shape(state, config)
    heads = generation.get("alignment_heads") or [
        (layer, head)
        for layer in range(shape.decoder_layers // 2, shape.decoder_layers)
        for head in range(shape.decoder_heads)
    ]
    return Checkpoint(
        located.name,
        shape,
        state,
        folder / "tokenizer.json",
        tuple(generation.get("suppress_tokens") or ()),
        tuple(generation.get("begin_suppress_tokens") or ()),
        tuple((layer, head) for layer, head in heads),
    )


def _shape(state: State, config: dict[str, Any] | None = None) -> Shape:
    width, mels, _ = state["encoder.conv1.weight"].shape
    config = config or {}
    return Shape(
        mels=mels,
        width=width,
        encoder_layers=_count(state, "encoder.layers.", "."),
        decoder_layers=_count(state, "decoder.layers.", "."),
        vocabulary=len(state["decoder.embedding"]),
        encoder_heads=config.get("encoder_attention_heads", width // 64),
        decoder_heads=config.get("decoder_attention_heads", width // 64),
        positions=len(state["encoder.positions"]),
        text_positions=len(state["decoder.positions"]),
    )


def _count(names: State, prefix: str, end: str) -> int:
    found = {name[len(prefix) :].split(end)[0] for name in names if name.startswith(prefix)}
    return sum(index.isdecimal() for index in found)
