"""Everything that touches private names of aiortc 1.16.0 and aioice 0.13.0;
`tests/media/test_aiortc_adapter.py` fails when a new version changes one of them.

What is different from the libraries' own behaviour, and why:

- Frames leave the receiver encoded (`media.encoded`), on the event loop. aiortc would start a decoder thread
  per track and fill unbounded queues, which leak when nobody reads them.
- Sound passes through `SoundJitterBuffer`: aiortc's own throws good packets away before each hole (at 5 %
  loss it delivers 78 % of the sound, this one 95 %).
- Consent (RFC 7675) is checked often enough to notice a vanished peer within about six seconds instead of
  thirty, and the checks measure the round-trip time.
- Host candidates are the configured addresses, or all interfaces and loopback, which aioice leaves out.
- No ICE server is used unless configured: aiortc's default is a public one.
"""

from __future__ import annotations

import asyncio
import queue
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from aioice import ice, stun
from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtp import AnyRtcpPacket, RtcpSrPacket, RtpPacket
from aiortc.sdp import candidate_from_sdp

from media.encoded import EncodedFrame, EndSink, FrameSink
from media.errors import OfferError
from media.items import Kind
from media.jitter import SoundJitterBuffer
from media.lipsync import NTP_SECOND, SenderReport
from media.rtp_writer import RtpWriter
from media.sdp import Offer
from media.settings import MediaSettings

# The private names that this file relies on, by class.
RECEIVER_NAMES = ("codecs", "decoder_error", "decoder_queue", "jitter_buffer", "remote_streams", "rtx_ssrc")
SENDING = ("sendonly", "sendrecv")  # as aiortc turns an offer of recvonly or sendrecv round for its own side
CONNECTION_NAMES = ("_nominated", "_query_consent_task", "get_component_candidates", "query_consent")


@dataclass(frozen=True, slots=True)
class StreamTotals:
    """What one receiver counted since the start, retransmissions left out."""

    received: int = 0
    expected: int = 0
    jitter_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Sinks:
    """Where one kind of media goes. All are called on the event loop."""

    frame: FrameSink
    end: EndSink
    report: Callable[[SenderReport], None] = lambda report: None


