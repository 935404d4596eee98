"""What `media.rtp_writer` relies on in aiortc: read it when this fails."""

from __future__ import annotations

import inspect

from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender
from aiortc.rtp import RtpPacket

from media import rtp_writer
from media.encoded import EncodedFrame
from media.forward.packed import PAYLOAD_MAX, Packed


async def test_the_private_names_are_there() -> None:
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    sender = pc.addTransceiver("video", direction="sendonly").sender
    for name in rtp_writer.SENDER_NAMES:
        assert hasattr(sender, f"_RTCRtpSender__{name}")
    assert hasattr(sender, "_stream_id")
    assert pc.getTransceivers()[0]._offerDirection is None
    await pc.close()


def test_the_code_that_is_stood_in_for_is_unchanged() -> None:
    send = inspect.getsource(RTCRtpSender.send)
    assert "asyncio.ensure_future(self._run_rtp(parameters.codecs[0]))" in send
    stop = inspect.getsource(RTCRtpSender.stop)
    assert "self.__rtp_started.wait()" in stop
    assert "self.__rtp_exited.wait()" in stop
    retransmit = inspect.getsource(RTCRtpSender._retransmit)
    assert "self.__rtp_history.get(sequence_number % RTP_HISTORY_SIZE)" in retransmit
    assert "payload_type=self.__rtx_payload_type" in retransmit
    assert "ntp_timestamp=self.__ntp_timestamp" in inspect.getsource(RTCRtpSender._run_rtcp)
    assert "self._send_keyframe()" in inspect.getsource(RTCRtpSender._handle_rtcp_packet)
    assert "marker" in inspect.signature(RtpPacket.__init__).parameters


def test_vp8_payloads_are_the_frame() -> None:
    data = bytes(range(256)) * 12
    payloads = Packed(EncodedFrame("video", "VP8", 90_000, data, 0, 1, 0), 0.0).payloads
    assert b"".join(one[1:] for one in payloads) == data
    assert [one[0] for one in payloads] == [0x10, 0, 0]  # S, the start of partition 0, on the first alone
    assert max(map(len, payloads)) <= PAYLOAD_MAX + 1


def test_h264_payloads_hold_every_unit() -> None:
    units = [b"\x67" + bytes(20), b"\x68" + bytes(5), b"\x65" + bytes(range(256)) * 10]
    data = b"".join(b"\x00\x00\x00\x01" + unit.replace(b"\x00\x00", b"\x01\x02") for unit in units)
    payloads = Packed(EncodedFrame("video", "H264", 90_000, data, 0, 1, 0), 0.0).payloads
    assert len(payloads) >= 3
    assert payloads[0][0] & 0x1F == 24  # STAP-A of the small ones (RFC 6184 section 5.7.1)
    assert all(one[0] & 0x1F == 28 for one in payloads[1:])  # FU-A of the picture
