"""Packets to samples: the sample clock equals media time whatever happens on the way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.clip import encode_opus
from media.encoded import EncodedFrame
from media.settings import MediaSettings
from media.sound import SAMPLE_RATE, SoundBlock, SoundStream

SETTINGS = MediaSettings()
SECONDS = 4.0


@pytest.fixture(scope="module")
def tone() -> NDArray[np.int16]:
    """A tone whose pitch rises, at 48 kHz: every moment sounds different."""
    t = np.arange(round(48_000 * SECONDS)) / 48_000
    return np.asarray(9000 * np.sin(2 * np.pi * (300 + 100 * t) * t), np.int16)


@pytest.fixture(scope="module")
def packets(tone: NDArray[np.int16]) -> list[EncodedFrame]:
    start = (1 << 32) - 48_000  # the timestamps wrap after a second
    return [
        EncodedFrame("audio", "opus", 48_000, data, (start + i * 960) % (1 << 32), 1, 0)
        for i, data in enumerate(encode_opus([tone]))
    ]


def decode(
    frames: Sequence[EncodedFrame], arrivals: Sequence[float] | None = None, stream: SoundStream | None = None
) -> list[SoundBlock]:
    stream = stream or SoundStream(SETTINGS)
    arrivals = arrivals or [i * 0.02 for i in range(len(frames))]
    blocks = [block for frame, at in zip(frames, arrivals, strict=True) for block in stream.decode(frame, at)]
    return blocks + stream.flush()


def joined(blocks: Sequence[SoundBlock]) -> NDArray[np.int16]:
    """One stretch as one array; the blocks' times must follow from their samples."""
    assert [block.restarted for block in blocks] == [True] + [False] * (len(blocks) - 1)
    at = blocks[0].time
    for block in blocks:
        assert block.time == pytest.approx(at)
        at += block.pcm.size / SAMPLE_RATE
    return np.concatenate([block.pcm for block in blocks])


def likeness(a: NDArray[np.int16], b: NDArray[np.int16]) -> float:
    x, y = a.astype(float), b.astype(float)
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))


def test_nothing_is_lost_from_the_first_packet_to_the_last(
    packets: list[EncodedFrame], tone: NDArray[np.int16]
) -> None:
    pcm = joined(decode(packets))
    assert pcm.size == len(packets) * 320
    source = tone[::3]
    # The encoder's own look-ahead (6.5 ms at 48 kHz) is all that is between them.
    assert max(likeness(pcm[lag : source.size], source[: source.size - lag]) for lag in range(90, 120)) > 0.98


def test_nothing_of_a_packet_is_held_back(packets: list[EncodedFrame]) -> None:
    [first] = SoundStream(SETTINGS).decode(packets[0], 5.0)
    assert (first.time, first.pcm.size, first.restarted) == (5.0, 320, True)


def test_lost_packets_are_concealed_and_keep_their_length(packets: list[EncodedFrame]) -> None:
    stream = SoundStream(SETTINGS)
    kept = [frame for i, frame in enumerate(packets) if i not in (50, 51, 52)]
    kept[50] = kept[50]._replace(lost=3)
    arrivals = [i * 0.02 for i in range(len(packets)) if i not in (50, 51, 52)]
    pcm, whole = joined(decode(kept, arrivals, stream)), joined(decode(packets))
    assert pcm.size == whole.size
    assert stream.lost_ms == pytest.approx(60)
    assert stream.heard_ms == pytest.approx(20 * len(kept))
    level = np.abs(pcm[50 * 320 : 51 * 320]).max()
    assert 2000 < level < 20_000  # the decoder goes on with what it heard, and fades
    assert likeness(pcm[55 * 320 :], whole[55 * 320 :]) > 0.99


def test_a_long_loss_fades_into_silence(packets: list[EncodedFrame]) -> None:
    kept = [*packets[:50], packets[90]._replace(lost=40), *packets[91:]]
    arrivals = [i * 0.02 for i in range(len(packets)) if not 50 <= i < 90]
    pcm = joined(decode(kept, arrivals))
    assert pcm.size == len(packets) * 320
    assert np.abs(pcm[56 * 320 : 90 * 320 - 40]).max() < 200


