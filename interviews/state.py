"""The state of a session, folded from its events. No sequence of events raises, and none can undo an end."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from operator import itemgetter
from typing import Literal

from interviews.annotations import Annotations
from interviews.answers import AnswerRating
from interviews.clock import QuestionClock
from interviews.coding_state import Code
from interviews.commanded import Commands
from interviews.concerns import Concerns
from interviews.events import (
    AnswerScored,
    CaptionsPaced,
    Event,
    FaceState,
    FramingHint,
    Hint,
    PictureState,
    QuestionStarted,
    ResultReady,
    SessionConnected,
    SessionCreated,
    SessionDisconnected,
    SessionEnded,
    SoundState,
    TranscriptFinal,
    UtteranceStarted,
)
from interviews.identity import Identity
from interviews.journey import Journey
from interviews.live_events import AnswerRetried, SessionPaused, SessionResumed
from interviews.plan import Question
from interviews.reviews import Reviews
from interviews.rubric import WeightsChanged, fits

# Why words answer no question.
Aside = Literal["before-first", "paused", "begun-anew"]
State = Literal["created", "live", "disconnected", "ended", "scored"]

TRANSITIONS: dict[State, frozenset[State]] = {
    "created": frozenset({"live", "ended"}),
    "live": frozenset({"disconnected", "ended"}),
    "disconnected": frozenset({"live", "ended"}),
    "ended": frozenset({"scored"}),
    "scored": frozenset(),
}
OVER: frozenset[State] = frozenset({"ended", "scored"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said to one question, in the order it was said, and its rating once there is one."""

    question: Question
    started: float | None  # media time at which it was first asked; None: it never was
    utterances: tuple[TranscriptFinal, ...]
    rating: AnswerRating | None
    rated: tuple[int, ...] | None = None  # the utterances that were rated, where the log says so

    @property
    def rated_whole(self) -> bool:
        """Whether the rating is of all that was said, and of nothing that counts no more."""
        if self.rating is None or self.rated is None:
            return self.rating is not None
        return self.rated == tuple(final.utterance for final in self.utterances)


