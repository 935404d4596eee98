"""Speaking to an engine in a test, as a gateway process does."""

from __future__ import annotations

import time
from collections.abc import Callable

from inference.messages import (
    SAMPLE_RATE,
    Caption,
    Marker,
    Pcm,
    SpeechBatch,
    SpeechReply,
    Spoken,
    UtteranceChunk,
)
from inference.speech_engine import SpeechEngine


class Gateway:
    """Sends to an engine and gathers what comes back, as one gateway process does."""

    def __init__(self, engine: SpeechEngine, name: str = "gateway") -> None:
        self.engine, self.name, self.tick = engine, name, 0
        self.captions: list[Caption] = []
        self.resend: list[tuple[str, int]] = []
        self.refused: list[tuple[str, int]] = []
        self.markers: list[tuple[str, int]] = []
        self.last: SpeechReply | None = None

    def send(
        self, *chunks: UtteranceChunk, closed: tuple[str, ...] = (), markers: tuple[Marker, ...] = ()
    ) -> Gateway:
        self.tick += 1
        self.engine.accept(SpeechBatch(self.name, self.tick, chunks, closed, markers))
        return self.collect()

    def collect(self) -> Gateway:
        self.last = self.engine.collect(self.name, self.tick)
        self.captions += self.last.captions
        self.resend += self.last.resend
        self.refused += self.last.refused
        self.markers += self.last.markers
        return self

    def finals(self) -> dict[tuple[str, int], str]:
        return {(c.session, c.utterance): c.text for c in self.captions if c.final}

    def until(self, condition: Callable[[], bool], timeout_s: float = 30) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, self.captions
            time.sleep(0.005)
            self.collect()


def chunk(
    session: str,
    pcm: Pcm,
    *,
    utterance: int = 1,
    offset: int = 0,
    final: bool = True,
    language: Spoken = "en",
    rate: int = SAMPLE_RATE,
) -> UtteranceChunk:
    return UtteranceChunk(session, utterance, language, offset, pcm, final, rate)


class Clock:
    def __init__(self, running: bool = True) -> None:
        self.ahead, self.running = 0.0, running

    def __call__(self) -> float:
        return time.monotonic() * self.running + self.ahead
