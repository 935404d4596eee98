"""Real aiortc viewers of a real aiortc candidate: pictures, sound, late joiners, reconnections, loss."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import av
import numpy as np
import pytest
from aiortc.codecs import vpx

from bench.clip import EncodedClip, encode_opus, encode_vp8
from bench.layered import encode_layers, say_layers
from bench.load_sender import Candidate as Layered
from bench.viewer import Viewer
from bench.virtual_camera import FPS
from media.analysers import Analysers
from media.clock import MediaClock
from media.encoded import EncodedFrame, FrameHub
from media.errors import OfferError
from media.forward.forwarder import Forwarder
from media.ingest import Ingest
from tests.media.conftest import LOOPBACK, Candidate, Connect

pytestmark = pytest.mark.realtime

JOIN_S = 0.5
RECOVERY_S = 1.0


class Room:
    """A session's candidates, one after the other, and those who watch."""

    def __init__(self, connect: Connect, clip: EncodedClip) -> None:
        self.clock, self.frames = MediaClock(), FrameHub()
        self._connect, self._clip = connect, clip
        self.ingest: Ingest | None = None
        self.states: list[str] = []
        self.key_frames = self.pictures = 0
        self.frames.subscribe(self)
        self.forwarder = Forwarder(
            LOOPBACK,
            self.frames,
            self.clock.now,
            ask_key_frame=lambda: self.ingest and self.ingest.request_key_frame(),
            speak=lambda frame, at: self.ingest and self.ingest.speak(frame, at),
            changed=lambda viewer, state: self.states.append(state),
        )

    def on_frame(self, frame: EncodedFrame, media_time: float) -> None:
        self.pictures += frame.kind == "video"
        self.key_frames += frame.kind == "video" and frame.key

    async def candidate(self) -> Candidate:
        made: Candidate = await self._connect(self._clip, clock=self.clock, frames=self.frames)
        self.ingest = made.ingest
        await made.until(lambda: made.ingest.connected)
        return made

    async def layered(self, analysers: Analysers, clip: Layered) -> Layered:
        """A candidate as the page is one: three temporal layers."""
        self.ingest = Ingest(LOOPBACK, self.clock, analysers, lambda item: None, frames=self.frames)
        await clip.take(await self.ingest.answer(await clip.offer()))
        return clip

    async def join(self, layers: int = 4, **options: Any) -> Viewer:
        viewer = Viewer(**options)

        async def answer(offer: str) -> str:
            return (await self.forwarder.view(offer, layers=layers))[1]

        await viewer.connect(answer)
        return viewer


@pytest.fixture
async def room(connect: Connect, clip: EncodedClip) -> AsyncIterator[Callable[[], Room]]:
    made: list[Room] = []

    def make() -> Room:
        made.append(Room(connect, clip))
        return made[0]

    yield make
    for one in made:
        await one.forwarder.close()


def moves(viewer: Viewer) -> float:
    """Mean change of the picture's grey values between first and last picture."""
    first, last = viewer.pictures[0][2], viewer.pictures[-1][2]
    return float(np.abs(first.astype(int) - last.astype(int)).mean())


async def test_a_viewer_sees_and_hears_and_joins_quickly(room: Callable[[], Room]) -> None:
    here = room()
    await here.candidate()
    await asyncio.sleep(1.0)
    times = []
    for _ in range(3):
        async with await here.join() as viewer:
            await viewer.until(lambda v=viewer: len(v.pictures) > 20 and len(v.sounds) > 20)
            times.append(viewer.first_picture_s)
            assert moves(viewer) > 0.2
            assert max(power for _, _, power in viewer.sounds) > 1e4
            stamps = [at for _, at, _ in viewer.pictures]
            assert stamps == sorted(set(stamps))
    print("join to first picture (s):", [round(time, 3) for time in times])
    assert sorted(times)[1] < JOIN_S
    await asyncio.sleep(0.2)
    assert not here.forwarder.viewers
    assert here.states.count("watching") == here.states.count("gone") == 3


