"""Candidates who come and go: each visit is a session with its own length and way of leaving."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urljoin

import aiohttp

from bench.clip import OPUS_SAMPLES, EncodedClip
from bench.peer import Peer
from bench.server import Server, ServerError
from bench.sound import OPUS_TICKS
from bench.viewer import Viewer
from bench.virtual_camera import FPS
from media.record.mux import SILENCE

STRETCH_S = 6.0  # of speech between two pauses
STAY_S = (30.0, 120.0)
APART_S = (1.0, 4.0)
CONNECT_S = 60.0
AGAIN_S = 90.0  # for the server to notice that the earlier connection is gone
RESULT_S = 180.0
PER_S = OPUS_TICKS // OPUS_SAMPLES


@dataclass(slots=True)
class Visits:
    """One place after another taken by somebody new, until `stop`. `told` counts how visits went."""

    server: Server
    clip: EncodedClip
    seed: int
    told: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    _readers: set[asyncio.Task[None]] = field(default_factory=set)

    async def fill(self, place: int) -> None:
        """One of the places; returns after the visit during which `stop` was set."""
        rng = random.Random(1000 * self.seed + place)
        number = 0
        while not self.stop.is_set():
            number += 1
            try:
                await self._visit(rng, f"Candidate {place}-{number}")
            except (ServerError, aiohttp.ClientError, TimeoutError) as error:
                self.told["failed"] += 1
                self.failures.append(f"candidate {place}-{number}: {error or type(error).__name__}")
                await self._wait(5.0)
            await self._wait(rng.uniform(*APART_S))

    async def results(self) -> None:
        """Until every session that was ended on purpose has its result."""
        if self._readers:
            await asyncio.wait(self._readers)

    async def _visit(self, rng: random.Random, name: str) -> None:
        recorded = rng.random() < 0.5
        made = await self.server.create_session(name, "en", spoken="en", record=recorded)
        session, token = str(made["id"]), str(made["candidate_token"])
        whip = urljoin(self.server.url + "/", made["whip_url"]) + ("?record=yes" if recorded else "")
        self.told["begun"] += 1
        reader = asyncio.create_task(self._read(session))
        self._readers.add(reader)
        reader.add_done_callback(self._readers.discard)
        clip = turned(self.clip, rng)
        leaves = rng.choices(("goodbye", "vanishes", "returns"), (60, 20, 20))[0]
        async with self._peer(whip, token, clip) as peer:
            await peer.connect(CONNECT_S)
            if rng.random() < 1 / 3:
                await self._watched(session, rng.uniform(5, 15))
            await self._wait(rng.uniform(*STAY_S))
            if leaves == "goodbye":
                await peer.end()
        if leaves == "returns":
            await self._return(whip, token, clip, rng)
        self.told[leaves] += 1

    async def _return(self, whip: str, token: str, clip: EncodedClip, rng: random.Random) -> None:
        async with asyncio.timeout(AGAIN_S):
            while True:
                peer = self._peer(whip, token, clip)
                try:
                    await peer.connect(CONNECT_S)
                    break
                except ServerError as error:  # 409: not noticed yet that the earlier one is gone
                    await peer.__aexit__(None, None, None)
                    if " 409 " not in str(error):
                        raise
                await asyncio.sleep(1.0)
        async with peer:
            await self._wait(rng.uniform(10, 30))
            await peer.end()

    def _peer(self, whip: str, token: str, clip: EncodedClip) -> Peer:
        return Peer(self.server.http, whip, token, clip)

    async def _watched(self, session: str, seconds: float) -> None:
        """Somebody on the other side looks on for a while."""

        async def offer(sdp: str) -> str:
            return await self.server.watch(session, sdp)

        async with Viewer() as viewer:
            await viewer.connect(offer)
            await self._wait(seconds)
            self.told["watched" if viewer.pictures and viewer.sounds else "saw nothing"] += 1

    async def _read(self, session: str) -> None:
        """Its events; who vanishes gets a result after the grace time."""
        with contextlib.suppress(ServerError, aiohttp.ClientError, TimeoutError):
            async with asyncio.timeout(STAY_S[1] + AGAIN_S + RESULT_S):
                async for event in self.server.events(session):
                    self.told["events"] += 1
                    if event.type == "result.ready":
                        self.told["finished"] += 1

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stop.wait(), seconds)


def with_pauses(clip: EncodedClip, talk: float, seconds: float) -> EncodedClip:
    """`seconds` of the clip in stretches of six seconds, so that a share `talk` of the time is speech."""
    stretch = round(STRETCH_S * PER_S)
    pause = round(stretch * (1 - talk) / talk)
    audio: list[bytes] = []
    at = 0
    while len(audio) < seconds * PER_S:
        audio += [clip.audio[(at + n) % len(clip.audio)] for n in range(stretch)] + [SILENCE] * pause
        at += stretch
    pictures = [clip.video[n % len(clip.video)] for n in range(round(seconds * FPS))]
    return EncodedClip(tuple(audio[: round(seconds * PER_S)]), tuple(pictures), clip.name)


def turned(clip: EncodedClip, rng: random.Random) -> EncodedClip:
    """Begun somewhere else, at a key frame (one a second): people do not speak in step."""
    second = rng.randrange(int(clip.seconds))
    sound, picture = second * PER_S, second * FPS
    return EncodedClip(
        clip.audio[sound:] + clip.audio[:sound], clip.video[picture:] + clip.video[:picture], clip.name
    )
