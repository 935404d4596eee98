from __future__ import annotations

from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest
import torch

from models import registry, store
from models.affect import BANDS, LABELS, AffectModel, valence
from models.affect.face_expression import FaceExpressionNet, read_shard
from models.affect.mini_xception import MiniXception
from models.affect.model import area_weights
from models.faces.crops import affect_crop
from models.faces.detector import FaceDetector
from models.faces.mesh import FaceMesh
from models.image_classifier import ModelError
from tests.models.faces_fixtures import main_box, portrait
from tests.models.keras_reference import Array, conv, max_pool, relu, separable, softmax
from tests.models.test_liveness import tiny_classifier

MANIFEST = "face-api/face_expression_model-weights_manifest.json"
SHARD = "face-api/face_expression_model.bin"


@pytest.fixture(scope="module")
def model() -> AffectModel:
    return AffectModel.load()


@pytest.fixture(scope="module")
def crop() -> np.ndarray:
    rgb = portrait()
    box = main_box(FaceDetector.load(), FaceMesh.load(), rgb)
    assert box is not None
    return affect_crop(rgb, box)


def reference_mini_xception(grey: Array) -> Array:
    """The file's layers in the order of its Keras configuration, normalisation not folded."""
    with h5py.File(store.file("fer/emotion_model.hdf5")) as file:
        root = file["model_weights"]
        w = {name: np.asarray(root[name], np.float64) for name in tensor_names(root)}

    def get(layer: str, tensor: str) -> Array:
        return w[f"{layer}/{layer}_1/{tensor}:0"]

    def norm(x: Array, index: int) -> Array:
        layer = f"batch_normalization_{index}"
        centred = (x - get(layer, "moving_mean")) / np.sqrt(get(layer, "moving_variance") + 1e-3)
        return centred * get(layer, "gamma") + get(layer, "beta")

    def sep(x: Array, index: int) -> Array:
        layer = f"separable_conv2d_{index}"
        return separable(x, get(layer, "depthwise_kernel"), get(layer, "pointwise_kernel"))

    x = relu(norm(conv(grey[..., None] / 127.5 - 1, get("conv2d_1", "kernel"), same=False), 1))
    x = relu(norm(conv(x, get("conv2d_2", "kernel"), same=False), 2))
    for shortcut, first, norms in (
        (3, 1, (3, 4, 5)),
        (4, 3, (6, 7, 8)),
        (5, 5, (9, 10, 11)),
        (6, 7, (12, 13, 14)),
    ):
        side = norm(conv(x, get(f"conv2d_{shortcut}", "kernel"), stride=2), norms[0])
        y = norm(sep(relu(norm(sep(x, first), norms[1])), first + 1), norms[2])
        x = max_pool(y) + side
    return softmax((conv(x, get("conv2d_7", "kernel")) + get("conv2d_7", "bias")).mean((0, 1)))


def tensor_names(group: h5py.Group) -> list[str]:
    names: list[str] = []
    group.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    return names


def reference_face_expression(rgb: Array) -> Array:
    w = {k: v.astype(np.float64) for k, v in read_shard(store.file(MANIFEST), store.file(SHARD)).items()}

    def sep(x: Array, name: str, stride: int = 1) -> Array:
        return (
            separable(x, w[f"{name}/depthwise_filter"], w[f"{name}/pointwise_filter"], stride)
            + w[f"{name}/bias"]
        )

    x = (rgb - [122.782, 117.001, 104.298]) / 255
    for block in ("dense0", "dense1", "dense2", "dense3"):
        if block == "dense0":
            a = relu(conv(x, w["dense0/conv0/filters"], 2) + w["dense0/conv0/bias"])
        else:
            a = relu(sep(x, f"{block}/conv0", 2))
        b = sep(a, f"{block}/conv1")
        c = sep(relu(a + b), f"{block}/conv2")
        x = relu(a + b + c + sep(relu(a + b + c), f"{block}/conv3"))
    return softmax(x.mean((0, 1)) @ w["fc/weights"] + w["fc/bias"])


def test_mini_xception_equals_its_keras_layers() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.float32)
    network = MiniXception.load(store.file("fer/emotion_model.hdf5"))
    with torch.inference_mode():
        out = network(torch.from_numpy(grey)[None, None])[0].numpy()
    assert out == pytest.approx(reference_mini_xception(grey.astype(np.float64)), abs=1e-4)


