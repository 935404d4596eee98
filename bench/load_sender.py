"""Candidates that are real WebRTC peers and send ready-made packets, over a link that may lose them.

They run in a process of their own, so that the receiver's cost can be told from theirs.
"""

from __future__ import annotations

import asyncio
import random
import re
from fractions import Fraction
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription

from bench.clip import OPUS_SAMPLES
from bench.layered import FPS
from bench.peer import VIDEO_TICKS, Pace, PacketTrack
from bench.sound import OPUS_TICKS

JITTER_S = 0.05


class Link:
    """Drops and delays datagrams of media in both directions of time, never of ICE and DTLS."""

    def __init__(self, loss: float, jitter_s: float, seed: int) -> None:
        self._loss, self._jitter_s = loss, jitter_s
        self._rng = random.Random(seed)
        self.sent = self.dropped = 0

    def stand_in(self, transport: Any) -> None:
        """Takes the place of a transport's `sendto`."""
        send, loop = transport.sendto, asyncio.get_running_loop()

        def late(data: bytes, address: Any) -> None:
            if not transport.is_closing():
                send(data, address)

        def sendto(data: bytes, address: Any) -> None:
            if not 127 < data[0] < 192:
                send(data, address)
                return
            self.sent += 1
            if self._rng.random() < self._loss:
                self.dropped += 1
            elif self._jitter_s:
                loop.call_later(self._rng.uniform(0, self._jitter_s), late, data, address)
            else:
                send(data, address)

        transport.sendto = sendto


class Candidate:
    """One peer. Sound is said from the clip's beginning, round and round, or once and then silence; so is the
    picture, where there is one."""

    def __init__(
        self, audio: tuple[bytes, ...], video: tuple[bytes, ...], link: Link | None, *, once: bool = False
    ) -> None:
        self._link = link
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        pace = Pace()
        kind = PacketTrack if once else Loop
        self.sound = kind("audio", audio, pace, Fraction(OPUS_SAMPLES, OPUS_TICKS), OPUS_TICKS)
        self.picture = kind("video", video, pace, Fraction(1, FPS), VIDEO_TICKS)
        for track in (self.sound, self.picture) if video else (self.sound,):
            transceiver = self._pc.addTransceiver(track, direction="sendonly")
            if track.kind == "video":
                codecs = RTCRtpSender.getCapabilities("video").codecs
                wanted = ("video/VP8", "video/rtx")
                transceiver.setCodecPreferences([c for c in codecs if c.mimeType in wanted])

    async def offer(self) -> str:
        await self._pc.setLocalDescription(await self._pc.createOffer())
        return with_repeated_sound(str(self._pc.localDescription.sdp))

    async def take(self, answer: str) -> None:
        await self._pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        connected = asyncio.Event()
        self._pc.on("connectionstatechange", connected.set)
        async with asyncio.timeout(20):
            while self._pc.connectionState != "connected":
                connected.clear()
                await connected.wait()
        if self._link is not None:
            for ice in vars(self._pc)["_RTCPeerConnection__iceTransports"]:
                for protocol in ice._connection._protocols:
                    # A wrapper object is needed: the transport itself takes no attributes.
                    protocol.transport = Transport(protocol.transport, self._link)

    async def close(self) -> None:
        await self._pc.close()


def with_repeated_sound(offer: str) -> str:
    """As the candidate's page offers it. aiortc repeats sound when asked, yet does not say that it would."""
    return re.sub(r"(a=rtpmap:(\d+) opus/48000/2\r\n)", r"\1a=rtcp-fb:\2 nack\r\n", offer)


class Transport:
    """A datagram transport with a lossy `sendto`."""

    def __init__(self, inner: Any, link: Link) -> None:
        self._inner = inner
        self.sendto = inner.sendto
        link.stand_in(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class Loop(PacketTrack):
    """The packets round and round; a picture's number stays what it was in the clip, modulo its layers."""

    def _next(self) -> bytes:
        return self._packets[self.sent % len(self._packets)]