async def test_many_joiners_cost_few_key_frames(room: Callable[[], Room]) -> None:
    here = room()
    await here.candidate()
    await asyncio.sleep(0.5)
    viewers = await asyncio.gather(*(here.join() for _ in range(6)))
    for viewer in viewers:
        await viewer.until(lambda v=viewer: len(v.pictures) > 5)
    print("key frames asked for 6 viewers:", here.forwarder.totals.key_frames_asked)
    assert here.forwarder.totals.key_frames_asked <= 6
    for viewer in viewers:
        await viewer.close()


async def test_a_viewer_goes_on_when_the_candidate_comes_back(room: Callable[[], Room]) -> None:
    here = room()
    first = await here.candidate()
    async with await here.join() as viewer:
        await viewer.until(lambda: len(viewer.pictures) > 10)
        await first.sender.pc.close()
        await first.ingest.close()
        await asyncio.sleep(0.5)
        seen, heard = len(viewer.pictures), len(viewer.sounds)
        await here.candidate()
        await viewer.until(lambda: len(viewer.pictures) > seen + 15 and len(viewer.sounds) > heard + 30)
        stamps = [at for _, at, _ in viewer.pictures]
        assert stamps == sorted(set(stamps))
        assert here.states == ["watching"]


async def test_a_viewer_may_wait_for_the_candidate(room: Callable[[], Room]) -> None:
    here = room()
    async with await here.join() as viewer:
        await asyncio.sleep(0.5)
        await here.candidate()
        await viewer.until(lambda: len(viewer.pictures) > 5 and len(viewer.sounds) > 5)


