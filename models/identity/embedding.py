"""A face as 512 numbers: the closer two of them point, the likelier they are of one person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models import onnx_graph, store
from models.identity.network import DIMENSIONS, SIDE, MobileFaceNet
from models.onnx_graph import Float32

NAME = "faceplugin-fr-feature@0.0.1"
BATCH = 16  # by measurement on one core: 5.3 ms per face, 7.9 alone; larger ones only take more memory


class FaceEmbedder:
    """Unit vectors of aligned faces; their dot product is the comparison score (cosine). Not thread-safe.

    torch in channels-last order was the fastest on one core (alone 8 ms per face, in batches of 16 5.3 ms;
    onnxruntime 8.7 and 10.5). Averaging a face with its mirror image took twice the time and separated
    people no better, so it is not done.
    """

    def __init__(self, embed: Callable[[Float32], Float32], name: str) -> None:
        self.name = name
        self._embed = embed

    @classmethod
    def load(cls, model: str | None = None, *, device: str = "cpu", threads: int = 1) -> FaceEmbedder:
        """The embedded network; or an `.onnx` file with the same interface (float32 RGB (x − 127) / 128 of
        n × 3 × 112 × 112, n free or one, to n × anything).

        `threads` is set for the whole process. Raises `ModelError` when the model cannot be used,
        `models.store.WeightsMissing` when the embedded weights were not fetched.
        """
        torch.set_num_threads(threads)
        if model is not None:
            return cls(onnx_graph.load(Path(model), SIDE, device, threads), f"{Path(model).stem}@onnx")
        network = MobileFaceNet.load(store.file("faceplugin/fr_feature.onnx"))
        network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]

        @torch.inference_mode()
        def embed(x: Float32) -> Float32:
            batch = torch.from_numpy(x).to(device, memory_format=torch.channels_last)
            return np.asarray(network(batch).float().cpu().numpy(), np.float32)

        return cls(embed, NAME)

    def embed(self, crops: NDArray[np.uint8]) -> Float32:
        """uint8 RGB n × 112 × 112 × 3 (`models.identity.alignment`) to float32 n × 512, unit length.

        Raises `ValueError` for another shape or type.
        """
        if crops.dtype != np.uint8 or crops.shape[1:] != (SIDE, SIDE, 3):
            raise ValueError(f"want uint8 n × {SIDE} × {SIDE} × 3, got {crops.dtype} {crops.shape}")
        if not len(crops):
            return np.zeros((0, DIMENSIONS), np.float32)
        parts = [self._embed(planes(crops[start : start + BATCH])) for start in range(0, len(crops), BATCH)]
        values = np.concatenate(parts)
        lengths = np.linalg.norm(values, axis=1, keepdims=True)
        return np.asarray(values / np.maximum(lengths, 1e-12), np.float32)


def planes(crops: NDArray[np.uint8]) -> Float32:
    """RGB n × h × w × 3 as the network wants it: float32 n × 3 × h × w, (x − 127) / 128."""
    return np.ascontiguousarray((crops.transpose(0, 3, 1, 2) - np.float32(127)) / np.float32(128))
