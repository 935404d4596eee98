"""Challenge, flash and injection over real WebRTC: a puppet's head before a real gateway, fake inference."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from bench.clip import EncodedClip
from bench.puppet import Puppet
from bench.puppet_candidate import Act, Follower, PuppetPeer, Recording, doing, recorded
from interviews.events import Event
from interviews.presence import (
    ChallengeEnded,
    ChallengePrompted,
    FlashEnded,
    FlashPrompted,
    InjectionObserved,
    LivenessConcluded,
)
from media.finding import FaceFinder
from media.presentation import challenge, flash
from tests.gateway.conftest import Json, Running

pytestmark = pytest.mark.realtime

SEED = 0
STEPS = challenge.draw(random.Random(SEED), 3)
COLOURS = flash.sequence(random.Random(SEED), 12)
OTHERS = flash.sequence(random.Random(SEED + 100), 12)


@pytest.fixture(scope="module")
def puppet() -> Puppet:
    made = Puppet.default(FaceFinder.load())
    for step in ("turn-left", "turn-right", "blink"):  # drawing takes a while the first time
        for frame in range(20):
            made.draw(doing(step, frame / 15))
    return made


def of(log: list[Event], kind: type) -> list[Any]:
    return [event.data for event in log if isinstance(event.data, kind)]


class Played:
    """One session with a puppet in it, and the orders that the server will draw."""

    def __init__(self, running: Running, session: Json, seed: int) -> None:
        self.running, self.session, self.id = running, session, session["id"]
        resident = running.server.service.registry.resident(self.id)
        assert resident is not None
        resident._presence._chance = random.Random(seed)

    async def ask(self, what: str, body: Any = None) -> tuple[int, Any]:
        path = f"/api/v1/sessions/{self.id}/liveness/{what}"
        status, answer, _ = await self.running.call("POST", path, body, token=self.session["candidate_token"])
        return status, answer


async def play(
    running: Running, puppet: Puppet, sound: EncodedClip, act: Act, what: str, until: str, **options: Any
) -> list[Event]:
    session = await running.create()
    async with PuppetPeer(running.http, session, running.server.url, sound, puppet, act, **options) as peer:
        await peer.connect()
        played = Played(running, session, SEED)
        await running.until(played.id, "face.measured")
        status, answer = await played.ask(what, {} if what == "flash" else None)
        assert status in (202, 204), answer
        log = await running.until(played.id, until, timeout_s=45)
        await peer.end()
    return log


async def test_a_head_that_follows_passes(running: Running, puppet: Puppet, hum: EncodedClip) -> None:
    log = await play(running, puppet, hum, Follower(), "challenge", "challenge.ended")
    prompted = of(log, ChallengePrompted)
    assert [prompt.step for prompt in prompted] == list(STEPS)
    assert [(p.attempt, p.index, p.steps) for p in prompted] == [(1, 1, 3), (1, 2, 3), (1, 3, 3)]
    [ended] = of(log, ChallengeEnded)
    assert (ended.outcome, ended.reason, ended.steps_done) == ("passed", "", 3)
    cues = {cue.name: cue for cue in of(log, LivenessConcluded)[-1].cues}
    assert (cues["challenge"].outcome, cues["challenge"].support) == ("clear", 1.0)
    assert cues["flash"].support is None  # nobody asked


WRONG: dict[str, tuple[Callable[[], Act], set[tuple[str, str]]]] = {
    "wrong order": (
        lambda: Follower(instead=[*STEPS[1:], STEPS[0]]),
        {("failed", "wrong-action"), ("expired", "too-late"), ("failed", "too-early")},
    ),
    "does not wait": (lambda: Follower(instead=STEPS, all_at_once=True), {("failed", "too-early")}),
    "never reacts": (lambda: Recording(), {("expired", "too-late")}),
    "a photograph": (lambda: Recording(still=True), {("expired", "too-late")}),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_does_not_follow_does_not_pass(
    name: str, running: Running, puppet: Puppet, hum: EncodedClip
) -> None:
    act, ends = WRONG[name]
    log = await play(running, puppet, hum, act(), "challenge", "challenge.ended")
    [ended] = of(log, ChallengeEnded)
    assert (ended.outcome, ended.reason) in ends
    assert ended.attempts_left == 2


async def test_a_face_lit_by_the_screen_passes(running: Running, puppet: Puppet, hum: EncodedClip) -> None:
    log = await play(running, puppet, hum, Follower(), "flash", "flash.ended")
    [prompted], [ended] = of(log, FlashPrompted), of(log, FlashEnded)
    assert prompted.colours == COLOURS
    assert 1 / prompted.step_s <= 3  # WCAG 2.3.1
    assert (ended.outcome, ended.reason) == ("passed", "")
    assert ended.confidence >= 0.99
    assert 0 <= ended.lag_s <= 0.7


@pytest.mark.parametrize("act", [Follower(lit=False), Follower(colours=OTHERS)], ids=["dark", "others"])
async def test_a_face_that_is_not_lit_by_it_does_not_pass(
    act: Act, running: Running, puppet: Puppet, hum: EncodedClip
) -> None:
    log = await play(running, puppet, hum, act, "flash", "flash.ended")
    [ended] = of(log, FlashEnded)
    assert ended.outcome == "insufficient"
    cues = (
        {cue.name: cue for cue in of(log, LivenessConcluded)[-1].cues} if of(log, LivenessConcluded) else {}
    )
    assert not cues or cues["flash"].support is None


def told(log: list[Event]) -> dict[str, InjectionObserved]:
    return {cue.cue: cue for cue in of(log, InjectionObserved)}


async def watched(
    running: Running, peer: Any, session: Json, expected: dict[str, str]
) -> dict[str, InjectionObserved]:
    """What is told of the stream once it is as expected, or after a minute: a cue needs so many frames, and
    how soon they are there is the machine's affair."""
    async with peer:
        await peer.connect()
        await asyncio.sleep(20)
        for _ in range(200):
            await asyncio.sleep(0.2)
            if outcomes(told(await running.log(session["id"])), expected) == expected:
                break
        await peer.end()
    return told(await running.until(session["id"], "session.ended"))


def outcomes(seen: dict[str, InjectionObserved], names: Iterable[str]) -> dict[str, str]:
    return {name: seen[name].outcome for name in names if name in seen}


async def test_a_loop_and_even_timing_are_suspicious_and_a_camera_is_not(
    running: Running, puppet: Puppet, hum: EncodedClip
) -> None:
    session = await running.create()
    camera = PuppetPeer(running.http, session, running.server.url, hum, puppet, Recording(), shake=25)
    cues = ("repeated-frames", "regular-timing", "clock-mismatch", "missing-noise")
    clear = dict.fromkeys(cues, "clear")
    seen = await watched(running, camera, session, clear)
    assert outcomes(seen, seen) == clear

    session = await running.create()
    clip = EncodedClip(hum.audio, recorded(puppet, Recording(), 2.6, shake=25), "loop")
    looped = dict.fromkeys(cues[:2], "suspicious")
    seen = await watched(running, running.peer(session, clip), session, looped)
    assert outcomes(seen, looped) == looped
    assert float(seen["repeated-frames"].detail.split()[1]) == pytest.approx(2.6, abs=0.3)
