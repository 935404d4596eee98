"""The expression network of face-api.js: four dense blocks of separable convolutions (329 kB)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

LABELS = ("neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise")
_MEAN = (122.782, 117.001, 104.298)  # of its training faces, RGB


class _Separable(nn.Module):
    def __init__(self, channels_in: int, channels_out: int, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels_in, channels_in, 3, stride, groups=channels_in, bias=False)
        self.pointwise = nn.Conv2d(channels_in, channels_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        # TensorFlow's "same": with stride 2 on an even side it pads below and to the right only.
        pad = (1, 1, 1, 1) if self.depthwise.stride[0] == 1 else (0, 1, 0, 1)
        out: Tensor = self.pointwise(self.depthwise(functional.pad(x, pad)))
        return out


class _DenseBlock(nn.Module):
    def __init__(self, channels_in: int, channels_out: int, first: bool) -> None:
        super().__init__()
        self.conv0 = (
            nn.Conv2d(channels_in, channels_out, 3, 2) if first else _Separable(channels_in, channels_out, 2)
        )
        self.conv1 = _Separable(channels_out, channels_out)
        self.conv2 = _Separable(channels_out, channels_out)
        self.conv3 = _Separable(channels_out, channels_out)

    def forward(self, x: Tensor) -> Tensor:
        a = functional.relu(
            self.conv0(functional.pad(x, (0, 1, 0, 1)) if isinstance(self.conv0, nn.Conv2d) else x)
        )
        b = self.conv1(a)
        c = self.conv2(functional.relu(a + b))
        d = self.conv3(functional.relu(a + b + c))
        return functional.relu(a + b + c + d)


class FaceExpressionNet(nn.Module):
    """float32 RGB 0..255, n × 3 × 112 × 112, to probabilities n × 7 in the order of `LABELS`."""

    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.dense0 = _DenseBlock(3, 32, first=True)
        self.dense1 = _DenseBlock(32, 64, first=False)
        self.dense2 = _DenseBlock(64, 128, first=False)
        self.dense3 = _DenseBlock(128, 256, first=False)
        self.fc = nn.Linear(256, 7)
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = (x - self.mean) / 255
        x = self.dense3(self.dense2(self.dense1(self.dense0(x))))
        return torch.softmax(self.fc(x.mean((2, 3))), 1)

    @classmethod
    def load(cls, manifest: Path, weights: Path) -> FaceExpressionNet:
        """From TensorFlow.js files: the manifest's JSON and the shard of quantised weights it describes."""
        state = {}
        for name, values in read_shard(manifest, weights).items():
            key = name.replace("/", ".").replace("bias", "pointwise.bias")
            if name.startswith("fc/"):
                key = name.replace("/", ".").replace("weights", "weight")
                values = values.T
            elif name.endswith("depthwise_filter"):
                key, values = (
                    key.replace("depthwise_filter", "depthwise.weight"),
                    values.transpose(2, 3, 0, 1),
                )
            elif name.endswith("pointwise_filter"):
                key, values = (
                    key.replace("pointwise_filter", "pointwise.weight"),
                    values.transpose(3, 2, 0, 1),
                )
            elif name.startswith("dense0/conv0/"):
                key = "dense0.conv0.weight" if name.endswith("filters") else "dense0.conv0.bias"
                values = values.transpose(3, 2, 0, 1) if name.endswith("filters") else values
            state[key] = torch.from_numpy(np.ascontiguousarray(values))
        network = cls()
        network.load_state_dict(state | {"mean": network.mean})
        return network.eval()


def read_shard(manifest: Path, weights: Path) -> dict[str, NDArray[np.float32]]:
    """Every tensor of a TensorFlow.js weights file as float32.

    Raises `ValueError` when file and manifest differ.
    """
    data = weights.read_bytes()
    tensors, offset = {}, 0
    for group in json.loads(manifest.read_text("utf-8")):
        for entry in group["weights"]:
            quantization = entry.get("quantization")
            kind = np.dtype(quantization["dtype"] if quantization else entry["dtype"])
            count = int(np.prod(entry["shape"]))
            values = np.frombuffer(data, kind, count, offset).astype(np.float32)
            offset += count * kind.itemsize
            if quantization:
                values = values * np.float32(quantization["scale"]) + np.float32(quantization["min"])
            tensors[entry["name"]] = values.reshape(entry["shape"])
    if offset != len(data):
        raise ValueError(f"{weights}: {len(data)} bytes, but {manifest.name} describes {offset}")
    return tensors
