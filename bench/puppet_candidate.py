"""A puppet as candidate: it publishes over WHIP, reads the session's events, and reacts to what they ask.

`Follower` does what it is asked; `Recording` shows what it always shows. Sound is a hum, or any clip's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

import aiohttp
import av
import cv2
import numpy as np
from aiortc.mediastreams import MediaStreamError
from numpy.typing import NDArray

from bench.clip import EncodedClip, vp8_encoder
from bench.peer import VIDEO_TICKS, Pace, PacketTrack, Peer
from bench.puppet import STRAIGHT, Pose, Puppet
from bench.server import Json, Server
from bench.virtual_camera import FPS, HEIGHT, WIDTH

Colour = tuple[float, float, float]
REACTION_S = 0.6
TURNED = 40.0  # degrees that the puppet turns; about 30 are measured
TURN_S, BLINK_S, RAMP_S = 0.9, 0.35, 0.2
SCREEN_S = 0.15  # a screen shows a colour so much later
SCREEN_SHARE = 0.2  # of the room's light


class Act(Protocol):
    """What the puppet does at a time, in seconds since its first packet."""

    def pose(self, at: float) -> Pose: ...

    def light(self, at: float) -> Colour | None: ...

    def hear(self, event: Json, at: float) -> None: ...


@dataclass
class Follower:
    """Does each step `reaction_s` after it was asked. `instead` replaces the steps that are asked, one by
    one: right actions in another order. `all_at_once`: on the first prompt it goes through `instead`, as a
    recording does that does not wait. `colours`: light the face with these instead of those asked for.
    """

    reaction_s: float = REACTION_S
    instead: Sequence[str] = ()
    all_at_once: bool = False
    lit: bool = True
    colours: Sequence[Colour] = ()
    _steps: list[tuple[float, str]] = field(default_factory=list)
    _flash: Json | None = None

    def hear(self, event: Json, at: float) -> None:
        data = event["data"]
        if data["type"] == "challenge.prompted":
            index = data["index"] - 1
            step = self.instead[index] if self.instead else data["step"]
            if not self.all_at_once:
                self._steps.append((at + self.reaction_s, step))
            elif index == 0:
                gap = TURN_S + 0.15  # hardly back, and on it goes
                self._steps = [(at + self.reaction_s + i * gap, s) for i, s in enumerate(self.instead)]
        elif data["type"] == "flash.prompted":
            self._flash = data

    def pose(self, at: float) -> Pose:
        return next(
            (
                doing(step, at - begins)
                for begins, step in reversed(self._steps)
                if begins <= at <= begins + 2
            ),
            STRAIGHT,
        )

    def light(self, at: float) -> Colour | None:
        if self._flash is None or not self.lit:
            return None
        shown = self.colours or self._flash["colours"]
        index = int(np.floor((at - SCREEN_S - self._flash["starts"]) / self._flash["step_s"]))
        if not 0 <= index < len(shown):
            return None
        red, green, blue = shown[index]
        return red, green, blue


@dataclass
class Recording:
    """Looks about a little and blinks now and then, whatever is asked; a still photograph with `still`."""

    still: bool = False
    sway: float = 6.0  # degrees

    def hear(self, event: Json, at: float) -> None:
        pass

    def pose(self, at: float) -> Pose:
        if self.still:
            return STRAIGHT
        lids = 0.0 if at % 7 > 6.8 else 1.0
        return Pose(
            self.sway * (0.75 * np.sin(at / 1.3) + 0.25 * np.sin(at * 1.9)), 3 * np.sin(at / 2.1), lids
        )

    def light(self, at: float) -> Colour | None:
        return None


def recorded(puppet: Puppet, act: Act, seconds: float, **options: Any) -> tuple[bytes, ...]:
    """What a puppet's camera would send, as VP8 frames made beforehand (`EncodedClip.video`)."""
    track = PuppetTrack(puppet, act, Pace(), **options)
    return tuple(track.frame(index / FPS) for index in range(round(seconds * FPS)))


