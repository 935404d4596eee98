"""Challenge, flash and the account of one session without media: attempts, order, refusals, weights."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.presence import Presence
from gateway.presence_account import Account
from gateway.presence_settings import WEIGHTS, PresenceSettings
from gateway.problems import Problem
from interviews.events import LivenessObserved
from interviews.presence import (
    ChallengeEnded,
    ChallengePrompted,
    DevicesNoted,
    FlashEnded,
    FlashPrompted,
    HumanCheckRequested,
    InjectionObserved,
    LivenessConcluded,
)
from media.items import CueChanged, FaceColours, FaceGlance
from media.presentation import flash
from tests.gateway.conftest import Running


class Stage:
    """A presence whose clock, connection and log are under the test's control."""

    def __init__(self, **settings: Any) -> None:
        self.time = 0.0
        self.events: list[Any] = []
        self.watched: list[tuple[str, float]] = []
        self.presence = Presence(
            PresenceSettings(**settings),
            self,
            lambda: self.time,
            lambda _, payload: self.events.append(payload),
            random.Random(3),
        )

    def watch_eyes(self, seconds: float) -> None:
        self.watched.append(("eyes", seconds))

    def watch_colours(self, seconds: float) -> None:
        self.watched.append(("colours", seconds))

    def all(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def look(self, yaw: float = 0.0, track: int = 1) -> None:
        self.time += 0.07
        self.presence.see(FaceGlance(self.time, track, yaw, 0.0, 0.0, 0.8, None))

    def fail(self) -> None:
        """Another face takes the place of the first."""
        self.look()
        self.look(track=2)


async def test_three_tries_then_a_person() -> None:
    stage = Stage()
    for attempt in (1, 2, 3):
        assert stage.presence.start_challenge() == attempt
        with pytest.raises(Problem, match=r"liveness\.running"):
            stage.presence.start_challenge()
        stage.fail()
    ended = stage.all(ChallengeEnded)
    assert [(end.attempt, end.reason, end.attempts_left) for end in ended] == [
        (1, "another-face", 2),
        (2, "another-face", 1),
        (3, "another-face", 0),
    ]
    with pytest.raises(Problem, match=r"liveness\.spent"):
        stage.presence.start_challenge()
    stage.presence.ask_for_human()
    assert stage.all(HumanCheckRequested)


async def test_prompts_come_one_by_one_and_eyes_are_watched() -> None:
    stage = Stage()
    stage.presence.start_challenge()
    assert stage.watched[0][0] == "eyes"
    assert stage.watched[0][1] > 20
    for _ in range(6):
        stage.look()
    [prompted] = stage.all(ChallengePrompted)
    assert (prompted.attempt, prompted.index, prompted.steps) == (1, 1, 3)
    stage.look()
    assert len(stage.all(ChallengePrompted)) == 1
    stage.presence.stop()


async def test_nobody_there_expires_by_the_clock_alone() -> None:
    stage = Stage()
    stage.presence.start_challenge()
    await asyncio.sleep(0.15)
    stage.time = 30.0
    await asyncio.sleep(0.3)
    [ended] = stage.all(ChallengeEnded)
    assert (ended.outcome, ended.reason) == ("expired", "too-late")
    stage.presence.stop()


async def test_the_order_of_colours_is_drawn_anew_and_no_face_is_insufficient() -> None:
    stage = Stage(flash_lead_s=1.6, flash_colours=6, flash_step_s=0.34)
    first = stage.presence.start_flash()
    assert first.starts == 1.6
    with pytest.raises(Problem, match=r"liveness\.running"):
        stage.presence.start_flash()
    stage.presence.see(FaceColours(0.1, 1, (100, 90, 80), (50, 50, 50)))
    await asyncio.sleep(1.6 + 6 * 0.34 + flash.SEARCH_S[1] + 1.2)
    [ended] = stage.all(FlashEnded)
    assert (ended.outcome, ended.reason) == ("insufficient", "too-few-samples")
    assert stage.presence.start_flash().colours != first.colours
    assert len(stage.all(FlashPrompted)) == 2
    stage.presence.stop()


async def test_declining_is_noted_and_says_nothing() -> None:
    stage = Stage()
    stage.presence.decline_flash()
    [ended] = stage.all(FlashEnded)
    assert ended.outcome == "declined"
    [account] = stage.all(LivenessConcluded)
    assert (account.score, account.certainty) == (0.0, 0.0)


async def test_a_virtual_camera_is_a_note_and_no_verdict() -> None:
    stage = Stage()
    stage.presence.note_devices("OBS Virtual Camera", "Microphone")
    stage.presence.note_devices(None, None)
    assert [noted.virtual_camera for noted in stage.all(DevicesNoted)] == [True, None]
    [account, _] = stage.all(LivenessConcluded)
    line = next(cue for cue in account.cues if cue.name == "virtual-camera")
    assert (line.outcome, line.weight, line.support) == ("suspicious", 0.0, None)
    assert (account.score, account.certainty) == (0.0, 0.0)


async def test_cues_of_the_stream_become_events_and_change_the_account() -> None:
    stage = Stage()
    stage.presence.see(CueChanged(4.0, "repeated-frames", 0.1, 0.5, "suspicious", "every 2.5 s"))
    [observed] = stage.all(InjectionObserved)
    assert (observed.cue, observed.outcome, observed.detail) == (
        "repeated-frames",
        "suspicious",
        "every 2.5 s",
    )
    [account] = stage.all(LivenessConcluded)
    assert account.score == -1.0
    assert account.certainty == pytest.approx(WEIGHTS["repeated-frames"] / sum(WEIGHTS.values()), abs=1e-3)


def observed(**ratios: float) -> LivenessObserved:
    return LivenessObserved(
        track=1, score=0.9, decision="undecided", frames=9, threshold=0.66, model="m@1", ratios=ratios
    )


def test_the_account_shows_every_cue_and_weighs_what_is_known() -> None:
    account = Account(PresenceSettings(weights={"frames": 1.0, "challenge": 3.0}))
    assert account.take(observed(frames=2.0))
    assert not account.take(observed(frames=1.0))  # no outcome changed
    failed = ChallengeEnded(
        attempt=1, outcome="failed", reason="too-early", steps_done=1, steps=3, attempts_left=2
    )
    assert account.take(failed)
    conclusion = account.conclusion()
    lines = {cue.name: cue for cue in conclusion.cues}
    assert set(lines) == {"frames", "challenge", "border", "stillness"}
    assert lines["frames"].support == pytest.approx(0.462, abs=1e-3)  # tanh(1/2)
    assert (lines["challenge"].value, lines["challenge"].threshold) == (pytest.approx(1 / 3, abs=1e-3), 1.0)
    assert conclusion.score == pytest.approx((0.462 - 3) / 4, abs=1e-3)
    assert conclusion.certainty == 1.0
    passed = failed.model_copy(update={"outcome": "passed", "reason": "", "steps_done": 3})
    assert account.take(passed)
    assert not account.take(failed)  # once passed it stays so
    assert account.conclusion().score > 0.8


def test_weights_name_known_cues_and_are_positive() -> None:
    for weights in ({}, {"frames": 0.0}, {"aura": 1.0}):
        with pytest.raises(ValidationError):
            PresenceSettings(weights=weights)
    with pytest.raises(ValidationError):
        PresenceSettings(flash_step_s=0.2)  # five changes a second


async def test_over_http_only_the_candidate_asks_and_only_while_there(running: Running) -> None:
    session = await running.create()
    path = f"/api/v1/sessions/{session['id']}/liveness/challenge"
    status, problem, _ = await running.call("POST", path, token=session["candidate_token"])
    assert (status, problem["code"]) == (409, "session.not-started")
    status, problem, _ = await running.call("POST", path)
    assert (status, problem["code"]) == (403, "token.forbidden")
