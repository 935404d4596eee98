"""The virtual camera and microphone of the default candidate."""

from __future__ import annotations

import itertools
import wave
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from bench import virtual_camera


def test_frames_are_a_moving_webcam_picture() -> None:
    frames = list(virtual_camera.frames(2.0, fps=5))
    assert len(frames) == 10
    assert {frame.shape for frame in frames} == {(480, 640, 3)}
    steps = [np.abs(a.astype(int) - b).mean() for a, b in itertools.pairwise(frames)]
    assert min(steps) > 0.5  # it never stands still
    assert max(steps) < 30  # and never jumps


def test_the_cameras_file_holds_the_same_picture(tmp_path: Path) -> None:
    path = tmp_path / "camera.y4m"
    virtual_camera.write_y4m(path, seconds=1.0, fps=30)
    with av.open(str(path)) as container:
        rate = container.streams.video[0].average_rate
        decoded = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    wanted = list(virtual_camera.frames(1.0, fps=30))
    assert (len(decoded), rate) == (30, 30)
    assert np.abs(decoded[7].astype(int) - wanted[7]).mean() < 4


def test_wav_is_mono_at_48_khz_with_silence_after(tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    virtual_camera.write_wav(path, silence_after_s=2.0)
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 48_000)
        pcm = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    assert len(pcm) / 48_000 == pytest.approx(46.37, abs=0.05)
    assert not pcm[-2 * 48_000 :].any()
    assert np.abs(pcm[: 10 * 48_000]).max() > 3000


def test_any_picture_fills_the_frame(tmp_path: Path) -> None:
    tall = np.full((900, 300, 3), 128, np.uint8)
    cv2.imwrite(str(tmp_path / "tall.png"), tall)
    (frame,) = virtual_camera.frames(0.2, fps=5, picture=tmp_path / "tall.png")
    assert frame.shape == (480, 640, 3)
    assert (frame == 128).all()  # no black border


def test_a_file_without_a_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note.png").write_text("no picture")
    with pytest.raises(ValueError, match="holds no picture"):
        virtual_camera.read_picture(tmp_path / "note.png")
