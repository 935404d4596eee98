"""Liveness: is this face in front of the camera, or a picture of a face (ISO/IEC 30107-3)?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models import onnx_graph, store
from models.image_classifier import ImageClassifier, ModelError
from models.liveness_network import MiniFasNet

NAME = "minifasnet-v2se@0.0.1"
CROP = 128
# The least half total error rate (9.6 %) on 360 frames of Replay-Attack; at .5 a quarter of attacks pass.
THRESHOLD = 0.66
_LIVE = frozenset({"live", "real", "bonafide", "genuine", "liveface", "realface"})


class LivenessModel:
    """The probability that a crop shows a bona fide presentation, frame by frame. Not thread-safe.

    One frame says little: average over frames, and never let it decide alone.
    """

    threshold = THRESHOLD

    def __init__(self, score: Callable[[NDArray[np.uint8]], NDArray[np.float32]], name: str) -> None:
        self.name = name
        self._score = score

    @classmethod
    def load(cls, model: str | None = None, *, device: str = "cpu", threads: int = 1) -> LivenessModel:
        """The embedded network; or an `.onnx` file with the same interface (float32 BGR 0..255, n × 3 × 128 ×
        128, to logits whose class 0 is bona fide); or an image classifier of Hugging Face's format (folder or
        id).

        `threads` is set for the whole process. Raises `ModelError` when the model cannot be used,
        `models.store.WeightsMissing` when the embedded weights were not fetched.
        """
        torch.set_num_threads(threads)
        if model is None:
            # Channels last: depthwise and 1 × 1 convolutions take two thirds of the time so on a CPU.
            network = MiniFasNet.load(store.file("faceplugin/fr_liveness.onnx"))
            network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]

            def score(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
                x = torch.from_numpy(planes(crops)).to(memory_format=torch.channels_last)
                return _run(network, x, device, 0)

            return cls(score, NAME)
        if model.endswith(".onnx"):
            return cls(_onnx(Path(model), device, threads), f"{Path(model).stem}@onnx")
        classifier = ImageClassifier.load(model).to(device)
        live = _live_class(classifier.labels, model)
        return cls(lambda crops: _run(classifier, torch.from_numpy(crops), device, live), classifier.name)

    def score(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """uint8 RGB n × 128 × 128 × 3 (`models.faces.crops.liveness_crop`) to float32 (n,), 0..1.

        Raises `ValueError` for another shape or type.
        """
        if crops.dtype != np.uint8 or crops.shape[1:] != (CROP, CROP, 3):
            raise ValueError(f"want uint8 n × {CROP} × {CROP} × 3, got {crops.dtype} {crops.shape}")
        return self._score(crops) if len(crops) else np.zeros(0, np.float32)


def planes(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """RGB n × h × w × 3 as the network wants it: float32 BGR n × 3 × h × w, still 0..255."""
    return np.ascontiguousarray(crops[..., ::-1].transpose(0, 3, 1, 2), np.float32)


@torch.inference_mode()
def _run(network: torch.nn.Module, x: Tensor, device: str, live: int) -> NDArray[np.float32]:
    out: Tensor = network(x.to(device))
    return out[:, live].float().cpu().numpy()


def _onnx(path: Path, device: str, threads: int) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    graph = onnx_graph.load(path, CROP, device, threads)

    def score(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        logits = graph(planes(crops))
        weights = np.exp(logits - logits.max(1, keepdims=True))
        return np.asarray(weights[:, 0] / weights.sum(1), np.float32)

    return score


def _live_class(labels: tuple[str, ...], model: str) -> int:
    plain = ["".join(c for c in label.lower() if c.isalpha()) for label in labels]
    found = [index for index, label in enumerate(plain) if label in _LIVE]
    if len(found) != 1:
        raise ModelError(f"{model}: no single class means a live face; its classes are {', '.join(labels)}")
    return found[0]
