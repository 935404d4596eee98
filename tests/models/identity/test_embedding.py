from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from models import registry, store
from models.identity.embedding import BATCH, FaceEmbedder
from models.identity.network import MobileFaceNet
from models.image_classifier import ModelError

Crops = np.ndarray


@pytest.fixture(scope="module")
def model() -> FaceEmbedder:
    return FaceEmbedder.load()


@pytest.fixture(scope="module")
def crops() -> Crops:
    return np.random.default_rng(0).integers(0, 256, (3, 112, 112, 3), dtype=np.uint8)


def test_vectors_equal_the_onnx_file_run_by_onnxruntime(model: FaceEmbedder, crops: Crops) -> None:
    session = onnxruntime.InferenceSession(str(store.file("faceplugin/fr_feature.onnx")))
    for crop, vector in zip(crops, model.embed(crops), strict=True):
        rgb = ((crop.astype(np.float32) - 127) / 128).transpose(2, 0, 1)[None]
        expected = session.run(None, {"input": rgb})[0].reshape(-1)
        assert vector == pytest.approx(expected / np.linalg.norm(expected), abs=1e-4)


def test_a_batch_embeds_as_its_crops_do(model: FaceEmbedder, crops: Crops) -> None:
    many = np.concatenate([crops] * (BATCH // 3 + 1))
    vectors = model.embed(many)
    assert vectors.shape == (len(many), 512)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(many)), abs=1e-5)
    alone = np.concatenate([model.embed(crop[None]) for crop in crops])
    assert np.abs(vectors - alone[np.arange(len(many)) % 3]).max() < 1e-5
    assert model.embed(crops[:0]).shape == (0, 512)


def test_results_name_a_card(model: FaceEmbedder) -> None:
    assert model.name in registry.cards()


def test_colour_order_matters(model: FaceEmbedder, crops: Crops) -> None:
    warm = (crops * np.array([1.0, 0.6, 0.3])).astype(np.uint8)
    swapped = np.ascontiguousarray(warm[..., ::-1])
    assert ((model.embed(warm) * model.embed(swapped)).sum(1) < 0.999).all()


@pytest.mark.parametrize("shape", [(1, 128, 128, 3), (1, 3, 112, 112), (112, 112, 3)])
def test_other_shapes_are_refused(model: FaceEmbedder, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="112 × 112"):
        model.embed(np.zeros(shape, np.uint8))
    with pytest.raises(ValueError, match="float32"):
        model.embed(np.zeros((1, 112, 112, 3), np.float32))


def test_an_onnx_file_takes_its_place(model: FaceEmbedder, crops: Crops) -> None:
    other = FaceEmbedder.load(str(store.file("faceplugin/fr_feature.onnx")))
    assert other.name == "fr_feature@onnx"
    assert np.abs(other.embed(crops) - model.embed(crops)).max() < 1e-4


def test_other_files_are_refused(tmp_path: Path) -> None:
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
        FaceEmbedder.load(str(path))
    with pytest.raises(ValueError, match="fewer layers"):
        MobileFaceNet.load(path)
    with pytest.raises(ValueError, match="not this MobileFaceNet"):
        MobileFaceNet.load(store.file("faceplugin/fr_liveness.onnx"))
    path.write_bytes(b"not a model")
    with pytest.raises(ModelError, match="not an ONNX model"):
        FaceEmbedder.load(str(path))