def test_face_expression_equals_its_tensorflow_layers(crop: np.ndarray) -> None:
    network = FaceExpressionNet.load(store.file(MANIFEST), store.file(SHARD))
    with torch.inference_mode():
        out = network(torch.from_numpy(crop).permute(2, 0, 1)[None].float())[0].numpy()
    assert out == pytest.approx(reference_face_expression(crop.astype(np.float64)), abs=1e-4)


@pytest.mark.parametrize("batch", [1, 4, 16])
def test_the_pair_as_served_equals_its_layers(model: AffectModel, crop: np.ndarray, batch: int) -> None:
    """Sixteen at once take other kernels than four; both must say what the files say."""
    rows = model.probabilities(np.stack([crop] * batch))
    grey = crop.astype(np.float64) @ [0.299, 0.587, 0.114]
    grey = cv2.resize(grey, (64, 64), interpolation=cv2.INTER_AREA)
    first = reference_face_expression(crop.astype(np.float64))
    order = [
        ("neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise").index(x) for x in LABELS
    ]
    expected = 0.6 * first[order] + 0.4 * reference_mini_xception(grey)
    assert rows == pytest.approx(np.stack([expected] * batch), abs=1e-4)


def test_shrinking_equals_area_interpolation(crop: np.ndarray) -> None:
    grey = crop[..., 1].astype(np.float32)
    weights = area_weights(112, 64).numpy()
    assert weights @ grey @ weights.T == pytest.approx(
        cv2.resize(grey, (64, 64), interpolation=cv2.INTER_AREA), abs=1e-2
    )


def test_a_smile_is_happiness(model: AffectModel, crop: np.ndarray) -> None:
    (row,) = model.probabilities(crop[None])
    assert LABELS[int(row.argmax())] == "happiness"
    band, confidence = valence(row)
    assert band == "positive"
    assert 0.6 < confidence < 1


def test_rows_are_probabilities_whatever_the_batch(model: AffectModel, crop: np.ndarray) -> None:
    crops = np.stack([crop, np.zeros_like(crop), crop[:, ::-1]])
    rows = model.probabilities(crops)
    assert rows.shape == (3, 7)
    assert rows.dtype == np.float32
    assert rows.sum(1) == pytest.approx(1, abs=1e-5)
    assert rows[1] == pytest.approx(model.probabilities(crops[1:2])[0], abs=1e-5)
    assert model.probabilities(crops[:0]).shape == (0, 7)


def test_results_name_a_card(model: AffectModel) -> None:
    assert model.name in registry.cards()


def test_other_shapes_are_refused(model: AffectModel) -> None:
    with pytest.raises(ValueError, match="112 × 112"):
        model.probabilities(np.zeros((1, 128, 128, 3), np.uint8))


@pytest.mark.parametrize(
    ("label", "band"),
    [("happiness", "positive"), ("neutral", "neutral"), ("surprise", "neutral"), ("fear", "negative")],
)
def test_every_expression_belongs_to_a_band(label: str, band: str) -> None:
    row = np.full(7, 0.02, np.float32)
    row[LABELS.index(label)] = 0.88
    assert valence(row)[0] == band


def test_confidence_is_modest() -> None:
    even = np.array([0, 0, 0, 1 / 3, 0, 0, 1 / 3], np.float32)
    even[LABELS.index("anger")] = 1 / 3
    assert valence(even)[1] == pytest.approx(1 / 3, abs=0.01)
    sure = np.zeros(7, np.float32)
    sure[LABELS.index("happiness")], sure[LABELS.index("neutral")] = 0.9, 0.1
    band, confidence = valence(sure)
    assert band in BANDS
    assert 0.7 < confidence < 0.9, "below the raw probability, which is too sure of itself"


def test_a_classifier_of_the_users_own_takes_its_place(tmp_path: Path, crop: np.ndarray) -> None:
    words = ["Angry", "Contempt", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise"]
    tiny_classifier(tmp_path / "mine", words)
    model = AffectModel.load(str(tmp_path / "mine"))
    assert model.name == "mine@vit"
    assert model.probabilities(crop[None]).sum() == pytest.approx(1, abs=1e-5)
    tiny_classifier(tmp_path / "half", words[:5])
    with pytest.raises(ModelError, match="sadness"):
        AffectModel.load(str(tmp_path / "half"))
