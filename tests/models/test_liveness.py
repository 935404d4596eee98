from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper

from models import registry, store
from models.image_classifier import ModelError
from models.liveness import CROP, LivenessModel

Crops = np.ndarray


@pytest.fixture(scope="module")
def model() -> LivenessModel:
    return LivenessModel.load()


@pytest.fixture(scope="module")
def crops() -> Crops:
    return np.random.default_rng(0).integers(0, 256, (3, CROP, CROP, 3), dtype=np.uint8)


@pytest.mark.parametrize("batch", [3, 16])
def test_scores_equal_the_onnx_file_run_by_onnxruntime(
    model: LivenessModel, crops: Crops, batch: int
) -> None:
    crops = np.resize(crops, (batch, *crops.shape[1:]))  # sixteen at once take other kernels
    session = onnxruntime.InferenceSession(str(store.file("faceplugin/fr_liveness.onnx")))
    for crop, score in zip(crops, model.score(crops), strict=True):
        bgr = crop[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32)
        logits = session.run(None, {"input": bgr})[0][0].astype(np.float64)
        expected = np.exp(logits[0]) / np.exp(logits).sum()
        assert score == pytest.approx(expected, abs=1e-4)


def test_a_batch_scores_as_its_crops_do(model: LivenessModel, crops: Crops) -> None:
    scores = model.score(crops)
    assert scores.shape == (3,)
    assert scores.dtype == np.float32
    assert np.concatenate([model.score(crop[None]) for crop in crops]) == pytest.approx(scores, abs=1e-5)
    assert model.score(crops[:0]).shape == (0,)


def test_results_name_a_card(model: LivenessModel) -> None:
    assert model.name in registry.cards()


def test_colour_order_matters(model: LivenessModel, crops: Crops) -> None:
    warm = (crops * np.array([1.0, 0.6, 0.3])).astype(np.uint8)
    assert np.abs(model.score(warm) - model.score(np.ascontiguousarray(warm[..., ::-1]))).max() > 1e-3


@pytest.mark.parametrize("shape", [(1, 112, 112, 3), (1, 3, 128, 128), (128, 128, 3)])
def test_other_shapes_are_refused(model: LivenessModel, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="128 × 128"):
        model.score(np.zeros(shape, np.uint8))
    with pytest.raises(ValueError, match="float32"):
        model.score(np.zeros((1, 128, 128, 3), np.float32))


def test_an_onnx_file_takes_its_place(model: LivenessModel, crops: Crops) -> None:
    other = LivenessModel.load(str(store.file("faceplugin/fr_liveness.onnx")))
    assert other.name == "fr_liveness@onnx"
    assert other.score(crops) == pytest.approx(model.score(crops), abs=1e-4)


def test_an_onnx_file_with_another_input_is_refused(tmp_path: Path) -> None:
    shape = [1, 3, 80, 80]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "other",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
    )
    path = tmp_path / "other.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    with pytest.raises(ModelError, match="80"):
        LivenessModel.load(str(path))
    path.write_bytes(b"not a model")
    with pytest.raises(ModelError, match="not an ONNX model"):
        LivenessModel.load(str(path))


def test_a_hugging_face_classifier_takes_its_place(tmp_path: Path, crops: Crops) -> None:
    tiny_classifier(tmp_path / "guard", ["spoof", "Live"])
    model = LivenessModel.load(str(tmp_path / "guard"))
    assert model.name == "guard@vit"
    scores = model.score(crops)
    assert scores.shape == (3,)
    assert ((scores > 0) & (scores < 1)).all()
    tiny_classifier(tmp_path / "pets", ["cat", "dog"])
    with pytest.raises(ModelError, match="cat, dog"):
        LivenessModel.load(str(tmp_path / "pets"))
    with pytest.raises(ModelError, match="not an image classifier"):
        LivenessModel.load(str(tmp_path / "nothing"))


def tiny_classifier(folder: Path, labels: list[str]) -> None:
    """A vision transformer with random weights, saved as transformers saves models."""
    from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessor

    torch.manual_seed(0)
    config = ViTConfig(
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        image_size=32,
        patch_size=16,
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
    )
    ViTForImageClassification(config).save_pretrained(folder)
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
