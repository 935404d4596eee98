"""Recordings as the server hears them: sent as by a browser, over a link that loses and delays packets.

Each clip is Opus (32 kb/s, 20 ms, no forward error correction) over ICE, DTLS and SRTP from an aiortc sender
to the server's own receive path (`media.ingest`), at the pace it was spoken: jitter, the wait for late
packets and the repeating of lost ones (RFC 4585) take the time that they take. What comes back are the
samples that endpointing would get. Repeated packets are lost as often as any; the questions for them are not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import uvloop
from numpy.typing import NDArray

from bench.clip import encode_opus
from bench.core.manifest import GAP_S, SAMPLE_RATE, Clip
from bench.load_receiver import SETTINGS, Nobody, Silence
from bench.load_sender import Candidate, Link
from bench.sound import OPUS_TICKS, read_sound
from media.analysers import Analysers
from media.clock import MediaClock
from media.hearing import Heard
from media.ingest import Ingest
from media.record.mux import SILENCE
from media.sound import SoundBlock

BIT_RATE = 32_000
LEAD = 25  # packets of silence first: the clip must not begin before the connection carries
TAIL = 50
Pcm = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Arrived:
    """`lost_ms`: sound that never came and was made up. `dropped` of `sent` packets, repeats included."""

    pcm: Pcm
    lost_ms: float
    sent: int
    dropped: int


def over_link(clips: Sequence[Clip], loss: float, jitter_s: float, sessions: int) -> list[Arrived]:
    """All clips in the same order, `sessions` of them at once."""
    arrived: list[Arrived] = uvloop.run(_all(clips, loss, jitter_s, sessions))
    return arrived


async def _all(clips: Sequence[Clip], loss: float, jitter_s: float, sessions: int) -> list[Arrived]:
    places = asyncio.Semaphore(sessions)
    analysers = Analysers(Silence(), Nobody())

    async def one(number: int, clip: Clip) -> Arrived:
        async with places:
            packets = await asyncio.to_thread(encode_opus, _sound(clip), BIT_RATE)
            return await _send(packets, Link(loss, jitter_s, number), analysers)

    try:
        return list(await asyncio.gather(*(one(number, clip) for number, clip in enumerate(clips))))
    finally:
        await asyncio.to_thread(analysers.close)


async def _send(packets: tuple[bytes, ...], link: Link, analysers: Analysers) -> Arrived:
    ingest = Ingest(SETTINGS, MediaClock(), analysers, lambda item: None)
    heard: list[SoundBlock] = []

    def hear(blocks: list[SoundBlock]) -> Heard:
        heard.extend(blocks)
        return Heard([], [])

    ingest._hearing._hear = hear  # type: ignore[method-assign]
    sender = Candidate((SILENCE,) * LEAD + packets + (SILENCE,) * TAIL, (), link, once=True)
    try:
        await sender.take(await ingest.answer(await sender.offer()))
        await sender.sound.ended.wait()
        await asyncio.sleep(2 * SETTINGS.jitter_wait_s)
    finally:
        await sender.close()
        await ingest.close()
    return Arrived(placed(heard), ingest.sound_lost_ms, link.sent, link.dropped)


def placed(blocks: Sequence[SoundBlock]) -> Pcm:
    """Blocks at their media times, with silence where none is."""
    pieces: list[Pcm] = []
    zero, length = blocks[0].time if blocks else 0.0, 0
    for block in blocks:
        if (hole := round((block.time - zero) * SAMPLE_RATE) - length) > 0 and block.restarted:
            pieces.append(np.zeros(hole, np.int16))
            length += hole
        pieces.append(block.pcm)
        length += block.pcm.size
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int16)


def _sound(clip: Clip) -> Iterator[Pcm]:
    """The clip at 48 kHz, its recordings joined as `Clip.sound` joins them."""
    for number, path in enumerate(clip.paths):
        if number:
            yield np.zeros(round(GAP_S * OPUS_TICKS), np.int16)
        yield from read_sound(path, OPUS_TICKS)
