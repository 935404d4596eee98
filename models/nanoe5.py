"""Reads `e5-small-q4.bin`: multilingual-e5-small (Wang et al. 2024, arXiv 2402.05672) at 4 bits per weight.

Layout, little endian: "E5S1", a version; seven int32 (hidden, layers, heads, feed-forward, vocabulary,
positions, segments), float32 epsilon, int32 block size, int32 number of pieces, int32 ids of <s>, </s>,
<pad>, <unk>; the unigram pieces (offsets, log-probabilities, UTF-8); a normalisation table that is not needed
here; then named tensors. Vectors are float32; matrices are blocks of 32 weights, a float16 scale and 16 bytes
each.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.bert import Bert, BertConfig, PackedEmbedding, unpack
from models.unigram import Unigram

_BLOCK = np.dtype([("scale", "<f2"), ("packed", "u1", 16)])
_TOP = {
    "positions.weight": "emb.pos",
    "segment": "emb.type",
    "norm.weight": "emb.ln.w",
    "norm.bias": "emb.ln.b",
}
_LAYER = {
    "query": "q",
    "key": "k",
    "value": "v",
    "attended": "ao",
    "attended_norm": "aln",
    "widen": "fi",
    "narrow": "fo",
    "norm": "oln",
}


class FormatError(Exception):
    """The file is not what this reader knows."""


@dataclass(slots=True)
class _Cursor:
    data: NDArray[np.uint8]
    at: int = 4

    def take(self, form: str) -> tuple[int | float, ...]:
        values = struct.unpack_from("<" + form, self.data.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def array(self, kind: str, count: int) -> NDArray[np.generic]:
        found = np.frombuffer(self.data, kind, count, self.at)
        self.at += found.nbytes
        return found


def load(path: Path) -> tuple[Bert, Unigram]:
    """The encoder on the CPU, word embeddings still packed, and its tokeniser. Raises FormatError."""
    data = np.memmap(path, np.uint8, "r")
    if data[:4].tobytes() != b"E5S1":
        raise FormatError(f"{path} is not an E5S1 file")
    cursor = _Cursor(data)
    cursor.take("i")  # version of the layout
    hidden, layers, heads, wide, vocabulary, positions, _ = (int(n) for n in cursor.take("7i"))
    (epsilon,) = cursor.take("f")
    _, count, bos, eos, _, unk, length = (int(n) for n in cursor.take("6iQ"))
    offsets = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).tolist()
    blob = cursor.array("u1", length).tobytes()
    pieces = [blob[a:b].decode("utf-8", "replace") for a, b in pairwise(offsets)]
    cursor.take("i")
    (skipped,) = cursor.take("I")
    cursor.at += int(skipped)
    config = BertConfig(vocabulary, hidden, layers, heads, wide, positions, float(epsilon))
    tokenizer = Unigram(pieces, scores, bos=bos, eos=eos, unk=unk)
    return _encoder(_tensors(cursor), config), tokenizer


def _tensors(cursor: _Cursor) -> dict[str, NDArray[np.uint8]]:
    """The raw bytes of each tensor by name."""
    found = {}
    (count,) = cursor.take("i")
    for _ in range(int(count)):
        (length,) = cursor.take("H")
        name = cursor.array("u1", int(length)).tobytes().decode()
        _, _, offset, size = (int(n) for n in cursor.take("BIQQ"))
        found[name] = cursor.data[offset : offset + size]
    return found


def _encoder(tensors: dict[str, NDArray[np.uint8]], config: BertConfig) -> Bert:
    def vector(name: str) -> Tensor:
        return torch.from_numpy(tensors[name].view("<f4").copy())

    def blocks(name: str, columns: int) -> tuple[Tensor, Tensor]:
        raw = tensors[name].view(_BLOCK).reshape(-1, columns // 32)
        return torch.from_numpy(raw["scale"].copy()), torch.from_numpy(raw["packed"].copy())

    model = Bert(config, PackedEmbedding(*blocks("emb.word", config.hidden)))
    model.requires_grad_(False)
    for name, parameter in model.named_parameters():
        stored = _stored_name(name)
        # One at a time, so that the unpacked copies never lie in memory together.
        if name in _TOP or parameter.dim() == 1:  # of the segments' two rows the first is used
            parameter.copy_(vector(stored)[: parameter.numel()].view_as(parameter))
        else:
            parameter.copy_(unpack(*blocks(stored, parameter.shape[-1])))
    return model.eval()


def _stored_name(name: str) -> str:
    """`layers.3.widen.weight` -> `l3.fi.w`."""
    if name in _TOP:
        return _TOP[name]
    _, number, module, kind = name.split(".")
    return f"l{number}.{_LAYER[module]}.{kind[0]}"
