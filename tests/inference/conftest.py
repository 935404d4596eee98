from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from inference.settings import SpeechSettings
from inference.speech_engine import SpeechEngine
from models.streaming import StreamingRecognizer
from tests.inference.fakes import FakeRecogniser, streaming
from tests.inference.gateways import Clock


@pytest.fixture
def engines() -> Iterator[Callable[..., SpeechEngine]]:
    started: list[SpeechEngine] = []

    def make(
        recogniser: FakeRecogniser | StreamingRecognizer, clock: Clock | None = None, **settings: Any
    ) -> SpeechEngine:
        settings.setdefault("partial_interval_s", 0.02)
        of = SpeechSettings(**settings)
        engine = SpeechEngine(
            streaming(recogniser, of.slots) if isinstance(recogniser, FakeRecogniser) else recogniser,
            of,
            lambda gateway: None,
            clock=clock or Clock(),
        )
        engine.start()
        started.append(engine)
        return engine

    yield make
    for engine in started:
        engine.stop()
