"""What people say of a result, over HTTP: their own ratings, and comments. The machine's scores stay."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from gateway.branches import actor
from gateway.operations import Call
from gateway.problems import Problem
from interviews.payload import Payload
from interviews.review_events import CommentAdded, CommentDeleted, CommentEdited, RatingGiven
from interviews.reviews import Reviewed, middle_of, reviewed
from interviews.scoring import scores
from interviews.state import SessionState

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class RatingAsked(BaseModel):
    """A level or a score, one of the two."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    level: int | None = Field(default=None, ge=1, le=5, description="of the anchors (BARS)")
    score: float | None = Field(default=None, ge=0, le=100)
    reason: Words

    @model_validator(mode="after")
    def _one(self) -> RatingAsked:
        if (self.level is None) == (self.score is None):
            raise ValueError("give a level or a score, one of the two")
        return self


class CommentAsked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Words


async def rate(call: Call) -> Reviewed:
    """Raises Problem session.not-ended, dimension.unknown. May be rated anew: the last one holds."""
    asked: RatingAsked = call.body
    dimension = call.request.match_info["dimension"]

    def made(state: SessionState) -> Payload:
        known = state.created.dimensions if state.created else ()
        if dimension not in {one.id for one in known}:
            raise Problem("dimension.unknown")
        score = asked.score if asked.level is None else middle_of(asked.level)
        return RatingGiven(
            dimension=dimension, score=score or 0.0, level=asked.level, reason=asked.reason, **_who(call)
        )

    return await _write(call, made)


async def comment(call: Call) -> Reviewed:
    """Raises Problem session.not-ended."""
    asked: CommentAsked = call.body
    id_ = f"c-{secrets.token_hex(6)}"
    return await _write(call, lambda _: CommentAdded(id=id_, text=asked.text, **_who(call)))


async def edit(call: Call) -> Reviewed:
    """Raises Problem session.not-ended, comment.unknown, token.forbidden where somebody else wrote it."""
    asked: CommentAsked = call.body

    def made(state: SessionState) -> Payload:
        return CommentEdited(id=_own(call, state), text=asked.text, **_who(call))

    return await _write(call, made)


async def delete(call: Call) -> Reviewed:
    """As `edit`. What was written stays in the log and in the report's history."""
    return await _write(call, lambda state: CommentDeleted(id=_own(call, state), **_who(call)))


def _who(call: Call) -> dict[str, str]:
    return {"by": actor(call), "person": call.person.id if call.person else ""}


def _own(call: Call, state: SessionState) -> str:
    id_ = call.request.match_info["comment"]
    if not state.reviews.open(id_):
        raise Problem("comment.unknown")
    _, first = state.reviews.comments[id_][0]
    if (first.person or first.by) != (call.person.id if call.person else actor(call)):
        raise Problem("token.forbidden")
    return id_


async def _write(call: Call, made: Callable[[SessionState], Payload]) -> Reviewed:
    """Records what `made` makes of the state; nobody's change comes between the look and the writing."""
    shared = call.service.shared
    async with call.service.reweighing:
        await call.service.registry.row(call.session)
        events = await shared.events.read_all(call.session)
        state = await asyncio.to_thread(SessionState.of, events)
        if not state.over:
            raise Problem("session.not-ended")
        event = await call.service.registry.tell(call.session, made(state))
    state.apply(event)
    rubric = state.created.dimensions if state.created else ()
    return reviewed(state.reviews, scores(state, call.session).dimensions, rubric)
