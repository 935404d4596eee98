"""Whisper's encoder and decoder (Radford et al. 2022, arXiv:2212.04356, section 2.2) for inference.

Query, key and value are one matrix; keys and values of the encoded sound are computed once per clip; the
decoder's own keys and values go into buffers of fixed size.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, linear, scaled_dot_product_attention

_EXACT = 32  # tokens per position that are computed exactly where the vocabulary is narrowed


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of one Whisper model; all published sizes use heads of 64."""

    mels: int
    width: int
    encoder_layers: int
    decoder_layers: int
    vocabulary: int
    encoder_heads: int
    decoder_heads: int
    positions: int = 1500  # encoder positions of 20 ms
    text_positions: int = 448


class Linear(nn.Linear):
    """A linear layer whose matrix may be of a narrower type than its input, as bfloat16 is on CPU."""

    def forward(self, x: Tensor) -> Tensor:
        return linear(x.to(self.weight.dtype), self.weight, self.bias).to(x.dtype)


class SelfAttention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = Linear(width, 3 * width)
        self.out = Linear(width, width)

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Query, key, value, each (rows, heads, length, 64)."""
        rows, length, width = x.shape
        qkv = self.qkv(x).view(rows, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        return qkv[0], qkv[1], qkv[2]

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        q, k, v = self.project(x)
        return self.mix(q, k, v, mask)

    def mix(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
        mixed = scaled_dot_product_attention(q, k, v, attn_mask=mask)
        joined: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return joined


class CrossAttention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q = Linear(width, width)
        self.kv = Linear(width, 2 * width)
        self.out = Linear(width, width)

    def memory(self, encoded: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of the encoded sound, each (rows, heads, positions, 64), contiguous."""
        rows, length, width = encoded.shape
        kv = self.kv(encoded).view(rows, length, 2, self.heads, width // self.heads)
        kv = kv.permute(2, 0, 3, 1, 4).contiguous()
        return kv[0], kv[1]

    def query(self, x: Tensor) -> Tensor:
        rows, length, width = x.shape
        projected: Tensor = self.q(x)
        return projected.view(rows, length, self.heads, width // self.heads).transpose(1, 2)

    def forward(self, q: Tensor, memory: tuple[Tensor, Tensor], mask: Tensor | None) -> Tensor:
        """`memory` has as many rows as `q`, or one for each group of beams that heard the same clip."""
        rows, heads, length, size = q.shape
        clips = memory[0].shape[0]
        if clips != rows:  # beams are queries side by side: repeating the memory for each would cost far more
            q = q.reshape(clips, rows // clips, heads, length, size).transpose(1, 2).flatten(2, 3)
        mixed = scaled_dot_product_attention(q, *memory, attn_mask=mask).transpose(1, 2)
        joined: Tensor = self.out(mixed.reshape(rows, length, heads * size))
        return joined


class FeedForward(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.up = Linear(width, 4 * width)
        self.down = Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        projected: Tensor = self.down(gelu(self.up(x)))
        return projected


class EncoderLayer(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention = SelfAttention(width, heads)
        self.attention_norm = nn.LayerNorm(width)
        self.mlp = FeedForward(width)
        self.mlp_norm = nn.LayerNorm(width)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        x = x + self.attention(self.attention_norm(x), mask)
        summed: Tensor = x + self.mlp(self.mlp_norm(x))
        return summed


class Encoder(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(shape.mels, shape.width, 3, padding=1)
        self.conv2 = nn.Conv1d(shape.width, shape.width, 3, stride=2, padding=1)
        self.positions = nn.Parameter(torch.empty(shape.positions, shape.width))
        self.layers = nn.ModuleList(
            EncoderLayer(shape.width, shape.encoder_heads) for _ in range(shape.encoder_layers)
        )
        self.norm = nn.LayerNorm(shape.width)

    def forward(self, mel: Tensor, frames: Tensor | None = None) -> Tensor:
        """(rows, mels, frames) → (rows, frames / 2, width).

        `frames` gives each row's own number of frames (even) where rows differ. What lies beyond is hidden
        from the row as if its sound ended there, so that a row's result does not depend on its neighbours.
        """
        if frames is None:
            x, mask = gelu(self.conv1(mel)), None
        else:
            inside = torch.arange(mel.shape[2], device=mel.device) < frames[:, None]
            x = gelu(self.conv1(mel * inside[:, None]))
            mask = key_mask(frames // 2, mel.shape[2] // 2, mel.dtype)
        x = gelu(self.conv2(x)).transpose(1, 2)
        x = x + self.positions[: x.shape[1]]
        for layer in self.layers:
            x = layer(x, mask)
        encoded: Tensor = self.norm(x)
        return encoded


class DecoderLayer(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention = SelfAttention(width, heads)
        self.attention_norm = nn.LayerNorm(width)
        self.cross = CrossAttention(width, heads)
        self.cross_norm = nn.LayerNorm(width)
        self.mlp = FeedForward(width)
        self.mlp_norm = nn.LayerNorm(width)


@dataclass(slots=True)
class Memory:
    """What the decoder attends to: keys and values per layer, and a mask where rows differ in length."""

    layers: list[tuple[Tensor, Tensor]]
    mask: Tensor | None

    def select(self, rows: Tensor) -> Memory:
        layers = [(k.index_select(0, rows), v.index_select(0, rows)) for k, v in self.layers]
        return Memory(layers, None if self.mask is None else self.mask.index_select(0, rows))


class Cache:
    """The decoder's own keys and values, `length` of `size` positions filled."""

    def __init__(self, shape: Shape, rows: int, size: int, like: Tensor) -> None:
        heads = shape.decoder_heads
        dimensions = (shape.decoder_layers, 2, rows, heads, size, shape.width // heads)
        self.buffer = torch.empty(dimensions, dtype=like.dtype, device=like.device)
        self.length = 0

    def put(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Stores the newest positions of one layer; returns all that are filled."""
        end = self.length + k.shape[2]
        keys, values = self.buffer[layer, 0], self.buffer[layer, 1]
        keys[:, :, self.length : end] = k
        values[:, :, self.length : end] = v
        return keys[:, :, :end], values[:, :, :end]

    def select(self, rows: Tensor) -> None:
        """Keeps, repeats or reorders rows; only what is filled is copied."""
        filled = self.buffer[:, :, :, :, : self.length].index_select(2, rows)
        if len(rows) != self.buffer.shape[2]:
            layers, two, _, *rest = self.buffer.shape
            self.buffer = self.buffer.new_empty((layers, two, len(rows), *rest))
        self.buffer[:, :, :, :, : self.length] = filled


class Decoder(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Parameter(torch.empty(shape.vocabulary, shape.width))
        self.positions = nn.Parameter(torch.empty(shape.text_positions, shape.width))
        self.layers = nn.ModuleList(
            DecoderLayer(shape.width, shape.decoder_heads) for _ in range(shape.decoder_layers)
        )
        self.norm = nn.LayerNorm(shape.width)
        self.narrow: Tensor | None = None

    def memory(self, encoded: Tensor, positions: Tensor | None = None) -> Memory:
        """`positions`: each row's own number of encoder positions, where rows differ."""
        mask = None if positions is None else key_mask(positions, encoded.shape[1], encoded.dtype)
        return Memory([layer.cross.memory(encoded) for layer in self._layers()], mask)

    def forward(
        self,
        tokens: Tensor,
        positions: Tensor,
        memory: Memory,
        cache: Cache,
        mask: Tensor | None,
        queries: dict[int, Tensor] | None = None,
    ) -> Tensor:
        """Tokens and their positions (rows, new) → hidden states (rows, new, width), not yet the vocabulary.

        `mask` is added to self-attention's scores and broadcasts to (rows, heads, new, cache length + new).
        `queries`, where given, receives each layer's cross-attention queries (rows, heads, new, 64).
        """
        x = self.embedding[tokens] + self.positions[positions]
        for index, layer in enumerate(self._layers()):
            q, k, v = layer.attention.project(layer.attention_norm(x))
            x = x + layer.attention.mix(q, *cache.put(index, k, v), mask)
            q = layer.cross.query(layer.cross_norm(x))
            if queries is not None:
                queries[index] = q
            x = x + layer.cross(q, memory.layers[index], memory.mask)
            x = x + layer.mlp(layer.mlp_norm(x))
        cache.length += tokens.shape[1]
        hidden: Tensor = self.norm(x)
        return hidden

    def logits(self, hidden: Tensor) -> Tensor:
        """Hidden states (…, width) → float32 scores of the vocabulary (…, vocabulary)."""
        if self.narrow is None:
            return linear(hidden, self.embedding).float()
        # The vocabulary is the largest matrix by far. The narrow copy finds the likeliest tokens at half the
        # memory traffic; those are then computed exactly, so that the choice among them is the wide one's.
        scores = linear(hidden.to(self.narrow.dtype), self.narrow).float()
        likely = scores.topk(_EXACT).indices
        exact = (self.embedding[likely] @ hidden[..., None]).squeeze(-1)
        return scores.scatter_(-1, likely, exact)

    def _layers(self) -> list[DecoderLayer]:
        return [layer for layer in self.layers if isinstance(layer, DecoderLayer)]


def prepare_for_cpu(encoder: Encoder, decoder: Decoder, dtype: torch.dtype) -> None:
    """Arranges float32 modules for one core, where reading the matrices from memory is what takes the time.

    With bfloat16 the matrices of the linear layers are stored in it and everything else stays float32: the
    whole network in bfloat16 loses too much. Otherwise the decoder's matrices are stored column by column,
    which multiplies single rows 1.7 times faster.
    """
    if dtype == torch.bfloat16:
        for module in (*encoder.modules(), *decoder.modules()):
            if isinstance(module, Linear):
                module.to(dtype)
        decoder.narrow = decoder.embedding.to(dtype)
        return
    for parameter in decoder.parameters():
        if parameter.ndim == 2:
            parameter.data = parameter.data.t().contiguous().t()


def key_mask(lengths: Tensor, size: int, dtype: torch.dtype) -> Tensor:
    """(rows,) lengths → (rows, 1, 1, size) to add to scores: 0 inside, minus infinity beyond."""
    outside = torch.arange(size, device=lengths.device) >= lengths[:, None]
    mask = torch.zeros(outside.shape, dtype=dtype, device=lengths.device)
    return mask.masked_fill_(outside, float("-inf"))[:, None, None]


def causal_mask(new: int, starts: Tensor, dtype: torch.dtype) -> Tensor:
    """(rows, 1, new, new) to add to scores for rows whose text begins at `starts` (padded on the left).

    A padding position may see itself, so that no row of the softmax is empty.
    """
    index = torch.arange(new, device=starts.device)
    seen = (index[None, :] <= index[:, None]) & (index[None, None, :] >= starts[:, None, None])
    seen = seen | torch.eye(new, dtype=torch.bool, device=starts.device)
    mask = torch.zeros(seen.shape, dtype=dtype, device=starts.device)
    return mask.masked_fill_(~seen, float("-inf"))[:, None]
