"""Utterances from scripted voice activity: what is handed on is exactly what was said, once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from media.endpointing import CHUNK, Endpointer, dbfs
from media.items import MediaItem, UtteranceEnded, UtteranceSound, UtteranceStarted
from media.settings import EndpointingSettings
from media.sound import SoundBlock

RATE = 16_000
SETTINGS = EndpointingSettings()


class LoudIsSpeech:
    """Voice activity by level alone: a fake that says speech above −40 dBFS, doubt above −60 dBFS."""

    def new_state(self) -> None:
        return None

    def __call__(self, chunk: NDArray[np.float32], state: Any, /) -> tuple[float, None]:
        level = float(np.sqrt(np.mean(chunk * chunk)))
        return (0.9 if level > 0.01 else 0.4 if level > 0.001 else 0.05), None


def sound(*parts: tuple[float, float], seed: int = 1) -> NDArray[np.int16]:
    """Noise of (seconds, amplitude) parts; every sample differs from its neighbours."""
    rng = np.random.default_rng(seed)
    return np.concatenate(
        [(rng.uniform(-1, 1, round(seconds * RATE)) * level).astype(np.int16) for seconds, level in parts]
    )


def run(
    pcm: NDArray[np.int16],
    block: int = 320,
    at: float = 0.0,
    finish: bool = True,
    settings: EndpointingSettings = SETTINGS,
) -> tuple[list[MediaItem], Endpointer]:
    endpointer = Endpointer(settings, LoudIsSpeech())
    items: list[MediaItem] = []
    for start in range(0, pcm.size, block):
        items += endpointer.hear(SoundBlock(at + start / RATE, pcm[start : start + block], start == 0))
    if finish:
        items += endpointer.finish()
    return items, endpointer


def spans(items: Sequence[MediaItem]) -> list[tuple[float, float]]:
    return [(item.start, item.end) for item in items if isinstance(item, UtteranceEnded)]


def check_exact(items: Sequence[MediaItem], pcm: NDArray[np.int16], at: float = 0.0) -> None:
    """Every utterance starts and ends once, equals the source without gaps, and follows the one before."""
    last = 0
    starts = {item.utterance: item.media_time for item in items if isinstance(item, UtteranceStarted)}
    ends = [item for item in items if isinstance(item, UtteranceEnded)]
    assert [end.utterance for end in ends] == list(starts) == list(range(1, len(ends) + 1))
    for end in ends:
        pieces = [x for x in items if isinstance(x, UtteranceSound) and x.utterance == end.utterance]
        heard = np.concatenate([piece.pcm for piece in pieces])
        offsets = [piece.offset for piece in pieces]
        assert offsets == [0, *np.cumsum([piece.pcm.size for piece in pieces[:-1]]).tolist()]
        first = round((end.start - at) * RATE)
        assert end.start == starts[end.utterance]
        assert first >= last
        np.testing.assert_array_equal(heard, pcm[first : first + heard.size])
        assert end.end == pytest.approx(end.start + heard.size / RATE)
        assert heard.size / RATE <= SETTINGS.max_s + 1e-6
        last = first + heard.size


SPEECH, SILENCE, DOUBT = 8000.0, 3.0, 100.0


def test_one_utterance_with_pre_roll_and_post_roll() -> None:
    pcm = sound((2, SILENCE), (2, SPEECH), (2, SILENCE))
    items, endpointer = run(pcm, finish=False)
    ((start, end),) = spans(items)
    assert start == pytest.approx(2 - SETTINGS.pre_roll_s, abs=0.05)
    assert end == pytest.approx(4 + SETTINGS.post_roll_s, abs=0.05)
    check_exact(items, pcm)
    (ended,) = [item for item in items if isinstance(item, UtteranceEnded)]
    assert ended.media_time == pytest.approx(4 + SETTINGS.end_silence_s, abs=0.05)
    assert ended.dbfs == pytest.approx(dbfs(SPEECH**2 / 3), abs=0.5)
    assert not endpointer.speaking


def test_sound_is_handed_on_while_it_is_spoken() -> None:
    pcm = sound((1, SILENCE), (3, SPEECH))
    items, endpointer = run(pcm, finish=False)
    handed = sum(item.pcm.size for item in items if isinstance(item, UtteranceSound))
    assert handed / RATE > 3 + SETTINGS.pre_roll_s - 2 * SETTINGS.piece_s
    assert endpointer.speaking
    pieces = [item.pcm.size / RATE for item in items if isinstance(item, UtteranceSound)]
    assert max(pieces) <= SETTINGS.piece_s + 0.001


@pytest.mark.parametrize(
    "parts",
    [
        [(20, SILENCE)],
        [(2, DOUBT), (2, SILENCE)],
        [(1, SILENCE), *[(0.15, SPEECH), (0.5, SILENCE)] * 8],
        [(1, SILENCE), *[(0.03, SPEECH), (0.2, SILENCE)] * 20],
    ],
    ids=["silence", "doubt", "bursts", "clicks"],
)
def test_nothing_yields_no_utterance(parts: list[tuple[float, float]]) -> None:
    items, endpointer = run(sound(*parts))
    assert items == []
    assert endpointer.next_utterance == 1


def test_a_short_word_is_an_utterance() -> None:
    assert len(spans(run(sound((1, SILENCE), (0.3, SPEECH), (2, SILENCE)))[0])) == 1


def test_doubt_keeps_an_utterance_open_and_a_pause_within_it() -> None:
    pcm = sound((1, SILENCE), (1, SPEECH), (0.5, SILENCE), (1, SPEECH), (1, SILENCE))
    assert len(spans(run(pcm)[0])) == 1
    pcm = sound((1, SILENCE), (1, SPEECH), (2, DOUBT), (1, SPEECH), (1, SILENCE))
    assert len(spans(run(pcm)[0])) == 1


def test_two_utterances_never_share_a_sample() -> None:
    pcm = sound((1, SILENCE), (1, SPEECH), (0.8, SILENCE), (1, SPEECH), (1, SILENCE))
    items, _ = run(pcm)
    assert len(spans(items)) == 2
    check_exact(items, pcm)


def test_speech_without_end_is_cut_in_its_pause() -> None:
    # A breath of 130 ms within the stretch that is searched, and a shorter one after it.
    pcm = sound((1, SILENCE), (13.4, SPEECH), (0.13, SILENCE), (0.6, SPEECH), (0.07, SILENCE), (8, SPEECH))
    items, _ = run(pcm)
    check_exact(items, pcm)
    first, second = spans(items)
    assert 14.4 < first[1] < 14.53
    assert second[0] == first[1]
    assert second[1] == pytest.approx(pcm.size / RATE)


def test_speech_without_any_pause_is_cut_where_it_is_quietest() -> None:
    pcm = sound((1, SILENCE), (13, SPEECH), (0.15, 2000), (20, SPEECH))
    items, _ = run(pcm)
    check_exact(items, pcm)
    assert 14.0 < spans(items)[0][1] < 14.15
    together = spans(items)
    assert all(b[0] == a[1] for a, b in pairwise(together))
    assert sum(end - start for start, end in together) == pytest.approx(33.15 + SETTINGS.pre_roll_s, abs=0.05)


def test_a_long_utterance_ends_at_the_next_good_pause() -> None:
    pcm = sound((1, SILENCE), (11, SPEECH), (0.45, SILENCE), (3, SPEECH), (1, SILENCE))
    items, _ = run(pcm)
    check_exact(items, pcm)
    first, second = spans(items)
    assert 12.0 < first[1] < 12.45
    assert second[0] == first[1]


def test_finish_hands_on_the_last_sample() -> None:
    pcm = sound((1, SILENCE), (1.2345, SPEECH))
    items, endpointer = run(pcm)
    check_exact(items, pcm)
    assert spans(items)[0][1] == pytest.approx(pcm.size / RATE)
    assert endpointer.finish() == []


def test_a_new_stretch_ends_the_utterance_and_starts_at_its_own_time() -> None:
    endpointer = Endpointer(SETTINGS, LoudIsSpeech(), first_utterance=7)
    speech = sound((1.5, SPEECH))
    items = endpointer.hear(SoundBlock(10.0, speech, True))
    items += endpointer.hear(SoundBlock(50.0, speech, True))
    items += endpointer.finish()
    assert spans(items) == [(10.0, pytest.approx(11.5)), (50.0, pytest.approx(51.5))]
    assert [x.utterance for x in items if isinstance(x, UtteranceStarted)] == [7, 8]
    assert endpointer.next_utterance == 9


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.02, 6), st.sampled_from([SPEECH, SILENCE, DOUBT, 3000.0])), max_size=12),
    st.sampled_from([160, 320, 333, 960, 5000]),
)
def test_nothing_is_lost_or_doubled_whatever_is_said(parts: list[tuple[float, float]], block: int) -> None:
    pcm = sound(*parts) if parts else np.zeros(0, np.int16)
    items, _ = run(pcm, block, at=3.0)
    check_exact(items, pcm, at=3.0)
    # Whatever was loud for long enough is inside an utterance.
    at, covered = 3.0, spans(items)
    for seconds, level in parts:
        if level >= 3000 and seconds > SETTINGS.min_speech_s + 4 * CHUNK / RATE:
            middle = at + seconds / 2
            assert any(start <= middle <= end for start, end in covered)
        at += seconds


def test_a_late_good_pause_cuts_there_and_not_before() -> None:
    """Between 13 and 15 s sound is held back for the search; a pause must not throw that back as well."""
    pcm = sound((1, SILENCE), (12.9, SPEECH), (0.4, SILENCE), (3, SPEECH), (1, SILENCE))
    items, _ = run(pcm)
    check_exact(items, pcm)
    first, second = spans(items)
    assert 13.95 < first[1] < 14.25
    assert second[0] == first[1]


def test_both_sides_of_a_good_pause_keep_some_of_it() -> None:
    pcm = sound((1, SILENCE), (11, SPEECH), (0.35, SILENCE), (3, SPEECH), (1, SILENCE))
    (_, end), (begin, _) = spans(run(pcm)[0])
    assert 12.1 < end == begin < 12.25


def test_a_search_that_finds_only_silence_ends_the_utterance() -> None:
    settings = EndpointingSettings(max_s=4, easy_cut_after_s=3.9, search_s=0.1, post_roll_s=0.6)
    pcm = sound((1, SILENCE), (3.3, SPEECH), (0.6, SILENCE), (1, SPEECH), (1, SILENCE))
    items, _ = run(pcm, settings=settings)
    check_exact(items, pcm)
    assert [round(end, 1) for _, end in spans(items)] == [4.6, 6.5]
