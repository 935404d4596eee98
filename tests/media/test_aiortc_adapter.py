"""What `media.aiortc_adapter` relies on in aiortc and aioice: read it when this fails."""

from __future__ import annotations

import asyncio
import inspect
from importlib.metadata import version

import aioice.ice
import aiortc
import pytest
from aiortc import rtcrtpreceiver
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceTransport
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtp import HeaderExtensionsMap, RtpPacket

from media import aiortc_adapter
from media.aiortc_adapter import Peer, Sinks
from media.encoded import EncodedFrame
from media.errors import OfferError
from media.sdp import read_offer
from media.settings import IceServer, MediaSettings
from tests.media import offers

SETTINGS = MediaSettings(ice_hosts=("127.0.0.1",))


def test_the_versions_are_the_ones_that_were_read() -> None:
    assert (version("aiortc"), version("aioice"), version("av")) == ("1.16.0", "0.13.0", "18.1.0")


async def test_the_private_names_are_there() -> None:
    pc = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
    receiver = pc.addTransceiver("video", direction="recvonly").receiver
    for name in aiortc_adapter.RECEIVER_NAMES:
        assert hasattr(receiver, f"_RTCRtpReceiver__{name}")
    connection = receiver.transport.transport._connection
    assert isinstance(connection, aioice.ice.Connection)
    for name in aiortc_adapter.CONNECTION_NAMES:
        assert hasattr(connection, name)
    for name in aiortc_adapter.ICE_TRANSPORT_NAMES:
        assert hasattr(receiver.transport.transport, name)
    for name in aiortc_adapter.GATHERER_NAMES:
        assert hasattr(receiver.transport.transport.iceGatherer, name)
    for name in aiortc_adapter.TRANSPORT_NAMES:
        assert hasattr(receiver.transport, name)
    await pc.close()


def test_the_code_that_is_stood_in_for_is_unchanged() -> None:
    # Each line is one that a replacement takes the place of, or that calls it.
    assert "self.__decoder_queue.put(None)" in inspect.getsource(RTCRtpReceiver._RTCRtpReceiver__stop_decoder)
    assert "self.__decoder_queue," in inspect.getsource(RTCRtpReceiver.receive)
    assert "task = input_q.get()" in inspect.getsource(rtcrtpreceiver.decoder_worker)
    datagram = inspect.getsource(aioice.ice.StunProtocol.datagram_received)
    assert "self.receiver.data_received(data, self.local_candidate.component)" in datagram
    dtls = inspect.getsource(RTCDtlsTransport)
    assert "data = self._rx_srtp.unprotect(data)" in dtls
    assert "data = self._rx_srtp.unprotect_rtcp(data)" in dtls
    assert "for recipient in self._rtp_router.route_rtcp(packet):" in dtls
    assert 'self.emit("statechange")' in dtls
    ice = inspect.getsource(aioice.ice.Connection)
    assert "self.get_component_candidates(component=component, addresses=addresses)" in ice
    assert "asyncio.create_task(self.query_consent())" in ice
    # What `media.ice_restart` hands from one connection to the next, and how its end is told.
    assert "self._queue.put_nowait((data, component))" in ice
    assert "result = await self._queue.get()" in ice
    assert "return await asyncio.shield(self._event_waiter)" in ice
    assert "if self._event_waiter is not None:" in inspect.getsource(aioice.ice.Connection._emit_event)
    assert "await self.transport._send(data)" in dtls
    assert "data = await self.transport._recv()" in dtls
    assert "event = await self._connection.get_event()" in inspect.getsource(RTCIceTransport._monitor)
    assert "await self._connection.close()" in inspect.getsource(RTCIceTransport.stop)


