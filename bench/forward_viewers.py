"""Viewers in a process of their own, whose cost is not the server's. They receive and decode nothing."""

from __future__ import annotations

import asyncio
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import aiortc.rtcrtpreceiver
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from bench.peer import on_loopback


class _Counted:
    """In the place of a decoder."""

    pictures = 0

    def __init__(self, codec: Any) -> None:
        self._counts = codec.mimeType.startswith("video/")

    def decode(self, frame: object) -> list[Any]:
        _Counted.pictures += self._counts
        return []


def watch(pipe: Connection[Any, Any], count: int) -> None:
    """Offers `count` viewers over `pipe` one by one; counts pictures between "count" and "stop"."""
    aiortc.rtcrtpreceiver.get_decoder = _Counted  # type: ignore[attr-defined,assignment]
    asyncio.run(_watch(pipe, count))


async def _watch(pipe: Connection[Any, Any], count: int) -> None:
    connections = [RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(count)]
    for pc in connections:
        for kind in ("audio", "video"):
            pc.addTransceiver(kind, direction="recvonly")
        connection = pc.getTransceivers()[0].sender.transport.transport._connection
        connection.get_component_candidates = partial(on_loopback, connection.get_component_candidates)
        await pc.setLocalDescription(await pc.createOffer())
        await asyncio.to_thread(pipe.send, pc.localDescription.sdp)
        answer = await asyncio.to_thread(pipe.recv)
        await pc.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))
    async with asyncio.timeout(20):
        while any(pc.connectionState != "connected" for pc in connections):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await asyncio.to_thread(pipe.send, "connected")
    await asyncio.to_thread(pipe.recv)
    before = _Counted.pictures
    await asyncio.to_thread(pipe.recv)
    await asyncio.to_thread(pipe.send, _Counted.pictures - before)
    for pc in connections:
        await pc.close()