class Peer:
    """One WebRTC connection that answers an offer: hands encoded frames on, counts, and can send.

    `on_state` gets aiortc's connection states ("connected", "failed", "closed"). Kinds without sinks, and
    second tracks of a kind, are dropped unread. Of the kinds that `sends` names those have a writer, after
    `answer`, that the other side is willing to receive; `wire` makes it.
    """

    def __init__(
        self,
        settings: MediaSettings,
        sinks: dict[Kind, Sinks],
        on_state: Callable[[str], None],
        *,
        sends: Iterable[Kind] = (),
        wire: Callable[[Kind, RTCRtpSender], RtpWriter] = lambda kind, sender: RtpWriter(sender),
    ) -> None:
        self._sends, self._wire = frozenset(sends), wire
        self.writers: dict[Kind, RtpWriter] = {}
        servers = [
            RTCIceServer(urls=list(server.urls), username=server.username, credential=server.credential)
            for server in settings.ice_servers
        ]
        self._settings = settings
        self._sinks = sinks
        self._on_state = on_state
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._pc.on("connectionstatechange", lambda: on_state(self._pc.connectionState))
        self._receivers: dict[Kind, RTCRtpReceiver] = {}
        self.rtt_s: float | None = None

    async def answer(self, offer: Offer) -> str:
        """aiortc's answer to `offer.text`. Raises `OfferError`; the caller closes the peer then."""
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(sdp=offer.text, type="offer"))
            self._prepare()
            await self._pc.setLocalDescription(await self._pc.createAnswer())
        except OfferError:
            raise
        except Exception as error:  # the libraries raise anything from AssertionError to StopIteration
            raise OfferError("offer.unsupported", "the offer cannot be negotiated") from error
        local = self._pc.localDescription.sdp
        if "a=candidate:" not in local:
            raise OfferError("ice.no-address", "the server has no address to receive media at")
        return local

    async def add_candidate(self, mid: str, value: str) -> None:
        """Adds a candidate that `media.sdp.is_candidate` accepts."""
        candidate = candidate_from_sdp(value)
        candidate.sdpMid = mid
        await self._pc.addIceCandidate(candidate)

    async def close(self) -> None:
        await self._pc.close()

    def request_key_frame(self) -> None:
        """The next video packet is answered with a picture loss indication (RFC 4585)."""
        receiver = self._receivers.get("video")
        if receiver is not None:
            _private(receiver, "decoder_error").set()

    def totals(self, kind: Kind) -> StreamTotals:
        receiver = self._receivers.get(kind)
        if receiver is None:
            return StreamTotals()
        retransmissions = _private(receiver, "rtx_ssrc")
        streams = [
            stream
            for ssrc, stream in _private(receiver, "remote_streams").items()
            if ssrc not in retransmissions
        ]
        if not streams:
            return StreamTotals()
        return StreamTotals(
            sum(stream.packets_received for stream in streams),
            sum(stream.packets_expected for stream in streams),
            max(stream.jitter / stream._clockrate for stream in streams),
        )

    @property
    def bytes_received(self) -> int:
        """Octets of all datagrams on the media transport."""
        transports = {receiver.transport for receiver in self._receivers.values()}
        return sum(vars(transport)["_RTCDtlsTransport__rx_bytes"] for transport in transports)

    def _prepare(self) -> None:
        connections: set[Any] = set()
        for transceiver in self._pc.getTransceivers():
            receiver, kind = transceiver.receiver, cast(Kind, transceiver.kind)
            connections.add(receiver.transport.transport._connection)
            if kind in self._sends - self.writers.keys() and transceiver._offerDirection in SENDING:
                transceiver.sender._stream_id = "viva"  # one stream for both: browsers keep lips to words
                self.writers[kind] = self._wire(kind, transceiver.sender)
                transceiver.direction = "sendrecv" if kind in self._sinks else "sendonly"
            if kind in self._receivers or kind not in self._sinks:
                _set_private(receiver, "decoder_queue", _EndQueue(lambda: None))
                _set_private(receiver, "jitter_buffer", _Discard())
                continue
            self._receivers[kind] = receiver
            _tap(receiver, kind, self._sinks[kind], self._settings)
        if self._pc.sctp is not None:
            connections.add(self._pc.sctp.transport.transport._connection)
        for connection in connections:
            self._prepare_ice(connection)

    def _prepare_ice(self, connection: ice.Connection) -> None:
        gather = connection.get_component_candidates
        hosts = list(self._settings.ice_hosts)

        async def get_component_candidates(component: int, addresses: list[str], timeout: int = 5) -> Any:
            found = hosts or [*dict.fromkeys([*addresses, "127.0.0.1"])]
            return await gather(component=component, addresses=found, timeout=timeout)

        connection.get_component_candidates = get_component_candidates
        connection.query_consent = lambda: self._query_consent(connection)

    async def _query_consent(self, connection: ice.Connection) -> None:
        failures = 0
        while failures < self._settings.consent_failures:
            await asyncio.sleep(self._settings.consent_interval_s * random.uniform(0.8, 1.2))
            for pair in list(connection._nominated.values()):
                request = connection.build_request(pair, nominate=False)
                asked = time.monotonic()
                try:
                    await pair.protocol.request(
                        request,
                        pair.remote_addr,
                        integrity_key=connection.remote_password.encode(),
                        retransmissions=0,
                    )
                except stun.TransactionError:
                    failures += 1
                else:
                    failures = 0
                    self.rtt_s = time.monotonic() - asked
        # Told before DTLS notices that its transport is gone, which would look as if the client had hung up.
        self._on_state("failed")
        connection._query_consent_task = None  # close() would otherwise cancel the task that calls it
        await connection.close()


def _private(receiver: RTCRtpReceiver, name: str) -> Any:
    return getattr(receiver, f"_RTCRtpReceiver__{name}")


def _set_private(receiver: RTCRtpReceiver, name: str, value: object) -> None:
    setattr(receiver, f"_RTCRtpReceiver__{name}", value)


Layer = tuple[int | None, bool]
NO_LAYER: Layer = (None, False)


