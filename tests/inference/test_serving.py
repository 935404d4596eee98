"""The application with its real weights, as a gateway uses it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from inference.client import InferenceClient
from inference.settings import InferenceSettings


@pytest.fixture
async def client(serving: InferenceSettings) -> AsyncIterator[InferenceClient]:
    client = InferenceClient(serving, lambda *gap: None)
    await client.start()
    assert await client.wait_ready(20)
    yield client
    await client.close()


async def test_every_deployment_names_its_model(client: InferenceClient) -> None:
    assert set(client.status().values()) == {"ready"}
    assert client.models()["SpeechRecognition"].startswith("whisper-base@")
