from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from bench.core.error_rates import Language, normalise
from bench.core.manifest import Clip, read_clips
from bench.recognisers import TimedRecogniser
from bench.sound import read_clip
from bench.speech_items import OFFLINE, offline
from models import store
from models.whisper import Transcript, Whisper
from models.whisper.streaming import WhisperStreaming
from models.whisper.utterances import Before
from tests.models import eval_set

RATE = 16_000
BEGINNING = (
    "It was the best of times, it was the worst of times, "
    "it was the age of wisdom, it was the age of foolishness"
)


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    return Whisper.load(None)


@pytest.fixture(scope="module")
def sound() -> NDArray[np.float32]:
    return read_clip(store.file("demo/two_cities.wav"))


@pytest.fixture(scope="module")
def beginning(whisper: Whisper, sound: NDArray[np.float32]) -> Transcript:
    return whisper.transcribe([sound[: 8 * RATE]], ["en"], word_times=True)[0]


def test_writes_what_was_said(beginning: Transcript, whisper: Whisper) -> None:
    assert whisper.name == "whisper-base@1.0.0"
    assert normalise(beginning.text, "en") == normalise(BEGINNING, "en")
    assert beginning.language == "en"
    assert -0.5 < beginning.avg_logprob < 0
    assert 0 < beginning.compression_ratio < 2.4
    assert "." in beginning.text


def test_words_carry_their_times(beginning: Transcript, sound: NDArray[np.float32]) -> None:
    words = beginning.words
    assert " ".join(word.text for word in words) == beginning.text
    assert all(0 <= word.start <= word.end <= 8 for word in words)
    assert all(a.start <= b.start for a, b in pairwise(words))
    assert all(0 < word.probability <= 1 for word in words)
    for word in words:  # somebody speaks while a word is said
        middle = int((word.start + word.end) / 2 * RATE)
        assert np.abs(sound[max(0, middle - 2400) : middle + 2400]).max() > 0.02, word


def test_word_times_shift_with_the_sound(
    whisper: Whisper, beginning: Transcript, sound: NDArray[np.float32]
) -> None:
    later = np.concatenate([np.zeros(RATE, np.float32), sound[: 8 * RATE]])
    moved = whisper.transcribe([later], ["en"], word_times=True)[0]
    assert normalise(moved.text, "en") == normalise(beginning.text, "en")  # commas may differ
    shifts = [b.end - a.end for a, b in zip(beginning.words, moved.words, strict=True)]
    assert np.median(shifts) == pytest.approx(1.0, abs=0.06)


def test_rows_do_not_depend_on_their_batch(whisper: Whisper, sound: NDArray[np.float32]) -> None:
    clips = [
        sound[8 * RATE : 10 * RATE],
        sound[: 8 * RATE],
        np.zeros(RATE, np.float32),
        sound[9 * RATE : 14 * RATE],
    ]
    languages: list[Language] = ["en", "en", "en", "zh"]
    together = whisper.transcribe(clips, languages, word_times=True)
    for clip, language, row in zip(clips, languages, together, strict=True):
        alone = whisper.transcribe([clip], [language], word_times=True)[0]
        assert row.text == alone.text
        assert row.tokens == alone.tokens
        assert [(w.text, w.start, w.end) for w in row.words] == [
            (w.text, w.start, w.end) for w in alone.words
        ]
        assert row.avg_logprob == pytest.approx(alone.avg_logprob, abs=1e-3)
        assert row.no_speech_probability == pytest.approx(alone.no_speech_probability, abs=1e-3)
    assert together[2].text == ""


def test_beams_find_likelier_text(whisper: Whisper, sound: NDArray[np.float32]) -> None:
    clips = [sound[8 * RATE : 16 * RATE], sound[: 3 * RATE]]
    greedy = whisper.transcribe(clips, ["en"] * 2, word_times=True)
    beams = whisper.transcribe(clips, ["en"] * 2, word_times=True, beams=4)
    for a, b in zip(greedy, beams, strict=True):
        assert b.avg_logprob >= a.avg_logprob - 1e-4
        assert b.words
    assert beams[1].text == whisper.transcribe(clips[1:], ["en"], word_times=True, beams=4)[0].text


def test_narrow_matrices_hear_the_same(sound: NDArray[np.float32], beginning: Transcript) -> None:
    narrow = Whisper.load(None, dtype="bfloat16")
    found = narrow.transcribe([sound[: 8 * RATE]], ["en"], word_times=False)[0]
    assert normalise(found.text, "en") == normalise(beginning.text, "en")
    assert found.avg_logprob == pytest.approx(beginning.avg_logprob, abs=0.03)


def test_network_runs_in_half_precision(sound: NDArray[np.float32]) -> None:
    """As on a GPU: every module in the narrow type."""
    narrow = Whisper.load(None)
    narrow.encoder.bfloat16()
    narrow.decoder.bfloat16()
    clips = [sound[: 3 * RATE], sound[: 2 * RATE]]
    for beams in (1, 2):
        found = narrow.transcribe(clips, ["en", "en"], word_times=True, beams=beams)
        assert normalise(found[0].text, "en") == "it was the best of times"
        assert 1.5 < found[0].words[-1].end < 3


def test_nothing_is_heard_in_nothing(whisper: Whisper) -> None:
    clips = [np.zeros(0, np.float32), np.zeros(2 * RATE, np.float32), np.full(RATE, 1e-5, np.float32)]
    for transcript in whisper.transcribe(clips, ["en", "zh", "en"], word_times=True):
        assert (transcript.text, transcript.words, transcript.tokens) == ("", [], [])
    assert whisper.transcribe([], [], word_times=True) == []
    assert whisper.detect_language(clips[:1]) == ["en"]


