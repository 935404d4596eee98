"""Decoders for what aiortc negotiates, over PyAV. Not thread-safe: one stream, one thread at a time."""

from __future__ import annotations

from typing import cast

import av
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext

_SOUND = {"opus": "libopus", "pcmu": "pcm_mulaw", "pcma": "pcm_alaw"}
_PICTURE = {"vp8": "libvpx", "h264": "h264"}


class SoundDecoder:
    """Opus to 48 kHz, or G.711 to 8 kHz: frames of interleaved 16-bit samples."""

    def __init__(self, codec: str) -> None:
        name = codec.lower()
        self._context = cast(AudioCodecContext, av.CodecContext.create(_SOUND[name], "r"))
        self._context.format = av.AudioFormat("s16")
        self._context.layout = "stereo" if name == "opus" else "mono"
        self._context.sample_rate = 48000 if name == "opus" else 8000

    def decode(self, data: bytes) -> list[av.AudioFrame]:
        """Raises `av.FFmpegError` for data that is no packet of this codec."""
        return self._context.decode(av.Packet(data))


class PictureDecoder:
    """VP8 or H.264 to YUV 4:2:0 frames, on the calling thread alone."""

    def __init__(self, codec: str) -> None:
        self._context = cast(VideoCodecContext, av.CodecContext.create(_PICTURE[codec.lower()], "r"))
        self._context.thread_count = 1  # more threads would only contend, and delay frames

    def decode(self, data: bytes) -> list[av.VideoFrame]:
        """Raises `av.FFmpegError` for a damaged frame; the next key frame puts the decoder right again."""
        return self._context.decode(av.Packet(data))