async def test_only_configured_servers_and_hosts_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: [])
    made = []
    gatherer = aiortc.rtcicetransport.RTCIceGatherer.__init__

    def spy(self: object, **options: object) -> None:
        made.append(options["iceServers"])
        gatherer(self, **options)

    monkeypatch.setattr(aiortc.rtcicetransport.RTCIceGatherer, "__init__", spy)
    for settings, servers in (
        (MediaSettings(), []),
        (
            MediaSettings(ice_servers=(IceServer(urls=("stun:127.0.0.1:9",)),), ice_hosts=("127.0.0.1",)),
            ["stun:127.0.0.1:9"],
        ),
    ):
        made.clear()
        peer = Peer(settings, {}, lambda state: None)
        offer = read_offer(offers.SOUND_ONLY, settings)
        if not servers:
            text = await peer.answer(offer)
            assert "127.0.0.1" in text  # loopback, although aioice knows of no address
        else:
            await peer._pc.setRemoteDescription(aiortc.RTCSessionDescription(sdp=offer.text, type="offer"))
        assert [[url for server in given for url in server.urls] for given in made] == [servers]
        await peer.close()


async def test_without_an_address_the_answer_is_an_error() -> None:
    settings = MediaSettings(ice_hosts=("192.0.2.99",))  # not ours: binding fails
    peer = Peer(settings, {}, lambda state: None)
    with pytest.raises(OfferError) as refused:
        await peer.answer(read_offer(offers.SOUND_ONLY, settings))
    assert refused.value.code == "ice.no-address"
    await peer.close()


async def test_frames_leave_encoded_and_the_end_is_told_once() -> None:
    frames: list[EncodedFrame] = []
    ends: list[str] = []
    sinks = {
        "audio": Sinks(frames.append, lambda: ends.append("audio")),
        "video": Sinks(frames.append, lambda: ends.append("video")),
    }
    peer = Peer(SETTINGS, sinks, lambda state: None)  # type: ignore[arg-type]
    await peer.answer(read_offer(offers.CHROMIUM, SETTINGS))
    (tap,) = peer._taps

    def packet(number: int, kind: int, payload: bytes, timestamp: int, ssrc: int, marker: int = 0) -> bytes:
        made = RtpPacket(
            payload_type=kind, sequence_number=number, timestamp=timestamp, ssrc=ssrc, marker=marker
        )
        made.payload = payload
        return made.serialize(HeaderExtensionsMap())

    for number in (10, 11, 13, 12, 14):
        tap.rtp.rtp(packet(number, 111, bytes([number]), number * 960, 1111), 0.0)
    # Two VP8 pictures of two packets each; a picture leaves with its last packet.
    for number in range(4):
        payload = bytes([0x10 if number % 2 == 0 else 0x00]) + bytes([number])
        tap.rtp.rtp(packet(number, 96, payload, number // 2 * 6000, 2222, number % 2), 0.0)
    sound = [(frame.data[0], frame.timestamp, frame.lost) for frame in frames if frame.kind == "audio"]
    assert sound == [(number, number * 960, 0) for number in range(10, 15)]
    pictures = [frame for frame in frames if frame.kind == "video"]
    assert [(p.codec, p.data, p.timestamp, p.ssrc, p.key) for p in pictures] == [
        ("VP8", b"\x00\x01", 0, 2222, True),
        ("VP8", b"\x02\x03", 6000, 2222, True),
    ]
    assert peer.totals("audio").received == 5
    for receiver in (t.receiver for t in peer._pc.getTransceivers()):
        assert receiver.track._queue.empty()  # nothing piles up where nobody reads
        receiver._handle_disconnect()
    await peer.close()
    assert ends.count("audio") <= 1


async def test_closing_leaves_no_task_or_thread_behind() -> None:
    before = asyncio.all_tasks()
    for _ in range(3):
        peer = Peer(SETTINGS, {}, lambda state: None)
        await peer.answer(read_offer(offers.CHROMIUM_DATA, SETTINGS))
        await peer.close()
        await peer.close()
    await asyncio.sleep(0.1)
    assert asyncio.all_tasks() == before
