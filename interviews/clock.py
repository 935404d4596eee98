"""How much time the candidate has: a fold over the log that says where thinking and answering stand.

The clock runs while the candidate is connected and nobody has paused the interview; else it stands still.
Times are seconds on the media clock. Nothing here raises, whatever the log holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from interviews.events import (
    Event,
    QuestionStarted,
    SessionConnected,
    SessionCreated,
    SessionDisconnected,
    SessionEnded,
)
from interviews.live_events import (
    AnswerFinished,
    AnsweringStarted,
    AnswerRetried,
    SessionPaused,
    SessionResumed,
    TimeExtended,
)
from interviews.plan import Question

# idle: no question has been asked. over: of this question; the page goes on to the next one.
Phase = Literal["idle", "thinking", "answering", "over"]


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be logged at `at`, unless something comes before it."""

    at: float
    payload: AnsweringStarted | AnswerFinished


@dataclass(slots=True)
class QuestionClock:
    """`apply` one event after another; `remaining(t)` and `due()` hold until the next one."""

    phase: Phase = "idle"
    question: Question | None = None
    retries_left: int = 0
    paused: bool = False
    connected: bool = False
    _ended: bool = False
    _left: float = 0.0  # of the phase, at `_since`
    _since: float = 0.0
    _questions: dict[str, Question] = field(default_factory=dict)

    def apply(self, event: Event) -> bool:
        """Whether the event changed what `remaining` and `due` say; one that does not fit is passed over."""
        if self._ended:
            return False
        at = max(self._since, event.media_time)
        match event.data:
            case SessionCreated(questions=questions) if not self._questions:
                self._questions = {question.id: question for question in questions}
            case SessionConnected() if not self.connected:
                self._settle(at)
                self.connected = True
            case SessionDisconnected() if self.connected:
                self._settle(at)
                self.connected = False
            case SessionPaused() if not self.paused:
                self._settle(at)
                self.paused = True
            case SessionResumed() if self.paused:
                self._settle(at)
                self.paused = False
            case QuestionStarted(question=id_) if id_ in self._questions:
                self.question = question = self._questions[id_]
                self.retries_left = question.retries
                thinks = question.think_s > 0
                self._begin(at, "thinking" if thinks else "answering")
            case AnsweringStarted(question=id_) if self._now(id_, "thinking"):
                self._begin(at, "answering")
            case AnswerRetried(question=id_) if self.takes_retry(id_):
                self.retries_left -= 1
                self._begin(at, "answering")
            case AnswerFinished(question=id_) if self._now(id_, "thinking", "answering"):
                self._begin(at, "over")
            case TimeExtended(question=id_, seconds=seconds) if self._now(id_, "thinking", "answering"):
                self._settle(at)
                self._left += seconds
            case SessionEnded():
                self._settle(at)
                self._ended = True
            case _:
                return False
        return True

    def takes_retry(self, question: str) -> bool:
        return self._now(question, "answering", "over") and self.retries_left > 0

    @property
    def running(self) -> bool:
        return (
            self.connected and not self.paused and not self._ended and self.phase in ("thinking", "answering")
        )

    def remaining(self, t: float) -> float:
        """Seconds left of this phase at media time `t`, which lies behind the last event; 0 when over."""
        gone = max(0.0, t - self._since) if self.running else 0.0
        return max(0.0, self._left - gone)

    def due(self) -> Due | None:
        """What happens by itself, and when; None while the clock stands still."""
        if not self.running or self.question is None:
            return None
        at, question = self._since + self._left, self.question.id
        if self.phase == "thinking":
            return Due(at, AnsweringStarted(question=question, by="timeout"))
        return Due(at, AnswerFinished(question=question, by="timeout"))

    def _now(self, question: str, *phases: Phase) -> bool:
        return self.question is not None and self.question.id == question and self.phase in phases

    def _begin(self, at: float, phase: Phase) -> None:
        given = self.question
        times = {"thinking": given.think_s, "answering": given.answer_s} if given else {}
        self.phase, self._since, self._left = phase, at, times.get(phase, 0.0)

    def _settle(self, at: float) -> None:
        self._left, self._since = self.remaining(at), at
