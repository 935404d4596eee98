"""A WHEP client (draft-ietf-wish-whep) of aiortc: decodes and keeps when each frame came."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from types import TracebackType
from typing import Any

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtp import AnyRtcpPacket, RtcpSrPacket
from numpy.typing import NDArray

from bench.peer import on_loopback

Offer = Callable[[str], Awaitable[str]]


class Viewer:
    """`await connect(offer)`; `pictures` and `sounds` then hold (arrival, RTP time in s, what was decoded).

    Arrivals are of `time.perf_counter`. What is decoded: a small grey picture, the sound's mean power.
    """

    def __init__(self, *, speak: MediaStreamTrack | None = None) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.pictures: list[tuple[float, float, NDArray[np.uint8]]] = []
        self.sounds: list[tuple[float, float, float]] = []
        self.asked_at = 0.0
        self._reports: dict[str, tuple[float, int]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        if speak is None:
            self.pc.addTransceiver("audio", direction="recvonly")
        else:
            self.pc.addTransceiver(speak, direction="sendrecv")
        self.pc.addTransceiver("video", direction="recvonly")
        self.pc.on("track", self._on_track)

    async def __aenter__(self) -> Viewer:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def connect(self, offer: Offer) -> None:
        """`offer` takes the SDP offer and gives the answer."""
        self.asked_at = time.perf_counter()
        for transceiver in self.pc.getTransceivers():
            connection = transceiver.sender.transport.transport._connection
            connection.get_component_candidates = partial(on_loopback, connection.get_component_candidates)
        await self.pc.setLocalDescription(await self.pc.createOffer())
        answer = await offer(str(self.pc.localDescription.sdp))
        await self.pc.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))

    async def close(self) -> None:
        await self.pc.close()
        for task in self._tasks:
            task.cancel()

    async def until(self, condition: Callable[[], Any], timeout_s: float = 10.0) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    @property
    def first_picture_s(self) -> float:
        """From the offer to the first decoded picture."""
        return self.pictures[0][0] - self.asked_at

    def _on_track(self, track: MediaStreamTrack) -> None:
        receiver = next(one for one in self.pc.getReceivers() if one.track is track)
        handle = receiver._handle_rtcp_packet

        async def handle_rtcp(packet: AnyRtcpPacket) -> None:
            if isinstance(packet, RtcpSrPacket) and packet.sender_info.ntp_timestamp:
                info = packet.sender_info
                self._reports[track.kind] = (info.ntp_timestamp / (1 << 32), info.rtp_timestamp)
            await handle(packet)

        receiver._handle_rtcp_packet = handle_rtcp  # type: ignore[method-assign]
        self._tasks.append(asyncio.create_task(self._watch(track)))

    def ntp(self, kind: str, at: float) -> float:
        """The sender's clock (NTP, s) at RTP time `at` of a stream, by its last sender report (RFC 3550)."""
        rate = 48_000 if kind == "audio" else 90_000
        receiver = next(one for one in self.pc.getReceivers() if one.track.kind == kind)
        origin = vars(receiver)["_RTCRtpReceiver__timestamp_mapper"]._origin
        ntp, stamp = self._reports[kind]
        ticks: int = ((origin + round(at * rate) - stamp + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        return ntp + ticks / rate

    async def _watch(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame: Any = await track.recv()
            except MediaStreamError:
                return
            now, at = time.perf_counter(), float(frame.pts * frame.time_base)
            if track.kind == "video":
                grey = frame.to_ndarray(format="gray")[::8, ::8]
                self.pictures.append((now, at, grey))
            else:
                samples = frame.to_ndarray().astype(np.float64)
                self.sounds.append((now, at, float((samples**2).mean())))