def _tap(receiver: RTCRtpReceiver, kind: Kind, sinks: Sinks, settings: MediaSettings) -> None:
    """Puts our jitter buffer into the receiver; it delivers to the sink and leaves nothing to decode."""
    codecs = _private(receiver, "codecs")

    def deliver(packet: RtpPacket, data: bytes, lost: int, layer: Layer = NO_LAYER) -> None:
        codec = codecs[packet.payload_type]
        if data:
            stamp, ssrc = packet.timestamp, packet.ssrc
            sinks.frame(EncodedFrame(kind, codec.name, codec.clockRate, data, stamp, ssrc, lost, *layer))

    buffer = _SoundTap(settings, deliver) if kind == "audio" else _PictureTap(deliver, codecs)
    handle = receiver._handle_rtcp_packet

    async def handle_rtcp(packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpSrPacket) and packet.sender_info.ntp_timestamp:
            info = packet.sender_info
            report = SenderReport(kind, packet.ssrc, info.ntp_timestamp / NTP_SECOND, info.rtp_timestamp)
            sinks.report(report)
        await handle(packet)

    receiver._handle_rtcp_packet = handle_rtcp  # type: ignore[method-assign]

    def end() -> None:
        if isinstance(buffer, _SoundTap):
            buffer.buffer.flush()
        sinks.end()

    _set_private(receiver, "jitter_buffer", buffer)
    _set_private(receiver, "decoder_queue", _EndQueue(end))


class _SoundTap:
    """In aiortc's place for a jitter buffer: `add` returns (send a PLI?, frame to decode)."""

    def __init__(self, settings: MediaSettings, deliver: Callable[[RtpPacket, bytes, int], None]) -> None:
        self.buffer = SoundJitterBuffer[Any](
            settings.jitter_packets,
            settings.jitter_wait_s,
            lambda packet, lost: deliver(packet, packet._data, lost),
        )

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        self.buffer.add(packet)
        return False, None


class _PictureTap(JitterBuffer):
    """aiortc's jitter buffer for pictures; the frames it completes go to the sink instead of a decoder."""

    MAX_LAYERS = 128  # frames that are never completed must not gather here

    def __init__(
        self, deliver: Callable[[RtpPacket, bytes, int, Layer], None], codecs: dict[int, Any]
    ) -> None:
        super().__init__(capacity=512, is_video=True)
        self._deliver = deliver
        self._codecs = codecs
        self._layers: dict[int, Layer] = {}

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        self._note_layer(packet)
        wants_key_frame: bool
        frame: JitterFrame | None
        wants_key_frame, frame = super().add(packet)
        if frame is not None:
            stamped = RtpPacket(payload_type=packet.payload_type, timestamp=frame.timestamp, ssrc=packet.ssrc)
            self._deliver(stamped, frame.data, 0, self._layers.pop(frame.timestamp, NO_LAYER))
        return wants_key_frame, None

    def _note_layer(self, packet: RtpPacket) -> None:
        """The payload descriptor is lost in the reassembled frame; all packets of a frame have the same."""
        if packet.timestamp in self._layers or self._codecs[packet.payload_type].name != "VP8":
            return
        try:
            descriptor, _ = VpxPayloadDescriptor.parse(packet.payload)
        except ValueError:
            return
        tid = descriptor.tid
        self._layers[packet.timestamp] = NO_LAYER if tid is None else (tid[0], bool(tid[1]))
        if len(self._layers) > self.MAX_LAYERS:
            del self._layers[next(iter(self._layers))]


class _Discard:
    """For tracks that nobody wants."""

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        return False, None


class _EndQueue(queue.Queue[None]):
    """In the decoder queue's place. aiortc's decoder thread finds None in it and ends at once; the None that
    aiortc puts there when the stream is over (RTCP BYE, DTLS closed, stop) is the end of the track."""

    def __init__(self, end: EndSink) -> None:
        super().__init__()
        self._end = end

    def get(self, block: bool = True, timeout: float | None = None) -> None:
        return None

    def put(self, item: None, block: bool = True, timeout: float | None = None) -> None:
        self._end()
