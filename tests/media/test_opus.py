"""libopus at 16 kHz: what it decodes, what it refuses, and what it makes of a loss."""

from __future__ import annotations

from typing import cast

import av
import numpy as np
import pytest
from av.audio.codeccontext import AudioCodecContext
from numpy.typing import NDArray

from media.decoders import sound_decoder
from media.opus import RATE, Damaged, OpusDecoder

PACKET = RATE // 50


def encoded(**options: str) -> tuple[list[bytes], NDArray[np.int16]]:
    """Two seconds of a voice-like tone, 20 ms a packet, at the bit rate of a browser's call."""
    encoder = cast(AudioCodecContext, av.CodecContext.create("libopus", "w"))
    encoder.sample_rate, encoder.layout, encoder.format = 16_000, "mono", "s16"
    encoder.bit_rate = 28_000
    encoder.options = {"application": "voip", "frame_duration": "20", **options}
    t = np.arange(2 * RATE) / RATE
    pitch = 140 + 40 * np.sin(2 * np.pi * 2 * t)
    wave = sum(np.sin(2 * np.pi * n * np.cumsum(pitch) / RATE) / n for n in range(1, 12))
    pcm = np.asarray(5000 * wave * (0.6 + 0.4 * np.sin(2 * np.pi * 5 * t)), np.int16)
    packets = []
    for start in range(0, pcm.size, PACKET):
        frame = av.AudioFrame.from_ndarray(pcm[None, start : start + PACKET], format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, start
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets, pcm


def likeness(a: NDArray[np.int16], b: NDArray[np.int16]) -> float:
    x, y = a.astype(float), b.astype(float)
    return float(x @ y / max(1.0, np.sqrt((x @ x) * (y @ y))))


def test_every_packet_is_twenty_milliseconds_at_sixteen_kilohertz() -> None:
    packets, _ = encoded()
    decoder = OpusDecoder()
    decoded = [decoder.decode(packet) for packet in packets]
    assert {pcm.size for pcm in decoded} == {PACKET}
    assert {pcm.dtype for pcm in decoded} == {np.dtype(np.int16)}
    assert decoded[0].base is None  # its own memory: the next packet does not overwrite it


@pytest.mark.parametrize("damaged", [b"", b"\xff\xff\xff", b"\x03"])
def test_what_is_no_packet_is_refused(damaged: bytes) -> None:
    decoder = sound_decoder("opus")
    with pytest.raises(Damaged, match="opus"):
        decoder.decode(damaged)


def test_before_the_first_packet_there_is_nothing_to_guess_from() -> None:
    assert OpusDecoder().conceal(PACKET, b"").size == 0


def test_a_guess_is_as_long_as_the_loss_in_steps_of_two_and_a_half_milliseconds() -> None:
    packets, _ = encoded()
    decoder = OpusDecoder()
    decoder.decode(packets[0])
    assert decoder.conceal(3 * PACKET + 7, b"").size == 3 * PACKET
    assert decoder.conceal(10 * RATE, b"").size == RATE * 120 // 1000


def test_the_copy_in_the_next_packet_is_better_than_a_guess() -> None:
    packets, _ = encoded(fec="1", packet_loss="30")
    whole = OpusDecoder()
    truth = [whole.decode(packet) for packet in packets]

    def concealed(*, copy: bool) -> float:
        decoder, found = OpusDecoder(), []
        for i, packet in enumerate(packets):
            if i % 7 == 6 and i + 1 < len(packets):
                found.append(likeness(decoder.conceal(PACKET, packets[i + 1] if copy else b""), truth[i]))
            else:
                decoder.decode(packet)
        return float(np.mean(found))

    assert concealed(copy=True) > concealed(copy=False) + 0.05
