"""One kind's way from packets to encoded frames: sound in order, pictures whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from media.encoded import EncodedFrame, FrameSink
from media.items import Kind
from media.jitter import SoundJitterBuffer
from media.rtp.packet import Header
from media.rtp.payload import DEPAYLOAD
from media.rtp.pictures import Picture, PictureBuffer
from media.settings import MediaSettings


@dataclass(frozen=True, slots=True)
class Format:
    """One negotiated payload type. `repairs`: the type that an RTX stream (RFC 4588) sends again."""

    kind: Kind
    codec: str
    clock_rate: int
    repairs: int | None = None


@dataclass(slots=True)
class SoundPacket:
    """What `SoundJitterBuffer` puts in order."""

    sequence_number: int
    ssrc: int
    timestamp: int
    payload: bytes
    codec: Format


class Lane(Protocol):
    """`heard_at`: when its last packet came."""

    ssrc: int | None
    heard_at: float

    def begin(self, ssrc: int) -> None:
        """Another stream takes the place of the one before."""
        ...

    def add(self, header: Header, codec: Format, payload: bytes, now: float) -> None: ...
    def end(self) -> None: ...


class SoundLane:
    """Packets in order, each a frame."""

    def __init__(self, settings: MediaSettings, sink: FrameSink) -> None:
        self.ssrc: int | None = None
        self.heard_at = 0.0
        self._sink = sink
        self._buffer = SoundJitterBuffer[SoundPacket](
            settings.jitter_packets, settings.jitter_wait_s, self._deliver
        )

    def add(self, header: Header, codec: Format, payload: bytes, now: float) -> None:
        self._buffer.add(SoundPacket(header.sequence, header.ssrc, header.timestamp, payload, codec))

    def begin(self, ssrc: int) -> None:
        self._buffer.flush()
        self.ssrc = ssrc

    def end(self) -> None:
        self._buffer.flush()

    def _deliver(self, packet: SoundPacket, lost: int) -> None:
        if packet.payload:
            codec = packet.codec
            self._sink(
                EncodedFrame(
                    "audio",
                    codec.codec,
                    codec.clock_rate,
                    packet.payload,
                    packet.timestamp,
                    packet.ssrc,
                    lost,
                )
            )


class PictureLane:
    """Packets to whole pictures, lost ones asked for. One buffer per codec that the sender changes to."""

    def __init__(self, settings: MediaSettings, sink: FrameSink, damaged: Callable[[], None]) -> None:
        self.ssrc: int | None = None
        self.heard_at = 0.0
        self.buffer: PictureBuffer | None = None
        self._codec: Format | None = None
        self._settings, self._sink, self._damaged = settings, sink, damaged

    def add(self, header: Header, codec: Format, payload: bytes, now: float) -> None:
        if self.buffer is None or codec != self._codec:
            self._codec = codec
            self.buffer = PictureBuffer(
                self._deliver,
                self._damaged,
                lambda data: EncodedFrame("video", codec.codec, codec.clock_rate, data, 0, 0, 0).key,
                tells_start=codec.codec == "VP8",
                deadline_s=self._settings.picture_wait_s,
            )
        try:
            part = DEPAYLOAD[codec.codec](payload) if payload else None
        except ValueError:
            part = None  # its place is filled, its picture will not decode
        self.buffer.add(header.sequence, header.timestamp, header.marker, part, now)

    def begin(self, ssrc: int) -> None:
        self.ssrc = ssrc
        if self.buffer is not None:
            self.buffer.reset()

    def end(self) -> None:
        return

    @property
    def missing(self) -> bool:
        return self.buffer is not None and bool(self.buffer.missing)

    def _deliver(self, picture: Picture) -> None:
        codec, ssrc = self._codec, self.ssrc
        if codec is None or ssrc is None:
            return
        self._sink(
            EncodedFrame(
                "video",
                codec.codec,
                codec.clock_rate,
                picture.data,
                picture.timestamp,
                ssrc,
                0,
                picture.layer,
                picture.sync,
            )
        )
