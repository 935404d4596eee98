"""BERT's encoder (Devlin et al. 2018), the part that sentence embeddings need.

A module of its own because importing transformers takes seconds; a test holds it equal to transformers'
`BertModel`. The word embeddings may stay at 4 bits per weight: they are four fifths of a multilingual model,
and only a few hundred rows are ever read at once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class BertConfig:
    vocabulary: int
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int
    epsilon: float


class PackedEmbedding(nn.Module):
    """Rows of blocks of 32 weights: a float16 scale and 16 bytes, low halves first, each half less 8."""

    def __init__(self, scales: Tensor, packed: Tensor) -> None:
        """`scales` float16 [rows, blocks], `packed` uint8 [rows, blocks, 16]."""
        super().__init__()
        self.scales: Tensor
        self.packed: Tensor
        self.register_buffer("scales", scales)
        self.register_buffer("packed", packed)

    def forward(self, ids: Tensor) -> Tensor:
        """int64 [...] -> float32 [..., blocks * 32]."""
        return unpack(self.scales[ids], self.packed[ids])


def unpack(scales: Tensor, packed: Tensor) -> Tensor:
    """float16 [..., blocks] and uint8 [..., blocks, 16] -> float32 [..., blocks * 32]."""
    halves = torch.cat([packed & 15, packed >> 4], dim=-1).float() - 8
    return (halves * scales.float().unsqueeze(-1)).flatten(-2)


class Linear(nn.Linear):
    """Without random weights at first: every one is loaded, and drawing 21 million numbers takes a second."""

    def reset_parameters(self) -> None:
        pass


class Layer(nn.Module):
    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.query = Linear(config.hidden, config.hidden)
        self.key = Linear(config.hidden, config.hidden)
        self.value = Linear(config.hidden, config.hidden)
        self.attended = Linear(config.hidden, config.hidden)
        self.attended_norm = nn.LayerNorm(config.hidden, eps=config.epsilon)
        self.widen = Linear(config.hidden, config.feed_forward)
        self.narrow = Linear(config.feed_forward, config.hidden)
        self.norm = nn.LayerNorm(config.hidden, eps=config.epsilon)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        q, k, v = (
            part(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = self.attended_norm(x + self.attended(seen.transpose(1, 2).flatten(-2)))
        normed: Tensor = self.norm(x + self.narrow(functional.gelu(self.widen(x))))
        return normed


class Bert(nn.Module):
    """Token ids and their mask in, hidden states out; one segment, absolute positions, no dropout."""

    def __init__(self, config: BertConfig, words: nn.Module | None = None) -> None:
        super().__init__()
        self.words = words if words is not None else nn.Embedding(config.vocabulary, config.hidden)
        self.positions = nn.Embedding(config.positions, config.hidden)
        self.segment = nn.Parameter(torch.zeros(config.hidden))
        self.norm = nn.LayerNorm(config.hidden, eps=config.epsilon)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """int64 [n, t] and bool [n, t] (true: a token) -> [n, t, hidden]."""
        return self.states(ids, mask)[-1]

    def states(self, ids: Tensor, mask: Tensor, after: Collection[int] = ()) -> list[Tensor]:
        """What `forward` gives, last, and before it what the layers numbered in `after` (0: the word
        embeddings alone, 1: the first layer) give, in rising order, each [n, t, hidden]."""
        words: Tensor = self.words(ids).to(self.segment.dtype)
        x: Tensor = self.norm(words + self.segment + self.positions.weight[: ids.shape[1]])
        found = [words] if 0 in after else []
        attend = mask[:, None, None, :]
        for number, layer in enumerate(self.layers, 1):
            x = layer(x, attend)
            if number in after and number < len(self.layers):
                found.append(x)
        return [*found, x]
