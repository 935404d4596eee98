"""Decoders for what aiortc negotiates, over PyAV. Not thread-safe: one stream, one thread at a time."""

from __future__ import annotations

from typing import cast

import av
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext

_SOUND = {"opus": "libopus", "pcmu": "pcm_mulaw", "pcma": "pcm_alaw"}
_PICTURE = {"vp8": "vp8", "h264": "h264"}


class SoundDecoder:
    """Opus to 48 kHz, or G.711 to 8 kHz: frames of 16-bit samples, mono (libopus mixes stereo down)."""

    def __init__(self, codec: str) -> None:
        name = codec.lower()
        self._opus = name == "opus"
        self._toc: int | None = None  # first byte of the last packet: mode, bandwidth, frame size
        self._context = cast(AudioCodecContext, av.CodecContext.create(_SOUND[name], "r"))
        self._context.format = av.AudioFormat("s16")
        self._context.layout = "mono"
        self._context.sample_rate = 48000 if name == "opus" else 8000

    def decode(self, data: bytes) -> list[av.AudioFrame]:
        """Raises `av.FFmpegError` for data that is no packet of this codec."""
        frames = self._context.decode(av.Packet(data))
        if self._opus:
            self._toc = data[0]
        return frames

    def conceal(self) -> av.AudioFrame | None:
        """The decoder's guess at a lost packet, None where there is none to be had (G.711, no packet yet).

        A packet of nothing but its first byte makes libopus conceal one frame of that kind (RFC 6716, 4.4).
        """
        if self._toc is None:
            return None
        frames = self._context.decode(av.Packet(bytes([self._toc & 0xFC])))
        return frames[0] if frames else None


class PictureDecoder:
    """VP8 or H.264 to YUV 4:2:0 frames, on the calling thread alone."""

    def __init__(self, codec: str) -> None:
        self._context = cast(VideoCodecContext, av.CodecContext.create(_PICTURE[codec.lower()], "r"))
        self._context.thread_count = 1  # more threads would only contend, and delay frames

    def decode(self, data: bytes) -> list[av.VideoFrame]:
        """Raises `av.FFmpegError` for a damaged frame; the next key frame puts the decoder right again."""
        return self._context.decode(av.Packet(data))
