"""A candidate that sends H.264 (OBS, Safari) is forwarded as it is."""

from __future__ import annotations

import asyncio
import time
from fractions import Fraction

import av
import numpy as np

from bench.viewer import Viewer
from media.encoded import EncodedFrame, FrameHub
from media.forward.forwarder import Forwarder
from tests.media.conftest import LOOPBACK

FPS = 15


def film() -> list[bytes]:
    """Two seconds of moving noise, Annex B, a key frame with its parameter sets every second."""
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = 320, 240, "yuv420p"
    codec.time_base, codec.framerate = Fraction(1, FPS), Fraction(FPS)
    codec.options = {"profile": "baseline", "tune": "zerolatency", "g": str(FPS)}
    random = np.random.default_rng(1)
    noise = random.integers(0, 255, (240, 320, 3), np.uint8)
    frames = []
    for n in range(2 * FPS):
        frame = av.VideoFrame.from_ndarray(np.roll(noise, 8 * n, axis=1), format="rgb24")
        frame.pts = n
        frames += [bytes(packet) for packet in codec.encode(frame)]
    return frames


async def test_h264_is_forwarded() -> None:
    hub, began = FrameHub(), time.monotonic()

    def now() -> float:
        return time.monotonic() - began

    forwarder = Forwarder(
        LOOPBACK,
        hub,
        now,
        ask_key_frame=lambda: None,
        speak=lambda frame, at: None,
        changed=lambda viewer, state: None,
    )

    async def answer(offer: str) -> str:
        return (await forwarder.view(offer))[1]

    async with Viewer() as viewer:
        await viewer.connect(answer)
        for n, data in enumerate(film() * 2):
            hub.publish(EncodedFrame("video", "H264", 90_000, data, n * 90_000 // FPS, 1, 0), now())
            await asyncio.sleep(1 / FPS)
        await viewer.until(lambda: len(viewer.pictures) > 40)
        assert viewer.pictures[0][2].shape == (30, 40)
    await forwarder.close()