def test_a_pause_in_transmission_is_silence_but_not_loss(packets: list[EncodedFrame]) -> None:
    stream = SoundStream(SETTINGS)
    indices = [i for i in range(len(packets)) if not 50 <= i < 75]
    pcm = joined(decode([packets[i] for i in indices], [i * 0.02 for i in indices], stream))
    assert pcm.size == len(packets) * 320
    assert stream.lost_ms == 0


def test_network_jitter_does_not_move_the_samples(packets: list[EncodedFrame]) -> None:
    rng = np.random.default_rng(2)
    arrivals = np.maximum.accumulate([i * 0.02 + rng.uniform(0, 0.4) for i in range(len(packets))])
    assert joined(decode(packets, arrivals.tolist())).size == len(packets) * 320


def test_a_stall_of_the_network_catches_up_without_a_trace(packets: list[EncodedFrame]) -> None:
    arrivals = [max(i * 0.02, 2.9) if i > 60 else i * 0.02 for i in range(len(packets))]
    assert joined(decode(packets, arrivals)).size == len(packets) * 320


@pytest.mark.parametrize("what", ["long pause", "clock jumps ahead", "clock jumps back", "other source"])
def test_a_jump_starts_a_new_stretch_at_the_right_time(packets: list[EncodedFrame], what: str) -> None:
    frames, arrivals = list(packets), [i * 0.02 for i in range(len(packets))]
    later = {"long pause": 30.0, "clock jumps ahead": 0.0, "clock jumps back": 0.0, "other source": 3.0}[what]
    shift = {"long pause": 30 * 48_000, "clock jumps ahead": 10**8, "clock jumps back": -(10**9)}.get(
        what, 77
    )
    for i in range(100, len(frames)):
        frame = frames[i]
        ssrc = 2 if what == "other source" else 1
        frames[i] = frame._replace(timestamp=(frame.timestamp + shift) % (1 << 32), ssrc=ssrc)
        arrivals[i] += later
    blocks = decode(frames, arrivals)
    second = next(i for i, block in enumerate(blocks) if block.restarted and i)
    assert joined(blocks[:second]).size == 100 * 320
    assert joined(blocks[second:]).size == (len(frames) - 100) * 320
    assert blocks[second].time == pytest.approx(2.0 + later, abs=0.03)


def test_media_time_never_runs_backwards(packets: list[EncodedFrame]) -> None:
    # The first packet was half a second late; the new source's is not.
    frames = [frame._replace(ssrc=2) if i >= 100 else frame for i, frame in enumerate(packets)]
    arrivals = [max(0.5, i * 0.02) for i in range(len(packets))]
    blocks = decode(frames, arrivals)
    ends = [block.time + block.pcm.size / SAMPLE_RATE for block in blocks]
    assert all(block.time >= end - 1e-6 for block, end in zip(blocks[1:], ends, strict=False))


def test_a_damaged_packet_costs_only_itself(packets: list[EncodedFrame]) -> None:
    stream = SoundStream(SETTINGS)
    frames = [frame._replace(data=b"\xff" * 3) if i == 60 else frame for i, frame in enumerate(packets)]
    assert joined(decode(frames, stream=stream)).size == len(packets) * 320
    assert stream.lost_ms == pytest.approx(20)


def test_repeated_and_overlapping_packets_add_nothing(packets: list[EncodedFrame]) -> None:
    frames = [*packets[:100], packets[99], *packets[100:]]
    assert joined(decode(frames, [i * 0.02 for i in range(len(frames))])).size == len(packets) * 320


@pytest.mark.parametrize(("codec", "silent"), [("PCMU", b"\xff"), ("PCMA", b"\xd5")])
def test_g711_is_heard_too(codec: str, silent: bytes) -> None:
    frames = [EncodedFrame("audio", codec, 8000, silent * 160, i * 160, 1, 0) for i in range(50)]
    pcm = joined(decode(frames))
    assert pcm.size == 50 * 320
    assert np.abs(pcm).max() < 20
