"""Signal measures on sounds whose pitch, noise, band and clipping are known."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import firwin, lfilter

from bench.sound import read_clip
from media.contour import median_and_range, trusted
from media.endpointing import Endpointer
from media.items import SignalMeasures, UtteranceEnded
from media.settings import EndpointingSettings
from media.sound import SoundBlock
from media.voice import CHUNK, VoiceMeter
from models import store
from models.pitch import Pitch
from models.vad import VoiceActivity
from tests.models.voices import voice

RATE = 16_000
Wave = NDArray[np.float32]


@pytest.fixture(scope="module")
def pitch() -> Pitch:
    return Pitch.load()


@pytest.fixture(scope="module")
def speech() -> Wave:
    """Fourteen seconds of a person reading."""
    return read_clip(store.file("demo/two_cities.wav"))[: 14 * RATE]


def measure(wave: Wave, pitch: Pitch | None = None, pauses: Wave | None = None) -> SignalMeasures:
    """All of `wave` as speech, after `pauses` without."""
    meter = VoiceMeter(pitch)
    for chunk in _chunks(pauses if pauses is not None else np.zeros(0, np.float32)):
        meter.pause(chunk, float(np.mean((chunk * 32768) ** 2)))
    meter.begin()
    for chunk in _chunks(wave):
        pcm = np.clip(chunk * 32768, -32768, 32767).astype(np.int16)
        meter.add(pcm, float(np.mean(pcm.astype(np.float64) ** 2)), speech=True)
    return meter.end()


def heard(wave: Wave, pitch: Pitch | None = None) -> list[UtteranceEnded]:
    """What the endpointer makes of it with the real voice activity."""
    endpointer = Endpointer(EndpointingSettings(), VoiceActivity.load(), meter=VoiceMeter(pitch))
    pcm = np.clip(wave * 32768, -32768, 32767).astype(np.int16)
    items = endpointer.hear(SoundBlock(0.0, pcm, True)) + endpointer.finish()
    return [item for item in items if isinstance(item, UtteranceEnded)]


def _chunks(wave: Wave) -> list[Wave]:
    return [wave[at : at + CHUNK] for at in range(0, wave.size - CHUNK + 1, CHUNK)]


def _noise(seconds: float, level: float, seed: int = 1) -> Wave:
    return np.random.default_rng(seed).normal(0, level, round(seconds * RATE)).astype(np.float32)


@pytest.mark.parametrize("hz", [85.0, 120.0, 210.0, 330.0])
def test_pitch_of_a_steady_voice(pitch: Pitch, hz: float) -> None:
    """Seven seconds: several pieces, whose edges must not show."""
    found = measure(voice(hz, 7.3), pitch)
    assert found.pitch_hz == pytest.approx(hz, rel=0.01)
    assert found.pitch_range_semitones == pytest.approx(0, abs=0.3)


def test_pitch_range_of_a_moving_voice(pitch: Pitch) -> None:
    """Eight semitones up and down: nine tenths of the triangle lie between the percentiles."""
    triangle = np.abs(np.arange(round(6 * RATE)) / RATE % 2 - 1)
    found = measure(voice(150 * 2 ** (8 * triangle / 12), 6.0), pitch)
    assert found.pitch_hz == pytest.approx(150 * 2 ** (4 / 12), rel=0.02)
    assert found.pitch_range_semitones == pytest.approx(8 * 0.9, abs=0.4)


def test_pieces_give_what_the_whole_gives(pitch: Pitch, speech: Wave) -> None:
    frames, confidence = pitch(speech)
    whole = median_and_range(trusted(frames, confidence >= 0.5))
    found = measure(speech, pitch)
    assert found.pitch_hz == pytest.approx(whole[0], rel=0.005)
    assert found.pitch_range_semitones == pytest.approx(whole[1], abs=0.1)


def test_octave_jumps_are_left_out() -> None:
    steady = np.full(300, 200.0, np.float32)
    jumpy = steady.copy()
    for at in range(20, 290, 40):
        jumpy[at : at + 8] = 100.0
        jumpy[at + 20] = 400.0
    voiced = np.ones(300, np.bool_)
    assert median_and_range(trusted(jumpy, voiced)) == median_and_range(trusted(steady, voiced)) == (200, 0)
    # A voice that drops by an octave and stays there has done so.
    jumpy[150:] = 100.0
    assert median_and_range(trusted(jumpy, voiced))[1] == pytest.approx(12)
    assert trusted(jumpy, np.zeros(300, np.bool_)).size == 0
    assert trusted(jumpy, np.arange(300) % 3 < 2).size == 0  # nothing but scraps


@pytest.mark.parametrize("snr", [0.0, 5.0, 10.0, 15.0])
def test_snr_of_speech_in_noise(speech: Wave, snr: float) -> None:
    """White noise against the power while speaking, found and told by the real voice activity.

    The recording's own noise is 23 dB below its speech, so no more is mixed in than drowns that.
    """
    calm = np.concatenate([np.zeros(2 * RATE, np.float32), speech, np.zeros(RATE, np.float32)])
    vad = VoiceActivity.load()
    state, spoken = vad.new_state(), []
    for chunk in _chunks(calm):
        probability, state = vad(chunk, state)
        if probability >= EndpointingSettings().off:
            spoken.append(float(np.mean(chunk**2)))
    mixed = calm + _noise(calm.size / RATE, np.sqrt(np.mean(spoken) / 10 ** (snr / 10)))
    found = [one.signal.snr_db for one in heard(mixed) if one.signal.snr_db is not None]
    print(f"\nmixed at {snr} dB, told {[round(one, 1) for one in found]}")
    assert found
    assert all(one == pytest.approx(snr, abs=3) for one in found)


@pytest.mark.parametrize("snr", [5.0, 25.0, 45.0])
def test_snr_of_a_voice_in_noise(snr: float) -> None:
    clean = voice(150, 3.0)
    level = float(np.sqrt(np.mean(clean**2) / 10 ** (snr / 10)))
    found = measure(clean + _noise(3, level), pauses=_noise(2, level, seed=2))
    assert found.snr_db == pytest.approx(snr, abs=0.5)


@pytest.mark.parametrize("cut", [3400, 5000])
def test_bandwidth_of_a_low_passed_clip(speech: Wave, cut: int) -> None:
    whole = measure(speech)
    low = measure(lfilter(firwin(401, cut, fs=RATE), 1, speech).astype(np.float32))
    assert whole.bandwidth_hz is not None
    assert whole.bandwidth_hz > 6500
    assert low.bandwidth_hz == pytest.approx(cut, rel=0.1)


def test_noise_is_no_bandwidth(speech: Wave) -> None:
    """A telephone's band with hiss over all of it: what rises above the hiss counts."""
    low = lfilter(firwin(401, 3400, fs=RATE), 1, speech).astype(np.float32)
    hiss = _noise(speech.size / RATE, 0.002)
    found = measure(low + hiss, pauses=_noise(3, 0.002, seed=2))
    assert found.bandwidth_hz == pytest.approx(3400, rel=0.15)


