"""Any recording as packets: what comes out must decode to what went in."""

from __future__ import annotations

import subprocess
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from bench.clip import EncodedClip, MediaError, encode, encode_opus, encode_vp8
from bench.virtual_camera import frames


def tone(seconds: float, hertz: float = 440.0) -> NDArray[np.int16]:
    times = np.arange(round(seconds * 48_000)) / 48_000
    return (8000 * np.sin(2 * np.pi * hertz * times)).astype(np.int16)


def film(
    path: Path, seconds: float, *, sound: bool = True, fps: int = 30, size: tuple[int, int] = (320, 180)
) -> None:
    """A small film: white on the left half, black on the right, and a tone."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=fps)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        audio = container.add_stream("aac", rate=48_000, layout="mono") if sound else None
        picture = np.zeros((size[1], size[0], 3), np.uint8)
        picture[:, : size[0] // 2] = 255
        for index in range(round(seconds * fps)):
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts, frame.time_base = index, Fraction(1, fps)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio:
            for start, block in enumerate(
                np.split(tone(seconds)[: round(seconds * 48_000) // 960 * 960], seconds * 50)
            ):
                samples = av.AudioFrame.from_ndarray(block[None], "s16", "mono")
                samples.sample_rate, samples.pts = 48_000, start * 960
                container.mux(audio.encode(samples))
            container.mux(audio.encode(None))


def decode_video(packets: tuple[bytes, ...]) -> list[NDArray[np.uint8]]:
    codec = av.CodecContext.create("libvpx", "r")
    return [f.to_ndarray(format="rgb24") for p in packets for f in codec.decode(av.Packet(p))]


def decode_audio(packets: tuple[bytes, ...]) -> NDArray[np.float32]:
    codec = av.CodecContext.create("libopus", "r")
    codec.sample_rate, codec.layout = 48_000, "mono"
    return np.concatenate([f.to_ndarray().ravel() for p in packets for f in codec.decode(av.Packet(p))])


def test_film_becomes_one_vp8_frame_per_fifteenth_and_one_opus_packet_per_20_ms(tmp_path: Path) -> None:
    film(tmp_path / "clip.mp4", 2)
    clip = encode(tmp_path / "clip.mp4")
    assert len(clip.video) == 30
    assert len(clip.audio) == pytest.approx(100, abs=3)  # aac adds its own padding
    assert clip.seconds == pytest.approx(2, abs=0.1)
    picture = decode_video(clip.video)[-1]
    assert picture.shape == (480, 640, 3)
    # 16:9 is fitted into 4:3: black above and below, white left, black right.
    assert picture[20].mean() < 10
    assert picture[240, 100].mean() > 200
    assert picture[240, 540].mean() < 50


def test_a_key_frame_every_second() -> None:
    packets = encode_vp8(frames(3.0))
    assert len(packets) == 45
    assert [index for index, packet in enumerate(packets) if packet[0] & 1 == 0] == [0, 15, 30]


def test_opus_keeps_the_tone() -> None:
    packets = encode_opus([tone(0.5), tone(0.515)])
    assert len(packets) == 52  # 1.015 s, the last 20 ms padded, and the encoder's look-ahead
    pcm = decode_audio(packets)[4800:43200]
    peak = np.abs(np.fft.rfft(pcm)).argmax() * 48_000 / len(pcm)
    assert peak == pytest.approx(440, abs=2)


def test_sound_alone_gets_the_astronauts_face(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "voice.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(tone(1.0)[::3].tobytes())
    clip = encode(tmp_path / "voice.wav")
    assert len(clip.audio) == 51
    assert len(clip.video) == 15
    assert decode_video(clip.video)[0].std() > 30


def test_film_without_sound_has_no_sound_track(tmp_path: Path) -> None:
    film(tmp_path / "silent.mp4", 1, sound=False)
    clip = encode(tmp_path / "silent.mp4")
    assert clip.audio == ()
    assert len(clip.video) == 15


def test_slow_film_holds_each_picture(tmp_path: Path) -> None:
    film(tmp_path / "slow.mp4", 2, sound=False, fps=5)
    assert len(encode(tmp_path / "slow.mp4").video) in range(27, 31)


def test_a_clip_is_cut_after_the_seconds_asked_for(tmp_path: Path) -> None:
    film(tmp_path / "clip.mp4", 2)
    clip = encode(tmp_path / "clip.mp4", seconds=0.6)
    assert (len(clip.audio), len(clip.video)) == (31, 9)


def test_portrait_film_of_a_phone_stands_upright(tmp_path: Path) -> None:
    """Stored lying down with a display matrix, as phones do; ffmpeg, which turns by itself, is the judge."""

    film(tmp_path / "flat.mp4", 1, sound=False, size=(320, 240))
    turn = ["-i", str(tmp_path / "flat.mp4"), "-c", "copy", "-metadata:s:v:0", "rotate=90"]
    subprocess.run(["ffmpeg", "-v", "error", *turn, str(tmp_path / "phone.mp4")], check=True)
    raw = ["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    command = ["ffmpeg", "-v", "error", "-i", str(tmp_path / "phone.mp4"), *raw]
    shown = subprocess.run(command, capture_output=True, check=True)
    judged = np.frombuffer(shown.stdout, np.uint8).reshape(320, 240)
    picture = decode_video(encode(tmp_path / "phone.mp4").video)[0].mean(axis=2)
    assert picture[:, :120].mean() < 10
    inner = picture[:, 140:500]
    assert (inner[:200].mean() > 128) == (judged[:130].mean() > 128)
    assert (inner[280:].mean() > 128) == (judged[190:].mean() > 128)
    assert abs(inner[:200].mean() - inner[280:].mean()) > 150


def test_what_cannot_be_streamed_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("not a film")
    with pytest.raises(MediaError, match="cannot be read as sound or film"):
        encode(tmp_path / "text.mp4")
    with pytest.raises(MediaError, match="no such file"):
        encode(tmp_path / "missing.mp4")


def test_either_half_can_be_left_out() -> None:
    clip = EncodedClip((b"a",), (b"v",), "clip")
    assert clip.only(audio=False) == EncodedClip((), (b"v",), "clip")
    assert clip.only(video=False) == EncodedClip((b"a",), (), "clip")
