"""The voices with their real weights: what they say is understood, and comes in time."""

from __future__ import annotations

import time

import numpy as np
import pytest

from bench.core.error_rates import count_errors
from bench.recognisers import EMBEDDED, TimedRecogniser, load
from bench.spoken import heard_at
from inference.settings import SpeechSettings
from models import registry
from models.speaking.speech import LEAD_S, NAMES, PEAK, Language, SpeechError, levelled
from models.speaking.voices import Voices

TEXTS: dict[Language, str] = {
    "en": "Tell us about a mistake you made, and what you did to put it right.",
    "zh": "请介绍一下你自己，为什么对这份工作感兴趣？",
}


@pytest.fixture(scope="module")
def voices() -> Voices:
    return Voices()


@pytest.fixture(scope="module")
def recogniser() -> TimedRecogniser:
    return load(EMBEDDED, SpeechSettings())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_question_is_understood(voices: Voices, recogniser: TimedRecogniser, language: Language) -> None:
    text = TEXTS[language]
    voices.speak(text, language)
    began = time.process_time()
    sound = voices.speak(text, language)
    factor = (time.process_time() - began) / sound.seconds
    assert (sound.samples.dtype, sound.samples.ndim, sound.rate) == (np.int16, 1, 24_000)
    assert 2.0 < sound.seconds < 9.0
    assert not np.abs(sound.samples[: round(0.5 * LEAD_S * sound.rate)]).any()
    errors, reference = count_errors(text, recogniser.whole(heard_at(sound), language).text, language)
    print(f"\n{language}: {errors} of {reference} wrong, {factor:.2f} of real time")
    assert errors <= 0.1 * reference
    assert factor < 2.0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_to_say_is_refused(voices: Voices, language: Language) -> None:
    for text in ("", "……", " ? "):
        with pytest.raises(SpeechError):
            voices.speak(text, language)


def test_voices_come_out_equally_loud() -> None:
    tone = np.sin(np.arange(24_000) * 0.05).astype(np.float32)
    for gain in (0.01, 1.0):
        loud = levelled(tone * gain, 24_000).samples / 32767
        assert np.sqrt(np.mean(loud[np.abs(loud) > 0] ** 2)) == pytest.approx(0.08, rel=0.05)
    click = np.zeros(24_000, np.float32)
    click[::6000] = 1.0
    assert np.abs(levelled(click, 24_000).samples).max() <= round(PEAK * 32767)
    for silent in (np.zeros(100, np.float32), np.full(100, np.nan, np.float32)):
        with pytest.raises(SpeechError):
            levelled(silent, 24_000)


def test_each_voice_has_a_card() -> None:
    assert {name.partition("/")[0] for name in NAMES.values()} <= registry.cards().keys()
