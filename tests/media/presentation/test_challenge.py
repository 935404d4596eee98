"""A person who follows the prompts, and recordings that do not."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.items import FaceSample
from media.presentation.challenge import STEPS, Challenge, Limits, Step, Verdict, draw

CROP = np.zeros((1, 1, 3), np.uint8)
Head = tuple[float, float]  # yaw, eyes


def sample(
    time: float, yaw: float = 0.0, eyes: float = 0.8, track: int = 1, pitch: float = 0.0
) -> FaceSample:
    return FaceSample(time, track, (0.4, 0.3, 0.2, 0.3), yaw, pitch, 0.0, eyes, 0.5, 100.0, CROP, CROP)


def doing(step: Step | None, since: float, delay: float, lasts: float = 0.8) -> Head:
    if step is None or not delay <= since < delay + (0.3 if step == "blink" else lasts):
        return 0.0, 0.8
    return {"blink": (0.0, 0.1), "turn-left": (32.0, 0.8), "turn-right": (-32.0, 0.8)}[step]


def run(
    steps: tuple[Step, ...],
    act: Callable[[Challenge, float], Head | None],
    rate: float = 10.0,
    seconds: float = 40,
) -> Verdict | None:
    """`act` says how the head is at a time, or None where no face is seen."""
    challenge = Challenge(steps, random.Random(3))
    for i in range(int(seconds * rate)):
        head = act(challenge, i / rate)
        if head is None:
            challenge.tick(i / rate)
        else:
            challenge.see(sample(i / rate, *head))
        if challenge.verdict:
            return challenge.verdict
    return None


def person(delay: float = 0.6) -> Callable[[Challenge, float], Head]:
    def act(challenge: Challenge, time: float) -> Head:
        prompt = challenge.prompt
        return doing(prompt.step, time - prompt.media_time, delay) if prompt else (0.0, 0.8)

    return act


@given(st.integers(0, 10_000), st.floats(0.35, 3.0), st.floats(9.0, 25.0))
def test_whoever_follows_the_prompts_passes(seed: int, delay: float, rate: float) -> None:
    verdict = run(draw(random.Random(seed)), person(delay), rate)
    assert verdict is not None
    assert (verdict.outcome, verdict.reason, verdict.steps_done) == ("passed", "", 3)


def test_every_wrong_order_of_a_recording_fails() -> None:
    asked: tuple[Step, ...] = ("turn-left", "blink", "turn-right")
    for shown in (("turn-right", "blink", "turn-left"), ("blink", "turn-right", "turn-left")):

        def recorded(challenge: Challenge, time: float, shown: tuple[str, ...] = shown) -> Head:
            index = int((time - 1) // 2.5)
            step = shown[index] if 0 <= index < 3 else None
            return doing(step, (time - 1) % 2.5, 0.6)  # type: ignore[arg-type]

        verdict = run(asked, recorded)
        assert verdict is not None
        assert verdict.outcome != "passed"


def test_a_recording_in_the_right_order_still_is_out_of_time() -> None:
    steps: tuple[Step, ...] = ("turn-left", "turn-right", "turn-left")

    def restless(challenge: Challenge, time: float) -> Head:
        index = int((time - 0.5) // 0.9)
        return doing(steps[index % 3], (time - 0.5) % 0.9, 0.1, 0.6) if index >= 0 else (0.0, 0.8)

    verdict = run(steps, restless)
    assert verdict is not None
    assert (verdict.outcome, verdict.reason) == ("failed", "too-early")


@pytest.mark.parametrize(("asked", "done"), [("turn-left", "turn-right"), ("blink", "turn-left")])
def test_the_wrong_action_fails(asked: Step, done: Step) -> None:
    def act(challenge: Challenge, time: float) -> Head:
        return doing(done, time - challenge.prompt.media_time, 0.6) if challenge.prompt else (0.0, 0.8)

    verdict = run((asked,), act)
    assert verdict is not None
    assert (verdict.outcome, verdict.reason, verdict.steps_done) == ("failed", "wrong-action", 0)


def test_too_early_is_before_anyone_could_react() -> None:
    verdict = run(("turn-left",), person(delay=0.1))
    assert verdict is not None
    assert (verdict.outcome, verdict.reason) == ("failed", "too-early")


@pytest.mark.parametrize("step", STEPS)
def test_a_still_picture_expires(step: Step) -> None:
    verdict = run((step,), lambda challenge, time: (0.0, 0.8))
    assert verdict is not None
    assert (verdict.outcome, verdict.reason) == ("expired", "too-late")


def test_a_blink_missed_at_a_low_rate_is_not_held_against_anyone() -> None:
    verdict = run(("blink",), lambda challenge, time: (0.0, 0.8), rate=4.0)
    assert verdict is not None
    assert verdict.reason == "sampled-too-slowly"


def test_the_head_has_to_come_back() -> None:
    def stays(challenge: Challenge, time: float) -> Head:
        return (32.0, 0.8) if time > 1.2 else (0.0, 0.8)

    verdict = run(("turn-left", "blink"), stays)
    assert verdict is not None
    assert (verdict.outcome, verdict.reason, verdict.steps_done) == ("failed", "not-frontal", 1)


def test_another_face_or_none_fails() -> None:
    challenge = Challenge(("blink",), random.Random(0))
    challenge.see(sample(0.0))
    assert challenge.see(sample(0.1, track=2)) == Verdict("failed", "another-face", 0.1, 0)
    assert challenge.see(sample(0.2)) == challenge.verdict  # it stands
    verdict = run(("turn-left",), lambda challenge, time: (0.0, 0.8) if time < 1 else None)
    assert verdict is not None
    assert verdict.reason == "face-lost"
    nobody = run(("turn-left",), lambda challenge, time: None)
    assert nobody is not None
    assert (nobody.outcome, nobody.reason) == ("expired", "too-late")


def test_a_short_gap_while_the_head_is_turned_far_is_forgiven() -> None:
    def act(challenge: Challenge, time: float) -> Head | None:
        prompt = challenge.prompt
        since = time - prompt.media_time if prompt else -1.0
        return None if 0.9 < since < 1.4 else doing("turn-left", since, 1.4)

    verdict = run(("turn-left",), act)
    assert verdict is not None
    assert verdict.outcome == "passed"


def test_narrow_eyes_and_a_camera_at_the_side_are_compared_with_themselves() -> None:
    def act(challenge: Challenge, time: float) -> Head:
        yaw, eyes = person()(challenge, time)
        return yaw + 14, eyes * 0.4

    verdict = run(("blink", "turn-right", "turn-left"), act)
    assert verdict is not None
    assert verdict.outcome == "passed"


@given(st.integers(0, 10_000), st.integers(1, 8))
def test_orders_are_drawn_by_chance_without_repetition(seed: int, count: int) -> None:
    steps = draw(random.Random(seed), count)
    assert len(steps) == count
    assert all(a != b for a, b in pairwise(steps))
    assert set(steps) == set(STEPS) or count < 3


def test_a_challenge_needs_a_step() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Challenge((), random.Random(0), Limits())
