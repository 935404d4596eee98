"""Session events: pages of JSON, server-sent events with Last-Event-ID (HTML Living Standard), WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator

import structlog
from aiohttp import WSMsgType, web

from gateway.api_models import EventPage, EventsQuery, for_caller
from gateway.commands import answer
from gateway.hub import follow
from gateway.operations import Call
from gateway.problems import Problem
from gateway.proxy import MAX_MESSAGE
from interviews.coding_events import CodeChecked
from interviews.events import CANDIDATE_TYPES, AnswerScored, Event, ResultReady

WS_PROTOCOL = "viva.v1"
RECONNECT_MS = 1000
LAST_ACK_S = 2.0
log = structlog.get_logger("viva.events")


async def events(call: Call) -> EventPage | web.StreamResponse:
    if "text/event-stream" in call.request.headers.get("Accept", ""):
        return await _stream(call)
    query: EventsQuery = call.query
    await call.service.registry.row(call.session)
    after = query.after or 0
    page = await call.service.shared.events.read(call.session, after=after, limit=query.limit)
    shown = [event for event in (seen_by(call, e) for e in page) if event]
    return EventPage(events=shown, next_after=page[-1].seq if page else after)


async def websocket(call: Call) -> web.StreamResponse:
    """One Event as JSON per text message; closes after `result.ready`. What the client sends are commands,
    each answered by an Ack or a Nack (`gateway.commands`); a new event may come before its Ack."""
    response = web.WebSocketResponse(protocols=(WS_PROTOCOL,), heartbeat=20.0, max_msg_size=MAX_MESSAGE)
    if not response.can_prepare(call.request).ok:
        raise Problem("request.upgrade", headers={"Upgrade": "websocket", "Connection": "Upgrade"})
    source = await _follow(call, _after(call))
    try:
        await response.prepare(call.request)
    except ConnectionError:
        return response  # the client went away
    # Both sides may end it: the log by the result, the client by leaving.
    answering = asyncio.Lock()
    tasks = {
        asyncio.create_task(_send(response, source)),
        asyncio.create_task(_listen(call, response, answering)),
    }
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        with contextlib.suppress(TimeoutError):  # the command that ended the session gets its Ack
            async with asyncio.timeout(LAST_ACK_S), answering:
                pass
    finally:
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception) and not isinstance(result, ConnectionError):
                log.error("event stream failed", session=call.session, error=repr(result))
        await response.close()
    return response


async def _send(response: web.WebSocketResponse, source: AsyncGenerator[Event | None]) -> None:
    async with contextlib.aclosing(source):
        async for event in source:
            if event:
                await response.send_str(event.model_dump_json())


async def _listen(call: Call, response: web.WebSocketResponse, answering: asyncio.Lock) -> None:
    """One command after another, each to its end: a page that leaves does not undo what it asked for."""
    async for message in response:
        if message.type == WSMsgType.ERROR:
            return
        async with answering:
            said = await asyncio.shield(asyncio.create_task(answer(call, message.data)))
            await response.send_str(said)


async def _stream(call: Call) -> web.StreamResponse:
    source = await _follow(call, _after(call))
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    await response.prepare(call.request)
    try:
        await response.write(f"retry: {RECONNECT_MS}\n\n".encode())
        async with contextlib.aclosing(source):
            async for event in source:
                await response.write(_sse(event))
        await response.write_eof()
    except ConnectionError:
        pass  # the client went away
    return response


def _sse(event: Event | None) -> bytes:
    if event is None:
        return b": ping\n\n"
    id_ = f"id: {event.seq}\n" if event.seq else ""
    return f"{id_}event: {event.data.type}\ndata: {event.model_dump_json()}\n\n".encode()


async def _follow(call: Call, after: int) -> AsyncGenerator[Event | None]:
    """What this caller may see, from `after` on. Raises Problem session.unknown before anything is sent."""
    session = await call.service.registry.find(call.session)
    shared = call.service.shared

    async def seen() -> AsyncGenerator[Event | None]:
        everything = follow(
            shared.events, session.hub if session else None, call.session, after, shared.settings.ping_s
        )
        async with contextlib.aclosing(everything):
            async for event in everything:
                if event is None:
                    yield None
                elif shown := seen_by(call, event):
                    yield shown

    return seen()


def _after(call: Call) -> int:
    """`Last-Event-ID` wins over `after`: a reconnecting EventSource repeats its old address."""
    header = call.request.headers.get("Last-Event-ID", "")
    if header:
        if not header.isascii() or not header.isdigit() or len(header) > 9:
            raise Problem("request.invalid", where="Last-Event-ID")
        return int(header)
    query: EventsQuery = call.query
    return query.after or 0


def seen_by(call: Call, event: Event) -> Event | None:
    """The event as this caller may see it: the candidate gets nothing that measures, and no key points."""
    if call.is_candidate and event.data.type not in CANDIDATE_TYPES:
        return None
    if not call.is_candidate and not call.shows_results:
        return without_results(event)
    return for_caller(event, candidate=call.is_candidate)


def without_results(event: Event) -> Event | None:
    """For a person who may watch the session but not read its results."""
    if isinstance(event.data, AnswerScored | CodeChecked):
        return None
    if isinstance(event.data, ResultReady):
        return event.model_copy(update={"data": event.data.model_copy(update={"overall": None})})
    return event
