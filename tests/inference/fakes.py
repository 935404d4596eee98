"""A recogniser whose text can be read off the sound: each half second of it says one numbered word."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from inference.messages import SAMPLE_RATE, Language, Pcm, TimedWord
from models.whisper.streaming import WhisperStreaming
from models.whisper.utterances import Before

WORD = SAMPLE_RATE // 2
POISON = 200  # a clip with this word makes the recogniser fail
MANDARIN = 150  # from this word on the language is Mandarin


def say(*words: int) -> Pcm:
    """Half a second of sound for each word."""
    levels = np.repeat(np.array(words, np.int16) * 100, WORD)
    return levels + np.resize(np.array((-5, 0, 5), np.int16), levels.size)  # a level alone is no sound


def streaming(recogniser: FakeRecogniser, slots: int = 16) -> WhisperStreaming:
    """The fake behind the engine's interface, as Whisper is."""
    return WhisperStreaming(recogniser, slots=slots)


def text_of(*words: int) -> str:
    return " ".join(f"w{word}" for word in words)


@dataclass
class FakeTranscript:
    text: str
    words: list[TimedWord]


@dataclass
class FakeRecogniser:
    """`gate`: closed, it holds the device. `batches`: clips per call, and whether they were finals;
    `contexts`: what went before each final (a word's text, and what was known to be said before it)."""

    name: str = "fake@1"
    languages: tuple[Language, ...] = ("en", "zh")
    seconds_per_clip: float = 0.0
    gate: threading.Event = field(default_factory=threading.Event)
    batches: list[tuple[int, bool]] = field(default_factory=list)
    contexts: list[tuple[str, str]] = field(default_factory=list)
    detections: int = 0
    longest_s: float = 0.0

    def __post_init__(self) -> None:
        self.gate.set()

    def transcribe(
        self,
        clips: Sequence[NDArray[np.float32]],
        languages: Sequence[Language],
        *,
        word_times: bool,
        beams: int = 1,
        before: Sequence[Before | None] | None = None,
    ) -> list[FakeTranscript]:
        self.gate.wait(10)
        time.sleep(self.seconds_per_clip * len(clips))
        heard = [_words(clip) for clip in clips]
        if any(POISON in words for words in heard):
            raise RuntimeError("poisoned clip")
        self.batches.append((len(clips), word_times))
        if word_times:
            known = [each.text if each else "" for each in before or [None] * len(clips)]
            self.contexts += [(text_of(*words), text) for words, text in zip(heard, known, strict=True)]
        self.longest_s = max([self.longest_s, *(clip.size / SAMPLE_RATE for clip in clips)])
        return [
            FakeTranscript(
                text_of(*words),
                [TimedWord(f"w{w}", i / 2, i / 2 + 0.5, 0.9) for i, w in enumerate(words)] * word_times,
            )
            for words in heard
        ]

    def detect_language(self, clips: Sequence[NDArray[np.float32]]) -> list[Language]:
        self.detections += len(clips)
        return ["zh" if max(_words(clip), default=0) >= MANDARIN else "en" for clip in clips]


def _words(clip: NDArray[np.float32]) -> list[int]:
    if not clip.size:
        return []
    starts = range(0, clip.size, WORD)
    return [round(float(np.median(clip[s : s + WORD])) * 32768 / 100) for s in starts]
