"""Ready-made payloads out through an aiortc 1.16.0 sender: what is private there and needed for it.

aiortc's sender takes frames from a track and stamps them with the time of sending. Here the payloads, the
RTP timestamps and the moment they stand for are given; the sender keeps its packet history, answers NACKs
with RTX (RFC 4588) and sends its reports. `tests/media/test_rtp_writer.py` fails when a new version changes a
name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from aiortc import RTCRtpSender, clock
from aiortc.codecs import is_rtx
from aiortc.rtcrtpparameters import RTCRtpSendParameters
from aiortc.rtcrtpsender import random_sequence_number
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTP_HISTORY_SIZE,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpSrPacket,
    RtpPacket,
    unpack_remb_fci,
)

SENDER_NAMES = (
    "rtp_started",
    "rtp_exited",
    "rtp_history",
    "rtp_header_extensions_map",
    "rtx_payload_type",
    "mid",
    "ntp_timestamp",
    "rtp_timestamp",
    "octet_count",
    "packet_count",
)


class RtpWriter:
    """One outgoing stream: its own SSRC and sequence numbers, without holes whatever is left out before it.

    `on_ready` is called once it can be written to, `on_key_request` for a PLI or FIR of the receiver,
    `on_loss` with the share of packets lost since its last report (0–1), `on_bandwidth` with what it believes
    to be able to receive (bit/s, REMB).
    """

    def __init__(
        self,
        sender: RTCRtpSender,
        *,
        on_ready: Callable[[], None] = lambda: None,
        on_key_request: Callable[[], None] = lambda: None,
        on_loss: Callable[[float], None] = lambda share: None,
        on_bandwidth: Callable[[float], None] = lambda bps: None,
    ) -> None:
        self._sender = sender
        self._on_ready = on_ready
        self._on_loss, self._on_bandwidth = on_loss, on_bandwidth
        self._payload_types: dict[str, tuple[int, int | None]] = {}  # codec → its type, that of its RTX
        self._sequence = random_sequence_number()
        self._send = sender.send
        self._handle_rtcp = sender._handle_rtcp_packet
        sender.send = self._start  # type: ignore[method-assign]
        sender._run_rtp = self._idle  # type: ignore[method-assign]
        sender._handle_rtcp_packet = self._heard  # type: ignore[method-assign]
        sender._send_keyframe = on_key_request  # type: ignore[method-assign]

    @property
    def ready(self) -> bool:
        """Whether the connection is up and codecs are agreed."""
        return bool(self._payload_types)

    def takes(self, codec: str) -> bool:
        return codec.upper() in self._payload_types

    async def write(self, codec: str, payloads: Sequence[bytes], timestamp: int, ntp: int) -> None:
        """One frame. `timestamp`: RTP, 32 bit; `ntp`: the moment it stands for, 64-bit NTP.

        Raises ConnectionError when the connection is closed, KeyError for a codec that was not agreed on.
        """
        payload_type, retransmission = self._payload_types[codec.upper()]
        sender = self._sender
        history, extensions = self._get("rtp_history"), self._get("rtp_header_extensions_map")
        mid, transport = self._get("mid"), sender.transport
        self._set("rtx_payload_type", retransmission)
        last = len(payloads) - 1
        for number, payload in enumerate(payloads):
            packet = RtpPacket(
                payload_type=payload_type,
                marker=int(number == last),
                sequence_number=self._sequence,
                timestamp=timestamp,
                ssrc=sender._ssrc,
                payload=payload,
            )
            packet.extensions.abs_send_time = (clock.current_ntp_time() >> 14) & 0x00FFFFFF
            packet.extensions.mid = mid
            history[self._sequence % RTP_HISTORY_SIZE] = packet
            self._sequence = (self._sequence + 1) & 0xFFFF
            await transport._send_rtp(packet.serialize(extensions))
        # The next sender report ties this timestamp to this moment (RFC 3550 section 6.4.1).
        self._set("ntp_timestamp", ntp)
        self._set("rtp_timestamp", timestamp)
        self._set("octet_count", self._get("octet_count") + sum(map(len, payloads)))
        self._set("packet_count", self._get("packet_count") + len(payloads))

    def _get(self, name: str) -> Any:
        return getattr(self._sender, f"_RTCRtpSender__{name}")

    def _set(self, name: str, value: object) -> None:
        setattr(self._sender, f"_RTCRtpSender__{name}", value)

    async def _start(self, parameters: RTCRtpSendParameters) -> None:
        retransmissions = {c.parameters["apt"]: c.payloadType for c in parameters.codecs if is_rtx(c)}
        agreed = {
            codec.name.upper(): (codec.payloadType, retransmissions.get(codec.payloadType))
            for codec in reversed(parameters.codecs)  # of two with one name the first is the preferred
            if not is_rtx(codec) and codec.payloadType is not None
        }
        await self._send(parameters)
        self._payload_types = agreed
        self._on_ready()

    async def _idle(self, codec: object) -> None:
        """In the place of aiortc's loop over a track."""
        self._get("rtp_started").set()
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            pass
        finally:
            self._get("rtp_exited").set()

    async def _heard(self, packet: AnyRtcpPacket) -> None:
        ssrc = self._sender._ssrc
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            for report in packet.reports:
                if report.ssrc == ssrc:
                    self._on_loss(report.fraction_lost / 256)
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
            try:
                bitrate, ssrcs = unpack_remb_fci(packet.fci)
            except ValueError:
                return
            if ssrc in ssrcs:
                self._on_bandwidth(bitrate)
            return
        await self._handle_rtcp(packet)
