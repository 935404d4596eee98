"""Decoders for what aiortc negotiates. Not thread-safe: one stream, one thread at a time."""

from __future__ import annotations

from typing import Protocol, cast

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext

from media.items import Pcm
from media.opus import Damaged, OpusDecoder

_G711 = {"pcmu": "pcm_mulaw", "pcma": "pcm_alaw"}
_PICTURE = {"vp8": "vp8", "h264": "h264"}


class SoundDecoder(Protocol):
    """Packets to int16 mono samples at `rate` Hz."""

    rate: int

    def decode(self, data: bytes) -> Pcm:
        """Raises Damaged for data that is no packet of this codec."""
        ...

    def conceal(self, samples: int, following: bytes) -> Pcm:
        """A guess at `samples` lost before the packet `following`; shorter, or empty, where there is none."""
        ...


def sound_decoder(codec: str) -> SoundDecoder:
    return OpusDecoder() if codec.lower() == "opus" else G711Decoder(codec)


class G711Decoder:
    """ITU-T G.711, A-law or µ-law, at 8 kHz. It has nothing to conceal a loss with."""

    rate = 8000

    def __init__(self, codec: str) -> None:
        self._context = cast(AudioCodecContext, av.CodecContext.create(_G711[codec.lower()], "r"))
        self._context.layout = "mono"
        self._context.sample_rate = self.rate

    def decode(self, data: bytes) -> Pcm:
        try:
            frames = self._context.decode(av.Packet(data))
        except av.FFmpegError as error:
            raise Damaged(str(error)) from error
        return np.concatenate([np.zeros(0, np.int16), *(frame.to_ndarray().reshape(-1) for frame in frames)])

    def conceal(self, samples: int, following: bytes) -> Pcm:
        return np.zeros(0, np.int16)


class PictureDecoder:
    """VP8 or H.264 to YUV 4:2:0 frames, on the calling thread alone."""

    def __init__(self, codec: str) -> None:
        self._context = cast(VideoCodecContext, av.CodecContext.create(_PICTURE[codec.lower()], "r"))
        self._context.thread_count = 1  # more threads would only contend, and delay frames

    def decode(self, data: bytes) -> list[av.VideoFrame]:
        """Raises `av.FFmpegError` for a damaged frame; the next key frame puts the decoder right again."""
        return self._context.decode(av.Packet(data))
