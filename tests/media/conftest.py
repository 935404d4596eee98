"""A candidate that is a real aiortc peer on loopback, and what it sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from numpy.typing import NDArray
from scipy.signal import butter, resample_poly, sosfiltfilt

from bench.clip import OPUS_SAMPLES, EncodedClip, encode, encode_opus, encode_vp8
from bench.peer import VIDEO_TICKS, Pace, PacketTrack
from bench.sound import OPUS_TICKS, read_sound
from bench.virtual_camera import FPS
from media.analysers import Analysers
from media.clock import MediaClock
from media.ingest import Ingest
from media.items import MediaItem, UtteranceSound
from media.settings import MediaSettings
from models import store

I = TypeVar("I")  # noqa: E741
SECONDS = 7.0
TELEPHONE = butter(4, 3400, "low", fs=16_000, output="sos")
LOOPBACK = MediaSettings(ice_hosts=("127.0.0.1",))


@pytest.fixture(scope="session")
def analysers() -> Iterator[Analysers]:
    shared = Analysers.load()
    yield shared
    shared.close()


@pytest.fixture(scope="session")
def clip() -> EncodedClip:
    """Human speech and an astronaut's face, seven seconds."""
    return encode(None, seconds=SECONDS)


@pytest.fixture(scope="session")
def speech16() -> NDArray[np.float64]:
    """The clip's sound at 16 kHz, int16 scale."""
    wave = np.concatenate(list(read_sound(store.file("demo/two_cities.wav"), seconds=SECONDS)))
    return np.asarray(resample_poly(wave.astype(np.float64), 1, 3))


@pytest.fixture(scope="session")
def silence() -> EncodedClip:
    """A muted microphone and a covered camera."""
    sound = encode_opus([np.zeros(48_000 * 7, np.int16)])
    return EncodedClip(
        sound, encode_vp8(np.zeros((480, 640, 3), np.uint8) for _ in range(7 * FPS)), "nothing"
    )


class Sender:
    """A candidate's browser, as far as media is concerned."""

    def __init__(self, clip: EncodedClip) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        pace = Pace()
        step = Fraction(OPUS_SAMPLES, OPUS_TICKS)
        self.tracks: dict[str, PacketTrack] = {}
        if clip.audio:
            self.tracks["audio"] = PacketTrack("audio", clip.audio, pace, step, OPUS_TICKS)
        if clip.video:
            self.tracks["video"] = PacketTrack("video", clip.video, pace, Fraction(1, FPS), VIDEO_TICKS)
        for track in self.tracks.values():
            transceiver = self.pc.addTransceiver(track, direction="sendonly")
            if track.kind == "video":
                codecs = RTCRtpSender.getCapabilities("video").codecs
                transceiver.setCodecPreferences(
                    [codec for codec in codecs if codec.mimeType in ("video/VP8", "video/rtx")]
                )

    async def offer(self) -> str:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return str(self.pc.localDescription.sdp)

    async def connect(self, ingest: Ingest) -> None:
        answer = await ingest.answer(await self.offer())
        await self.pc.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))

    def vanish(self) -> None:
        """The machine is switched off: no more packets, no goodbye."""
        for ice in self.pc._RTCPeerConnection__iceTransports:
            for protocol in ice._connection._protocols:
                protocol.transport.close()


class Candidate:
    """A sender and the ingest that receives it."""

    def __init__(self, sender: Sender, ingest: Ingest, items: list[MediaItem]) -> None:
        self.sender, self.ingest, self.items = sender, ingest, items

    def all(self, kind: type[I]) -> list[I]:
        return [item for item in self.items if isinstance(item, kind)]

    async def until(self, condition: Callable[[], Any], timeout_s: float = 60.0) -> None:
        async with asyncio.timeout(timeout_s):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    def sound(self, utterance: int) -> NDArray[np.int16]:
        """All that was handed on of an utterance; its pieces must follow on each other."""
        pieces = [item for item in self.all(UtteranceSound) if item.utterance == utterance]
        at = 0
        for piece in pieces:
            assert piece.offset == at
            at += piece.pcm.size
        return np.concatenate([piece.pcm for piece in pieces])


Connect = Callable[..., Any]


@pytest.fixture
async def connect(analysers: Analysers, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Connect]:
    """`await connect(clip)`: a connected `Candidate`; everything is closed after the test."""
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
    made: list[Candidate] = []

    async def make(clip: EncodedClip, settings: MediaSettings = LOOPBACK, **options: Any) -> Candidate:
        items: list[MediaItem] = []
        clock = options.pop("clock", None) or MediaClock()
        candidate = Candidate(
            Sender(clip), Ingest(settings, clock, analysers, items.append, **options), items
        )
        made.append(candidate)
        await candidate.sender.connect(candidate.ingest)
        return candidate

    yield make
    for candidate in made:
        await candidate.ingest.close()
        await candidate.sender.pc.close()


def best_correlation(heard: NDArray[Any], source: NDArray[np.float64]) -> tuple[float, int]:
    """Highest normalised correlation of `heard` with a part of `source`, and where in it (samples).

    Compared up to 3.4 kHz: above, Opus keeps the sound but not the wave.
    """
    x, source = sosfiltfilt(TELEPHONE, heard.astype(np.float64)), sosfiltfilt(TELEPHONE, source)
    size = 1 << int(np.ceil(np.log2(source.size + x.size)))
    cross = np.fft.irfft(np.fft.rfft(source, size) * np.conj(np.fft.rfft(x, size)), size)
    lags = np.concatenate([cross[: source.size], cross[-x.size :]])
    best = int(np.argmax(lags))
    lag = best if best < source.size else best - source.size - x.size
    part = source[max(lag, 0) : lag + x.size]
    x = x[max(-lag, 0) : max(-lag, 0) + part.size]
    return float(np.dot(part, x) / (np.linalg.norm(part) * np.linalg.norm(x) + 1e-9)), lag
