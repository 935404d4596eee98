"""Manifests: what is read, and that every mistake names its line."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.core.manifest import ManifestError, joined, read_clips


def tone(path: Path, seconds: float, rate: int = 16_000, channels: int = 1) -> None:
    samples = 0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
    soundfile.write(path, np.repeat(samples[:, None], channels, axis=1), rate)


def manifest(folder: Path, text: str) -> Path:
    path = folder / "set.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_rows_with_their_other_columns(tmp_path: Path) -> None:
    tone(tmp_path / "a b.wav", 0.5)
    tone(tmp_path / "c.flac", 0.5, 8_000)
    table = manifest(
        tmp_path, 'path,text,language,tier,speaker\na b.wav,"two, words",en-GB,A,s1\nc.flac,,zh_CN,B,\n'
    )
    first, second = read_clips(table)
    assert (first.name, first.text, first.language, first.speaker) == ("a b.wav", "two, words", "en", "s1")
    assert first.columns == {"tier": "A", "speaker": "s1"}
    assert (second.text, second.language, second.speaker) == ("", "zh", "c.flac")
    assert [clip.name for clip in read_clips(table, 1)] == ["a b.wav"]


@pytest.mark.parametrize(
    ("suffix", "rate", "channels"), [("wav", 44_100, 2), ("flac", 8_000, 1), ("mp3", 48_000, 1)]
)
def test_any_recording_becomes_16_khz_mono(tmp_path: Path, suffix: str, rate: int, channels: int) -> None:
    tone(tmp_path / f"a.{suffix}", 1.0, rate, channels)
    clip = read_clips(manifest(tmp_path, f"path,text,language\na.{suffix},x,en\n"))[0]
    pcm = clip.sound()
    assert pcm.dtype == np.int16
    assert pcm.size == pytest.approx(16_000, abs=1_500)  # MP3 pads at both ends
    spectrum = np.abs(np.fft.rfft(pcm[4_000:12_000]))
    assert spectrum.argmax() * 2 == pytest.approx(440, abs=2)


def test_several_paths_are_joined_with_gaps(tmp_path: Path) -> None:
    tone(tmp_path / "a.wav", 0.5)
    tone(tmp_path / "b.wav", 0.25)
    table = manifest(tmp_path, "name,paths,text,language\nboth,a.wav b.wav,x,en\n")
    clip = read_clips(table)[0]
    pcm = clip.sound()
    assert clip.name == "both"
    assert pcm.size == 16_000 * (0.5 + 0.4 + 0.25)
    assert not pcm[8_000:14_400].any()
    assert np.abs(pcm[14_400:14_600]).max() > 1_000


def test_clips_become_one_recording_of_the_length_asked_for(tmp_path: Path) -> None:
    tone(tmp_path / "a.wav", 0.6)
    tone(tmp_path / "b.wav", 0.6)
    clips = read_clips(manifest(tmp_path, "path,text,language\na.wav,one,en\nb.wav,two,en\n"))
    long = joined(clips, 2.5)
    assert long.text == "one two one"
    assert long.sound().size / 16_000 == pytest.approx(3 * 0.6 + 2 * 0.4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path,text\na.wav,x\n", "lacks the column language"),
        ("text,language\nx,en\n", "lacks the column path"),
        ("path,text,language\n", "holds no rows"),
        ("path,text,language\na.wav,x,en\nlost.wav,x,en\n", r"line 3: no file .*lost\.wav"),
        ("path,text,language\na.wav,x,fr\n", "line 2: language must be en or zh, not 'fr'"),
        ("path,text,language\na.wav,x\n", "line 2 has no language"),
        ("path,text,language\n,x,en\n", "line 2 has no path"),
        ("path,text,language\na.wav,x,en,more\n", "line 2 has more values than the header"),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, text: str, said: str) -> None:
    tone(tmp_path / "a.wav", 0.1)
    with pytest.raises(ManifestError, match=said):
        read_clips(manifest(tmp_path, text))


def test_what_is_no_sound_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"no sound at all")
    clip = read_clips(manifest(tmp_path, "path,text,language\na.wav,x,en\n"))[0]
    with pytest.raises(ManifestError, match="cannot be read as sound"):
        clip.sound()


def test_an_empty_recording_is_silence(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
    clip = read_clips(manifest(tmp_path, "path,text,language\na.wav,x,en\n"))[0]
    assert clip.sound().size == 0
    with pytest.raises(ManifestError, match="no sound"):
        joined([clip], 1)


def test_a_missing_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="cannot be read"):
        read_clips(tmp_path / "none.csv")
