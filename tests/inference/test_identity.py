"""Face verification beside liveness: one replica, two models, and a client that knows when it is off."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from inference.calls import InferenceUnavailable
from inference.client import InferenceClient
from inference.deployments import Liveness
from inference.settings import IdentitySettings, InferenceSettings, LivenessSettings
from models.identity.embedding import NAME, FaceEmbedder


def crops(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (n, 112, 112, 3), dtype=np.uint8)


async def test_calls_that_meet_share_passes_and_get_their_own_rows_back() -> None:
    replica = Liveness(LivenessSettings(), IdentitySettings(batch=3))
    stacks = [crops(1, 1), crops(5, 2), crops(0), crops(2, 3)]
    face, *found = await asyncio.gather(
        replica.observe(np.zeros((1, 128, 128, 3), np.uint8)), *(replica.embed(stack) for stack in stacks)
    )
    assert len(face) == 1
    embedder = FaceEmbedder.load()
    for stack, got in zip(stacks, found, strict=True):
        assert got.model == NAME
        assert got.vectors.dtype == np.float32
        assert got.vectors.shape == (len(stack), 512)
        np.testing.assert_allclose(got.vectors, embedder.embed(stack), atol=1e-4)


async def test_without_face_verification_its_weights_are_not_loaded() -> None:
    off = InferenceSettings(identity=IdentitySettings(mode="human"))
    assert off.arguments("Liveness") == (off.liveness,)
    replica = Liveness(*off.arguments("Liveness"))  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="off"):
        await replica.embed(crops(1))
    client = InferenceClient(off, lambda *_: None)
    assert client.status()["FaceIdentity"] == "off"
    with pytest.raises(InferenceUnavailable, match="off"):
        await client.embed(crops(1))


def test_the_replica_of_liveness_carries_it() -> None:
    settings = InferenceSettings()
    assert settings.arguments("Liveness") == (settings.liveness, settings.identity)
    assert settings.arguments("AnswerQuality") == (settings.answers,)
    assert InferenceClient(settings, lambda *_: None).status()["FaceIdentity"] == "starting"


def test_its_model_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_MODEL", "/models/faces.onnx")
    assert InferenceSettings().identity.model == "/models/faces.onnx"
