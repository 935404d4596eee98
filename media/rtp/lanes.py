"""One kind's way from packets to encoded frames: sound in order, pictures whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from media.encoded import EncodedFrame, FrameSink
from media.items import Kind
from media.jitter import SoundJitterBuffer
from media.rtp.missing import Missing
from media.rtp.packet import Header, unwrap
from media.rtp.payload import DEPAYLOAD
from media.rtp.pictures import Picture, PictureBuffer
from media.settings import MediaSettings


@dataclass(frozen=True, slots=True)
class Format:
    """One negotiated payload type. `repairs`: the type that an RTX stream (RFC 4588) sends again; `repeats`:
    lost packets may be asked for (RFC 4585)."""

    kind: Kind
    codec: str
    clock_rate: int
    repairs: int | None = None
    repeats: bool = False


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

    @property
    def missing(self) -> Missing | None:
        """What to ask for again; None: nothing, now or ever."""
        ...

    def begin(self, ssrc: int) -> None:
        """Another stream takes the place of the one before."""
        ...

    def add(self, header: Header, codec: Format, payload: bytes, now: float) -> None: ...
    def end(self) -> None: ...


class SoundLane:
    """Packets in order, each a frame. A lost one is asked for while the others wait for it.

    Sound is repeated in its own stream (RFC 4585 without RFC 4588), where that was offered. A sender that has
    left `UNANSWERED` questions open in a row all the same is asked no more.
    """

    UNANSWERED = 24

    def __init__(self, settings: MediaSettings, sink: FrameSink) -> None:
        self.ssrc: int | None = None
        self.heard_at = 0.0
        self._sink = sink
        self._buffer = SoundJitterBuffer[SoundPacket](
            settings.jitter_packets, settings.jitter_wait_s, self._deliver
        )
        self._wait_s = settings.jitter_wait_s
        self._repeats = False
        self._begin_asking()

    @property
    def missing(self) -> Missing | None:
        asks = self._repeats and self._unanswered < self.UNANSWERED
        return self._missing if self._missing and asks else None

    def add(self, header: Header, codec: Format, payload: bytes, now: float) -> None:
        self._repeats = codec.repeats
        self._note(header.sequence, now)
        self._buffer.add(SoundPacket(header.sequence, header.ssrc, header.timestamp, payload, codec))

    def wait(self, now: float) -> None:
        """Time passes: nobody waits any more for what is missing beyond the deadline."""
        self._unanswered += self._missing.give_up(now)

    def begin(self, ssrc: int) -> None:
        self._buffer.flush()
        self.ssrc = ssrc
        self._begin_asking()

    def _begin_asking(self) -> None:
        self._missing = Missing(self._wait_s, again_s=0.04, reorder_s=0.01)
        self._newest: int | None = None  # unwrapped
        self._unanswered = 0  # holes that were asked for in vain since the last that was filled

    def _note(self, sequence: int, now: float) -> None:
        self.wait(now)
        if self._newest is None:
            self._newest = sequence
        number = unwrap(sequence, self._newest)
        if number == self._newest + 1 and not self._missing:  # as nearly all come
            self._newest = number
            return
        if self._missing.asked(number):
            self._unanswered = 0
        self._missing.came(number)
        if number > self._newest:
            if not self._missing.between(self._newest, number, now):
                self._missing.clear()
            self._newest = number
        elif self._newest - number > self._buffer.RESET:
            self._missing.clear()
            self._newest = number

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
    def missing(self) -> Missing | None:
        return self.buffer.missing if self.buffer is not None and self.buffer.missing else None

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
