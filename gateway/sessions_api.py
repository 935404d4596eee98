"""Sessions over HTTP: create, list, look, ask the next question, end; and their results."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import BaseModel

from gateway.api_models import (
    BranchWish,
    CreatedSession,
    CreateSession,
    IdentityView,
    ListQuery,
    SessionList,
    SessionView,
    for_caller,
    for_candidate,
)
from gateway.branches import actor, policy_for
from gateway.live import LiveSession
from gateway.operations import Call
from gateway.problems import Problem
from interviews.events import Event, SessionCreated
from interviews.questions import default_questions
from interviews.roles import HEAD
from interviews.scoring import Scores
from interviews.state import SessionState
from interviews.transcript import Transcript
from storage.sessions import SessionRow

Result = TypeVar("Result", bound=BaseModel)


async def create(call: Call) -> CreatedSession:
    asked: CreateSession = call.body
    service, person = call.service, call.person
    session = await service.registry.create(
        asked.candidate,
        asked.language,
        asked.spoken or asked.language,
        await policy_for(call, person.branch if person else None, asked.policy),
        tuple(asked.questions or default_questions(asked.language)),
        asked.record,
        dimensions=tuple(asked.dimensions),
        practice=asked.practice,
        survey=asked.survey,
        branch=person.branch if person else None,
        created_by=person.id if person else None,
    )
    service.shared.read_aloud(session.state.created.questions if session.state.created else ())
    lifetime = service.token_lifetime
    token, expires = service.tokens.issue(session.id, "candidate", lifetime)
    hr_token, _ = service.tokens.issue(session.id, "hr", lifetime)
    origin = service.shared.settings.public_url or call.origin
    origin = origin.rstrip("/")
    return CreatedSession(
        id=session.id,
        state=session.state.state,
        language=asked.language,
        candidate=asked.candidate,
        whip_url=f"{origin}/whip/{session.id}",
        candidate_url=f"{origin}/candidate#s={session.id}&t={token}",
        # A person goes by their own sign-in: a token would be nobody's on the audit trail.
        hr_url=f"{origin}/hr#s={session.id}" + ("" if person else f"&t={hr_token}"),
        candidate_token=token,
        expires_at=expires,
    )


async def list_sessions(call: Call) -> SessionList:
    """HR of one session sees that one, a person those of their branch and below."""
    query: ListQuery = call.query
    if call.principal.session is not None:
        rows = [await call.service.registry.row(call.principal.session)]
        rows = [row for row in rows if query.states is None or row.state in query.states]
    else:
        if query.after is not None:
            await call.service.registry.row(query.after)
        branches = call.person.reach if call.person else None
        rows = await call.service.shared.sessions.list(
            query.states, limit=query.limit, after=query.after, branches=branches
        )
    return SessionList(sessions=[_in_short(one) for one in await _views(call, rows)])


async def get(call: Call) -> SessionView:
    return await _view(call, await call.service.registry.row(call.session))


async def next_question(call: Call) -> Event:
    session = await call.service.registry.running(call.session)
    return for_caller(await session.conduct.next_question(actor(call)), candidate=call.is_candidate)


async def end(call: Call) -> Event:
    session = await call.service.registry.running(call.session)
    return await session.end("candidate" if call.is_candidate else "hr", by=actor(call))


async def move(call: Call) -> SessionView:
    """To another branch within reach. The policy stays that under which the candidate agreed.

    Both branches have it on their trail. Raises Problem branch.unknown.
    """
    asked: BranchWish = call.body
    desk = call.service.desk
    if asked.branch not in {one.id for one in await desk.branches.list()}:
        raise Problem("branch.unknown")
    row = replace(await call.service.registry.row(call.session), branch=asked.branch)
    await desk.note(call.request, call.principal, "moveSession", session=row)
    await call.service.shared.sessions.move(row.id, asked.branch)
    return await _view(call, row)


async def transcript(call: Call) -> Transcript:
    return await _folded(call, Transcript.of)


async def scores(call: Call) -> Scores:
    return await _folded(call, Scores.of)


async def _folded(call: Call, fold: Callable[[Sequence[Event]], Result]) -> Result:
    """In a thread: an hour's log is some ten thousand events, and the loop has packets to read."""
    await call.service.registry.row(call.session)
    events = await call.service.shared.events.read_all(call.session)
    return await asyncio.to_thread(fold, events)


def _in_short(view: SessionView) -> SessionView:
    """A list of many is asked for every few seconds: without what is to be programmed."""
    plain = [one.model_copy(update={"task": None}) if one.task else one for one in view.questions]
    return view.model_copy(update={"questions": plain})


async def _view(call: Call, row: SessionRow) -> SessionView:
    return (await _views(call, [row]))[0]


async def _views(call: Call, rows: Sequence[SessionRow]) -> list[SessionView]:
    served = {row.id: call.service.registry.resident(row.id) for row in rows}
    firsts = await call.service.shared.events.firsts([id_ for id_, live in served.items() if not live])
    return [_shown(call, row, served[row.id], firsts.get(row.id)) for row in rows]


def _shown(call: Call, row: SessionRow, live: LiveSession | None, first: Event | None) -> SessionView:
    if live:
        state, media_time, interval = live.state, live.media_time, live.captions_interval_s
    else:
        # The first event says what was asked; a session that is not served here has no current question.
        state = SessionState.of([first] if first else [])
        media_time, interval = (
            row.media_time,
            call.service.shared.settings.inference.speech.partial_interval_s,
        )
    questions = state.created.questions if isinstance(state.created, SessionCreated) else ()
    current = state.current_question if live else None
    return SessionView(
        id=row.id,
        candidate=row.candidate,
        language=row.language,
        policy=row.policy,
        state=state.state if live else row.state,
        created_at=row.created_at,
        at=datetime.now(UTC),
        media_time=round(media_time, 3),
        connected=bool(live and state.connected),
        questions=[for_candidate(q) if call.is_candidate else q for q in questions],
        current_question=current.id if current else None,
        captions_interval_s=round(interval, 3),
        conduct=live.conduct.situation.shown(candidate=call.is_candidate) if live else None,
        record=bool(state.created and state.created.record),
        practice=bool(state.created and state.created.practice),
        survey=bool(state.created and state.created.survey),
        branch=None if call.is_candidate else row.branch or HEAD,
        concerns=[] if call.is_candidate or not live else list(state.concerns.now),
        events=max(row.last_seq, state.last_seq),
        identity=IdentityView(
            by_face=call.service.shared.settings.identity_by_face(row.policy),
            status=state.identity.status,
            enrolled=state.identity.enrolled,
        ),
    )
