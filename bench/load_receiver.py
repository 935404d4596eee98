"""What receives in `bench gateway`: the server's own media path, or a stock aiortc peer that does the same.

Both turn sound into 16 kHz samples and up to eight pictures a second into RGB, which is what analysis takes.
The analysis itself, models and measures, is left out unless asked for: both sides would run the same.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import av
import numpy as np
import psutil
import uvloop
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from media.analysers import Analysers
from media.clock import MediaClock
from media.faces import Looked
from media.finding import FaceFinder
from media.hearing import Heard
from media.ingest import Ingest
from media.rtp.lanes import Format, SoundLane
from media.rtp.packet import Header
from media.settings import MediaSettings

SETTINGS = MediaSettings(ice_hosts=("127.0.0.1",))
WARM_S = 5.0
Close = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Counts:
    """`sound_s` came and was decoded, `concealed_s` was made up for what did not come; `pictures` as RGB.

    `stalls_s`: the longest wait between two packets in each second. `delays_s`: from a packet's datagram to
    its samples, the wait for lost ones before it included.
    """

    sound_s: float = 0.0
    concealed_s: float = 0.0
    pictures: int = 0
    heard_at: float = field(default_factory=time.monotonic)
    began: float = field(default_factory=time.monotonic)
    stalls_s: dict[int, float] = field(default_factory=dict)
    delays_s: list[float] = field(default_factory=list)
    arrived: dict[int, float] = field(default_factory=dict)  # RTP timestamp → when its datagram came

    def heard(self, seconds: float, concealed: float = 0.0, timestamp: int | None = None) -> None:
        now = time.monotonic()
        second = int(now - self.began)
        self.stalls_s[second] = max(self.stalls_s.get(second, 0.0), now - self.heard_at)
        self.heard_at = now
        self.sound_s += seconds
        self.concealed_s += concealed
        if timestamp is not None and (came := self.arrived.pop(timestamp, None)) is not None:
            self.delays_s.append(now - came)

    def begin(self) -> None:
        """Warm-up is over."""
        self.sound_s = self.concealed_s = 0.0
        self.pictures = 0
        self.stalls_s.clear()
        self.delays_s.clear()
        self.began = self.heard_at = time.monotonic()


class Nobody(FaceFinder):
    """Finds no face; it needs no weights."""

    def __init__(self) -> None:
        pass

    def find(self, *args: Any, **options: Any) -> list[Any]:
        return []


class Silence:
    """A voice activity model that never hears a voice."""

    def new_state(self) -> None:
        return None

    def __call__(self, chunk: Any, state: None, /) -> tuple[float, None]:
        return 0.0, None


async def ours(offer: str, analysers: Analysers, counts: Counts, *, models: bool) -> tuple[str, Close]:
    ingest = Ingest(SETTINGS, MediaClock(), analysers, lambda item: None)
    if not models:
        leave_out_analysis(ingest)
    watch(ingest, counts)
    answer = await ingest.answer(offer)
    for tap in ingest._peer._taps:
        if tap.rtp._sound is not None:
            note_arrivals(tap.rtp._sound, counts)
    return answer, ingest.close


def leave_out_analysis(ingest: Ingest) -> None:
    """Samples and pictures are made and looked at no further, as the stock receiver does."""
    ingest._hearing._hear = lambda blocks: Heard([], [])  # type: ignore[method-assign]
    ingest._seeing._watch.look = lambda *args, **options: Looked([], [])  # type: ignore[method-assign]
    ingest._seeing._stream.look = lambda *args: []  # type: ignore[method-assign]


def note_arrivals(lane: SoundLane, counts: Counts) -> None:
    add = lane.add

    def noted(header: Header, codec: Format, payload: bytes, now: float) -> None:
        counts.arrived[header.timestamp] = now
        add(header, codec, payload, now)

    lane.add = noted  # type: ignore[method-assign]


def watch(ingest: Ingest, counts: Counts) -> None:
    """Counts what comes out of the decoders, on their own threads."""
    stream = ingest._hearing._stream
    decode = stream.decode

    def heard(frame: Any, arrival: float) -> Any:
        heard_ms, lost_ms = stream.heard_ms, stream.lost_ms
        blocks = decode(frame, arrival)
        heard_s, lost_s = (stream.heard_ms - heard_ms) / 1000, (stream.lost_ms - lost_ms) / 1000
        counts.heard(heard_s, lost_s, frame.timestamp)
        return blocks

    stream.decode = heard  # type: ignore[method-assign]
    seeing = ingest._seeing
    look = seeing._watch.look

    def seen(*args: Any, **options: Any) -> Any:
        counts.pictures += 1
        return look(*args, **options)

    seeing._watch.look = seen  # type: ignore[method-assign]


async def stock(offer: str, counts: Counts) -> tuple[str, Close]:
    """As aiortc's own examples do: every frame is decoded, and read as it comes."""
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    tasks: set[asyncio.Task[None]] = set()

    def on_track(track: Any) -> None:
        read = _read_sound if track.kind == "audio" else _read_pictures
        task = asyncio.ensure_future(read(track, counts))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    pc.on("track", on_track)
    await pc.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    await pc.setLocalDescription(await pc.createAnswer())
    return str(pc.localDescription.sdp), pc.close


async def _read_sound(track: Any, counts: Counts) -> None:
    resampler = av.AudioResampler("s16", "mono", 16_000)
    try:
        while True:
            for frame in resampler.resample(await track.recv()):
                counts.heard(frame.samples / 16_000)
    except MediaStreamError:
        return


async def _read_pictures(track: Any, counts: Counts) -> None:
    due = 0.0
    try:
        while True:
            frame, now = await track.recv(), time.monotonic()
            if now >= due:
                due = now + 1 / SETTINGS.look_fps
                np.asarray(frame.to_ndarray(format="rgb24"))
                counts.pictures += 1
    except MediaStreamError:
        return


def run(pipe: Connection, mode: str, models: bool, seconds: float) -> None:
    """The process's main: offers come by the pipe, answers and at last the figures go back."""
    uvloop.run(_serve(pipe, mode, models, seconds)) if mode == "viva" else asyncio.run(
        _serve(pipe, mode, models, seconds)
    )


async def _serve(pipe: Connection, mode: str, models: bool, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    analysers = Analysers.load() if models else Analysers(Silence(), Nobody())
    counts: list[Counts] = []
    closes: list[Close] = []
    while (offer := await loop.run_in_executor(None, pipe.recv)) is not None:
        counts.append(Counts())
        answer, close = (
            await ours(offer, analysers, counts[-1], models=models)
            if mode == "viva"
            else await stock(offer, counts[-1])
        )
        closes.append(close)
        pipe.send(answer)
    await asyncio.sleep(WARM_S)
    gc.collect()
    for c in counts:
        c.begin()
    cpu, began = time.process_time(), time.monotonic()
    await asyncio.sleep(seconds)
    cpu, lasted = time.process_time() - cpu, time.monotonic() - began
    pipe.send(
        {
            "cpu_s": cpu,
            "seconds": lasted,
            "sound_s": [c.sound_s for c in counts],
            "concealed_s": [c.concealed_s for c in counts],
            "stalls_ms": [[1000 * stall for stall in c.stalls_s.values()] for c in counts],
            "delays_ms": [[1000 * delay for delay in c.delays_s] for c in counts],
            "pictures": [c.pictures for c in counts],
            "rss_mb": psutil.Process().memory_info().rss / 1e6,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        }
    )
    for close in closes:
        await close()
    analysers.close()
    os._exit(0)  # aiortc's decoder threads may still wait
