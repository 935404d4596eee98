"""One session's sound across the thread: bounded, in order, flushed at the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from bench.clip import encode_opus
from media.encoded import EncodedFrame
from media.hearing import Heard, Hearing
from media.items import SoundLevel, UtteranceEnded, UtteranceSound
from media.settings import MediaSettings
from media.worker import Worker
from tests.media.test_endpointing import LoudIsSpeech, sound

SETTINGS = MediaSettings()


@pytest.fixture
def worker() -> Iterator[Worker]:
    one = Worker("test-sound")
    yield one
    one.close()


def packets(seconds: float) -> list[EncodedFrame]:
    loud = np.repeat(sound((seconds, 9000)), 3)
    data = encode_opus([loud])
    return [EncodedFrame("audio", "opus", 48_000, one, i * 960, 1, 0) for i, one in enumerate(data)]


def finish(hearing: Hearing) -> None:
    done = threading.Event()
    hearing.finish(done.set)
    assert done.wait(10)


def test_everything_pushed_is_heard_and_the_open_utterance_is_ended(worker: Worker) -> None:
    heard: list[Heard] = []
    hearing = Hearing(SETTINGS, LoudIsSpeech(), worker, heard.append, first_utterance=3)
    sent = packets(3.3)
    for i, frame in enumerate(sent):
        hearing.push(frame, i * 0.02)
    finish(hearing)
    items: list[Any] = [item for one in heard for item in one.items]
    assert isinstance(items[-1], UtteranceEnded)
    assert items[-1].utterance == 3
    samples = sum(item.pcm.size for item in items if isinstance(item, UtteranceSound))
    assert samples == len(sent) * 320
    assert [round(item.media_time) for item in items if isinstance(item, SoundLevel)] == [1, 2, 3]
    assert all(item.speaking for item in items if isinstance(item, SoundLevel))
    assert hearing.lost_ms == 0
    assert hearing.next_utterance == 4


def test_a_hanging_thread_fills_a_bounded_queue(worker: Worker) -> None:
    gate = threading.Event()
    worker.submit(lambda: (gate.wait(), None)[1])
    heard: list[Heard] = []
    hearing = Hearing(SETTINGS, LoudIsSpeech(), worker, heard.append)
    sent = packets(1)[:1] * (Hearing.QUEUE + 25)
    for i, frame in enumerate(sent):
        hearing.push(frame, i * 0.02)
    assert hearing.lost_ms == 25 * 20
    gate.set()
    finish(hearing)
