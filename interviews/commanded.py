"""What a command may rely on: which event each command made, and when a page's view last became outdated."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Literal

from interviews.events import Event, QuestionStarted
from interviews.live_events import (
    AnswerFinished,
    AnsweringStarted,
    AnswerRetried,
    SessionPaused,
    SessionResumed,
)

REMEMBERED = 1000  # commands of one session; an older one that is sent again is taken for a new one
Fact = Literal["question", "phase", "pause"]


@dataclass(slots=True)
class Commands:
    """`changed`: the seq at which the question, its phase or the pause last changed. Never raises."""

    made: OrderedDict[str, Event] = field(default_factory=OrderedDict)
    changed: dict[Fact, int] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        match event.data:
            case QuestionStarted():
                self._changed(event, "question", "phase")
            case AnsweringStarted() | AnswerFinished() | AnswerRetried():
                self._changed(event, "phase")
            case SessionPaused() | SessionResumed():
                self._changed(event, "pause")
        command = getattr(event.data, "command", "")
        if command and command not in self.made:
            self.made[command] = event
            if len(self.made) > REMEMBERED:
                self.made.popitem(last=False)

    def since(self, fact: Fact, after: int) -> bool:
        """Whether the fact changed behind what a page knew."""
        return self.changed.get(fact, 0) > after

    def _changed(self, event: Event, *facts: Fact) -> None:
        for fact in facts:  # what storage refused has seq 0 and takes nothing back
            self.changed[fact] = max(event.seq, self.changed.get(fact, 0))
