"""A VGA picture as the candidate page sends it: VP8 in three temporal layers (L1T3), 30 frames a second.

aiortc sends VP8 without saying which layer a frame is of. `say_layers` makes its encoder do so in this
process, for frames that come ready-made from `encode_layers`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import av
import numpy as np
from aiortc.codecs import vpx
from numpy.typing import NDArray

FPS = 30
LAYERS = (0, 2, 1, 2)
KEY_EVERY = 4 * 75  # frames: ten seconds
_TICKS = 90_000


def encode_layers(pictures: Iterable[NDArray[np.uint8]], bit_rate: int = 1_000_000) -> tuple[bytes, ...]:
    """uint8 RGB frames of 480 × 640 × 3, 30 a second; frame n is of layer `LAYERS[n % 4]`."""
    codec: Any = av.CodecContext.create("libvpx", "w")
    codec.width, codec.height, codec.pix_fmt = 640, 480, "yuv420p"
    codec.bit_rate, codec.gop_size, codec.thread_count = bit_rate, KEY_EVERY, 1
    codec.time_base, codec.framerate = Fraction(1, FPS), Fraction(FPS, 1)
    kilobits = [round(bit_rate * share / 1000) for share in (0.4, 0.6, 1.0)]
    codec.options = {
        "deadline": "realtime",
        "cpu-used": "8",
        "lag-in-frames": "0",
        "auto-alt-ref": "0",
        "error-resilient": "partitions",
        "ts-parameters": (
            f"ts_number_layers=3:ts_target_bitrate={','.join(map(str, kilobits))}:ts_rate_decimator=4,2,1:"
            "ts_periodicity=4:ts_layer_id=0,2,1,2:ts_layering_mode=3"
        ),
    }
    frames: list[bytes] = []
    for index, rgb in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = index, codec.time_base
        frames += [bytes(packet) for packet in codec.encode(frame)]
    return (*frames, *(bytes(packet) for packet in codec.encode(None)))


def say_layers() -> None:
    """From now on aiortc's VP8 encoder names the layer of every ready-made frame (RFC 7741, section 4.2)."""

    def pack(self: Any, packet: av.Packet[Any]) -> tuple[list[bytes], int]:
        at = float((packet.pts or 0) * packet.time_base)
        number = round(at * FPS)
        layer, base = LAYERS[number % 4], number // 4 & 0xFF
        payloads, data = [], bytes(packet)
        for start in itertools.count(0, vpx.PACKET_MAX - 8):
            if start >= len(data):
                break
            head = vpx.VpxPayloadDescriptor(
                partition_start=int(start == 0),
                partition_id=0,
                picture_id=self.picture_id,
                tl0picidx=base,
                tid=(layer, int(layer > 0 and number % 4 != 3)),
            )
            payloads.append(bytes(head) + data[start : start + vpx.PACKET_MAX - 8])
        self.picture_id = (self.picture_id + 1) % (1 << 15)
        return payloads, round(at * _TICKS)

    vpx.Vp8Encoder.pack = pack  # type: ignore[method-assign]
