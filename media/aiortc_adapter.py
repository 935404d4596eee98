"""Everything that touches private names of aiortc 1.16.0 and aioice 0.13.0;
`tests/media/test_aiortc_adapter.py` fails when a new version changes one of them.

What is different from the libraries' own behaviour, and why:

- Datagrams of media do not pass through aioice's queue and aiortc's receivers: where they arrive they are
  decrypted and handed to `media.rtp`, which does the rest without a task, a queue or an object per field.
  aiortc keeps signalling, ICE, DTLS, data channels and whatever is sent.
- Frames leave encoded (`media.encoded`), on the event loop; nothing is decoded, so nothing can pile up.
- Consent (RFC 7675) is checked often enough to notice a vanished peer within about six seconds instead of
  thirty, and the checks measure the round-trip time. A publisher is given a few seconds more: Chromium takes
  seven to twelve to notice that its way is gone, and may restart ICE then.
- Host candidates are the configured addresses, or all interfaces and loopback, which aioice leaves out.
- No ICE server is used unless configured: aiortc's default is a public one.
- The way may change below a connection that goes on (`media.ice_restart`).
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

import pylibsrtp
from aioice import ice, stun
from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtp import RtcpByePacket, RtcpPacket, RtcpSrPacket, is_rtcp
from aiortc.sdp import candidate_from_sdp

from media import ice_hosts
from media.encoded import EndSink, FrameSink
from media.errors import OfferError
from media.ice_restart import LocalWay, Rerouting
from media.items import Kind
from media.lipsync import NTP_SECOND, SenderReport
from media.rtp.lanes import Format
from media.rtp.receiver import RtpReceiver
from media.rtp_writer import RtpWriter
from media.sdp import Offer, Section
from media.settings import MediaSettings
from media.srtp import Unprotector

# The private names that this file relies on, by class.
RECEIVER_NAMES = ("decoder_queue",)
TRANSPORT_NAMES = ("_rx_srtp", "_tx_srtp", "_rtp_router", "_state")
ICE_TRANSPORT_NAMES = ("_connection", "_recv", "_send")
GATHERER_NAMES = ("_connection",)
CONNECTION_NAMES = (
    "_event_waiter",
    "_nominated",
    "_protocols",
    "_query_consent_task",
    "_queue",
    "data_received",
    "get_component_candidates",
    "query_consent",
)
SENDING = ("sendonly", "sendrecv")  # as aiortc turns an offer of recvonly or sendrecv round for its own side
SOON_S = 0.005


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
    `answer`, that the other side is willing to receive; `wire` makes it. `on_rerouted` is told how a
    `restart` went: whether the new way is used now. `consent_failures` stands in for the setting.
    """

    def __init__(
        self,
        settings: MediaSettings,
        sinks: dict[Kind, Sinks],
        on_state: Callable[[str], None],
        *,
        sends: Iterable[Kind] = (),
        wire: Callable[[Kind, RTCRtpSender], RtpWriter] = lambda kind, sender: RtpWriter(sender),
        on_rerouted: Callable[[bool], None] = lambda changed: None,
        consent_failures: int | None = None,
    ) -> None:
        self._consent_failures = consent_failures or settings.consent_failures
        self._sends, self._wire = frozenset(sends), wire
        self.writers: dict[Kind, RtpWriter] = {}
        servers = [
            RTCIceServer(urls=list(server.urls), username=server.username, credential=server.credential)
            for server in settings.ice_servers
        ]
        self._settings = settings
        self._sinks = dict(sinks)
        self._on_state, self._on_rerouted = on_state, on_rerouted
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._pc.on("connectionstatechange", lambda: on_state(self._pc.connectionState))
        self._kinds: set[Kind] = set()
        self._taps: list[Tap] = []
        self._rerouting: Rerouting | None = None
        self.rtt_s: float | None = None

    async def answer(self, offer: Offer) -> str:
        """aiortc's answer to `offer.text`. Raises `OfferError`; the caller closes the peer then."""
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(sdp=offer.text, type="offer"))
            self._prepare(offer)
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
        if self._rerouting is not None and await self._rerouting.add_candidate(value):
            return
        candidate = candidate_from_sdp(value)
        candidate.sdpMid = mid
        await self._pc.addIceCandidate(candidate)

    async def restart(self, ufrag: str, password: str) -> LocalWay:
        """Looks for a new way to the client, whose new credentials these are, while the old one goes on.

        Raises `OfferError` as `media.ice_restart.Rerouting.restart` does; nothing has changed then.
        """
        if self._rerouting is None:
            raise OfferError("ice.not-connected", "there is no connection yet whose way could change")
        return await self._rerouting.restart(ufrag, password)

    async def close(self) -> None:
        for tap in self._taps:
            tap.close()
        if self._rerouting is not None:
            await self._rerouting.close()
        await self._pc.close()

    def request_key_frame(self) -> None:
        """Sends a picture loss indication (RFC 4585), at most every half second. From any thread."""
        for tap in self._taps:
            tap.request_key_frame()

    def totals(self, kind: Kind) -> StreamTotals:
        found = [StreamTotals(*tap.rtp.totals(kind)) for tap in self._taps]
        return max(found, key=lambda totals: totals.received, default=StreamTotals())

    @property
    def bytes_received(self) -> int:
        """Octets of media, decrypted."""
        return sum(tap.rtp.bytes_received for tap in self._taps)

    def _prepare(self, offer: Offer) -> None:
        formats: dict[RTCDtlsTransport, dict[int, Format]] = {}
        for transceiver in self._pc.getTransceivers():
            receiver, kind = transceiver.receiver, cast(Kind, transceiver.kind)
            if kind in self._sends - self.writers.keys() and transceiver._offerDirection in SENDING:
                transceiver.sender._stream_id = "viva"  # one stream for both: browsers keep lips to words
                self.writers[kind] = self._wire(kind, transceiver.sender)
                transceiver.direction = "sendrecv" if kind in self._sinks else "sendonly"
            wanted = kind in self._sinks and kind not in self._kinds
            if wanted:
                self._sinks[kind] = replace(self._sinks[kind], end=_once(self._sinks[kind].end))
            end = self._sinks[kind].end if wanted else lambda: None
            vars(receiver)["_RTCRtpReceiver__decoder_queue"] = _EndQueue(end)
            known = formats.setdefault(receiver.transport, {})
            if wanted:
                self._kinds.add(kind)
                section = next(one for one in offer.sections if one.taken and one.kind == kind)
                known |= _formats(kind, transceiver._codecs, section)
        for transport, known in formats.items():
            sinks = {kind: self._sinks[kind] for kind in {fmt.kind for fmt in known.values()}}
            tap = Tap(transport, known, sinks, self._settings)
            self._taps.append(tap)
            if self._rerouting is None:  # `media.sdp` takes offers of one transport only
                self._rerouting = Rerouting(
                    transport, self._prepare_ice, tap.listen, self._settings.restart_s, self._on_rerouted
                )
        below = {transport.transport for transport in formats}
        if self._pc.sctp is not None:
            below.add(self._pc.sctp.transport.transport)
        for ice_transport in below:
            self._prepare_ice(ice_transport._connection)

    def _prepare_ice(self, connection: ice.Connection) -> None:
        gather = connection.get_component_candidates
        hosts = list(self._settings.ice_hosts)

        async def get_component_candidates(component: int, addresses: list[str], timeout: int = 5) -> Any:
            own = hosts or [*dict.fromkeys([*addresses, "127.0.0.1"])]
            relayed = gather(component=component, addresses=[], timeout=timeout)
            found = await asyncio.gather(ice_hosts.candidates(connection, component, own, timeout), relayed)
            return [*found[0], *found[1]]

        connection.get_component_candidates = get_component_candidates
        connection.query_consent = lambda: self._query_consent(connection)

    async def _query_consent(self, connection: ice.Connection) -> None:
        failures = 0
        while failures < self._consent_failures:
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
        if self._rerouting is not None:
            await self._rerouting.settle()
            if connection is not self._rerouting.current:  # the media goes another way by now
                return
        # Told before DTLS notices that its transport is gone, which would look as if the client had hung up.
        self._on_state("failed")
        connection._query_consent_task = None  # close() would otherwise cancel the task that calls it
        await connection.close()


