"""Packets and feedback as aiortc's own parsers read them."""

from __future__ import annotations

import asyncio

import pytest
from aiortc.rtp import (
    HeaderExtensionsMap,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtpPacket,
    unpack_remb_fci,
)
from hypothesis import given
from hypothesis import strategies as st

from media.encoded import EncodedFrame
from media.rtp import feedback
from media.rtp.lanes import Format, SoundLane
from media.rtp.packet import parse, unwrap
from media.rtp.receiver import RtpReceiver
from media.rtp.statistics import Reception
from media.settings import MediaSettings

FORMATS = {
    111: Format("audio", "opus", 48_000, repeats=True),
    110: Format("audio", "opus", 48_000),
    96: Format("video", "VP8", 90_000),
    97: Format("video", "rtx", 90_000, 96),
}
SOUND, PICTURE, REPAIR = 11, 22, 23


class Rig:
    def __init__(self) -> None:
        self.frames: list[EncodedFrame] = []
        self.sent: list[object] = []
        sinks = {"audio": self.frames.append, "video": self.frames.append}
        self.receiver = RtpReceiver(FORMATS, sinks, MediaSettings(), self._send, 7)  # type: ignore[arg-type]

    def _send(self, data: bytes) -> None:
        self.sent += RtcpPacket.parse(data)

    def take(self, kind: type) -> list[object]:
        found = [packet for packet in self.sent if isinstance(packet, kind)]
        self.sent.clear()
        return found

    def video(self, number: int, now: float, *, key: bool = False, ssrc: int = PICTURE) -> None:
        payload = b"\x10" + (b"\x00" if key else b"\x01") + bytes([number & 0xFF])
        self.receiver.rtp(packet(96, number, number * 3000, ssrc, payload, marker=1), now)


def packet(kind: int, number: int, timestamp: int, ssrc: int, payload: bytes, marker: int = 0) -> bytes:
    made = RtpPacket(
        payload_type=kind, marker=marker, sequence_number=number & 0xFFFF, timestamp=timestamp, ssrc=ssrc
    )
    made.payload = payload
    return made.serialize(HeaderExtensionsMap())


@given(st.binary(max_size=60))
def test_headers_are_read_as_aiortc_reads_them(data: bytes) -> None:
    found = parse(data)
    try:
        theirs = RtpPacket.parse(data, HeaderExtensionsMap())
    except (ValueError, IndexError):
        return
    if found is None:
        return
    assert (found.payload_type, found.sequence, found.timestamp, found.ssrc) == (
        theirs.payload_type,
        theirs.sequence_number,
        theirs.timestamp,
        theirs.ssrc,
    )
    assert data[found.begin : found.end] == theirs.payload


@given(st.integers(0, 1 << 20), st.integers(-30_000, 30_000))
def test_numbers_unwrap(near: int, off: int) -> None:
    assert unwrap((near + off) & 0xFFFF, near) == near + off


def test_a_lost_packet_is_asked_for_and_its_repair_fills_the_hole() -> None:
    rig = Rig()
    rig.video(1, 0.0, key=True)
    rig.video(3, 0.03)
    assert rig.receiver.urgent
    rig.receiver.tick(0.04)
    (nack,) = rig.take(RtcpRtpfbPacket)
    assert isinstance(nack, RtcpRtpfbPacket)
    assert (nack.media_ssrc, nack.lost) == (PICTURE, [2])
    payload = (2).to_bytes(2, "big") + b"\x10\x01\x02"
    rig.receiver.rtp(packet(97, 500, 6000, REPAIR, payload, marker=1), 0.06)
    assert [frame.data[-1] for frame in rig.frames] == [1, 2, 3]
    assert {frame.ssrc for frame in rig.frames} == {PICTURE}
    assert rig.receiver.totals("video")[:2] == (2, 3)  # repairs are no packets of the stream


def test_a_key_frame_is_asked_for_until_it_comes() -> None:
    rig = Rig()
    rig.video(1, 0.0)
    for at, asked in ((0.0, 1), (0.2, 0), (0.6, 1)):
        rig.receiver.tick(at)
        assert len([p for p in rig.take(RtcpPsfbPacket) if p.fmt == 1]) == asked  # type: ignore[attr-defined]
    rig.video(2, 0.7, key=True)
    rig.receiver.tick(2.0)
    assert not [p for p in rig.take(RtcpPsfbPacket) if p.fmt == 1]  # type: ignore[attr-defined]
    assert len(rig.frames) == 1


