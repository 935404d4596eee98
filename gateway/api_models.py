"""What the HTTP API takes and gives. The same models validate requests and make the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from gateway.command_models import Situation
from gateway.looplag import Lag
from gateway.ports import DeploymentState
from gateway.problems import Reason
from gateway.turn import IceServer
from interviews.coding import shown_to_candidate
from interviews.concerns import Concern
from interviews.dimensions import Id
from interviews.events import Event, Language, Policy, SessionCreated, Spoken
from interviews.identity import IdentityStatus
from interviews.live_events import as_candidate_sees
from interviews.plan import Question
from interviews.rubric import RubricDimension, fits
from interviews.state import State
from media.record.items import Segment

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
    dimensions: list[RubricDimension] = Field(
        default_factory=list, max_length=20, description="what is scored; their weights sum to 100"
    )
    record: bool = Field(
        default=False, description="keep sound and picture; only if the candidate agrees to it as well"
    )
    practice: bool = Field(default=True, description="begin with a question that does not count")
    survey: bool = Field(default=True, description="ask the candidate afterwards how it was")

    @model_validator(mode="after")
    def _complete(self) -> CreateSession:
        ids = [question.id for question in self.questions or ()]
        if len(set(ids)) != len(ids):
            raise ValueError("two questions have the same id")
        for question in self.questions or ():
            if not question.text.get(self.language, "").strip():
                raise ValueError(f"question {question.id} has no text in {self.language}")
        rubric = tuple(self.dimensions)
        if rubric and not fits({one.id: one.weight for one in rubric}, rubric):
            raise ValueError("the weights of the dimensions do not sum to 100")
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


class IdentityView(BaseModel):
    """`by_face`: whether an ID photo may be compared; a human check can always be asked for."""

    by_face: bool
    status: IdentityStatus
    enrolled: bool = Field(description="a face reference is kept now")


class SessionView(BaseModel):
    """`media_time`, in seconds, stood so `at`; `events` counts what is logged; `current_question` is an id of
    `questions`."""

    id: str
    candidate: str
    language: Language
    policy: Policy
    state: State
    created_at: datetime
    at: datetime = Field(description="the server's time of this answer")
    media_time: float
    connected: bool
    questions: list[Question] = Field(description="key points are left out for the candidate")
    current_question: str | None
    captions_interval_s: float
    events: int
    identity: IdentityView
    conduct: Situation | None = Field(
        default=None, description="where the interview stands; null where it is not served now"
    )
    record: bool = Field(description="recording is wanted: the candidate is asked")
    practice: bool = Field(description="a question to practise with comes first")
    survey: bool = Field(description="the candidate is asked afterwards how it was")
    branch: str | None = Field(default=None, description="whose people have it; null for the candidate")
    concerns: list[Concern] = Field(
        default_factory=list,
        description="what a person should look at, most urgent first; empty for the candidate, and where the"
        " session is not served now",
    )


class BranchWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    branch: str = Field(pattern=Id, description="whose people have the interview from now on")


class SessionList(BaseModel):
    sessions: list[SessionView] = Field(description="newest first")


_STATE = "|".join(get_args(State))


class ListQuery(BaseModel):
    state: str | None = Field(
        default=None,
        pattern=f"^({_STATE})(,({_STATE}))*$",
        max_length=64,
        description="one or several, by commas: `live,disconnected` are those that go on",
    )
    limit: int = Field(default=50, ge=1, le=200)
    after: str | None = Field(default=None, max_length=64, description="id of the last session already known")

    @property
    def states(self) -> set[State] | None:
        """None: all."""
        return {one for one in get_args(State) if one in self.state.split(",")} if self.state else None


class ViewQuery(BaseModel):
    layers: int = Field(
        default=4,
        ge=1,
        le=4,
        description="temporal layers at most, the lowest first: of the three that the candidate's page sends"
        " one is 7.5 pictures a second, two are 15",
    )


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
    record: Literal["yes", "no"] = Field(
        default="no",
        description="yes: the candidate agrees to be recorded; asked for where the session says so",
    )


class SpanQuery(BaseModel):
    """A range of media time, seconds."""

    model_config = ConfigDict(populate_by_name=True, allow_inf_nan=False)

    start: float | None = Field(
        default=None, ge=0, le=1e6, alias="from", description="default: the beginning"
    )
    end: float | None = Field(default=None, gt=0, le=1e6, alias="to", description="default: the end")


class MediaQuery(SpanQuery):
    link: str | None = Field(
        default=None, max_length=2000, description="in place of a token and of `from` and `to`"
    )


class RecordingPart(BaseModel):
    """What fits into one file: media time in seconds."""

    start: float
    end: float
    content_type: str


class RecordingIndex(BaseModel):
    """What was recorded of a session, on its media clock."""

    start: float
    end: float
    size: int = Field(description="bytes, as muxed")
    parts: list[RecordingPart] = Field(description="a new one begins where the codec changes")
    segments: list[Segment]


class RecordingLink(BaseModel):
    """An address for `<video src>` that needs no header. The file's zero is `start` on the media clock."""

    url: str
    expires_at: datetime
    start: float
    end: float
    content_type: str
    size: int


class RecordingReceipt(BaseModel):
    """What was deleted; the same stands in the event log."""

    session: str
    segments: int
    size: int = Field(description="bytes on disk")
    digest: str = Field(description="SHA-256 over the index as it was, which names every file's")


class PhotoQuery(BaseModel):
    source: Literal["photo", "camera"] = Field(
        default="photo", description="camera: taken on the page just now; it must then show an ID card"
    )


class PhotoTaken(BaseModel):
    card: bool = Field(description="the face was taken from an ID card found in the picture")
    notes: list[Reason] = Field(description="what makes it a weak photo, though it will do")
    model: str


class IdentityOutcome(BaseModel):
    outcome: Literal["match", "no-match", "insufficient"]
    reason: str | None = Field(description="why it is insufficient")
    frames: int = Field(description="looks at the live face that it rests on")
    model: str
    similarity: float | None = Field(description="mean cosine; not told to the candidate")
    threshold: float | None = Field(description="not told to the candidate")


class IdentityDecision(BaseModel):
    model_config = ConfigDict(extra="forbid")

    decision: Literal["confirmed", "rejected"]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class IdentityErased(BaseModel):
    deleted: list[Literal["face-reference"]] = Field(description="empty: there was nothing")


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
    retention_days: float = Field(description="recordings are deleted after so long")
    policies: list[Policy] = Field(
        description="what a new interview of the caller's may follow, the usual first; none for candidates"
    )


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
    hidden = {"key_points": (), "anchors": (), "dimensions": (), "task": shown_to_candidate(question.task)}
    return question.model_copy(update=hidden)


def for_caller(event: Event, *, candidate: bool) -> Event:
    """The event as its reader may see it, of a kind that the candidate may see at all."""
    if not candidate:
        return event
    data = as_candidate_sees(event.data)
    if isinstance(data, SessionCreated):
        shown = tuple(for_candidate(question) for question in data.questions)
        data = data.model_copy(update={"questions": shown, "dimensions": ()})
    return event if data is event.data else event.model_copy(update={"data": data})
