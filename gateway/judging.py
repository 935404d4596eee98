"""Whether a command makes sense now, and which event it makes. Nothing is done here."""

from __future__ import annotations

import secrets
from typing import Literal

from gateway.auth import Role
from gateway.command_models import (
    Annotate,
    Command,
    DeleteAnnotation,
    EditAnnotation,
    EndPractice,
    Extend,
    FinishAnswer,
    Interject,
    OfCandidate,
    OfCompany,
    OfQuestion,
    Pause,
    Resume,
    Retry,
    StartAnswering,
    StartPractice,
    TellHidden,
)
from gateway.problems import Problem
from interviews.clock import Phase
from interviews.commanded import Fact
from interviews.events import Event
from interviews.journey_events import PracticeEnded, PracticeStarted
from interviews.live_events import (
    AnnotationAdded,
    AnnotationDeleted,
    AnnotationEdited,
    AnswerFinished,
    AnsweringStarted,
    AnswerRetried,
    Commanded,
    PageHidden,
    QuestionInterjected,
    SessionPaused,
    SessionResumed,
    TimeExtended,
)
from interviews.state import SessionState

MAKES: dict[str, str] = {
    "pause": "session.paused",
    "resume": "session.resumed",
    "extend": "time.extended",
    "interject": "question.interjected",
    "annotate": "annotation.added",
    "edit-annotation": "annotation.edited",
    "delete-annotation": "annotation.deleted",
    "start-answering": "answering.started",
    "finish-answer": "answer.finished",
    "retry": "answer.retried",
    "next": "question.started",
    "end": "session.ended",
    "start-practice": "practice.started",
    "end-practice": "practice.ended",
    "page-hidden": "page.hidden",
}
# What a page must know to mean what it says.
RELIES_ON: dict[str, tuple[Fact, ...]] = {
    "pause": ("pause",),
    "resume": ("pause",),
    "extend": ("question",),
    "start-answering": ("phase",),
    "finish-answer": ("phase",),
    "retry": ("phase",),
    "next": ("question",),
}


def may(role: Role, command: Command) -> None:
    """Raises Problem token.forbidden. Who may only watch commands nothing."""
    if role == "viewer" or isinstance(command, OfCompany if role == "candidate" else OfCandidate):
        raise Problem("token.forbidden")


def known(role: Role, command: Command) -> str:
    """The id under which the log knows it: each side has ids of its own."""
    return f"{'candidate' if role == 'candidate' else 'hr'}:{command.id}"


def repeated(state: SessionState, name: str, command: Command) -> Event | None:
    """The event it made when it came before. Raises Problem command.id-taken where that was another one."""
    event = state.commands.made.get(name)
    if event is not None and event.data.type != MAKES[command.command]:
        raise Problem("command.id-taken")
    return event


def check_known(state: SessionState, command: Command) -> None:
    """Raises Problem command.stale where the page did not know what has changed."""
    after = command.after
    if after is not None and any(
        state.commands.since(fact, after) for fact in RELIES_ON.get(command.command, ())
    ):
        raise Problem("command.stale")


def payload_for(command: Command, state: SessionState, role: Role, by: str, now: float) -> Commanded:
    """The event's payload. Raises Problem: session.*, answer.*, annotation.unknown, command.stale.

    Without `next` and `end`, which `gateway.live` carries out. `now`: media time, seconds.
    """
    name = known(role, command)
    match command:
        case Annotate(text=text, tags=tags, media_time=at):
            at = now if at is None else at
            made = f"a-{secrets.token_hex(6)}"
            return AnnotationAdded(
                id=made, media_time=round(at, 3), text=text, tags=tags, by=by, command=name
            )
        case EditAnnotation(annotation=id_):
            was = state.annotations.current.get(id_)
            if was is None:
                raise Problem("annotation.unknown")
            at = was.media_time if command.media_time is None else command.media_time
            return AnnotationEdited(
                id=id_,
                media_time=at,
                text=command.text or was.text,
                tags=was.tags if command.tags is None else command.tags,
                by=by,
                command=name,
            )
        case DeleteAnnotation(annotation=id_):
            if id_ not in state.annotations.current:
                raise Problem("annotation.unknown")
            return AnnotationDeleted(id=id_, by=by, command=name)
    if state.over:
        raise Problem("session.ended")
    match command:
        case StartPractice() | EndPractice():
            if state.created is not None and not state.created.practice:
                raise Problem("session.no-practice")
            if state.clock.question is not None:
                raise Problem("command.stale")
            return (PracticeStarted if isinstance(command, StartPractice) else PracticeEnded)(command=name)
        case TellHidden(hidden_s=seconds):
            return PageHidden(hidden_s=seconds, command=name)
    if state.state == "created":
        raise Problem("session.not-started")
    match command:
        case Pause(reason=reason):
            check_going_on(state)
            return SessionPaused(by=by, reason=reason, command=name)
        case Resume():
            if not state.clock.paused:
                raise Problem("session.not-paused")
            return SessionResumed(by=by, command=name)
        case Interject(text=text, audio=audio):
            made = f"q-{secrets.token_hex(6)}"
            return QuestionInterjected(id=made, text=text, by=by, audio=audio, command=name)
        case Extend(seconds=seconds):
            question = _current(command, state, "thinking", "answering")
            return TimeExtended(question=question, seconds=seconds, by=by, command=name)
    check_going_on(state)
    match command:
        case StartAnswering():
            question = _current(command, state, "thinking")
            return AnsweringStarted(question=question, by="candidate", command=name)
        case FinishAnswer():
            question = _current(command, state, "answering")
            who: Literal["candidate", "hr"] = "candidate" if role == "candidate" else "hr"
            return AnswerFinished(question=question, by=who, command=name)
        case Retry():
            question = _current(command, state, "answering", "over")
            if not state.clock.retries_left:
                raise Problem("answer.no-retries")
            return AnswerRetried(question=question, command=name)
    raise AssertionError(f"{command.command} is carried out elsewhere")


def check_going_on(state: SessionState) -> None:
    """Raises Problem session.paused."""
    if state.clock.paused:
        raise Problem("session.paused")


def _current(command: OfQuestion, state: SessionState, *phases: Phase) -> str:
    question = state.clock.question
    if question is None:
        raise Problem("session.no-question")
    if command.question not in (None, question.id):
        raise Problem("command.stale")
    if state.clock.phase not in phases:
        raise Problem("answer.phase")
    return question.id
