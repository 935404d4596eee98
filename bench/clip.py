"""Any recording as the packets a candidate's browser would send, encoded once.

Sound: Opus, 20 ms per packet, 48 kHz clock. Picture: VP8, 640×480 at 15 fps, a key frame every second so
that a receiver that joins or loses a packet sees a picture again. N senders pass these same packets on and
cost almost nothing, so that what is measured is the receiver.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from bench import virtual_camera
from bench.sound import OPUS_TICKS, read_sound
from bench.virtual_camera import FPS, HEIGHT, WIDTH

OPUS_SAMPLES = 960  # 20 ms at 48 kHz
PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp"})
STILL_SECONDS = 20.0
Rgb = NDArray[np.uint8]


class MediaError(Exception):
    """The file cannot be streamed; the message says why in words for the person who named it."""


@dataclass(frozen=True, slots=True)
class EncodedClip:
    """Opus packets of 20 ms each and VP8 frames of 1/15 s each; either may be empty, never both."""

    audio: tuple[bytes, ...]
    video: tuple[bytes, ...]
    name: str

    @property
    def seconds(self) -> float:
        return max(len(self.audio) * OPUS_SAMPLES / OPUS_TICKS, len(self.video) / FPS)

    def only(self, *, audio: bool = True, video: bool = True) -> EncodedClip:
        """The same clip without its sound or without its picture."""
        return EncodedClip(self.audio if audio else (), self.video if video else (), self.name)


def encode(media: Path | None, *, seconds: float | None = None) -> EncodedClip:
    """Encodes a file, or the default candidate when `media` is None, cut after `seconds`.

    Film, sound and still pictures are all fine: sound alone gets the astronaut's face; a picture, or a film
    without sound, has no sound track. Raises MediaError when the file cannot be read or holds neither.
    """
    if media is not None and not media.is_file():
        raise MediaError(f"{media}: no such file")
    try:
        if media is None:
            return _encode_sound_and_face(virtual_camera.default_sound(), "the default candidate", seconds)
        if media.suffix.lower() in PICTURE_SUFFIXES:
            pictures = virtual_camera.frames(seconds or STILL_SECONDS, FPS, media)
            return EncodedClip((), encode_vp8(pictures), media.name)
        with av.open(str(media)) as container:
            has_sound, has_picture = bool(container.streams.audio), bool(container.streams.video)
        if has_picture:
            sound = encode_opus(read_sound(media, seconds=seconds)) if has_sound else ()
            return EncodedClip(sound, encode_vp8(_film(media, seconds)), media.name)
        if has_sound:
            return _encode_sound_and_face(media, media.name, seconds)
    except (FFmpegError, ValueError) as error:
        raise MediaError(f"{media}: cannot be read as sound or film ({error})") from error
    raise MediaError(f"{media}: holds neither sound nor picture")


def _encode_sound_and_face(sound: Path, name: str, seconds: float | None) -> EncodedClip:
    audio = encode_opus(read_sound(sound, seconds=seconds))
    length = len(audio) * OPUS_SAMPLES / OPUS_TICKS
    return EncodedClip(audio, encode_vp8(virtual_camera.frames(length)), name)


def encode_opus(pcm: Iterable[NDArray[np.int16]], bit_rate: int = 48_000) -> tuple[bytes, ...]:
    """int16 mono at 48 kHz, in arrays of any length, as Opus packets of 20 ms.

    The last piece is padded; one packet more carries what the encoder looked ahead (6.5 ms).
    """
    codec: Any = av.CodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format = OPUS_TICKS, "mono", "s16"
    codec.bit_rate, codec.time_base = bit_rate, Fraction(1, OPUS_TICKS)
    codec.options = {"application": "voip", "frame_duration": "20"}
    packets: list[bytes] = []
    rest = np.zeros(0, np.int16)
    for block in pcm:
        rest = np.concatenate([rest, block])
        whole = len(rest) // OPUS_SAMPLES * OPUS_SAMPLES
        packets += _opus(codec, rest[:whole])
        rest = rest[whole:]
    if len(rest):
        packets += _opus(codec, np.pad(rest, (0, OPUS_SAMPLES - len(rest))))
    packets += [bytes(packet) for packet in codec.encode(None)]
    return tuple(packets)


def _opus(codec: Any, pcm: NDArray[np.int16]) -> Iterator[bytes]:
    for start in range(0, len(pcm), OPUS_SAMPLES):
        frame = av.AudioFrame.from_ndarray(pcm[None, start : start + OPUS_SAMPLES], "s16", "mono")
        frame.sample_rate = OPUS_TICKS
        yield from (bytes(packet) for packet in codec.encode(frame))


def encode_vp8(pictures: Iterable[Rgb], bit_rate: int = 1_200_000) -> tuple[bytes, ...]:
    """uint8 RGB frames of one size (even height and width), 15 a second, as VP8 frames, one for one."""
    codec: Any = None
    packets: list[bytes] = []
    for index, rgb in enumerate(pictures):
        if codec is None:
            codec = vp8_encoder(bit_rate, rgb.shape[1], rgb.shape[0])
        frame = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = index, codec.time_base
        packets += [bytes(packet) for packet in codec.encode(frame)]
    packets += [bytes(packet) for packet in codec.encode(None)] if codec else []
    return tuple(packets)


def vp8_encoder(bit_rate: int = 1_200_000, width: int = WIDTH, height: int = HEIGHT) -> Any:
    """PyAV's context at 15 frames a second: one frame in is one packet out."""
    codec: Any = av.CodecContext.create("libvpx", "w")
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.bit_rate, codec.gop_size, codec.thread_count = bit_rate, FPS, 1
    codec.time_base, codec.framerate = Fraction(1, FPS), Fraction(FPS, 1)
    # As a browser encodes: no look-ahead and no hidden reference frames, so one picture in is one frame out.
    codec.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "auto-alt-ref": "0"}
    return codec


def _film(media: Path, seconds: float | None) -> Iterator[Rgb]:
    """The first film track, upright, at 15 fps, fitted into 640×480 with black at the sides."""
    shown = 0
    with av.open(str(media)) as container:
        start: float | None = None
        for frame in container.decode(video=0):
            at = frame.time or 0.0
            start = at if start is None else start
            # The frame holds the screen until the next one: it fills every slot that has come due.
            while shown <= (at - start) * FPS:
                if seconds is not None and shown >= seconds * FPS:
                    return
                yield _fit(frame)
                shown += 1


def _fit(frame: av.VideoFrame) -> Rgb:
    turns = round(frame.rotation / 90) % 4  # phones store the sensor's picture and say how to turn it
    width, height = (frame.width, frame.height) if turns % 2 == 0 else (frame.height, frame.width)
    scale = min(WIDTH / width, HEIGHT / height)
    inner_width, inner_height = max(2, round(width * scale)), max(2, round(height * scale))
    size = (inner_width, inner_height) if turns % 2 == 0 else (inner_height, inner_width)
    rgb = np.rot90(frame.to_ndarray(format="rgb24", width=size[0], height=size[1]), turns)
    left, top = (WIDTH - inner_width) // 2, (HEIGHT - inner_height) // 2
    canvas = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    canvas[top : top + inner_height, left : left + inner_width] = rgb
    return canvas
