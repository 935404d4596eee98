"""Commands as they arrive: text over a session's WebSocket, or the body of a POST.

Whatever a socket sends is answered, by an Ack or a Nack: a message that makes no sense costs nobody the
connection.
"""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from pydantic import ValidationError
from pydantic_core import from_json

from gateway.api_models import for_caller
from gateway.branches import actor
from gateway.command_models import Ack, Annotate, Command, CommandBody, DeleteAnnotation, EditAnnotation, Nack
from gateway.judging import known, may, payload_for, repeated
from gateway.operations import Call, where
from gateway.problems import Locale, Problem, locale_of
from interviews.events import Event
from interviews.state import SessionState
from storage.errors import LogMoved, NotOwner, SessionMissing, StorageError, StorageFull

log = structlog.get_logger("viva.commands")


async def command(call: Call) -> Event:
    """POST: the event, as the caller may see it."""
    body: CommandBody = call.body
    return for_caller(await carry_out(call, body.root), candidate=call.is_candidate)


async def carry_out(call: Call, asked: Command) -> Event:
    """Raises Problem as `Conduct.command` does, gateway.moving; StorageError."""
    session = await call.service.registry.find(call.session)
    if session is not None and session.taken:
        raise Problem("gateway.moving", headers={"Retry-After": "1"})
    if session is not None and not session.finished:
        try:
            return await session.conduct.command(asked, call.principal.role, actor(call))
        except NotOwner:
            raise
        except StorageError:
            pass  # its own log has just closed
    return await _afterwards(call, asked)


async def _afterwards(call: Call, asked: Command) -> Event:
    """The interview has its result: what is left to do is to annotate it."""
    role, shared = call.principal.role, call.service.shared
    may(role, asked)
    while True:  # a turn is lost only to somebody whose own command was done
        past = await shared.events.read_all(call.session)
        state = await asyncio.to_thread(SessionState.of, past)
        if before := repeated(state, known(role, asked), asked):
            return before
        if not isinstance(asked, Annotate | EditAnnotation | DeleteAnnotation):
            raise Problem("session.ended")
        payload = payload_for(asked, state, role, actor(call), state.media_time)
        entry = (state.media_time, payload)
        with contextlib.suppress(LogMoved):
            [event] = await shared.events.append(call.session, [entry], seen=past[-1].seq)
            return event


async def answer(call: Call, message: str | bytes) -> str:
    """One message of a WebSocket; its Ack or Nack as JSON."""
    given: str | None = None
    try:
        given = _id_of(message)
        body = CommandBody.model_validate_json(message)
        event = await carry_out(call, body.root)
        shown = for_caller(event, candidate=call.is_candidate)
        return Ack(ack=body.root.id, event=shown).model_dump_json()
    except Exception as error:
        problem = _problem(error, call.session)
    locale: Locale = locale_of(call.request.headers.get("Accept-Language", ""))
    live = call.service.registry.resident(call.session)
    stands = live.conduct.situation.shown(candidate=call.is_candidate) if live else None
    return Nack(nack=given, problem=problem.document(locale), state=stands).model_dump_json()


def _id_of(message: str | bytes) -> str | None:
    """As the client wrote it, so that it knows which of its commands was refused."""
    try:
        fields = from_json(message)
    except ValueError as error:
        raise Problem("request.malformed", where="not JSON") from error
    id_ = fields.get("id") if isinstance(fields, dict) else None
    return id_ if isinstance(id_, str) and len(id_) <= 64 else None


def _problem(error: Exception, session: str) -> Problem:
    match error:
        case Problem():
            return error
        case ValidationError():
            return Problem("request.invalid", where=where(error))
        case NotOwner():
            return Problem("gateway.moving")
        case SessionMissing():
            return Problem("session.unknown")
        case StorageFull():
            return Problem("storage.full")
        case StorageError():
            return Problem("storage.failed")
    log.error("command failed", session=session, exc_info=error)
    return Problem("server.error")