def test_noise_never_runs_away(whisper: Whisper) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 6 * RATE).astype(np.float32)
    for language in ("en", "zh"):
        transcript = whisper.transcribe([noise], [language], word_times=True)[0]
        assert len(transcript.text) < 60


def test_what_was_said_before_is_heard_along_but_not_said_again(
    whisper: Whisper, sound: NDArray[np.float32]
) -> None:
    cut = round(2.45 * RATE)  # "It was the best of times, | it was the worst of times, ..."
    before, clip = Before(sound[:cut], "It was the best of times,"), sound[cut : 8 * RATE]
    times = np.array(
        [word.start for word in whisper.transcribe([sound[: 8 * RATE]], ["en"], word_times=True)[0].words]
    )
    for beams in (1, 5):
        found, other = whisper.transcribe(
            [clip, sound[: 4 * RATE]], ["en", "en"], word_times=True, beams=beams, before=[before, None]
        )
        assert plain(found.text).startswith("it was the worst of times it was the age of wisdom")
        assert "best" in other.text
        starts = np.array([word.start for word in found.words])
        assert np.allclose(starts, times[-len(starts) :] - cut / RATE, atol=0.3)
        assert found.words[-1].end <= len(clip) / RATE + 0.02


def test_a_context_that_silences_the_model_is_dropped(whisper: Whisper, sound: NDArray[np.float32]) -> None:
    """The known text says all that is in the clip too: going on from it the model would say nothing."""
    words = whisper.transcribe([sound[: 8 * RATE]], ["en"], word_times=True)[0].text
    found = whisper.transcribe(
        [sound[3 * RATE : 8 * RATE]], ["en"], word_times=True, before=[Before(sound[: 3 * RATE], words)]
    )[0]
    assert "worst" in found.text


def plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum() or letter == " ").strip()


def test_what_is_no_sound_is_refused(whisper: Whisper) -> None:
    with pytest.raises(ValueError, match="30 s"):
        whisper.transcribe([np.zeros(31 * RATE, np.float32)], ["en"], word_times=False)
    with pytest.raises(ValueError, match="not finite"):
        whisper.transcribe([np.full(RATE, np.nan, np.float32)], ["en"], word_times=False)
    with pytest.raises(ValueError, match="shape"):
        whisper.transcribe([np.zeros((2, RATE), np.float32)], ["en"], word_times=False)
    with pytest.raises(ValueError, match="1 clips but 2 languages"):
        whisper.transcribe([np.zeros(RATE, np.float32)], ["en", "zh"], word_times=False)
    with pytest.raises(ValueError, match="dtype on cpu"):
        Whisper.load(None, dtype="float16")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="NOT MEASURED: no CUDA device")
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_gpu_hears_the_same(sound: NDArray[np.float32], beginning: Transcript, dtype: str) -> None:
    whisper = Whisper.load(None, device="cuda", dtype=dtype)
    clips = [sound[: 8 * RATE], sound[8 * RATE : 12 * RATE]]
    found = whisper.transcribe(clips, ["en"] * 2, word_times=True)
    assert normalise(found[0].text, "en") == normalise(beginning.text, "en")
    assert found[0].words[-1].end == pytest.approx(beginning.words[-1].end, abs=0.1)
    assert whisper.transcribe(clips, ["en"] * 2, word_times=True, beams=3)[0].text


@pytest.mark.eval
def test_english_error_rate(whisper: Whisper) -> None:
    clips = read_clips(eval_set.folder("speech") / "en.csv")
    clear = [clip for clip in clips if clip.columns["tier"] == "B" or "jfk" in clip.name]
    assert error_rate(whisper, clear) < 0.05


@pytest.mark.eval
def test_mandarin_error_rate_and_script(whisper: Whisper) -> None:
    clips = short_mandarin()
    assert error_rate(whisper, clips) < 0.25
    texts = [whisper.transcribe([samples(clip)], ["zh"], word_times=True)[0] for clip in clips]
    assert any(mark in text.text for mark in "，。" for text in texts)
    for text in texts:
        assert "".join(word.text for word in text.words).replace(" ", "") == text.text.replace(" ", "")


@pytest.mark.eval
def test_tells_the_languages_apart(whisper: Whisper, sound: NDArray[np.float32]) -> None:
    mandarin = [samples(clip) for clip in short_mandarin()[:3]]
    assert whisper.detect_language([sound[: 5 * RATE], *mandarin]) == ["en", "zh", "zh", "zh"]


def error_rate(whisper: Whisper, clips: list[Clip]) -> float:
    """Greedy, as partials are."""
    recogniser = TimedRecogniser(WhisperStreaming(whisper, slots=1))
    items = [offline(recogniser, clip, "manifest", ()) for clip in clips]
    rate = OFFLINE[0].of(items)
    assert rate is not None
    print(f"\n{len(items)} clips, error rate {rate:.3f}")
    return rate


def samples(clip: Clip) -> NDArray[np.float32]:
    return np.divide(clip.sound(), 32768, dtype=np.float32)


def short_mandarin() -> list[Clip]:
    """The first four clips of a corpus that last at most 12 s."""
    clips = read_clips(eval_set.folder("speech") / "zh.csv")
    short = [clip for clip in clips if float(clip.columns["duration"]) <= 12 and clip.columns["tier"] == "A"]
    return short[:4]
