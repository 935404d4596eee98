"""MiniFASNet-V2SE (minivision's Silent-Face-Anti-Spoofing, 2020): bottlenecks with squeeze and excitation.

Its weights come as an ONNX file in which every normalisation but the last is already folded; the last is
folded here, into the linear layer before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

# The pruned widths of each stage: (out, width of the step down, widths of the residual blocks).
_STAGES = (
    (64, 103, (13, 13, 13, 13)),
    (128, 231, (231, 52, 26, 77, 26, 26)),
    (128, 308, (26, 26)),
)


class _Gate(nn.Module):
    """Squeeze and excitation (Hu et al. 2018)."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.squeeze, self.excite = nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        weight = self.excite(torch.relu(self.squeeze(x.mean((2, 3), keepdim=True))))
        return x * torch.sigmoid(weight)


def _bottleneck(channels_in: int, width: int, channels_out: int, stride: int, gate: int = 0) -> nn.Sequential:
    layers = nn.Sequential(
        nn.Conv2d(channels_in, width, 1),
        nn.PReLU(width),
        nn.Conv2d(width, width, 3, stride, 1, groups=width),
        nn.PReLU(width),
        nn.Conv2d(width, channels_out, 1),
    )
    if gate:
        layers.append(_Gate(channels_out, gate))
    return layers


class _Stage(nn.Module):
    def __init__(self, channels_in: int, channels_out: int, down: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.down = _bottleneck(channels_in, down, channels_out, 2)
        self.residuals = nn.ModuleList(
            _bottleneck(channels_out, width, channels_out, 1) for width in widths[:-1]
        )
        self.residuals.append(
            _bottleneck(channels_out, widths[-1], channels_out, 1, 16 if channels_out == 64 else 32)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.down(x)
        for residual in self.residuals:
            x = x + residual(x)
        return x


class MiniFasNet(nn.Module):
    """float32 BGR 0..255, n × 3 × 128 × 128, to probabilities n × 3; class 0 is bona fide."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 32, 3, 2, 1), nn.PReLU(32), nn.Conv2d(32, 32, 3, 1, 1, groups=32), nn.PReLU(32)
        )
        widths = (32, *(out for out, _, _ in _STAGES))
        self.stages = nn.Sequential(
            *(_Stage(before, *stage) for before, stage in zip(widths, _STAGES, strict=False))
        )
        self.separate = nn.Sequential(
            nn.Conv2d(128, 512, 1), nn.PReLU(512), nn.Conv2d(512, 512, 8, groups=512), nn.Flatten()
        )
        self.linear = nn.Linear(512, 128)
        self.classes = nn.Linear(128, 3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.separate(self.stages(self.stem(x)))
        return torch.softmax(self.classes(self.linear(x)), 1)

    @classmethod
    def load(cls, path: Path) -> MiniFasNet:
        """Raises `ValueError` when the file holds another network."""
        network = cls()
        weights = _weights(path)
        layers = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.PReLU)]
        with torch.no_grad():
            for layer in layers:
                _fill(layer.weight, next(weights))
                if isinstance(layer, nn.Conv2d) and layer.bias is not None:
                    _fill(layer.bias, next(weights))
            linear, gamma, beta, mean, variance, classes = weights
            scale = gamma / np.sqrt(variance + 1e-5)
            _fill(network.linear.weight, linear.T * scale[:, None])
            _fill(network.linear.bias, beta - mean * scale)
            _fill(network.classes.weight, classes.T)
        return network.eval()


def _weights(path: Path) -> Iterator[NDArray[np.float64]]:
    """The trained tensors in the order in which the graph applies them, which is the order of the modules."""
    graph = onnx.load(path).graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type in ("Conv", "PRelu", "MatMul", "BatchNormalization"):
            for name in node.input:
                if name in tensors:
                    yield numpy_helper.to_array(tensors[name]).astype(np.float64)


def _fill(parameter: Tensor, values: NDArray[np.float64]) -> None:
    if parameter.ndim == 1:
        values = values.reshape(-1)
    if tuple(parameter.shape) != values.shape:
        raise ValueError(f"not a MiniFASNet-V2SE: {values.shape} where {tuple(parameter.shape)} belongs")
    parameter.copy_(torch.from_numpy(np.ascontiguousarray(values)))
