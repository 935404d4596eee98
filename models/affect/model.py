"""Facial affect: which expression a face shows. Observed, never scored."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models import store
from models.affect import face_expression, mini_xception
from models.affect.bands import LABELS, SYNONYMS
from models.affect.face_expression import FaceExpressionNet
from models.affect.mini_xception import MiniXception
from models.image_classifier import ImageClassifier, ModelError

# On 124 labelled faces .6 was better than .4 at every crop size tried, and no worse than .75.
FACE_EXPRESSION_SHARE = 0.6
NAME = "face-expression-pair@1.0.0"
CROP = 112
_GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601


class AffectModel:
    """Probabilities of seven expressions. Not thread-safe."""

    def __init__(self, network: nn.Module, name: str, device: str) -> None:
        self.name = name
        self._network = network.to(device)
        self._device = device

    @classmethod
    def load(cls, model: str | None = None, *, device: str = "cpu", threads: int = 1) -> AffectModel:
        """The embedded pair of networks, or an image classifier of Hugging Face's format (folder or id).

        `threads` is set for the whole process. Raises `ModelError` when the classifier does not know the
        seven expressions, `models.store.WeightsMissing` when the embedded weights were not fetched.
        """
        torch.set_num_threads(threads)
        if model is None:
            return cls(EmbeddedAffect.load(), NAME, device)
        classifier = ImageClassifier.load(model)
        return cls(_Relabelled(classifier, _columns(classifier.labels, model)), classifier.name, device)

    @torch.inference_mode()
    def probabilities(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """uint8 RGB n × 112 × 112 × 3 (`models.faces.crops.affect_crop`) to float32 n × 7.

        Columns are in the order of `LABELS`, rows sum to 1. Raises `ValueError` for another shape or type.
        """
        if crops.dtype != np.uint8 or crops.shape[1:] != (CROP, CROP, 3):
            raise ValueError(f"want uint8 n × {CROP} × {CROP} × 3, got {crops.dtype} {crops.shape}")
        if not len(crops):
            return np.zeros((0, len(LABELS)), np.float32)
        out: Tensor = self._network(torch.from_numpy(crops).to(self._device))
        return out.float().cpu().numpy()


class EmbeddedAffect(nn.Module):
    """uint8 RGB crops n × 112 × 112 × 3 to probabilities n × 7 in the order of `LABELS`."""

    grey: Tensor
    shrink: Tensor
    order: Tensor

    def __init__(self, expression: FaceExpressionNet, xception: MiniXception) -> None:
        super().__init__()
        self.expression, self.xception = expression, xception
        order = [face_expression.LABELS.index(label) for label in LABELS]
        self.register_buffer("grey", torch.tensor(_GREY).view(1, 3, 1, 1))
        self.register_buffer("shrink", area_weights(CROP, mini_xception.SIDE))
        self.register_buffer("order", torch.tensor(order))

    @classmethod
    def load(cls) -> EmbeddedAffect:
        """Raises `models.store.WeightsMissing` when the weights were not fetched."""
        expression = FaceExpressionNet.load(
            store.file("face-api/face_expression_model-weights_manifest.json"),
            store.file("face-api/face_expression_model.bin"),
        )
        network = cls(expression, MiniXception.load(store.file("fer/emotion_model.hdf5")))
        # The crops come so, pixel by pixel; kernels for this order take half the time on a CPU.
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return network.eval()

    def forward(self, crops: Tensor) -> Tensor:
        x = crops.permute(0, 3, 1, 2).float()
        small = self.shrink @ (x * self.grey).sum(1, keepdim=True) @ self.shrink.T
        first, second = self.expression(x)[:, self.order], self.xception(small)
        mixed: Tensor = FACE_EXPRESSION_SHARE * first + (1 - FACE_EXPRESSION_SHARE) * second
        return mixed


class _Relabelled(nn.Module):
    """A classifier's columns in our order; classes we do not know are left out, the rest made to sum to 1."""

    def __init__(self, classifier: ImageClassifier, columns: list[int]) -> None:
        super().__init__()
        self._classifier, self._columns = classifier, columns

    def forward(self, crops: Tensor) -> Tensor:
        out: Tensor = self._classifier(crops)[:, self._columns]
        return out / out.sum(1, keepdim=True).clamp(min=1e-9)


def _columns(labels: tuple[str, ...], model: str) -> list[int]:
    known = [label.lower() for label in labels]
    columns = []
    for label in LABELS:
        column = next((known.index(word) for word in SYNONYMS[label] if word in known), None)
        if column is None:
            raise ModelError(f"{model}: no class means {label}; its classes are {', '.join(labels)}")
        columns.append(column)
    return columns


def area_weights(length: int, shorter: int) -> Tensor:
    """Matrix shorter × length that averages pixels by the area they share, as OpenCV's INTER_AREA does."""
    step = length / shorter
    start = torch.arange(shorter, dtype=torch.float64)[:, None] * step
    pixel = torch.arange(length, dtype=torch.float64)[None]
    shared = (torch.minimum(start + step, pixel + 1) - torch.maximum(start, pixel)).clamp(min=0)
    return (shared / step).float()
