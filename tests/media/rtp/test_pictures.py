"""Packets to pictures: order, holes, and what may still be shown after a loss."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.rtp.payload import Part, h264, vp8
from media.rtp.pictures import Picture, PictureBuffer

DEADLINE_S = 0.4
LAYERS = (0, 2, 1, 2)


@dataclass
class Receiver:
    pictures: list[Picture] = field(default_factory=list)
    damages: int = 0
    tells_start: bool = True

    def __post_init__(self) -> None:
        self.buffer = PictureBuffer(
            self.pictures.append,
            self._damaged,
            lambda data: data.startswith(b"K"),
            tells_start=self.tells_start,
            deadline_s=DEADLINE_S,
        )

    def _damaged(self) -> None:
        self.damages += 1

    @property
    def shown(self) -> list[int]:
        return [picture.timestamp for picture in self.pictures]


@dataclass(frozen=True)
class Sent:
    sequence: int
    timestamp: int
    marker: bool
    part: Part


def stream(pictures: int, packets: int = 3, *, layered: bool = False, first: int = 65_530) -> list[Sent]:
    """The first picture is a key frame; timestamps count pictures."""
    made = []
    for number in range(pictures):
        layer = LAYERS[number % 4] if layered else None
        base = number // 4 & 0xFF if layered else None
        for piece in range(packets):
            data = (b"K" if number == 0 else b"P") if piece == 0 else bytes([number % 256])
            part = Part(data, piece == 0, layer, base, layer in (1, 2) and number % 4 != 3)
            sequence = (first + number * packets + piece) & 0xFFFF
            made.append(Sent(sequence, number, piece == packets - 1, part))
    return made


def push(receiver: Receiver, packets: list[Sent], now: float = 0.0) -> None:
    for packet in packets:
        receiver.buffer.add(packet.sequence, packet.timestamp, packet.marker, packet.part, now)


def test_pictures_leave_with_their_last_packet() -> None:
    receiver = Receiver()
    sent = stream(4)
    for packet in sent:
        push(receiver, [packet])
        assert receiver.shown == list(range(packet.timestamp + packet.marker))
    assert [picture.data[:1] for picture in receiver.pictures] == [b"K", b"P", b"P", b"P"]


@given(st.randoms(use_true_random=False))
def test_any_order_within_a_window_is_put_right(rng: random.Random) -> None:
    receiver, sent = Receiver(), stream(30)
    order = sorted(range(1, len(sent)), key=lambda i: i + rng.uniform(0, 12))
    push(receiver, [sent[0], *(sent[i] for i in order), *(sent[i] for i in order[:10])])
    assert receiver.shown == list(range(30))
    assert receiver.damages == 0
    assert not receiver.buffer.missing


def test_a_lost_packet_is_asked_for_and_waited_for() -> None:
    receiver, sent = Receiver(), stream(3)
    push(receiver, sent[:4] + sent[5:], now=1.0)
    assert receiver.shown == [0]
    missing = receiver.buffer.missing
    assert missing.to_ask(1.0) == []  # it may only have been overtaken
    assert [number & 0xFFFF for number in missing.to_ask(1.01)] == [sent[4].sequence]
    assert missing.to_ask(1.02) == []
    assert len(missing.to_ask(1.1)) == 1  # and again
    push(receiver, [sent[4]], now=1.12)
    assert receiver.shown == [0, 1, 2]
    assert not missing


def test_beyond_the_deadline_nothing_is_shown_up_to_a_key_frame() -> None:
    receiver, sent = Receiver(), stream(6)
    push(receiver, sent[:4] + sent[5:12], now=1.0)
    receiver.buffer.wait(1.0 + DEADLINE_S / 2)
    assert receiver.shown == [0]
    receiver.buffer.wait(1.01 + DEADLINE_S)
    assert receiver.damages == 1
    assert receiver.buffer.waits_for_key
    push(receiver, sent[12:], now=1.5)
    assert receiver.shown == [0]
    key = [Sent(p.sequence + 18 & 0xFFFF, 6, p.marker, p.part) for p in sent[:3]]
    push(receiver, key, now=1.6)
    assert receiver.shown == [0, 6]
    assert receiver.damages == 1


@pytest.mark.parametrize(("lost", "shown"), [(5, [0, 1, 2, 3, 4, 6, 7, 8]), (6, [0, 1, 2, 3, 4, 5, 8])])
def test_a_lost_upper_layer_leaves_the_base_whole(lost: int, shown: list[int]) -> None:
    """5 is of layer 2, 6 of layer 1; 7 builds upon 6 and has to wait for a picture that needs none."""
    receiver, sent = Receiver(), stream(9, layered=True)
    push(receiver, [packet for packet in sent if packet.timestamp != lost], now=1.0)
    receiver.buffer.wait(1.01 + DEADLINE_S)
    assert receiver.shown == shown
    assert receiver.damages == 0


def test_a_lost_base_picture_breaks_all() -> None:
    receiver, sent = Receiver(), stream(12, layered=True)
    push(receiver, [packet for packet in sent if packet.timestamp != 4], now=1.0)
    receiver.buffer.wait(1.01 + DEADLINE_S)
    assert receiver.shown == [0, 1, 2, 3]
    assert receiver.damages == 1


def test_h264_goes_on_after_a_loss_at_a_key_frame() -> None:
    receiver, sent = Receiver(tells_start=False), stream(4)
    push(receiver, sent[:4] + sent[5:], now=1.0)
    receiver.buffer.wait(1.01 + DEADLINE_S)
    assert receiver.shown == [0]
    assert receiver.damages == 1


def test_a_jump_in_numbers_is_another_stream() -> None:
    receiver = Receiver()
    push(receiver, stream(2, first=100))
    push(receiver, [Sent(p.sequence, p.timestamp + 10, p.marker, p.part) for p in stream(2, first=30_000)])
    assert receiver.shown == [0, 1, 10, 11]
    assert not receiver.buffer.missing


@given(st.lists(st.tuples(st.integers(0, 65_535), st.integers(0, 9), st.booleans()), max_size=200))
def test_no_sequence_of_packets_breaks_it(packets: list[tuple[int, int, bool]]) -> None:
    receiver = Receiver()
    for n, (sequence, timestamp, marker) in enumerate(packets):
        receiver.buffer.add(sequence, timestamp, marker, Part(b"P", n % 3 == 0), n / 10)
        receiver.buffer.wait(n / 10)


@given(st.binary(max_size=40))
def test_payloads_parse_or_are_refused(payload: bytes) -> None:
    for parse in (vp8, h264):
        try:
            assert parse(payload).data
        except ValueError:
            continue


def test_a_stream_that_is_joined_within_a_picture_begins_with_the_next() -> None:
    receiver, sent = Receiver(), stream(2)
    push(receiver, sent[1:])
    assert receiver.shown == []
    assert receiver.buffer.waits_for_key