@dataclass(slots=True)
class SessionState:
    """A fold: `SessionState.of(events)`, or `apply` one event after another as they are logged."""

    state: State = "created"
    created: SessionCreated | None = None
    last_seq: int = 0
    media_time: float = 0.0
    utterances_started: set[int] = field(default_factory=set)
    finals: dict[int, TranscriptFinal] = field(default_factory=dict)
    ratings: dict[str, AnswerRating] = field(default_factory=dict)
    rated: dict[str, tuple[int, ...] | None] = field(default_factory=dict)
    overall: float | None = None
    sound: Literal["ok", "silent", "missing"] | None = None
    picture: Literal["ok", "black", "missing"] | None = None
    faces: int | None = None
    hint: Hint | None = None
    captions_interval_s: float | None = None
    identity: Identity = field(default_factory=Identity)
    concerns: Concerns = field(default_factory=Concerns)
    journey: Journey = field(default_factory=Journey)
    clock: QuestionClock = field(default_factory=QuestionClock)
    annotations: Annotations = field(default_factory=Annotations)
    reviews: Reviews = field(default_factory=Reviews)
    commands: Commands = field(default_factory=Commands)
    code: Code = field(default_factory=Code)
    weights: list[tuple[datetime, WeightsChanged]] = field(default_factory=list)  # in place of the plan's
    _pauses: list[tuple[float, float]] = field(default_factory=list)  # from, to; the last may be open
    _anew: dict[str, float] = field(default_factory=dict)  # question: when its answer was last begun anew
    _asked: list[tuple[float, str]] = field(default_factory=list)

    @classmethod
    def of(cls, events: Iterable[Event]) -> SessionState:
        state = cls()
        for event in events:
            state.apply(event)
        return state

    def apply(self, event: Event) -> None:
        """Take in the next event; what does not fit (a second creation, say) is passed over."""
        self.last_seq = max(self.last_seq, event.seq)
        self.media_time = max(self.media_time, event.media_time)
        if isinstance(event.data, AnswerRetried) and self.clock.takes_retry(event.data.question):
            self._anew[event.data.question] = event.media_time
        self.clock.apply(event)
        self.journey.apply(event)
        self.annotations.apply(event)
        self.reviews.apply(event)
        self.commands.apply(event)
        self.code.apply(event)
        self.concerns.apply(event.data)
        match event.data:
            case SessionCreated() as created:
                self.created = self.created or created
            case SessionConnected():
                self._move("live")
            case SessionDisconnected():
                self._move("disconnected")
            case SessionEnded():
                self._move("ended")
            case ResultReady(overall=overall):
                if self._move("scored"):
                    self.overall = overall
            case QuestionStarted(question=question):
                if question in self.questions and self.state not in OVER:
                    self._asked.append((event.media_time, question))
                    self._asked.sort(key=itemgetter(0))
            case AnswerScored(question=question, rating=rating, utterances=utterances):
                if question in self.questions:
                    self.ratings[question] = rating
                    self.rated[question] = utterances
            case WeightsChanged() as changed:
                next_version = len(self.weights) + 2
                known = self.created.dimensions if self.created else ()
                if changed.version == next_version and fits(changed.weights, known):
                    self.weights.append((event.at, changed))
            case UtteranceStarted(utterance=utterance):
                self.utterances_started.add(utterance)
            case TranscriptFinal() as final:
                # A final comes once; were one logged twice, the first is what people were shown.
                self.finals.setdefault(final.utterance, final)
            case SessionPaused() if not self._pauses or self._pauses[-1][1] < inf:
                self._pauses.append((event.media_time, inf))
            case SessionResumed() if self._pauses and self._pauses[-1][1] == inf:
                self._pauses[-1] = (self._pauses[-1][0], event.media_time)
            case SoundState(state=sound):
                self.sound = sound
            case PictureState(state=picture):
                self.picture = picture
            case FaceState(faces=faces):
                self.faces = faces
            case FramingHint(hint=hint):
                self.hint = hint
            case CaptionsPaced(interval_s=interval):
                self.captions_interval_s = interval
            case data:
                self.identity.apply(data)

    def _move(self, state: State) -> bool:
        allowed = state in TRANSITIONS[self.state]
        if allowed:
            self.state = state
        return allowed

    @property
    def over(self) -> bool:
        return self.state in OVER

    @property
    def connected(self) -> bool:
        return self.state == "live"

    @property
    def questions(self) -> dict[str, Question]:
        """By id, in the order of the plan."""
        return {question.id: question for question in self.created.questions} if self.created else {}

    @property
    def identity_open(self) -> bool:
        """Who it is was to be found out and was not: compared in vain, or not at all on the page's way."""
        status = self.identity.status
        return status in ("enrolled", "no-match", "insufficient") or (
            status == "none" and self.journey.consent is not None
        )

    @property
    def current_question(self) -> Question | None:
        return self.questions[self._asked[-1][1]] if self._asked else None

    @property
    def next_question(self) -> Question | None:
        """The first question of the plan that has not been asked."""
        asked = {question for _, question in self._asked}
        return next((q for q in self.questions.values() if q.id not in asked), None)

    @property
    def open_utterances(self) -> frozenset[int]:
        """Begun, but their final text has not come."""
        return frozenset(self.utterances_started - self.finals.keys())

    @property
    def answers(self) -> tuple[Answer, ...]:
        """One per question of the plan, in its order."""
        said = self._said()
        first = {question: time for time, question in reversed(self._asked)}
        return tuple(
            Answer(
                question, first.get(id_), tuple(said.get(id_, ())), self.ratings.get(id_), self.rated.get(id_)
            )
            for id_, question in self.questions.items()
        )

    @property
    def outside(self) -> tuple[TranscriptFinal, ...]:
        """What answers no question; `aside` says why."""
        return tuple(self._said().get(None, ()))

    def aside(self, final: TranscriptFinal) -> Aside | None:
        """Why these words answer no question, or None where they do."""
        spoken = _spoken(final)
        question = self.question_at(spoken)
        if question is None:
            return "before-first"
        if any(start <= spoken < end for start, end in self._pauses):
            return "paused"
        return "begun-anew" if spoken < self._anew.get(question, 0.0) else None

    def question_at(self, media_time: float) -> str | None:
        """The question that was being answered at that time."""
        index = bisect_right(self._asked, media_time, key=itemgetter(0))
        return self._asked[index - 1][1] if index else None

    def _said(self) -> dict[str | None, list[TranscriptFinal]]:
        said: dict[str | None, list[TranscriptFinal]] = {}
        for final in sorted(self.finals.values(), key=lambda final: (final.start, final.utterance)):
            question = None if self.aside(final) else self.question_at(_spoken(final))
            said.setdefault(question, []).append(final)
        return said


def _spoken(final: TranscriptFinal) -> float:
    """The first word decides: an utterance's samples begin before it, with the pre-roll."""
    return final.words[0].start if final.words else final.start
