"""What people do to an interview while it runs, as events: answering, pausing, asking, annotating, watching.

`command` is the id that the client gave its command: one that is sent again, after a reconnection say, finds
the event that it made and is not carried out twice. It is left out of the log where there was none.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from interviews.payload import Acted, Payload
from interviews.payload import Who as Who

Text = Annotated[str, StringConstraints(max_length=2000)]
Tags = tuple[Annotated[str, StringConstraints(max_length=40)], ...]


class Commanded(Payload):
    command: str = Field(default="", max_length=80, exclude_if=lambda id_: not id_)


class AnsweringStarted(Commanded):
    """The time to think is over: by the candidate's wish, or because it ran out."""

    type: Literal["answering.started"] = "answering.started"
    question: str
    by: Literal["candidate", "timeout"]


class AnswerRetried(Commanded):
    """The candidate begins the answer anew; what was said to the question before does not count."""

    type: Literal["answer.retried"] = "answer.retried"
    question: str


class AnswerFinished(Commanded):
    """The time to answer is over. What is said until the next question still belongs to this one."""

    type: Literal["answer.finished"] = "answer.finished"
    question: str
    by: Literal["candidate", "timeout", "hr"]


class SessionPaused(Commanded):
    """The clocks stand still; what is said until `session.resumed` answers nothing. Recording goes on."""

    type: Literal["session.paused"] = "session.paused"
    by: Who
    reason: Text = ""


class SessionResumed(Commanded):
    type: Literal["session.resumed"] = "session.resumed"
    by: Who


class TimeExtended(Commanded):
    """More time for what goes on now: thinking, or answering."""

    type: Literal["time.extended"] = "time.extended"
    question: str
    seconds: float = Field(gt=0, le=3600)
    by: Who


class QuestionInterjected(Commanded):
    """A person asks something that is not in the plan. `audio`: it was spoken, and this is its text.

    What is said after it belongs to the question that runs.
    """

    type: Literal["question.interjected"] = "question.interjected"
    id: str
    text: Text
    by: Who
    audio: bool = False


class AnnotationAdded(Commanded):
    """A note of somebody who watches. `media_time`: of what it marks, seconds on the media clock."""

    type: Literal["annotation.added"] = "annotation.added"
    id: str
    media_time: float = Field(ge=0)
    text: Text
    tags: Tags = Field(default=(), max_length=8)
    by: Who


class AnnotationEdited(Commanded):
    """The annotation as it is from now on; as it was stands in the log."""

    type: Literal["annotation.edited"] = "annotation.edited"
    id: str
    media_time: float = Field(ge=0)
    text: Text
    tags: Tags = Field(default=(), max_length=8)
    by: Who


class AnnotationDeleted(Commanded):
    type: Literal["annotation.deleted"] = "annotation.deleted"
    id: str
    by: Who


class PageHidden(Commanded):
    """The candidate's page came back after it was hidden for so long (another tab, another app)."""

    type: Literal["page.hidden"] = "page.hidden"
    hidden_s: float = Field(ge=0, le=86400)


class ViewerJoined(Acted):
    """Somebody watches the candidate's picture live. `viewer` counts from 1 for each connection."""

    type: Literal["viewer.joined"] = "viewer.joined"
    viewer: int = Field(ge=1)
    watching: int = Field(ge=0, description="how many watch now")


class ViewerLeft(Acted):
    type: Literal["viewer.left"] = "viewer.left"
    viewer: int = Field(ge=1)
    watching: int = Field(ge=0, description="how many watch now")


class TalkbackChanged(Payload):
    """An interviewer's microphone is open to the candidate, or closed again."""

    type: Literal["talkback.changed"] = "talkback.changed"
    open: bool


LivePayload = (
    AnsweringStarted
    | AnswerRetried
    | AnswerFinished
    | SessionPaused
    | SessionResumed
    | TimeExtended
    | QuestionInterjected
    | AnnotationAdded
    | AnnotationEdited
    | AnnotationDeleted
    | PageHidden
    | ViewerJoined
    | ViewerLeft
    | TalkbackChanged
)
# Annotations are among those who watch.
CANDIDATE_LIVE = frozenset(
    {
        "answering.started",
        "answer.retried",
        "answer.finished",
        "session.paused",
        "session.resumed",
        "time.extended",
        "question.interjected",
        "viewer.joined",
        "viewer.left",
        "talkback.changed",
    }
)


def as_candidate_sees(payload: Payload) -> Payload:
    """Without the name of who acted and why: both are told to people of the company alone."""
    by = getattr(payload, "by", None)
    hidden: dict[str, str] = {} if by in (None, "candidate", "timeout") else {"by": "hr"}
    if isinstance(payload, SessionPaused):
        hidden["reason"] = ""
    return payload.model_copy(update=hidden) if hidden else payload
