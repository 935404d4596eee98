"""An active challenge: blink, turn left, turn right, in an order drawn by chance (ISO/IEC 30107-1, 5.3).

Judged from samples and glances of the main face, against the person's own face before the first prompt, since
narrow eyes read lower than round ones and cameras stand at an angle. A deliberate blink keeps the lids under
half for 0.1 s and more, so blinks need `RATE` looks a second (`Ingest.watch_eyes`): at 4 one of 0.15 s is
missed two times in five.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from media.items import FaceGlance, FaceSample

Step = Literal["blink", "turn-left", "turn-right"]
Outcome = Literal["passed", "failed", "expired"]
Reason = Literal[
    "",
    "too-early",
    "wrong-action",
    "not-frontal",
    "another-face",
    "face-lost",
    "too-late",
    "sampled-too-slowly",
]
Seen = FaceSample | FaceGlance
STEPS: tuple[Step, ...] = ("blink", "turn-left", "turn-right")
RATE = 10.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and degrees. `reaction_s`: nobody sees a prompt and has turned the head sooner."""

    baseline_samples: int = 5
    reaction_s: float = 0.25
    answer_s: float = 5.0
    return_s: float = 3.0
    pause_s: tuple[float, float] = (0.4, 1.2)  # before the next prompt, drawn by chance
    gap_s: float = 1.5  # a face turned far has no mesh, so samples may stop for a moment
    turn: float = 20.0
    frontal: float = 10.0
    nod: float = 25.0  # up or down from the baseline: no longer frontal
    shut: float = 0.5  # of the person's own open eyes
    open: float = 0.75
    blink_rate: float = 6.0  # samples a second under which a blink that was not seen proves nothing


@dataclass(frozen=True, slots=True)
class Verdict:
    """`passed`: all steps in order and in time. `expired`: nothing came. `failed`: something else came."""

    outcome: Outcome
    reason: Reason
    media_time: float
    steps_done: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """What to show from `media_time` on."""

    step: Step
    media_time: float


def draw(rng: random.Random, count: int = 3) -> tuple[Step, ...]:
    """Steps by chance, at least one turn to each side when `count` allows; none twice in a row."""
    while True:
        steps = tuple(rng.choice(STEPS) for _ in range(count))
        wanted = min(count, len(STEPS))
        if len(set(steps)) == wanted and all(a != b for a, b in pairwise(steps)):
            return steps


class Challenge:
    """Give it every sample of the main face; show `prompt` when it changes; stop at `verdict`.

    Also call `tick` with the media time when no samples come, or nothing will ever expire.
    """

    def __init__(self, steps: Sequence[Step], rng: random.Random, limits: Limits | None = None) -> None:
        if not steps:
            raise ValueError("a challenge has at least one step")
        self._steps = tuple(steps)
        self._rng = rng
        self._limits = limits or Limits()
        self._before: list[Seen] = []
        self._track: int | None = None
        self._times: list[float] = []
        self._started: float | None = None
        self._done = 0
        self._phase: Literal["baseline", "asked", "returning", "pausing"] = "baseline"
        self._since = 0.0
        self._pause = 0.0
        self._shut = False
        self.prompt: Prompt | None = None
        self.verdict: Verdict | None = None

    @property
    def steps_done(self) -> int:
        return self._done

    def see(self, sample: Seen) -> Verdict | None:
        """The verdict once there is one."""
        if self.verdict is not None:
            return self.verdict
        if self.tick(sample.media_time) is not None:
            return self.verdict
        if self._track is not None and sample.track != self._track:
            return self._end("failed", "another-face", sample.media_time)
        self._track = sample.track
        self._times.append(sample.media_time)
        if self._phase == "baseline":
            self._learn(sample)
        elif self._phase == "asked":
            self._judge(sample)
        else:
            self._return(sample)
        return self.verdict

    def tick(self, media_time: float) -> Verdict | None:
        """Time passes, with or without a face."""
        if self.verdict is not None:
            return self.verdict
        limits = self._limits
        if self._started is None:
            self._started = self._since = media_time
        if self._times and media_time - self._times[-1] > limits.gap_s:
            return self._end("failed", "face-lost", media_time)
        waited = media_time - self._since
        if self._phase == "returning" and waited > limits.return_s:
            return self._end("failed", "not-frontal", media_time)
        if self._phase in ("baseline", "asked") and waited > limits.answer_s:
            blink = self._phase == "asked" and self._steps[self._done] == "blink"
            slow = blink and self._rate() < limits.blink_rate
            return self._end("expired", "sampled-too-slowly" if slow else "too-late", media_time)
        return None

    def _learn(self, sample: Seen) -> None:
        if abs(sample.yaw) < 2 * self._limits.frontal:
            self._before.append(sample)
        if len(self._before) >= self._limits.baseline_samples:
            self._yaw = statistics.median(s.yaw for s in self._before)
            self._pitch = statistics.median(s.pitch for s in self._before)
            # The larger values: a blink while learning must not lower what counts as open.
            eyes = sorted(s.eyes_open for s in self._before)
            self._eyes = max(statistics.median(eyes[len(eyes) // 2 :]), 0.05)
            self._ask(sample.media_time)

    def _ask(self, media_time: float) -> None:
        self._phase, self._since, self._shut = "asked", media_time, False
        self.prompt = Prompt(self._steps[self._done], media_time)

    def _judge(self, sample: Seen) -> None:
        limits, step = self._limits, self._steps[self._done]
        early = sample.media_time - self._since < limits.reaction_s
        turned = self._turned(sample)
        if turned is not None:
            if turned != step:
                self._end("failed", "wrong-action", sample.media_time)
            elif early:
                self._end("failed", "too-early", sample.media_time)
            else:
                self._answered(sample.media_time)
        elif step == "blink" and self._frontal(sample):
            # A blink before anyone could react is one of the dozen a minute that mean nothing.
            if sample.eyes_open < limits.shut * self._eyes and not early:
                self._shut = True
            elif self._shut and sample.eyes_open > limits.open * self._eyes:
                self._answered(sample.media_time)

    def _answered(self, media_time: float) -> None:
        self._done += 1
        self._phase, self._since = "returning", media_time

    def _return(self, sample: Seen) -> None:
        if self._phase == "returning":
            if not self._frontal(sample):
                return
            if self._done == len(self._steps):
                self._end("passed", "", sample.media_time)
                return
            self._phase, self._since = "pausing", sample.media_time
            self._pause = self._rng.uniform(*self._limits.pause_s)
        elif self._turned(sample) is not None:  # it goes on without having been asked, as a recording does
            self._end("failed", "too-early", sample.media_time)
        elif sample.media_time - self._since >= self._pause:
            self._ask(sample.media_time)

    def _turned(self, sample: Seen) -> Step | None:
        yaw = sample.yaw - self._yaw
        if abs(yaw) < self._limits.turn:
            return None
        return "turn-left" if yaw > 0 else "turn-right"

    def _frontal(self, sample: Seen) -> bool:
        level = abs(sample.pitch - self._pitch) < self._limits.nod
        return level and abs(sample.yaw - self._yaw) < self._limits.frontal

    def _rate(self) -> float:
        steps = [b - a for a, b in pairwise(self._times) if b > a]
        return 1 / statistics.median(steps) if steps else 0.0

    def _end(self, outcome: Outcome, reason: Reason, media_time: float) -> Verdict:
        self.prompt = None
        self.verdict = Verdict(outcome, reason, media_time, self._done)
        return self.verdict
