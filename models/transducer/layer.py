"""One Conformer block over the chunk of every slot, with the caches handed in."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class Layer(nn.Module):
    """Half a feed-forward, self-attention, convolution, half a feed-forward (arXiv 2005.08100), as the
    library's `NemotronAsrStreamingEncoderBlock`, whose weights it shares but for query, key and value: those
    become one matrix.

    `positions` [2 · length − 1, hidden] for length = `tokens` + `left`: a chunk and the cache before it.
    """

    relative: Tensor

    def __init__(self, block: Any, positions: Tensor, heads: int, tokens: int, left: int) -> None:
        super().__init__()
        self.heads, self.tokens = heads, tokens
        self.feed_forward1, self.norm_feed_forward1 = block.feed_forward1, block.norm_feed_forward1
        self.feed_forward2, self.norm_feed_forward2 = block.feed_forward2, block.norm_feed_forward2
        self.norm_attention, self.norm_conv, self.norm_out = (
            block.norm_self_att,
            block.norm_conv,
            block.norm_out,
        )
        self.conv = block.conv
        attention = block.self_attn
        self.qkv = _joined([attention.q_proj, attention.k_proj, attention.v_proj])
        self.attention_out, self.scaling = attention.o_proj, float(attention.scaling)
        self.bias_u, self.bias_v = attention.bias_u, attention.bias_v
        # Row i of the chunk is `left + i - j` frames after key j: with the caches always at full length, the
        # distances never change, and the relative keys are looked up once here instead of shifted per step.
        length = left + tokens
        distance = torch.arange(tokens)[:, None] + left - torch.arange(length)[None]
        with torch.no_grad():
            encoded = attention.relative_k_proj(positions).view(2 * length - 1, heads, -1)
            table = encoded[(length - 1 - distance).to(encoded.device)]  # [tokens, length, heads, width]
        self.register_buffer("relative", table.permute(2, 0, 3, 1).contiguous(), persistent=False)

    def forward(
        self, x: Tensor, visible: Tensor, active: Tensor, keys: Tensor, values: Tensor, conv: Tensor
    ) -> Tensor:
        """`x` [slots, tokens, hidden] → the same shape.

        `visible` bool [slots, length] says which keys a slot has heard, `active` bool [slots] whose caches
        move: `keys` and `values` [slots, heads, left, width], `conv` [slots, hidden, kernel − 1], changed in
        place.
        """
        x = x + 0.5 * self.feed_forward1(self.norm_feed_forward1(x))
        x = x + self._attend(self.norm_attention(x), visible, active, keys, values)
        x = x + self._convolve(self.norm_conv(x), active, conv)
        x = x + 0.5 * self.feed_forward2(self.norm_feed_forward2(x))
        out: Tensor = self.norm_out(x)
        return out

    def _attend(self, x: Tensor, visible: Tensor, active: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        slots, tokens, size = x.shape
        q, k, v = self.qkv(x).view(slots, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        k, v = torch.cat([keys, k], dim=2), torch.cat([values, v], dim=2)
        kept = active[:, None, None, None]
        keys.copy_(torch.where(kept, k[:, :, self.tokens :], keys))
        values.copy_(torch.where(kept, v[:, :, self.tokens :], values))
        # [slots, heads, tokens, 1, width] @ [heads, tokens, width, length]
        place = (q + self.bias_v[None, :, None])[:, :, :, None] @ self.relative
        bias = (place[:, :, :, 0] * self.scaling).masked_fill(~visible[:, None, None], float("-inf"))
        query = q + self.bias_u[None, :, None]
        out = functional.scaled_dot_product_attention(query, k, v, attn_mask=bias, scale=self.scaling)
        projected: Tensor = self.attention_out(out.transpose(1, 2).reshape(slots, tokens, size))
        return projected

    def _convolve(self, x: Tensor, active: Tensor, cache: Tensor) -> Tensor:
        module = self.conv
        x = functional.glu(module.pointwise_conv1(x.transpose(1, 2)), dim=1)
        joined = torch.cat([cache, x], dim=2)
        cache.copy_(torch.where(active[:, None, None], joined[:, :, -cache.shape[2] :], cache))
        depthwise = module.depthwise_conv
        x = functional.conv1d(joined, depthwise.weight, depthwise.bias, groups=x.shape[1])
        x = module.activation(module.norm(x.transpose(1, 2)).transpose(1, 2))
        out: Tensor = module.pointwise_conv2(x).transpose(1, 2)
        return out


def _joined(parts: list[nn.Linear]) -> nn.Linear:
    """One layer that gives the outputs of all parts, one after the other."""
    first = parts[0]
    width = sum(part.out_features for part in parts)
    whole = nn.Linear(
        first.in_features,
        width,
        bias=first.bias is not None,
        device=first.weight.device,
        dtype=first.weight.dtype,
    )
    with torch.no_grad():
        whole.weight.copy_(torch.cat([part.weight for part in parts]))
        if whole.bias is not None:
            whole.bias.copy_(torch.cat([part.bias for part in parts]))
    return whole