async def test_a_viewer_may_take_the_lower_layers_alone(
    room: Callable[[], Room], clip: EncodedClip, analysers: Analysers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vpx.Vp8Encoder, "pack", vpx.Vp8Encoder.pack)  # put back what `say_layers` changes
    say_layers()
    here, noise = room(), np.random.default_rng(3).integers(0, 256, (480, 640, 3), np.uint8)
    video = encode_layers(np.roll(noise // 4, 4 * n, axis=1) for n in range(60))
    candidate = await here.layered(analysers, Layered(clip.audio, video, None))
    assert here.ingest
    try:
        for layers, apart_s in ((1, 4 / 30), (2, 2 / 30), (3, 1 / 30)):
            async with await here.join(layers) as viewer:
                # The first pictures are those since the last key frame, drawn together.
                await viewer.until(lambda v=viewer: v.sounds and v.sounds[-1][1] - v.sounds[0][1] > 3)
                stamps = [at for _, at, _ in viewer.pictures if at > viewer.pictures[-1][1] - 1]
            assert np.median(np.diff(stamps)) == pytest.approx(apart_s, abs=0.004)
    finally:
        await candidate.close()
        await here.ingest.close()


async def test_an_offer_that_wants_nothing_is_refused(room: Callable[[], Room]) -> None:
    here = room()
    with pytest.raises(OfferError) as refused:
        await here.forwarder.view(
            "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 X 0\r\na=sendonly\r\n"
        )
    assert refused.value.code == "offer.no-media"
    assert not here.forwarder.viewers


async def test_a_viewer_that_does_not_read_slows_nobody(room: Callable[[], Room]) -> None:
    here = room()
    await here.candidate()
    async with await here.join() as deaf, await here.join() as lossy, await here.join() as good:
        for viewer in (deaf, lossy, good):
            await viewer.until(lambda v=viewer: len(v.pictures) > 3)
        lose(deaf, 1.0)
        lose(lossy, 0.15)
        began = {viewer: len(viewer.pictures) for viewer in (deaf, lossy, good)}
        sent = here.pictures
        await asyncio.sleep(4.0)
        gained = {viewer: len(viewer.pictures) - n for viewer, n in began.items()}
        print("pictures from the candidate:", here.pictures - sent, "to each:", list(gained.values()))
        assert here.pictures - sent >= 4 * 15 - 6
        assert gained[good] >= here.pictures - sent - 6
        assert gained[deaf] <= 3
        assert gained[lossy] >= 20


@pytest.mark.parametrize("burst_s", [0.1, 0.3])
async def test_a_picture_is_clean_again_soon_after_a_burst_of_loss(
    room: Callable[[], Room], clip: EncodedClip, burst_s: float
) -> None:
    """Everything to the viewer is lost for a while. Clean is a picture just as the candidate's own encoder
    meant it: what a decoder makes of the whole clip, to the last bit.

    No more may be lost than both sides of aiortc remember (128 packets, a second of this clip): past that its
    receiver waits for what nobody can repeat, and asks for a key frame only when its buffer is full."""
    here, clean = room(), meant(clip)
    await here.candidate()
    async with await here.join() as viewer:
        await viewer.until(lambda: len(viewer.pictures) > 15)
        assert all(grey.tobytes() in clean for _, _, grey in viewer.pictures[-5:])
        stop = lose(viewer, 1.0)
        await asyncio.sleep(burst_s)
        stop()
        over = time.perf_counter()
        await asyncio.sleep(RECOVERY_S + 1.0)
        after = [(at - over, grey.tobytes() in clean) for at, _, grey in viewer.pictures if at > over]
    spoilt = [at for at, good in after if not good]
    recovered = next(at for at, good in after if good and at > max(spoilt, default=0.0))
    print(f"{burst_s:.1f} s lost: clean again {recovered:.3f} s after; spoilt pictures: {len(spoilt)}")
    assert recovered <= RECOVERY_S
    assert sum(good for _, good in after) >= FPS / 2


def meant(clip: EncodedClip) -> set[bytes]:
    """The small grey pictures that a viewer keeps, of the whole clip decoded without loss."""
    codec = av.CodecContext.create("vp8", "r")
    frames = [frame for data in clip.video for frame in codec.decode(av.Packet(data))]
    return {frame.to_ndarray(format="gray")[::8, ::8].tobytes() for frame in frames}


async def test_lips_match_the_words(connect: Connect) -> None:
    """A white picture and a beep at the same moments, and what a viewer makes of the times by its reports.

    Until the candidate's own first reports have come, 1.5 s at most, arrival alone places them.
    """
    here = Room(connect, flash_and_beep())
    try:
        await here.candidate()
        async with await here.join() as viewer:
            await viewer.until(lambda: viewer.pictures and viewer.pictures[-1][1] > 7.0, 15)
            flashes = onsets(
                [(viewer.ntp("video", at), float(grey.mean())) for _, at, grey in viewer.pictures]
            )
            beeps = onsets([(viewer.ntp("audio", at), power) for _, at, power in viewer.sounds])
    finally:
        await here.forwarder.close()
    settled = [flash for flash in flashes if flash > flashes[0] + 1.5]
    apart = [min((beep - flash for beep in beeps), key=abs) for flash in settled]
    print("sound after picture (ms):", [round(1000 * one) for one in apart])
    assert len(apart) >= 4
    assert max(map(abs, apart)) < 0.045  # ITU-R BT.1359-1: noticed from 45 ms early on


def flash_and_beep() -> EncodedClip:
    """Eight seconds; in each, its last 0.4 s are white and loud."""
    seconds = 8
    time = np.arange(seconds * 48_000) / 48_000
    wave = (15_000 * np.sin(2 * np.pi * 1000 * time) * (time % 1 >= 0.6)).astype(np.int16)
    shades = [255 if n % FPS >= 0.6 * FPS else 16 for n in range(seconds * FPS)]
    pictures = (np.full((480, 640, 3), shade, np.uint8) for shade in shades)
    return EncodedClip(encode_opus([wave]), encode_vp8(pictures), "flash and beep")


def onsets(values: list[tuple[float, float]]) -> list[float]:
    """When the value rises above half of its maximum."""
    limit = max(value for _, value in values) / 2
    return [at for (_, before), (at, value) in itertools.pairwise(values) if before < limit <= value]


def lose(viewer: Viewer, share: float) -> Callable[[], None]:
    """From here on so much of what arrives is lost on the way, until what this gives is called."""
    ice = viewer.pc.getReceivers()[0].transport.transport
    receive = ice._recv

    async def recv() -> bytes:
        while True:
            data: bytes = await receive()
            if not losing or random.random() >= share:
                return data

    losing = [share]
    ice._recv = recv
    return losing.clear
