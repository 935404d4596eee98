"""Real aiortc candidates on loopback: what they say and show comes out as items."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aiortc import RTCSessionDescription
from numpy.typing import NDArray

from bench.clip import EncodedClip
from bench.peer import sdp_fragment
from media.analysers import Analysers
from media.clock import MediaClock
from media.errors import OfferError
from media.ingest import Ingest
from media.items import (
    ConnectionChanged,
    FaceSample,
    FacesChanged,
    LinkSample,
    MediaItem,
    PictureChanged,
    SoundChanged,
    SoundLevel,
    UtteranceEnded,
    UtteranceSound,
    UtteranceStarted,
)
from media.rtp.receiver import RtpReceiver
from media.settings import MediaSettings
from tests.media import offers
from tests.media.conftest import LOOPBACK, SECONDS, Candidate, Connect, Sender, best_correlation

pytestmark = pytest.mark.realtime


async def test_what_is_said_and_shown_comes_out(
    connect: Connect, clip: EncodedClip, speech16: NDArray[np.float64]
) -> None:
    candidate = await connect(clip)
    await candidate.sender.tracks["audio"].ended.wait()
    await asyncio.sleep(1.2)
    await candidate.ingest.close()

    assert candidate.items[0] == ConnectionChanged(candidate.items[0].media_time, "connected")
    assert candidate.items[0].media_time < 0.05
    # Sound: utterances that are the source, at one and the same distance from it on the media clock.
    ended = candidate.all(UtteranceEnded)
    assert [item.utterance for item in ended] == list(range(1, len(ended) + 1))
    assert len(candidate.all(UtteranceStarted)) == len(ended) >= 1
    distances = []
    for item in ended:
        heard = candidate.sound(item.utterance)
        assert heard.size / 16_000 == pytest.approx(item.end - item.start, abs=1e-6)
        alike, lag = best_correlation(heard, speech16)
        assert alike >= 0.9
        distances.append(item.start - lag / 16_000)
    assert max(distances) - min(distances) < 0.04
    assert max(abs(distance) for distance in distances) < 0.3
    # Sample count against time: a level per second of sound, none missing.
    levels = [item.media_time for item in candidate.all(SoundLevel)]
    assert np.allclose(np.diff(levels), 1.0, atol=0.11)
    assert len(levels) >= SECONDS - 1
    assert candidate.ingest.sound_lost_ms == 0
    assert [item.state for item in candidate.all(SoundChanged)] == ["ok"]
    # Picture: one face, sampled four times a second, with crops of the agreed sizes.
    assert [item.state for item in candidate.all(PictureChanged)] == ["ok"]
    assert [item.faces for item in candidate.all(FacesChanged)] == [1]
    samples = candidate.all(FaceSample)
    assert len(samples) >= 2.5 * SECONDS
    assert {item.track for item in samples} == {1}
    assert all(item.affect_crop.shape == (112, 112, 3) for item in samples)
    assert all(item.liveness_crop.shape == (128, 128, 3) for item in samples)
    x, y, width, height = samples[-1].box
    assert 0.2 < x + width / 2 < 0.8
    assert 0.2 < height < 0.7
    assert y > 0
    # Link: what was received, and the way there and back.
    link = candidate.all(LinkSample)
    assert link[-1].loss == 0
    assert 8 < link[-1].fps < 20
    assert link[-1].kbps > 50
    assert link[-1].rtt_ms is not None
    assert 0 < link[-1].rtt_ms < 500


async def test_sound_alone(connect: Connect, clip: EncodedClip) -> None:
    candidate = await connect(clip.only(video=False))
    await candidate.until(lambda: candidate.all(UtteranceSound))
    await candidate.until(lambda: candidate.all(PictureChanged))
    assert [item.state for item in candidate.all(PictureChanged)] == ["missing"]
    assert not candidate.all(FaceSample)


async def test_picture_alone(connect: Connect, clip: EncodedClip) -> None:
    candidate = await connect(clip.only(audio=False))
    await candidate.until(lambda: candidate.all(FaceSample))
    assert [item.state for item in candidate.all(SoundChanged)] == ["missing"]
    assert not candidate.all(UtteranceStarted)


async def test_a_silent_microphone_and_a_black_picture(connect: Connect, silence: EncodedClip) -> None:
    candidate = await connect(silence)
    await candidate.until(lambda: candidate.all(SoundChanged) and candidate.all(PictureChanged))
    await candidate.ingest.close()
    assert [item.state for item in candidate.all(SoundChanged)] == ["silent"]
    assert [item.state for item in candidate.all(PictureChanged)] == ["black"]
    assert not candidate.all(UtteranceStarted)
    assert [item.faces for item in candidate.all(FacesChanged)] == [0]


async def test_a_client_that_hangs_up_has_left(connect: Connect, clip: EncodedClip) -> None:
    candidate = await connect(clip)
    await candidate.until(lambda: candidate.all(UtteranceSound))
    await candidate.sender.pc.close()
    await candidate.until(lambda: len(candidate.all(ConnectionChanged)) == 2)
    assert candidate.all(ConnectionChanged)[-1].reason == "left"
    assert not candidate.ingest.connected
    await candidate.ingest.close()
    assert len(candidate.all(UtteranceEnded)) == len(candidate.all(UtteranceStarted))


async def test_a_client_that_vanishes_is_missed_within_seconds(connect: Connect, clip: EncodedClip) -> None:
    candidate = await connect(clip, replace_settings(watchdog_s=60.0))
    await candidate.until(lambda: candidate.all(UtteranceSound))
    loop = asyncio.get_running_loop()
    gone = loop.time()
    candidate.sender.vanish()
    await candidate.until(lambda: len(candidate.all(ConnectionChanged)) == 2)
    assert candidate.all(ConnectionChanged)[-1].reason == "ice-failed"
    assert 3 < loop.time() - gone < 12


async def test_a_page_that_stops_its_tracks_is_noticed_and_may_come_back(
    connect: Connect, clip: EncodedClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = await connect(clip, replace_settings(watchdog_s=1.5))
    await candidate.until(lambda: candidate.all(UtteranceSound))
    paused = asyncio.Event()
    with monkeypatch.context() as patch:
        drop(patch, lambda: not paused.is_set())
        await candidate.until(lambda: candidate.all(ConnectionChanged)[-1].state == "lost")
        assert candidate.all(ConnectionChanged)[-1].reason == "no-media"
        paused.set()
        await candidate.until(lambda: candidate.all(ConnectionChanged)[-1].state == "connected")


async def test_a_client_that_never_connects_is_given_up(connect: Connect, clip: EncodedClip) -> None:
    candidate = await connect(clip, replace_settings(connect_s=1.0, ice_hosts=("127.0.0.2",)))
    candidate.sender.vanish()
    await candidate.until(lambda: candidate.all(ConnectionChanged), 5)
    assert candidate.items == [ConnectionChanged(0.0, "lost", "ice-failed")]


async def test_lost_packets_cost_only_themselves(
    connect: Connect, clip: EncodedClip, speech16: NDArray[np.float64], monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    drop(monkeypatch, lambda: rng.random() < 0.05)
    candidate = await connect(clip)
    await candidate.sender.tracks["audio"].ended.wait()
    await asyncio.sleep(0.3)
    await candidate.ingest.close()
    lost = candidate.ingest.sound_lost_ms
    assert 0 < lost <= 0.08 * SECONDS * 1000
    assert sum(item.loss for item in candidate.all(LinkSample)) > 0
    # The picture survives by retransmission.
    assert len(candidate.all(FaceSample)) >= 1.5 * SECONDS
    for item in candidate.all(UtteranceEnded):
        alike, lag = best_correlation(candidate.sound(item.utterance), speech16)
        assert alike >= 0.8
        assert item.start - lag / 16_000 == pytest.approx(0, abs=0.06)


async def test_a_candidate_who_comes_back_goes_on_counting(connect: Connect, clip: EncodedClip) -> None:
    clock = MediaClock()
    first = await connect(clip.only(video=False), clock=clock)
    await first.until(lambda: first.all(UtteranceSound))
    await first.ingest.close()
    second = await connect(clip.only(video=False), clock=clock, first_utterance=first.ingest.next_utterance)
    await second.until(lambda: second.all(UtteranceSound))
    assert second.all(UtteranceStarted)[0].utterance == first.all(UtteranceEnded)[-1].utterance + 1
    assert second.items[0].media_time > first.items[-1].media_time - 0.5 > 0


async def test_four_at_once_lose_nothing(
    connect: Connect, clip: EncodedClip, speech16: NDArray[np.float64]
) -> None:
    candidates = await asyncio.gather(*(connect(clip) for _ in range(4)))
    await asyncio.gather(*(one.sender.tracks["audio"].ended.wait() for one in candidates))
    await asyncio.sleep(0.5)
    await asyncio.gather(*(one.ingest.close() for one in candidates))
    for candidate in candidates:
        assert candidate.ingest.sound_lost_ms == 0
        assert best_correlation(candidate.sound(1), speech16)[0] >= 0.9
        assert len(candidate.all(FaceSample)) >= SECONDS


async def test_candidates_may_follow_the_offer(
    connect: Connect, clip: EncodedClip, analysers: Analysers
) -> None:
    items: list[MediaItem] = []
    ingest = Ingest(LOOPBACK, MediaClock(), analysers, items.append)
    sender = Sender(clip.only(video=False))
    offer = await sender.offer()
    answer = await ingest.answer(offers.without(offer, "a=candidate", "a=end-of-candidates"))
    await ingest.add_candidates(sdp_fragment(offer))
    with pytest.raises(OfferError, match=r"ice\.restart-unsupported"):
        await ingest.add_candidates("a=ice-ufrag:new\r\na=ice-pwd:0123456789abcdefghijkl\r\n")
    with pytest.raises(OfferError, match=r"offer\.unsupported"):
        await ingest.answer(offer)
    await sender.pc.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))
    await Candidate(sender, ingest, items).until(lambda: items)
    assert ingest.connected
    await ingest.close()
    await sender.pc.close()
    with pytest.raises(OfferError, match=r"ingest\.closed"):
        await ingest.add_candidates(sdp_fragment(offer))


async def test_a_refused_offer_leaves_nothing_behind(analysers: Analysers) -> None:
    before = asyncio.all_tasks()
    items: list[MediaItem] = []
    unreachable = replace_settings(ice_hosts=("192.0.2.99",))
    for settings, offer, code in (
        (LOOPBACK, "nonsense", "offer.malformed"),
        (LOOPBACK, offers.without(offers.CHROMIUM, "a=fingerprint"), "offer.no-dtls"),
        (unreachable, offers.CHROMIUM, "ice.no-address"),
    ):
        ingest = Ingest(settings, MediaClock(), analysers, items.append)
        with pytest.raises(OfferError, match=code):
            await ingest.answer(offer)
        await ingest.close()
    await asyncio.sleep(0.1)
    assert asyncio.all_tasks() == before
    assert items == []


def test_nothing_here_needs_torch() -> None:
    code = "import media.ingest, models.vad, sys; sys.exit('torch' in sys.modules or 'ray' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_closing_is_quick_and_may_be_repeated(connect: Connect, clip: EncodedClip) -> None:
    candidate = await connect(clip)
    await candidate.until(lambda: candidate.all(UtteranceSound))
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(candidate.ingest.close(), candidate.ingest.close())
    assert loop.time() - began < 1
    assert isinstance(candidate.items[-1], UtteranceEnded)
    after = len(candidate.items)
    await candidate.ingest.close()
    await asyncio.sleep(0.3)
    assert len(candidate.items) == after


def replace_settings(**changes: Any) -> MediaSettings:
    return LOOPBACK.model_copy(update=changes)


def drop(patch: pytest.MonkeyPatch, unlucky: Callable[[], bool]) -> None:
    """RTP packets disappear before the receiver sees them."""
    receive = RtpReceiver.rtp

    def lossy(self: RtpReceiver, data: bytes, now: float) -> None:
        if not unlucky():
            receive(self, data, now)

    patch.setattr(RtpReceiver, "rtp", lossy)
