"""The commands of the pages to a running interview, and what comes back: over WebSocket or POST."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints

from gateway.problems import ProblemDocument
from interviews.clock import Phase
from interviews.events import Event
from interviews.journey import Stage
from interviews.state import SessionState, State

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
QuestionId = Annotated[str, StringConstraints(max_length=40)]


class _Command(BaseModel):
    """`id`: chosen by the client, new for each thing that it wants done, the same when it asks again.

    `after`: seq of the last event that the page knew; what has changed since makes the command void.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    id: Name
    after: int | None = Field(default=None, ge=0, le=2**31 - 1)


class _OfQuestion(_Command):
    question: QuestionId | None = Field(default=None, description="default: the one that runs")


class Pause(_Command):
    command: Literal["pause"]
    reason: str = Field(default="", max_length=2000, description="not told to the candidate")


class Resume(_Command):
    command: Literal["resume"]


class Extend(_OfQuestion):
    command: Literal["extend"]
    seconds: float = Field(gt=0, le=3600)


class Interject(_Command):
    command: Literal["interject"]
    text: Words
    audio: bool = Field(default=False, description="it was spoken by talkback; this is its text")


class Annotate(_Command):
    command: Literal["annotate"]
    text: Words
    tags: tuple[Tag, ...] = Field(default=(), max_length=8)
    media_time: float | None = Field(
        default=None, ge=0, le=1e6, description="of what it marks, seconds; default: now"
    )


class EditAnnotation(_Command):
    """What is left out stays as it is."""

    command: Literal["edit-annotation"]
    annotation: Name
    text: Words | None = None
    tags: tuple[Tag, ...] | None = Field(default=None, max_length=8)
    media_time: float | None = Field(default=None, ge=0, le=1e6)


class DeleteAnnotation(_Command):
    command: Literal["delete-annotation"]
    annotation: Name


class StartAnswering(_OfQuestion):
    command: Literal["start-answering"]


class FinishAnswer(_OfQuestion):
    command: Literal["finish-answer"]


class Retry(_OfQuestion):
    command: Literal["retry"]


class Next(_Command):
    command: Literal["next"]


class End(_Command):
    command: Literal["end"]


class StartPractice(_Command):
    command: Literal["start-practice"]


class EndPractice(_Command):
    command: Literal["end-practice"]


class TellHidden(_Command):
    """The candidate's page was hidden for so long, and is seen again."""

    command: Literal["page-hidden"]
    hidden_s: float = Field(ge=0, le=86400)


OfQuestion = Extend | StartAnswering | FinishAnswer | Retry
OfAnnotation = Annotate | EditAnnotation | DeleteAnnotation
OfCandidate = StartAnswering | Retry | StartPractice | EndPractice | TellHidden
OfEither = FinishAnswer | Next | End
OfCompany = Pause | Resume | Extend | Interject | OfAnnotation
Command = OfCandidate | OfEither | OfCompany


class CommandBody(RootModel[Annotated[Command, Field(discriminator="command")]]):
    """One command."""


class Situation(BaseModel):
    """Where the interview stands. Times in seconds; `seq` of the last event that this rests on."""

    state: State
    stage: Stage
    question: str | None
    phase: Phase
    remaining_s: float = Field(description="of thinking or answering; stands still while paused or away")
    running: bool = Field(description="that time passes")
    retries_left: int
    paused: bool
    connected: bool
    media_time: float
    seq: int

    def shown(self, *, candidate: bool) -> Situation:
        """That a decision was made is told to the candidate by a person."""
        decided = candidate and self.stage == "decided"
        return self.model_copy(update={"stage": "scored"}) if decided else self


class Ack(BaseModel):
    """It was done: `event` is on the log. The same again for a command that is sent twice."""

    ack: str
    event: Event


class Nack(BaseModel):
    """It was not done, and why. `nack` is None where the message held no id."""

    nack: str | None
    problem: ProblemDocument
    state: Situation | None


def situation(state: SessionState, media_time: float) -> Situation:
    clock = state.clock
    return Situation(
        state=state.state,
        stage=state.journey.stage,
        question=clock.question.id if clock.question else None,
        phase=clock.phase,
        remaining_s=round(clock.remaining(media_time), 3),
        running=clock.running,
        retries_left=clock.retries_left,
        paused=clock.paused,
        connected=clock.connected,
        media_time=round(media_time, 3),
        seq=state.last_seq,
    )
