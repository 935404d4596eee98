"""The sending side: pace, packets and the trickle fragment."""

from __future__ import annotations

import time
from fractions import Fraction

from aiortc import RTCConfiguration, RTCPeerConnection

from bench.peer import Pace, PacketTrack, sdp_fragment
from media.record.mux import SILENCE


async def test_packets_leave_in_real_time_and_silence_follows() -> None:
    track = PacketTrack("audio", (b"a", b"b", b"c"), Pace(), Fraction(1, 50), 48_000)
    started = time.monotonic()
    packets = [await track.recv() for _ in range(6)]
    assert time.monotonic() - started >= 0.1
    assert [bytes(packet) for packet in packets] == [b"a", b"b", b"c", SILENCE, SILENCE, SILENCE]
    assert [packet.pts for packet in packets] == [0, 960, 1920, 2880, 3840, 4800]
    assert track.ended.is_set()


async def test_picture_begins_again_at_its_first_key_frame() -> None:
    pace = Pace()
    track = PacketTrack("video", (b"key", b"inter"), pace, Fraction(1, 100), 90_000)
    assert [bytes(await track.recv()) for _ in range(4)] == [b"key", b"inter", b"key", b"inter"]


async def test_sound_and_picture_share_one_zero() -> None:
    pace = Pace()
    sound = PacketTrack("audio", (b"a",) * 9, pace, Fraction(1, 50), 48_000)
    picture = PacketTrack("video", (b"v",) * 9, pace, Fraction(1, 15), 90_000)
    await sound.recv()
    first = pace.started_at
    await picture.recv()
    assert pace.started_at == first


async def test_trickle_fragment_carries_credentials_and_candidates_per_section() -> None:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver("audio", direction="sendonly")
    await connection.setLocalDescription(await connection.createOffer())
    offer = connection.localDescription.sdp
    await connection.close()
    lines = sdp_fragment(offer).splitlines()
    assert lines[0].startswith("a=ice-ufrag:")
    assert lines[1].startswith("a=ice-pwd:")
    assert lines[2].startswith("m=audio")
    assert "a=mid:0" in lines
    candidates = [line for line in lines if line.startswith("a=candidate:")]
    assert candidates == [line for line in offer.splitlines() if line.startswith("a=candidate:")]
    assert lines[-1] == "a=end-of-candidates"