async def test_reports_say_what_was_lost_and_lossy_links_are_slowed() -> None:
    rig = Rig()
    rig.receiver.tick(0.0)
    rates = []
    for second in range(4):
        for n in range(50):
            number = second * 50 + n
            if second in (1, 2) and n % 4 == 0:
                continue
            rig.receiver.rtp(packet(111, number, number * 960, SOUND, b"x"), second + n / 50)
            rig.video(number, second + n / 50, key=True)
        rig.receiver.sender_report(SOUND, (5 << 32) + (1 << 31), second + 0.5)
        rig.sent.clear()
        rig.receiver.tick(second + 1.0)
        (report,) = [p for p in rig.sent if isinstance(p, RtcpRrPacket)]
        of_sound = next(block for block in report.reports if block.ssrc == SOUND)
        assert of_sound.lsr == 5 << 16 | 1 << 15
        assert of_sound.dlsr == pytest.approx(32_768, abs=2)
        (remb,) = [p for p in rig.sent if isinstance(p, RtcpPsfbPacket) and p.fmt == 15]
        rates.append(unpack_remb_fci(remb.fci)[0])
        assert of_sound.fraction_lost == pytest.approx(64 if second in (1, 2) else 0, abs=8)
    assert rates[0] > rates[1] > rates[2] < rates[3]


def test_one_stream_of_a_kind_until_it_falls_silent() -> None:
    rig = Rig()
    rig.video(1, 0.0, key=True)
    rig.video(2, 0.1, key=True, ssrc=99)
    assert [frame.ssrc for frame in rig.frames] == [PICTURE]
    rig.video(3, 3.0, key=True, ssrc=99)
    assert [frame.ssrc for frame in rig.frames] == [PICTURE, 99]


@given(st.lists(st.binary(max_size=80), max_size=40))
def test_garbage_changes_nothing(packets: list[bytes]) -> None:
    rig = Rig()
    for n, data in enumerate(packets):
        rig.receiver.rtp(data, n / 10)
        rig.receiver.tick(n / 10)
    rig.receiver.end()


def test_a_sender_that_begins_anew_lost_nothing() -> None:
    stream = Reception(48_000)
    for number in (*range(100, 110), *range(50_000, 50_010), *range(10, 20)):
        stream.add(number, number * 960, number * 0.02)
    assert (stream.received, stream.expected, stream.lost) == (30, 30, 0)


def test_nacks_pack_neighbours_into_one_item() -> None:
    (packet_,) = RtcpPacket.parse(feedback.nack(1, 2, [65_534, 65_535, 3, 40]))
    assert isinstance(packet_, RtcpRtpfbPacket)
    assert sorted(number & 0xFFFF for number in packet_.lost) == [3, 40, 65_534, 65_535]


def sound(rig: Rig, number: int, now: float, kind: int = 111) -> None:
    rig.receiver.rtp(packet(kind, number, (number & 0xFFFF) * 960, SOUND, bytes([0x78, number & 0xFF])), now)


def test_lost_sound_is_asked_for_and_comes_in_its_own_stream() -> None:
    async def run() -> None:
        rig = Rig()
        for number, now in ((65_534, 0.0), (65_535, 0.02), (65_537, 0.06)):
            sound(rig, number, now)
        assert rig.receiver.urgent
        rig.receiver.tick(0.065)
        assert not rig.take(RtcpRtpfbPacket)  # it may only have been overtaken
        rig.receiver.tick(0.071)
        (nack,) = rig.take(RtcpRtpfbPacket)
        assert isinstance(nack, RtcpRtpfbPacket)
        assert (nack.media_ssrc, nack.lost) == (SOUND, [0])
        sound(rig, 65_536, 0.09)
        assert [(frame.data[-1], frame.lost) for frame in rig.frames] == [
            (n & 0xFF, 0) for n in (254, 255, 0, 1)
        ]
        assert not rig.receiver.urgent
        assert rig.receiver.totals("audio")[:2] == (4, 4)

    asyncio.run(run())


def test_nothing_is_asked_of_a_sender_that_does_not_offer_repeats() -> None:
    async def run() -> None:
        rig = Rig()
        sound(rig, 1, 0.0, kind=110)
        sound(rig, 3, 0.04, kind=110)
        rig.receiver.tick(0.06)
        assert not rig.take(RtcpRtpfbPacket)
        assert not rig.receiver.urgent

    asyncio.run(run())


def test_sound_beyond_its_deadline_is_asked_for_no_more() -> None:
    async def run() -> None:
        rig = Rig()
        sound(rig, 1, 0.0)
        sound(rig, 3, 0.04)
        rig.receiver.tick(0.06)
        assert rig.take(RtcpRtpfbPacket)
        rig.receiver.tick(0.2)
        assert not rig.take(RtcpRtpfbPacket)
        assert not rig.receiver.urgent

    asyncio.run(run())


@pytest.mark.parametrize("answers", [False, True])
def test_a_sender_that_never_repeats_is_asked_no_more(answers: bool) -> None:
    async def run() -> int:
        rig = Rig()
        asked = 0
        for hole in range(80):
            first, now = 3 * hole, 0.2 * hole
            sound(rig, first, now)
            sound(rig, first + 2, now + 0.02)
            rig.receiver.tick(now + 0.04)
            if rig.take(RtcpRtpfbPacket):
                asked += 1
                if answers:
                    sound(rig, first + 1, now + 0.05)
        return asked

    assert asyncio.run(run()) == (80 if answers else SoundLane.UNANSWERED)