def doing(step: str, since: float) -> Pose:
    """The pose so many seconds after a step was begun."""
    if step == "blink":
        return Pose(lids=0.0) if 0 <= since < BLINK_S else STRAIGHT
    share = max(0.0, min(since / RAMP_S, 1.0, (TURN_S - since) / RAMP_S))
    return Pose(yaw=TURNED * share * (1 if step == "turn-left" else -1))


class PuppetTrack(PacketTrack):
    """Draws, adds a sensor's noise and encodes, frame by frame, as a browser would: one that is late for a
    frame leaves it out, and shows the puppet as it is then."""

    def __init__(
        self,
        puppet: Puppet,
        act: Act,
        pace: Pace,
        *,
        noise: float = 1.5,
        jitter_s: float = 0.001,
        shake: float = 0.0,
        seed: int = 0,
    ) -> None:
        """`noise`: standard deviation in grey levels; `jitter_s`: of the camera's times of capture;
        `shake`: pixels that a camera held by hand wanders."""
        super().__init__("video", (), pace, Fraction(1, FPS), VIDEO_TICKS)
        self._puppet, self._act, self._jitter_s, self._shake = puppet, act, jitter_s, shake
        self._chance = np.random.default_rng(seed)
        self._noise: list[NDArray[np.int16]] = [
            self._chance.normal(0, noise, (HEIGHT, WIDTH, 3)).round().astype(np.int16)
            for _ in range(4 if noise else 0)
        ]
        self._codec: Any = vp8_encoder()
        self._encoded = 0

    async def recv(self) -> av.Packet[Any]:
        if self.readyState != "live":
            raise MediaStreamError
        self.sent = max(self.sent, int(self._pace.elapsed_s * FPS))
        at = self.sent / FPS
        await self._pace.until(at)
        packet = av.Packet(await asyncio.to_thread(self.frame, at))
        captured = at + float(self._chance.normal(0, self._jitter_s)) if self._jitter_s else at
        packet.pts = round(max(0.0, captured + 0.01) * VIDEO_TICKS)
        packet.time_base = Fraction(1, VIDEO_TICKS)
        self.sent += 1
        return packet

    def frame(self, at: float) -> bytes:
        """The next frame, encoded, as it is so many seconds after the first."""
        pose, light = self._act.pose(at), self._act.light(at)
        picture = self._puppet.draw(pose) if light is None else self._puppet.lit(pose, light, SCREEN_SHARE)
        if self._shake:
            x, y = self._shake * np.sin(at * 1.1), self._shake * np.sin(at * 0.73 + 1)
            moved = np.array([[1, 0, x], [0, 1, y]], np.float32)
            picture = np.asarray(
                cv2.warpAffine(picture, moved, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE), np.uint8
            )
        if self._noise:
            noise = np.roll(
                self._noise[self.sent % len(self._noise)], int(self._chance.integers(WIDTH)), axis=1
            )
            picture = np.asarray(cv2.add(picture, noise, dtype=cv2.CV_8U), np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = self._encoded, self._codec.time_base
        self._encoded += 1
        return b"".join(bytes(packet) for packet in self._codec.encode(frame))


class PuppetPeer(Peer):
    """A candidate whose picture is a puppet's and whose sound is `clip`'s. Use as `async with`."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        created: Json,
        url: str,
        clip: EncodedClip,
        puppet: Puppet,
        act: Act,
        **options: Any,
    ) -> None:
        """`created`: what creating the session gave; `url`: the server's; `options` as in `PuppetTrack`."""
        super().__init__(http, created["whip_url"], created["candidate_token"], clip.only(video=False))
        self._act = act
        self._api = Server(http, url, created["candidate_token"])
        self._session = created["id"]
        self.tracks.append(PuppetTrack(puppet, act, self.pace, **options))
        self._following: asyncio.Task[None] | None = None

    async def connect(self, timeout_s: float = 20.0) -> None:
        await super().connect(timeout_s)
        self._following = asyncio.create_task(self._follow())

    async def __aexit__(self, *error: Any) -> None:
        if self._following:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        await super().__aexit__(*error)

    async def _follow(self) -> None:
        async for received in self._api.events(self._session):
            if self.pace.started_at is not None:
                self._act.hear(received.event, time.time() - self.pace.started_at)