class Tap:
    """Takes the media out of one DTLS transport's datagrams, and sends feedback back the same way."""

    def __init__(
        self,
        transport: RTCDtlsTransport,
        formats: dict[int, Format],
        sinks: dict[Kind, Sinks],
        settings: MediaSettings,
    ) -> None:
        self._transport = transport
        self._sinks = sinks
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._closed = self._ready = False
        self._unprotect: Unprotector | None = None  # from the handshake's end on
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        frames = {kind: of_kind.frame for kind, of_kind in sinks.items()}
        self.rtp = RtpReceiver(formats, frames, settings, self._send, random.getrandbits(32))
        # Told within the handshake's last step. What came before, the first key frame maybe, waits in
        # the queue of aiortc, which hands it on decrypted.
        transport.on("statechange", self._state_changed)
        vars(transport)["_handle_rtp_data"] = self._early

    def request_key_frame(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed, and with it the connection
            self._loop.call_soon_threadsafe(self._ask_key_frame)

    def _ask_key_frame(self) -> None:
        self.rtp.request_key_frame()
        if self._ready:
            self._schedule(SOON_S)

    def close(self) -> None:
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self.rtp.end()

    def _state_changed(self) -> None:
        if self._transport.state == "connected" and not self._closed:
            self._ready = True
            self._unprotect = Unprotector(self._transport._rx_srtp)
            self.listen(self._transport.transport._connection)
            self._schedule(0.0)

    def listen(self, connection: ice.Connection) -> None:
        """Takes the media (RFC 7983) out of what reaches the ICE connection; DTLS and the rest go on."""
        others = connection.data_received

        def datagram(data: bytes, component: int) -> None:
            if data and 127 < data[0] < 192:
                self._media(data)
            else:
                others(data, component)

        connection.data_received = datagram
        for protocol in connection._protocols:
            _shorten(protocol, self._media)

    def _media(self, data: bytes) -> None:
        if self._closed:
            return
        now = time.monotonic()
        if is_rtcp(data):
            with contextlib.suppress(pylibsrtp.Error):  # forged, repeated or of another key
                self._control(self._transport._rx_srtp.unprotect_rtcp(data), now)
            return
        if self._unprotect is None or (packet := self._unprotect(data)) is None:
            return
        self.rtp.rtp(packet, now)
        if self.rtp.urgent and self._due - now > 2 * SOON_S:
            self._schedule(SOON_S)

    async def _early(self, packet: bytes, arrival_time_ms: int) -> None:
        if not self._closed:
            self.rtp.rtp(packet, time.monotonic())

    def _control(self, data: bytes, now: float) -> None:
        try:
            packets = RtcpPacket.parse(data)
        except ValueError:
            return
        for packet in packets:
            if isinstance(packet, RtcpSrPacket):
                self._sender_report(packet, now)
            if isinstance(packet, RtcpByePacket):
                for kind in (self.rtp.speaks(ssrc) for ssrc in packet.sources):
                    if kind is not None:
                        self.rtp.end()
                        self._sinks[kind].end()
                continue
            for recipient in self._transport._rtp_router.route_rtcp(packet):
                if not isinstance(recipient, RTCRtpReceiver):  # what we send is reported on
                    task = self._loop.create_task(recipient._handle_rtcp_packet(packet))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)

    def _sender_report(self, packet: RtcpSrPacket, now: float) -> None:
        info, kind = packet.sender_info, self.rtp.speaks(packet.ssrc)
        self.rtp.sender_report(packet.ssrc, info.ntp_timestamp, now)
        if kind is not None and info.ntp_timestamp:
            at = info.ntp_timestamp / NTP_SECOND
            self._sinks[kind].report(SenderReport(kind, packet.ssrc, at, info.rtp_timestamp))

    def _schedule(self, wait: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self._closed:
            self._due = time.monotonic() + wait
            self._timer = self._loop.call_later(wait, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if not self._closed:
            self._schedule(self.rtp.tick(time.monotonic()))

    def _send(self, rtcp: bytes) -> None:
        pair = self._transport.transport._connection._nominated.get(1)
        if pair is None or self._transport.state != "connected":
            return
        protected = self._transport._tx_srtp.protect_rtcp(rtcp)
        pair.protocol.transport.sendto(protected, pair.remote_addr)


def _shorten(protocol: Any, media: Callable[[bytes], None]) -> None:
    """aioice tries to parse every datagram as its own message first; media can be told by its first byte."""
    received = protocol.datagram_received

    def datagram_received(data: bytes, address: Any) -> None:
        if data and 127 < data[0] < 192:
            media(data)
        else:
            received(data, address)

    protocol.datagram_received = datagram_received


def _formats(kind: Kind, codecs: list[Any], section: Section) -> dict[int, Format]:
    found = {}
    for codec in codecs:
        repairs = codec.parameters.get("apt") if codec.name.lower() == "rtx" else None
        if repairs is not None or codec.name.lower() != "rtx":
            repeats = section.repeats(str(codec.payloadType))
            found[codec.payloadType] = Format(kind, codec.name, codec.clockRate, repairs, repeats)
    return found


def _once(end: EndSink) -> EndSink:
    """A stream may end by a BYE and by its transport's end."""
    told: list[bool] = []

    def once() -> None:
        if not told:
            told.append(True)
            end()

    return once


class _EndQueue(queue.Queue[None]):
    """In the decoder queue's place. aiortc's decoder thread finds None in it and ends at once; the None that
    aiortc puts there when the stream is over (DTLS closed, stop) is the end of the track."""

    def __init__(self, end: EndSink) -> None:
        super().__init__()
        self._end = end

    def get(self, block: bool = True, timeout: float | None = None) -> None:
        return None

    def put(self, item: None, block: bool = True, timeout: float | None = None) -> None:
        self._end()
