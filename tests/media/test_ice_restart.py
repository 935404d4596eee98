"""The way changes under a connection that goes on."""

from __future__ import annotations

import asyncio

import pytest

from bench.clip import EncodedClip
from media.errors import OfferError
from media.items import ConnectionChanged, ConnectionRerouted, UtteranceSound
from media.settings import MediaSettings
from tests.media.conftest import Candidate, Connect
from tests.media.reroute import Restart, ask_in_vain, deafen, reroute

SETTINGS = MediaSettings(ice_hosts=("127.0.0.1",), restart_s=1.5)


def connection(candidate: Candidate) -> object:
    return candidate.ingest._peer._rerouting.current  # type: ignore[union-attr]


async def flows(candidate: Candidate) -> None:
    """New media keeps coming."""
    peer = candidate.ingest._peer
    for _ in range(2):
        before = peer.totals("audio").received
        await candidate.until(lambda before=before: peer.totals("audio").received > before + 10, 3)  # type: ignore[misc]


async def test_media_goes_on_without_a_hole(connect: Connect, clip: EncodedClip) -> None:
    candidate = await connect(clip)
    await candidate.until(lambda: candidate.all(UtteranceSound))
    for number in (1, 2):
        first = connection(candidate)
        await reroute(candidate.sender.pc, candidate.ingest.restart)
        await candidate.until(lambda number=number: len(candidate.all(ConnectionRerouted)) == number, 5)
        assert connection(candidate) is not first
        assert candidate.all(ConnectionRerouted)[-1].gap_s < 0.3
        await flows(candidate)
    await asyncio.sleep(1.3)  # the old ways are closed by now
    await flows(candidate)
    assert [item.state for item in candidate.all(ConnectionChanged)] == ["connected"]
    assert candidate.ingest.sound_lost_ms == 0
    candidate.sound(1)  # its pieces follow on each other
    await candidate.sender.pc.close()
    await candidate.until(lambda: len(candidate.all(ConnectionChanged)) == 2)
    assert candidate.all(ConnectionChanged)[-1].reason == "left"


async def test_a_way_that_is_gone_is_replaced(connect: Connect, clip: EncodedClip) -> None:
    candidate = await connect(clip)
    await candidate.until(lambda: candidate.all(UtteranceSound))
    deafen(candidate.sender.pc)
    await asyncio.sleep(1.0)
    await reroute(candidate.sender.pc, candidate.ingest.restart)
    await candidate.until(lambda: candidate.all(ConnectionRerouted), 5)
    assert 0.9 < candidate.all(ConnectionRerouted)[0].gap_s < 2.5
    await flows(candidate)
    await asyncio.sleep(1.5)
    assert [item.state for item in candidate.all(ConnectionChanged)] == ["connected"]


async def test_a_restart_that_fails_leaves_the_old_way(connect: Connect, clip: EncodedClip) -> None:
    candidate = await connect(clip, SETTINGS)
    await candidate.until(lambda: candidate.all(UtteranceSound))
    first = connection(candidate)
    await ask_in_vain(candidate.sender.pc, candidate.ingest.restart)  # no check follows
    await asyncio.sleep(2.0)
    assert connection(candidate) is first
    assert not candidate.all(ConnectionRerouted)
    await flows(candidate)
    await reroute(candidate.sender.pc, candidate.ingest.restart)
    await candidate.until(lambda: candidate.all(ConnectionRerouted), 5)
    await flows(candidate)


async def test_where_both_ways_fail_the_connection_is_lost(connect: Connect, clip: EncodedClip) -> None:
    settings = SETTINGS.model_copy(update={"watchdog_s": 60.0, "consent_interval_s": 0.3, "restart_s": 4.0})
    candidate = await connect(clip, settings)
    await candidate.until(lambda: candidate.all(UtteranceSound))
    deafen(candidate.sender.pc)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await ask_in_vain(candidate.sender.pc, candidate.ingest.restart)
    await candidate.until(lambda: len(candidate.all(ConnectionChanged)) == 2)
    assert candidate.all(ConnectionChanged)[-1].reason == "ice-failed"
    assert loop.time() - began > 3.5  # the old way alone is missed after about three


async def test_a_newer_restart_takes_the_place_of_one_under_way(connect: Connect, clip: EncodedClip) -> None:
    candidate = await connect(clip)
    await candidate.until(lambda: candidate.all(UtteranceSound))
    await ask_in_vain(candidate.sender.pc, candidate.ingest.restart)
    await reroute(candidate.sender.pc, candidate.ingest.restart)
    await candidate.until(lambda: candidate.all(ConnectionRerouted), 5)
    await flows(candidate)
    assert len(candidate.all(ConnectionChanged)) == 1


async def test_candidates_may_follow_a_restart(connect: Connect, clip: EncodedClip) -> None:
    candidate = await connect(clip)
    await candidate.until(lambda: candidate.all(UtteranceSound))
    restart = Restart(candidate.sender.pc)
    answer = await candidate.ingest.restart(await restart.fragment(candidates=False))
    await candidate.ingest.add_candidates(await restart.fragment())
    await restart.take(answer)
    await candidate.until(lambda: candidate.all(ConnectionRerouted), 5)


async def test_closing_during_a_restart_leaves_nothing_behind(connect: Connect, clip: EncodedClip) -> None:
    candidate = await connect(clip)
    await candidate.until(lambda: candidate.all(UtteranceSound))
    await reroute(candidate.sender.pc, candidate.ingest.restart)
    await candidate.until(lambda: candidate.all(ConnectionRerouted), 5)  # the old way lingers
    await ask_in_vain(candidate.sender.pc, candidate.ingest.restart)
    rerouting = candidate.ingest._peer._rerouting
    await candidate.ingest.close()
    assert rerouting._change is None
    assert not rerouting._lingering
    assert rerouting.current._closed
    with pytest.raises(OfferError, match=r"ingest\.closed"):
        await candidate.ingest.restart("a=ice-ufrag:aaaa\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaa")
