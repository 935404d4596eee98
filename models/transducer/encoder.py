"""The cache-aware FastConformer encoder, stepped for all slots at once.

Noroozi et al., "Stateful Conformer with Cache-based Inference for Streaming Automatic Speech Recognition"
(arXiv 2312.17279); weights and configuration as in transformers' `nemotron_asr_streaming`. The library keeps
the caches of one stream as lists that grow; here every cache is one tensor with a row per slot, allocated at
start, so that a step is one fixed-shape computation over all slots and can be captured as a CUDA graph.

Chunks are `8 · (lookahead + 1)` mel frames for every slot at every step. The library's first chunk is seven
frames shorter: it is padded here with seven leading zero frames, and what the sub-sampling makes of them is
set to zero, which is what its own padding would have held.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.transducer.layer import Layer


class SlotEncoder(nn.Module):
    """Encoder and joint projection of a `NemotronAsrStreamingForRNNT`, with the caches of `slots` streams.

    `lookahead` is the right context in encoder frames of 80 ms. Raises `ValueError` for a lookahead that the
    attention window cannot hold, and for a sub-sampling of another make.
    """

    seen: Tensor
    keys: Tensor
    values: Tensor
    conv: Tensor

    def __init__(self, model: Any, *, slots: int, lookahead: int) -> None:
        super().__init__()
        config, encoder = model.config.encoder_config, model.encoder
        if not 0 <= lookahead < config.sliding_window:
            raise ValueError(f"lookahead must be 0 to {config.sliding_window - 1} frames, not {lookahead}")
        self.slots = slots
        self.tokens = lookahead + 1
        self.frames = config.subsampling_factor * self.tokens
        self.first_pad = config.subsampling_factor - 1  # zero frames before a slot's first mel frame
        self.mel_bins = int(config.num_mel_bins)
        heads, size = config.num_attention_heads, config.hidden_size
        # The attention reaches back whole chunks, as many as fit into the window.
        self.left = (config.sliding_window - 1) // self.tokens * self.tokens
        self.scale = math.sqrt(size) if config.scale_input else 1.0
        stages = _stages(encoder.subsampling)
        self.stages = nn.ModuleList(stages)
        if 2 ** len(stages) != config.subsampling_factor:
            raise ValueError(f"sub-sampling by {config.subsampling_factor} with {len(stages)} halvings")
        self.out = encoder.subsampling.linear
        positions = _relative_positions(encoder, self.left + self.tokens)
        self.layers = nn.ModuleList(
            Layer(layer, positions, heads, self.tokens, self.left) for layer in encoder.layers
        )
        self.project = model.encoder_projector
        like, depth = self.out.weight, len(self.layers)

        def cache(name: str, *shape: int) -> None:
            self.register_buffer(name, like.new_zeros(shape), persistent=False)

        self.register_buffer(
            "seen", torch.zeros(slots, dtype=torch.long, device=like.device), persistent=False
        )
        cache("keys", depth, slots, heads, self.left, size // heads)
        cache("values", depth, slots, heads, self.left, size // heads)
        cache("conv", depth, slots, size, config.conv_kernel_size - 1)
        channels, bins = 1, self.mel_bins
        for index, stage in enumerate(stages):
            cache(f"stage{index}", slots, channels, 1, bins)
            channels, bins = stage.channels, stage.bins(bins)
        self.eval()

    @torch.inference_mode()
    def reset(self, *slots: int) -> None:
        """Forget what these slots heard."""
        index = torch.tensor(slots, dtype=torch.long, device=self.seen.device)
        self.seen[index] = 0
        self.keys[:, index], self.values[:, index], self.conv[:, index] = 0, 0, 0
        for stage in range(len(self.stages)):
            self.get_buffer(f"stage{stage}")[index] = 0

    @torch.inference_mode()
    def forward(self, features: Tensor, active: Tensor) -> Tensor:
        """`features` [slots, frames, mel bins], `active` bool [slots]: [slots, tokens, joint size].

        Rows of slots that are not active are computed and mean nothing; their caches stay as they were.
        """
        x = self._subsample(features.to(self.out.weight.dtype).unsqueeze(1), active)
        x = self.out(x.transpose(1, 2).flatten(2)) * self.scale
        key = torch.arange(self.left + self.tokens, device=x.device)
        visible = key[None] >= self.left - self.seen.clamp(max=self.left)[:, None]
        for index, layer in enumerate(self.layers):
            x = layer(x, visible, active, self.keys[index], self.values[index], self.conv[index])
        self.seen.add_(active * self.tokens)
        projected: Tensor = self.project(x)
        return projected

    def _subsample(self, x: Tensor, active: Tensor) -> Tensor:
        """[slots, 1, frames, mel bins] → [slots, channels, tokens, bins]."""
        first = (self.seen == 0)[:, None, None, None]
        kept = active[:, None, None, None]
        silent = self.first_pad
        for index, stage in enumerate(self.stages):
            cache = self.get_buffer(f"stage{index}")
            joined = torch.cat([cache, x], dim=2)
            cache.copy_(torch.where(kept, x[:, :, -1:], cache))
            x = stage(joined)
            silent //= 2  # outputs that rest on the zero frames alone
            if silent:
                before = torch.arange(x.shape[2], device=x.device) < silent
                x = x.masked_fill(first & before[None, None, :, None], 0.0)
        return x


class Stage(nn.Module):
    """One halving of time and frequency: causal convolution, with the pointwise one where there is one."""

    def __init__(self, conv: nn.Conv2d, pointwise: nn.Module | None) -> None:
        super().__init__()
        if tuple(conv.stride) != (2, 2) or tuple(conv.kernel_size) != (3, 3):
            raise ValueError("the sub-sampling must be of stride 2 and kernel 3")
        self.weight, self.bias, self.groups = conv.weight, conv.bias, conv.groups
        self.pointwise = pointwise
        self.channels = conv.out_channels

    def bins(self, bins: int) -> int:
        """Frequency bins that come out for `bins` that go in."""
        return bins // 2 + 1

    def forward(self, x: Tensor) -> Tensor:
        padded = functional.pad(x, (2, 1))  # frequency alone: time's padding is the cache
        x = functional.conv2d(padded, self.weight, self.bias, stride=2, groups=self.groups)
        return functional.relu(self.pointwise(x) if self.pointwise is not None else x)


def _stages(subsampling: Any) -> list[Stage]:
    stages = [Stage(subsampling.conv_in, None)]
    return stages + [Stage(layer.depthwise_conv, layer.pointwise_conv) for layer in subsampling.layers]


def _relative_positions(encoder: Any, length: int) -> Tensor:
    """[2 · length − 1, hidden]: the library's encoding of distances length − 1 … −(length − 1)."""
    weight = encoder.subsampling.linear.weight
    encoded: Tensor = encoder.encode_positions(weight.new_zeros(1, length, weight.shape[0]))[0]
    return encoded
