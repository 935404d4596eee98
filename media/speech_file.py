"""Speech as a file that browsers play: Opus in Ogg (RFC 7845), or AAC in MP4 for those without it."""

from __future__ import annotations

import io
from typing import Any, Literal

import av
import numpy as np
from numpy.typing import NDArray

Container = Literal["ogg", "mp4"]
CONTENT_TYPES: dict[Container, str] = {"ogg": "audio/ogg", "mp4": "audio/mp4"}
RATE = 48_000
# Bits a second; AAC needs more for the same.
_KINDS: dict[Container, tuple[str, int, dict[str, str]]] = {
    "ogg": ("libopus", 24_000, {"application": "voip"}),
    "mp4": ("aac", 48_000, {}),
}


def encode(samples: NDArray[np.int16], rate: int, container: Container) -> bytes:
    """int16, one channel, `rate` in Hz, as a whole file of 48 kHz. Raises ValueError for no samples."""
    if samples.ndim != 1 or not samples.size:
        raise ValueError("needs samples of one channel")
    codec, bit_rate, options = _KINDS[container]
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream: Any = output.add_stream(codec, rate=RATE, options=options)
        stream.layout, stream.bit_rate = "mono", bit_rate
        stream.codec_context.open()
        # Frames of the size that the encoder asks for; the last, shorter one too, which it pads.
        resampler = av.AudioResampler(stream.format, "mono", RATE, frame_size=stream.frame_size)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None], "s16", "mono")
        frame.sample_rate = rate
        for ready in (*resampler.resample(frame), *resampler.resample(None)):
            output.mux(stream.encode(ready))
        output.mux(stream.encode(None))
    return file.getvalue()
