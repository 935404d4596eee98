"""The paced path with a recogniser whose text can be read off the sound, and with the embedded models."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bench import nonspeech, quiet
from bench.caption_timing import Timing
from bench.core.manifest import Clip
from bench.recognisers import load
from bench.speech_items import streamed
from bench.stream_session import Pcm, Recording, Streamed
from bench.streaming import SpeechPath, StreamingFailed
from inference.settings import SpeechSettings
from media.settings import EndpointingSettings
from tests.inference.fakes import POISON, FakeRecogniser, say, streaming, text_of

pytestmark = pytest.mark.realtime

# The fake's words last half a second each and begin with the utterance: no pre-roll may shift them.
ENDPOINTING = EndpointingSettings(pre_roll_s=0, post_roll_s=0, min_speech_s=0.032, end_silence_s=0.3)


class AnySoundIsSpeech:
    def new_state(self) -> None:
        return None

    def __call__(self, chunk: NDArray[np.float32], state: Any, /) -> tuple[float, None]:
        return float(np.abs(chunk).max() > 0), None


def stream(recordings: list[Recording], *, speed: float, sessions: int = 1) -> list[Streamed]:
    path = SpeechPath(
        streaming(FakeRecogniser(seconds_per_clip=0.01)),
        AnySoundIsSpeech(),
        SpeechSettings(partial_interval_s=0.3),
        ENDPOINTING,
        sessions=sessions,
        speed=speed,
    )
    return path.run(recordings)


def recording(name: str, *parts: Pcm) -> Recording:
    return Recording(name, np.concatenate(parts), "en")


# Voice activity hears 512 samples at a time: eight words of the fake are 125 chunks, this pause is 16.
PAUSE = np.zeros(16 * 512, np.int16)


def eight(first: int) -> tuple[int, ...]:
    return tuple(range(first, first + 8))


def test_every_recording_comes_back_whole_and_in_order() -> None:
    recordings = [recording(f"r{n}", say(*eight(n)), PAUSE, say(*eight(n + 8))) for n in range(1, 80, 16)]
    results = stream(recordings, speed=8, sessions=4)
    assert [result.recording.name for result in results] == [given.name for given in recordings]
    heard = [[len(u.captions) and u.captions[-1][1].final for u in r.utterances.values()] for r in results]
    assert heard == [[True, True]] * 5
    assert [r.text for r in results] == [text_of(*eight(n), *eight(n + 8)) for n in range(1, 80, 16)]


def test_more_sessions_at_once_take_less_time() -> None:
    recordings = [recording(f"r{n}", say(*eight(n))) for n in (1, 11, 21, 31)]
    began = time.monotonic()
    stream(recordings, speed=4, sessions=4)
    together = time.monotonic() - began
    assert together < 0.6 * 4 * 4.0 / 4  # one after another: at least the sound and its silence


def test_latencies_at_the_microphones_own_pace() -> None:
    """Partials every .3 s of words that end every .5 s; a final .3 s of silence after the speech."""
    (result,) = stream([recording("r", say(*eight(1)))], speed=1)
    timing = Timing()
    for utterance in result.utterances.values():
        timing.add(utterance)
    assert len(timing.word_ms) == 8
    assert all(-520 < late < 900 for late in timing.word_ms)  # a word is heard from its first sample on
    assert 290 < timing.final_ms[0] < 900
    assert 0 < timing.after_endpoint_ms[0] < 600
    assert timing.final_ms[0] - timing.after_endpoint_ms[0] == pytest.approx(300, abs=80)


def test_a_failing_recogniser_is_no_result() -> None:
    with pytest.raises(StreamingFailed, match="poisoned"):
        stream([recording("r", say(POISON))], speed=8)


def test_latencies_are_left_out_at_another_pace() -> None:
    clip = Clip("r", (), text_of(*eight(2)), "en", {"speaker": "s"})
    (result,) = stream([recording("r", say(*eight(1)))], speed=8)
    fast = streamed(clip, result, (), timed=False)
    assert fast.ratios["error_rate"] == (4, 16)  # one too many, one missing, in two parts each
    assert fast.samples == {}
    assert "rolled_back" not in fast.ratios
    assert streamed(clip, result, (), timed=True).samples["final_latency"]


def test_no_word_comes_of_silence_noise_and_music() -> None:
    """Fifteen seconds of each; `python -m bench quiet` does five minutes."""
    sounds = nonspeech.synthesised(15.0)
    recogniser = load("whisper", SpeechSettings(dtype="float32"))
    result = quiet.measure(sounds, recogniser, "auto", speed=30, sessions=2)
    assert {item.name: (item.model_extra or {})["hypothesis"] for item in result.items} == dict.fromkeys(
        sounds, ""
    )
    assert result.metrics["words_without_reference"] == 0
