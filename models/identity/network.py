"""MobileFaceNet (Chen et al. 2018, arXiv:1804.07573), twice as wide in the last stages: 512 values per face.

The weights come as an ONNX file in which every normalisation is already folded into a convolution, so the
network is convolutions and PReLUs alone.
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

DIMENSIONS = 512
SIDE = 112

# Of each stage: channels, width of the step down, residual blocks and their width.
_STAGES = ((64, 128, 4, 128), (128, 256, 6, 256), (128, 512, 2, 256))


class _Bottleneck(nn.Sequential):
    """Wider, depthwise 3 × 3, narrower again without activation (Sandler et al. 2018, MobileNetV2)."""

    def __init__(self, channels_in: int, width: int, channels_out: int, stride: int) -> None:
        super().__init__(
            nn.Conv2d(channels_in, width, 1),
            nn.PReLU(width),
            nn.Conv2d(width, width, 3, stride, 1, groups=width),
            nn.PReLU(width),
            nn.Conv2d(width, channels_out, 1),
        )


class _Residual(nn.Module):
    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.block = _Bottleneck(channels, width, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.block(x)  # type: ignore[no-any-return]


class MobileFaceNet(nn.Sequential):
    """float32 RGB (x − 127) / 128, n × 3 × 112 × 112, to n × 512, not normalised."""

    def __init__(self) -> None:
        layers: list[nn.Module] = [
            *(nn.Conv2d(3, 64, 3, 2, 1), nn.PReLU(64)),
            *(nn.Conv2d(64, 64, 3, 1, 1, groups=64), nn.PReLU(64)),
        ]
        before = 64
        for channels, down, blocks, width in _STAGES:
            layers.append(_Bottleneck(before, down, channels, 2))
            layers += [_Residual(channels, width) for _ in range(blocks)]
            before = channels
        # A depthwise convolution over all 7 × 7 places weighs them, where an average would not.
        layers += [nn.Conv2d(before, 512, 1), nn.PReLU(512), nn.Conv2d(512, 512, 7, groups=512)]
        super().__init__(*layers, nn.Conv2d(512, DIMENSIONS, 1), nn.Flatten())

    @classmethod
    def load(cls, path: Path) -> MobileFaceNet:
        """Raises `ValueError` when the file holds another network."""
        network = cls()
        weights = _weights(path)
        try:
            with torch.no_grad():
                for layer in network.modules():
                    if isinstance(layer, nn.Conv2d | nn.PReLU):
                        _fill(layer.weight, next(weights))
                    if isinstance(layer, nn.Conv2d) and layer.bias is not None:
                        _fill(layer.bias, next(weights))
        except StopIteration:
            raise ValueError(f"{path} holds fewer layers than this MobileFaceNet") from None
        if next(weights, None) is not None:
            raise ValueError(f"{path} holds more layers than this MobileFaceNet")
        return network.eval()


def _weights(path: Path) -> Iterator[NDArray[np.float32]]:
    """The trained tensors in the order in which the graph applies them, which is the order of the modules."""
    graph = onnx.load(path).graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type in ("Conv", "PRelu"):
            for name in node.input:
                if name in tensors:
                    yield numpy_helper.to_array(tensors[name]).astype(np.float32)


def _fill(parameter: Tensor, values: NDArray[np.float32]) -> None:
    if parameter.ndim == 1:
        values = values.reshape(-1)
    if tuple(parameter.shape) != values.shape:
        raise ValueError(f"not this MobileFaceNet: {values.shape} where {tuple(parameter.shape)} belongs")
    parameter.copy_(torch.from_numpy(np.ascontiguousarray(values)))