def test_clipping_share(speech: Wave) -> None:
    assert measure(speech / np.abs(speech).max() * 0.9).clipping == 0
    gained = speech * 30
    at_full_scale = float(np.mean(np.abs(gained) >= 32_700 / 32_768))
    assert at_full_scale > 0.01
    assert measure(gained).clipping == pytest.approx(at_full_scale, rel=0.05)


def test_loudness_range() -> None:
    loud, soft = voice(150, 1.0, 0.5), voice(150, 1.0, 0.05)
    found = measure(np.concatenate([loud, soft, loud, soft]))
    assert found.loudness_range_db == pytest.approx(20, abs=0.5)
    assert measure(loud[: RATE // 2 + CHUNK]).loudness_range_db is None  # too short


def test_what_cannot_be_had_is_none(pitch: Pitch) -> None:
    assert measure(voice(150, 0.3), pitch) == SignalMeasures()  # too short for anything
    whispered = measure(_noise(2.0, 0.05), pitch)
    assert (whispered.pitch_hz, whispered.pitch_range_semitones) == (None, None)
    assert measure(voice(150, 1.0)).snr_db is None  # no pause to compare with
    silent = measure(voice(150, 1.0), pauses=np.zeros(3 * RATE, np.float32))
    assert silent.snr_db is None  # nothing is sent between words: the room is not heard
    drowned = measure(voice(150, 2.0, 0.01) + _noise(2.0, 0.1), pitch, _noise(2.0, 0.1, seed=2))
    assert (drowned.pitch_hz, drowned.loudness_range_db) == (None, None)


def test_costs_little(pitch: Pitch, speech: Wave) -> None:
    measure(speech[: 3 * RATE], pitch, speech[:RATE])
    begin = time.thread_time()
    measure(speech, pitch, speech)  # as if there were as much pause as speech
    share = (time.thread_time() - begin) / (2 * speech.size / RATE)
    print(f"\n{100 * share:.2f} % of real time")
    assert share < 0.02
