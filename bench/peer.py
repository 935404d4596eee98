"""A WHIP client (RFC 9725) that sends an encoded clip in real time, as a candidate's browser would."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from fractions import Fraction
from functools import partial
from types import TracebackType
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
import av
import numpy as np
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from bench.clip import OPUS_SAMPLES, EncodedClip
from bench.server import ServerError
from bench.sound import OPUS_TICKS
from bench.virtual_camera import FPS
from media.record.mux import SILENCE

VIDEO_TICKS = 90_000


class Pace:
    """When the first packet left: sound and picture of one sender start together."""

    def __init__(self) -> None:
        self.started_at: float | None = None  # time.time()
        self._zero = 0.0

    async def until(self, media_s: float) -> None:
        if self.started_at is None:
            self.started_at, self._zero = time.time(), time.monotonic()
        wait = media_s - self.elapsed_s
        if wait > 0:
            await asyncio.sleep(wait)

    @property
    def elapsed_s(self) -> float:
        """Since the first packet; 0 before it."""
        return 0.0 if self.started_at is None else time.monotonic() - self._zero


class PacketTrack(MediaStreamTrack):
    """Sends ready-made packets at their times; aiortc passes an `av.Packet` on as it is."""

    def __init__(
        self, kind: str, packets: tuple[bytes, ...], pace: Pace, duration: Fraction, ticks: int
    ) -> None:
        super().__init__()
        self.kind = kind
        self.sent = 0
        self.ended = asyncio.Event()  # the last packet of the clip has left
        self._packets, self._pace, self._duration, self._ticks = packets, pace, duration, ticks

    async def recv(self) -> av.Packet[Any]:
        if self.readyState != "live":
            raise MediaStreamError
        at = self.sent * self._duration
        await self._pace.until(float(at))
        packet = av.Packet(self._next())
        packet.pts, packet.time_base = int(at * self._ticks), Fraction(1, self._ticks)
        self.sent += 1
        if self.sent >= len(self._packets):
            self.ended.set()
        return packet

    def _next(self) -> bytes:
        if self.sent < len(self._packets):
            return self._packets[self.sent]
        # After the clip the candidate sits there silently: the picture begins again at its first key frame.
        return SILENCE if self.kind == "audio" else self._packets[self.sent % len(self._packets)]


class Peer:
    """One candidate's connection; `listen`: it takes sound too.

    Leaving its `async with` hangs up; only `end` sends the DELETE.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        whip_url: str,
        token: str,
        clip: EncodedClip,
        *,
        trickle: bool = False,
        listen: bool = False,
        ice_servers: Sequence[RTCIceServer] = (),
    ) -> None:
        self.links: list[str] = []  # Link fields of the answer: the ICE servers that the server tells of
        self.heard: list[tuple[float, float]] = []  # mean power of each frame of sound, and its RTP time (s)
        self._listen = listen
        self._listening: list[asyncio.Task[None]] = []
        self.clip = clip
        self.connected = asyncio.Event()
        self.pace = Pace()
        self._http, self._whip_url, self._trickle = http, whip_url, trickle
        self._headers = {"Authorization": f"Bearer {token}"}
        self._resource: str | None = None
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=list(ice_servers)))
        self._pc.on("connectionstatechange", self._state_changed)
        if listen:
            self._pc.on("track", lambda track: self._listening.append(asyncio.create_task(self._hear(track))))
        self.tracks: list[PacketTrack] = []
        if clip.audio:
            step = Fraction(OPUS_SAMPLES, OPUS_TICKS)
            self.tracks.append(PacketTrack("audio", clip.audio, self.pace, step, OPUS_TICKS))
        if clip.video:
            self.tracks.append(PacketTrack("video", clip.video, self.pace, Fraction(1, FPS), VIDEO_TICKS))

    async def __aenter__(self) -> Peer:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pc.close()
        for task in self._listening:
            task.cancel()

    @property
    def sound_sent_ms(self) -> float:
        """Sound of the clip that has left so far; silence after it does not count."""
        return sum(20.0 * min(t.sent, len(self.clip.audio)) for t in self.tracks if t.kind == "audio")

    @property
    def pair(self) -> tuple[str, str]:
        """Kinds of the nominated candidates, ours and the server's: host, srflx, prflx or relay."""
        connection = self._pc.getTransceivers()[0].sender.transport.transport._connection
        pair = connection._nominated[1]
        return pair.local_candidate.type, pair.remote_candidate.type

    async def connect(self, timeout_s: float = 20.0) -> None:
        """Offers, takes the answer, waits until media flows. Raises ServerError when refused or too late."""
        for track in self.tracks:
            both = self._listen and track.kind == "audio"
            transceiver = self._pc.addTransceiver(track, direction="sendrecv" if both else "sendonly")
            if track.kind == "video":
                codecs = RTCRtpSender.getCapabilities("video").codecs
                transceiver.setCodecPreferences(
                    [c for c in codecs if c.mimeType in ("video/VP8", "video/rtx")]
                )
        if _is_loopback(self._whip_url):
            self._offer_loopback()
        await self._pc.setLocalDescription(await self._pc.createOffer())
        offer = self._pc.localDescription.sdp
        fragment = sdp_fragment(offer)
        if self._trickle:
            offer = "".join(line for line in offer.splitlines(True) if not line.startswith("a=candidate"))
        etag = await self._offer(offer)
        if self._trickle:
            await self._patch(fragment, etag)
        try:
            await asyncio.wait_for(self.connected.wait(), timeout_s)
        except TimeoutError:
            raise ServerError(f"no media path to the server after {timeout_s:.0f} s") from None

    async def finished(self) -> None:
        """Until the whole clip has been sent."""
        await asyncio.gather(*(track.ended.wait() for track in self.tracks))

    async def end(self) -> None:
        """DELETE: the candidate leaves on purpose, the session ends."""
        if self._resource is None:
            raise ServerError("never connected")
        async with self._http.delete(self._resource, headers=self._headers) as answer:
            if answer.status != 200:
                raise ServerError(f"DELETE {self._resource}: {answer.status} {(await answer.text())[:200]}")

    async def _offer(self, sdp: str) -> str:
        headers = {**self._headers, "Content-Type": "application/sdp"}
        async with self._http.post(self._whip_url, data=sdp, headers=headers) as answer:
            text = await answer.text()
            if answer.status != 201:
                raise ServerError(f"the server refused the offer: {answer.status} {text[:300]}")
            self._resource = urljoin(self._whip_url, answer.headers["Location"])
            etag = answer.headers["ETag"]
            self.links = answer.headers.getall("Link", [])
        await self._pc.setRemoteDescription(RTCSessionDescription(sdp=text, type="answer"))
        return etag

    async def _patch(self, fragment: str, etag: str) -> None:
        headers = {**self._headers, "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": etag}
        async with self._http.patch(self._resource or "", data=fragment, headers=headers) as answer:
            if answer.status != 204:
                raise ServerError(f"trickle refused: {answer.status} {(await answer.text())[:200]}")

    def _offer_loopback(self) -> None:
        """To a server on this machine 127.0.0.1 is offered too; aioice alone leaves it out."""
        for transceiver in self._pc.getTransceivers():
            connection = transceiver.sender.transport.transport._connection
            gather = connection.get_component_candidates
            connection.get_component_candidates = partial(on_loopback, gather)

    async def _hear(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame: Any = await track.recv()
            except MediaStreamError:
                return
            samples = frame.to_ndarray().astype(np.float64)
            self.heard.append((float((samples**2).mean()), float(frame.pts * frame.time_base)))

    def _state_changed(self) -> None:
        if self._pc.connectionState == "connected":
            self.connected.set()


async def on_loopback(gather: Callable[..., Awaitable[Any]], component: int, addresses: list[str]) -> Any:
    return await gather(component=component, addresses=[*addresses, "127.0.0.1"])


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def sdp_fragment(offer: str) -> str:
    """The candidates of an offer as a trickle fragment (RFC 8840 section 4.4), with the end of candidates."""
    lines = offer.splitlines()
    credentials = [next(li for li in lines if li.startswith(p)) for p in ("a=ice-ufrag:", "a=ice-pwd:")]
    fragment = list(credentials)
    for line in lines:
        if line.startswith(("m=", "a=mid:", "a=candidate:")):
            fragment.append(line)
    return "\r\n".join([*fragment, "a=end-of-candidates", ""])
