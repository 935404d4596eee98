"""Device work per session: sessions heard as batches, against one transformers pipeline call for each.

The same weights, utterances, process and single thread; CPU seconds, not wall, so that what else runs on the
machine matters little. Ours goes through the engine that serves interviews, as all utterances end at once.

    python -m bench.speech_batch [--sessions 8]
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.core import machine
from bench.hugging_face import pipeline
from bench.sound import read_clip
from inference.messages import SAMPLE_RATE, SpeechBatch, UtteranceChunk
from inference.pcm import as_pcm
from inference.settings import SpeechSettings
from inference.speech_engine import SpeechEngine
from models import store

Clip = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Work:
    """One way to recognise the clips: CPU seconds for all of them together, and the texts."""

    name: str
    cpu_s: float
    texts: tuple[str, ...]


def engine_work(clips: Sequence[Clip], *, dtype: str, beams: int) -> Work:
    """All clips as the utterances of as many sessions, finals with word times. Loading is not counted."""
    from models.whisper import Whisper
    from models.whisper.streaming import WhisperStreaming

    settings = SpeechSettings(beams=beams, slots=len(clips))
    whisper = Whisper.load(None, dtype=dtype)
    whisper.transcribe([clips[0]] * settings.batch, ["en"] * settings.batch, word_times=True, beams=beams)
    news = threading.Event()
    recognizer = WhisperStreaming(whisper, slots=settings.slots, beams=settings.beams)
    engine = SpeechEngine(recognizer, settings, lambda gateway: news.set())
    chunks = [UtteranceChunk(f"s{n}", 1, "en", 0, as_pcm(clip), True) for n, clip in enumerate(clips)]
    texts: dict[str, str] = {}
    engine.start()
    began = time.process_time()
    engine.accept(SpeechBatch("bench", 0, tuple(chunks)))
    while len(texts) < len(clips):
        news.wait()
        news.clear()
        texts |= {caption.session: caption.text for caption in engine.collect("bench", 0).captions}
    seconds = time.process_time() - began
    engine.stop()
    return Work(f"engine, {dtype}, {beams} beam(s)", seconds, tuple(texts[c.session] for c in chunks))


def pipeline_work(clips: Sequence[Clip]) -> Work:
    """The clips one by one through transformers' pipeline: float32, greedy, no word times."""
    recognise = pipeline()
    options = {"language": "en", "task": "transcribe"}
    recognise(clips[0].copy(), generate_kwargs=options)
    began = time.process_time()
    texts = tuple(recognise(clip.copy(), generate_kwargs=options)["text"].strip() for clip in clips)
    return Work("transformers pipeline, float32, greedy", time.process_time() - began, texts)


def utterances(count: int) -> list[Clip]:
    """Stretches of the recorded reading, 3 to 9 s long as answers are endpointed, no two alike."""
    sound = read_clip(store.file("demo/two_cities.wav"))
    lengths = [3 + 6 * n / max(count - 1, 1) for n in range(count)]
    starts = [n * (sound.size / SAMPLE_RATE - 9) / max(count - 1, 1) for n in range(count)]
    return [
        sound[int(start * SAMPLE_RATE) : int((start + length) * SAMPLE_RATE)]
        for start, length in zip(starts, lengths, strict=True)
    ]


def measure(clips: Sequence[Clip]) -> tuple[Work, list[Work]]:
    """The pipeline's work, and ours like for like, in the device's dtype, and as it serves."""
    import torch

    torch.set_num_threads(1)
    served = SpeechSettings()
    ways = [("float32", 1), (served.dtype, 1), (served.dtype, served.beams)]
    return pipeline_work(clips), [engine_work(clips, dtype=dtype, beams=beams) for dtype, beams in ways]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.speech_batch", description=__doc__)
    parser.add_argument("--sessions", type=int, default=8)
    clips = utterances(parser.parse_args().sessions)
    theirs, ours = measure(clips)
    sound_s = sum(clip.size for clip in clips) / SAMPLE_RATE
    print(machine.line())
    print(f"{len(clips)} sessions, {sound_s:.0f} s of sound")
    print(f"{'':40}{'CPU s':>8}{'per session':>13}{'less work':>11}{'same words':>12}")
    for work in (theirs, *ours):
        same = sum(_words(a) == _words(b) for a, b in zip(work.texts, theirs.texts, strict=True))
        row = f"{work.cpu_s:8.2f}{work.cpu_s / len(clips):13.2f}{theirs.cpu_s / work.cpu_s:10.1f}×"
        print(f"{work.name:40}{row}{same:9}/{len(clips)}")
    return 0


def _words(text: str) -> list[str]:
    return "".join(c for c in text.casefold() if c.isalnum() or c.isspace()).split()


if __name__ == "__main__":
    sys.exit(main())
