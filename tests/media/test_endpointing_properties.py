"""Whatever voice activity says, and however the settings stand: nothing is lost, doubled or overlapping.

Sample n of the sound has the value n, so that what is handed on says where it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from media.endpointing import CHUNK, CHUNK_S, Endpointer
from media.items import MediaItem, TurnEnded, UtteranceEnded, UtteranceSound, UtteranceStarted
from media.settings import EndpointingSettings
from media.sound import SoundBlock

RATE = 16_000
SPEECH, DOUBT, SILENCE = 0.9, 0.4, 0.05


class Scripted:
    """Says what it was told to, chunk by chunk."""

    def __init__(self, script: list[float]) -> None:
        self._script = iter(script)

    def new_state(self) -> None:
        return None

    def __call__(self, chunk: NDArray[np.float32], state: Any, /) -> tuple[float, None]:
        assert chunk.shape == (CHUNK,)
        return next(self._script), None


@dataclass
class Stretch:
    """Chunks that follow on each other, and a rest that fills no chunk."""

    script: list[float]
    rest: int


def numbered(samples: int, first: int) -> NDArray[np.int16]:
    return (np.arange(first, first + samples) % 30_000).astype(np.int16)


SCRIPT = st.lists(
    st.tuples(st.sampled_from([SPEECH, SPEECH, SILENCE, DOUBT]), st.integers(1, 160)), max_size=14
).map(lambda runs: [probability for probability, chunks in runs for _ in range(chunks)])
STRETCHES = st.lists(st.builds(Stretch, SCRIPT, st.integers(0, CHUNK - 1)), min_size=1, max_size=3)


@st.composite
def endpointing(draw: st.DrawFn) -> EndpointingSettings:
    max_s = draw(st.floats(4, 16))
    end = draw(st.floats(0.03, 2))
    turn = end + draw(st.floats(0, 2))
    return EndpointingSettings(
        pre_roll_s=draw(st.floats(0, 2)),
        post_roll_s=draw(st.floats(0, 2)),
        min_speech_s=draw(st.floats(0.02, 2)),
        end_silence_s=end,
        turn_silence_s=turn,
        turn_sure_s=turn + draw(st.floats(0.1, 3)),
        max_s=max_s,
        easy_cut_after_s=draw(st.floats(0.1, max_s - 0.1)),
        easy_cut_pause_s=draw(st.floats(0.03, 1)),
        search_s=draw(st.floats(0.05, max_s - 0.1)),
        piece_s=draw(st.floats(0.032, 1)),
    )


def hear(
    stretches: list[Stretch], options: EndpointingSettings, block: int
) -> tuple[list[MediaItem], list[float]]:
    """All items, and where on the media clock each stretch begins: a second apart."""
    endpointer = Endpointer(options, Scripted([p for stretch in stretches for p in stretch.script]))
    items: list[MediaItem] = []
    begins: list[float] = []
    at = 5.0
    for stretch in stretches:
        begins.append(at)
        pcm = numbered(len(stretch.script) * CHUNK + stretch.rest, round(at * RATE))
        for start in range(0, pcm.size, block):
            part = pcm[start : start + block]
            items += endpointer.hear(SoundBlock(at + start / RATE, part, restarted=start == 0))
        at = round((at + pcm.size / RATE + 1.0) * RATE) / RATE
    return items + endpointer.finish(), begins


def speech_runs(script: list[float], options: EndpointingSettings) -> list[tuple[int, int]]:
    """(first, past the last) chunk of every run that must be inside an utterance."""
    least = max(1, int(np.ceil(options.min_speech_s / CHUNK_S)))
    runs, start = [], None
    for index, probability in enumerate([*script, SILENCE]):
        if start is None and probability >= options.on:
            start = index
        elif start is not None and probability < options.off:
            if index - start >= least:
                runs.append((start, index))
            start = None
    return runs


@settings(max_examples=60, deadline=None)
@given(STRETCHES, endpointing(), st.sampled_from([160, 320, 333, 960, 5000]))
def test_no_speech_is_lost_doubled_or_shared(
    stretches: list[Stretch], options: EndpointingSettings, block: int
) -> None:
    items, begins = hear(stretches, options, block)
    started = {item.utterance: item for item in items if isinstance(item, UtteranceStarted)}
    ended = {item.utterance: item for item in items if isinstance(item, UtteranceEnded)}
    assert list(started) == list(ended) == list(range(1, len(started) + 1))
    covered: list[tuple[int, int]] = []
    for utterance, end in ended.items():
        pieces = [x for x in items if isinstance(x, UtteranceSound) and x.utterance == utterance]
        assert pieces
        sound = np.concatenate([piece.pcm for piece in pieces])
        first = round(end.start * RATE)
        assert started[utterance].media_time == end.start
        assert [piece.offset for piece in pieces] == np.cumsum([0, *(x.pcm.size for x in pieces)])[
            :-1
        ].tolist()
        assert all(abs(x.media_time - (first + x.offset) / RATE) < 1e-6 for x in pieces)
        np.testing.assert_array_equal(sound, numbered(sound.size, first))  # from one place, without holes
        assert abs(end.end * RATE - first - sound.size) < 0.01
        assert sound.size <= options.max_s * RATE
        covered.append((first, first + sound.size))
    assert all(a[1] <= b[0] for a, b in pairwise(covered))  # in order, nothing shared
    for begin, stretch in zip(begins, stretches, strict=True):
        for run in speech_runs(stretch.script, options):
            for chunk in range(*run):
                sample = round(begin * RATE) + chunk * CHUNK
                assert any(a <= sample and sample + CHUNK <= b for a, b in covered), f"chunk {chunk} is lost"


@settings(max_examples=30, deadline=None)
@given(STRETCHES, endpointing())
def test_a_turn_ends_after_silence_and_once(stretches: list[Stretch], options: EndpointingSettings) -> None:
    items, _ = hear(stretches, options, 320)
    told: dict[int, list[bool]] = {}
    latest = 0
    for item in items:
        if isinstance(item, UtteranceStarted):
            latest = item.utterance
        elif isinstance(item, TurnEnded):
            assert item.utterance == latest  # speech that goes on takes the turn's end back
            assert item.silence_s >= (options.turn_sure_s if item.sure else options.turn_silence_s) - 1e-6
            told.setdefault(item.utterance, []).append(item.sure)
    assert all(sure in ([False], [False, True], [True]) for sure in told.values())


def test_silence_long_enough_is_told_and_resumed_speech_is_not() -> None:
    options = EndpointingSettings()
    second = round(1 / CHUNK_S)
    say, pause, long = [SPEECH] * second, [SILENCE] * second, [SILENCE] * 5 * second
    items, _ = hear([Stretch([*say, *pause, *say, *long], 0)], options, 320)
    turns = [item for item in items if isinstance(item, TurnEnded)]
    assert [(turn.utterance, turn.sure) for turn in turns] == [(2, False), (2, True)]
    assert turns[0].media_time == 5.0 + (3 * second + 57) * CHUNK_S
    # A click that is no speech neither ends the silence nor begins it anew.
    items, _ = hear([Stretch([*say, *[SILENCE] * 40, SPEECH, *long], 0)], options, 320)
    assert [round(item.silence_s, 1) for item in items if isinstance(item, TurnEnded)] == [1.8, 3.5]
