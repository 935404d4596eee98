"""The rival of forwarding: aiortc's own way, frames decoded once and encoded anew for each viewer."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from typing import Any

import av
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from bench.peer import on_loopback
from media.encoded import EncodedFrame, FrameHub


class _Decoded(MediaStreamTrack):
    """Decoded frames of one kind; the oldest give way."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self._codec: Any = av.CodecContext.create("libopus" if kind == "audio" else "libvpx", "r")
        self._started = False
        self._queue: asyncio.Queue[Any] = asyncio.Queue(50)

    def push(self, frame: EncodedFrame) -> None:
        self._started = self._started or frame.key
        if not self._started:
            return
        packet = av.Packet(frame.data)
        packet.pts, packet.time_base = frame.timestamp, Fraction(1, frame.clock_rate)
        for decoded in self._codec.decode(packet):
            decoded.pts, decoded.time_base = packet.pts, packet.time_base
            if self._queue.full():
                self._queue.get_nowait()
            self._queue.put_nowait(decoded)

    def push_end(self) -> None:
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    async def recv(self) -> Any:
        frame = await self._queue.get()
        if frame is None:
            raise MediaStreamError
        return frame


class Transcoder:
    """Answers viewers' offers with tracks that are encoded for each of them."""

    def __init__(self, frames: FrameHub) -> None:
        self._tracks = {"audio": _Decoded("audio"), "video": _Decoded("video")}
        self._relay = MediaRelay()
        self._connections: list[RTCPeerConnection] = []
        self._unsubscribe = frames.subscribe(self)

    def on_frame(self, frame: EncodedFrame, media_time: float) -> None:
        if self._connections:
            self._tracks[frame.kind].push(frame)

    async def answer(self, offer: str) -> str:
        pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._connections.append(pc)
        await pc.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
        for transceiver in pc.getTransceivers():
            transceiver.sender.replaceTrack(self._relay.subscribe(self._tracks[transceiver.kind]))
            transceiver.direction = "sendonly"
        connection = pc.getTransceivers()[0].sender.transport.transport._connection
        gather = connection.get_component_candidates
        connection.get_component_candidates = lambda component, addresses, timeout=5: on_loopback(
            gather, component, addresses
        )
        await pc.setLocalDescription(await pc.createAnswer())
        return str(pc.localDescription.sdp)

    async def close(self) -> None:
        self._unsubscribe()
        for pc in self._connections:
            await pc.close()
        for track in self._tracks.values():
            track.stop()
            track.push_end()
        await asyncio.sleep(0)
