"""mini-Xception (Arriaga et al. 2017, arXiv:1710.07557), trained on FER2013, from Keras' HDF5 file (872 kB).

Batch normalisation is folded into the convolution before it; in float64, so that nothing is lost.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

SIDE = 64
_EPSILON = 1e-3  # Keras' batch normalisation
_WIDTHS = (8, 16, 32, 64, 128)

State = dict[str, NDArray[np.float64]]


class _Separable(nn.Module):
    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels_in, channels_in, 3, padding=1, groups=channels_in, bias=False)
        self.pointwise = nn.Conv2d(channels_in, channels_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.pointwise(self.depthwise(x))
        return out


class _Block(nn.Module):
    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.first = _Separable(channels_in, channels_out)
        self.second = _Separable(channels_out, channels_out)
        self.shortcut = nn.Conv2d(channels_in, channels_out, 1, 2)

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(functional.relu(self.first(x)))
        # TensorFlow's "same" pooling: an even side is padded below and to the right only.
        down, right = (1 - side % 2 for side in y.shape[2:])
        y = functional.pad(y, (1 - right, 1, 1 - down, 1), value=-torch.inf)
        out: Tensor = functional.max_pool2d(y, 3, 2) + self.shortcut(x)
        return out


class MiniXception(nn.Module):
    """float32 grey 0..255, n × 1 × 64 × 64, to probabilities n × 7 in the order of `models.affect.LABELS`."""

    def __init__(self) -> None:
        super().__init__()
        self.stem1, self.stem2 = nn.Conv2d(1, 8, 3), nn.Conv2d(8, 8, 3)
        self.blocks = nn.ModuleList((_Block(a, b) for a, b in pairwise(_WIDTHS)))
        self.head = nn.Conv2d(_WIDTHS[-1], 7, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.stem2(functional.relu(self.stem1(x / 127.5 - 1))))
        for block in self.blocks:
            x = block(x)
        return torch.softmax(self.head(x).mean((2, 3)), 1)

    @classmethod
    def load(cls, path: Path) -> MiniXception:
        """Raises `KeyError` when the file is not this network."""
        with h5py.File(path) as file:
            layers = _Layers(file)
            state = layers.fold("stem1", "conv2d_1", 1) | layers.fold("stem2", "conv2d_2", 2)
            for i in range(len(_WIDTHS) - 1):
                # Keras numbered shortcut, first and second normalisation of each block in this order.
                state |= layers.fold(f"blocks.{i}.shortcut", f"conv2d_{3 + i}", 3 + 3 * i)
                state |= layers.fold_separable(
                    f"blocks.{i}.first", f"separable_conv2d_{1 + 2 * i}", 4 + 3 * i
                )
                state |= layers.fold_separable(
                    f"blocks.{i}.second", f"separable_conv2d_{2 + 2 * i}", 5 + 3 * i
                )
            state["head.weight"] = layers.values("conv2d_7", "kernel").transpose(3, 2, 0, 1)
            state["head.bias"] = layers.values("conv2d_7", "bias")
        network = cls()
        network.load_state_dict({k: torch.from_numpy(v.astype(np.float32)) for k, v in state.items()})
        return network.eval()


class _Layers:
    """The file's tensors by layer, as torch wants them; Keras stores `<layer>/<layer>_1/<tensor>:0`."""

    def __init__(self, file: h5py.File) -> None:
        self._root = file["model_weights"]

    def values(self, layer: str, tensor: str) -> NDArray[np.float64]:
        return np.asarray(self._root[f"{layer}/{layer}_1/{tensor}:0"], np.float64)

    def fold(self, to: str, layer: str, normalisation: int, tensor: str = "kernel") -> State:
        """A convolution without bias and the normalisation that follows it, as one convolution named `to`."""
        name = f"batch_normalization_{normalisation}"
        gamma, beta, mean, variance = (
            self.values(name, part) for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        scale = gamma / np.sqrt(variance + _EPSILON)
        kernel = self.values(layer, tensor).transpose(3, 2, 0, 1)
        return {f"{to}.weight": kernel * scale[:, None, None, None], f"{to}.bias": beta - mean * scale}

    def fold_separable(self, to: str, layer: str, normalisation: int) -> State:
        depthwise = self.values(layer, "depthwise_kernel").transpose(2, 3, 0, 1)
        pointwise = self.fold(f"{to}.pointwise", layer, normalisation, "pointwise_kernel")
        return {f"{to}.depthwise.weight": depthwise} | pointwise
