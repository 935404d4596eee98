"""What the HTTP API takes and gives. The same models validate requests and make the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from gateway.looplag import Lag
from gateway.ports import DeploymentState
from gateway.turn import IceServer
from interviews.events import Event, Language, Policy, Spoken
from interviews.plan import Question
from interviews.state import State

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class CreateSession(BaseModel):
    """One interview of one candidate."""

    model_config = ConfigDict(extra="forbid")

    candidate: Name = Field(description="how the candidate is called on the pages")
    language: Language = Field(description="language of the questions")
    spoken: Spoken | None = Field(
        default=None, description="what the candidate speaks; default: `language`; auto: found and kept"
    )
    policy: Policy | None = Field(default=None, description="default: the server's own")
    questions: list[Question] | None = Field(
        default=None, min_length=1, max_length=50, description="default: three general questions"
    )

    @model_validator(mode="after")
    def _complete(self) -> CreateSession:
        ids = [question.id for question in self.questions or ()]
        if len(set(ids)) != len(ids):
            raise ValueError("two questions have the same id")
        for question in self.questions or ():
            if not question.text.get(self.language, "").strip():
                raise ValueError(f"question {question.id} has no text in {self.language}")
        return self


class CreatedSession(BaseModel):
    """Links for the two sides; each carries a token for this session alone, in the fragment."""

    id: str
    state: State
    language: Language
    candidate: str
    whip_url: str
    candidate_url: str
    hr_url: str
    candidate_token: str
    expires_at: datetime


class SessionView(BaseModel):
    """`media_time` in seconds; `events` counts what is logged; `current_question` is an id of `questions`."""

    id: str
    candidate: str
    language: Language
    policy: Policy
    state: State
    created_at: datetime
    media_time: float
    connected: bool
    questions: list[Question] = Field(description="key points are left out for the candidate")
    current_question: str | None
    captions_interval_s: float
    events: int


class SessionList(BaseModel):
    sessions: list[SessionView] = Field(description="newest first")


class ListQuery(BaseModel):
    state: State | None = None
    limit: int = Field(default=50, ge=1, le=200)
    after: str | None = Field(default=None, max_length=64, description="id of the last session already known")


class EventPage(BaseModel):
    events: list[Event]
    next_after: int = Field(description="pass as `after` to go on")


class EventsQuery(BaseModel):
    after: int | None = Field(default=None, ge=0, le=2**31 - 1, description="only events with a larger seq")
    limit: int = Field(default=500, ge=1, le=1000)


class PublishQuery(BaseModel):
    first_question: Literal["at-once", "on-request"] = Field(
        default="at-once", description="on-request: a page that still checks its devices asks by `next`"
    )


class ViewerLink(BaseModel):
    """For somebody who may watch one session and do nothing else."""

    whep_url: str
    token: str
    expires_at: datetime


class TalkbackWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    open: bool = Field(description="true: the viewer's sound goes to the candidate from now on")


class TalkbackView(BaseModel):
    open: bool


class WindowQuery(BaseModel):
    window_s: float = Field(default=60.0, gt=0, le=600)


class ClientConfig(BaseModel):
    """What a page needs before it connects."""

    ice_servers: list[IceServer]
    languages: list[Language]
    version: str


class SessionCount(BaseModel):
    live: int
    capacity: int


class ProcessMemory(BaseModel):
    name: str
    pss_mb: float


class MemoryView(BaseModel):
    """Proportional set size: the gateway and everything it started."""

    pss_mb: float
    processes: list[ProcessMemory]


class ServerView(BaseModel):
    ready: bool
    version: str
    deployments: dict[str, DeploymentState]
    models: dict[str, str] = Field(description="by deployment, as named in results")
    sessions: SessionCount
    loop_lag_ms: Lag
    memory: MemoryView
    captions_interval_s: float
    sound_lost_ms: float
    dropped: dict[str, int]


class Health(BaseModel):
    status: str


def for_candidate(question: Question) -> Question:
    """What a good answer would hold is none of the candidate's business."""
    return question.model_copy(update={"key_points": ()})
