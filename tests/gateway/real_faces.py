"""Fake inference with one real model: faces are embedded in this process, on a thread of their own."""

from __future__ import annotations

import asyncio

from gateway.ports import OnGap
from inference.messages import Crop, FaceEmbeddings
from models.identity.embedding import FaceEmbedder
from tests.gateway.fakes import FakeInference


class RealFaces(FakeInference):
    def __init__(self, on_gap: OnGap) -> None:
        super().__init__(on_gap)
        self._embedder = FaceEmbedder.load()

    async def embed(self, crops: Crop) -> FaceEmbeddings:
        vectors = await asyncio.to_thread(self._embedder.embed, crops)
        return FaceEmbeddings(vectors, self._embedder.name)
