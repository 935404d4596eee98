"""Any image classifier of Hugging Face's format in the place of an embedded one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class ModelError(ValueError):
    """A model that was given in place of an embedded one cannot be used; the message says why."""


class ImageClassifier(nn.Module):
    """uint8 RGB crops n × side × side × 3 of any side to probabilities n × len(labels).

    The picture is resized and normalised as the model's `preprocessor_config.json` says, without torchvision.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self, network: nn.Module, labels: tuple[str, ...], processor: dict[str, Any], name: str
    ) -> None:
        super().__init__()
        self.network, self.labels, self.name = network, labels, name
        self._size = _size(processor.get("size") or 224)
        scale = (
            float(processor.get("rescale_factor") or 1 / 255) if processor.get("do_rescale", True) else 1.0
        )
        normalise = bool(processor.get("do_normalize", True))
        mean = (processor.get("image_mean") if normalise else None) or [0.0] * 3
        std = (processor.get("image_std") if normalise else None) or [1.0] * 3
        self._scale = scale
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1))

    @classmethod
    def load(cls, model: str) -> ImageClassifier:
        """A folder or a Hugging Face id. Raises `ModelError` when it is not an image classifier."""
        from transformers import AutoConfig, AutoModelForImageClassification
        from transformers.utils import cached_file

        try:
            config = AutoConfig.from_pretrained(model)
            network = AutoModelForImageClassification.from_pretrained(model)
            processor = json.loads(Path(cached_file(model, "preprocessor_config.json")).read_text("utf-8"))
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(
                f"{model}: not an image classifier that transformers can load: {error}"
            ) from error
        labels = tuple(str(config.id2label[index]) for index in range(config.num_labels))
        return cls(network, labels, processor, f"{Path(model).name}@{config.model_type}").eval()

    def forward(self, crops: Tensor) -> Tensor:
        x = crops.permute(0, 3, 1, 2).float()
        x = functional.interpolate(x, self._size, mode="bilinear", antialias=True, align_corners=False)
        x = (x * self._scale - self.mean) / self.std
        return torch.softmax(self.network(pixel_values=x).logits, 1)


def _size(value: int | dict[str, int]) -> tuple[int, int]:
    """Transformers writes sizes as one number, as height and width, or as the shortest edge."""
    if isinstance(value, int):
        return value, value
    if "height" in value:
        return value["height"], value["width"]
    edge = value["shortest_edge"]
    return edge, edge
