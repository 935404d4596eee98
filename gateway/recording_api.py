"""Recordings over HTTP: what there is, a link to it, its bytes by range, and its deletion.

Every read is on the session's log before the first byte leaves: each request with a token, and the first
with each link (a player asks for one file in many ranges).
"""

from __future__ import annotations

import asyncio
import math
import secrets
from datetime import timedelta
from typing import Literal
from urllib.parse import quote

from aiohttp import web

from gateway.api_models import (
    MediaQuery,
    RecordingIndex,
    RecordingLink,
    RecordingPart,
    RecordingReceipt,
    SpanQuery,
)
from gateway.auth import MediaLink
from gateway.operations import Call
from gateway.problems import Problem
from gateway.ranges import asked_range, unchanged
from gateway.recordings import Playable, Recordings
from interviews.events import RecordingDeleted, RecordingRead
from media.record.assemble import parts
from media.record.items import CONTENT_TYPES
from storage.sealed_file import SealBroken

PIECE = 256 * 1024


async def index(call: Call) -> RecordingIndex:
    await call.service.registry.row(call.session)
    try:
        segments = await _recordings(call).segments(call.session)
    except OSError as error:
        raise Problem("storage.failed") from error
    if not segments:
        raise Problem("recording.none")
    return RecordingIndex(
        start=segments[0].start,
        end=max(one.end for one in segments),
        size=sum(one.size for one in segments),
        parts=[
            RecordingPart(start=one.start, end=one.end, content_type=CONTENT_TYPES[one.container])
            for one in parts(segments)
        ],
        segments=segments,
    )


async def link(call: Call) -> RecordingLink:
    """Assembles the file at once, so that what the link says of it is true."""
    query: SpanQuery = call.query
    playable = await _playable(call, query.start, query.end)
    allowed = MediaLink(call.session, _role(call), playable.start, playable.end, secrets.token_urlsafe(12))
    settings = call.service.shared.settings
    token, expires = call.service.tokens.issue_link(allowed, timedelta(seconds=settings.playback_link_s))
    return RecordingLink(
        url=f"/api/v1/sessions/{call.session}/recording/media?link={quote(token)}",
        expires_at=expires,
        start=playable.start,
        end=playable.end,
        content_type=playable.content_type,
        size=playable.size,
    )


async def media(call: Call) -> web.StreamResponse:
    """The file, or the bytes of it that Range asks for: 200, 206, 304 or 416."""
    query: MediaQuery = call.query
    allowed = call.service.tokens.check_link(query.link) if query.link else None
    span = (allowed.start, allowed.end) if allowed else (query.start, query.end)
    playable = await _playable(call, *span)
    headers = {
        "ETag": playable.etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "X-Media-Start": f"{playable.start:.3f}",
        "X-Media-End": f"{playable.end:.3f}",
    }
    if unchanged(call.request, playable.etag):
        return web.Response(status=304, headers=headers)
    asked = asked_range(call.request, playable.etag, playable.size)
    await _audit(call, playable, allowed)
    start, end = asked or (0, playable.size)
    response = web.StreamResponse(status=206 if asked else 200, headers=headers)
    response.content_type = playable.content_type
    response.content_length = end - start
    if asked:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{playable.size}"
    return await _send(call, playable, response, start, end)


async def delete(call: Call) -> RecordingReceipt:
    """Stops what is being recorded, removes everything, and says so in the log."""
    await call.service.registry.row(call.session)
    live = call.service.registry.resident(call.session)
    if live:
        await live.recording.stop("deleted")
    try:
        receipt = await _recordings(call).delete(call.session)
    except OSError as error:
        raise Problem("storage.failed") from error
    if receipt is None:
        raise Problem("recording.none")
    told = RecordingDeleted(
        reason="request", segments=receipt.segments, size=receipt.size, digest=receipt.digest
    )
    await call.service.registry.note(call.session, told)
    return RecordingReceipt(
        session=call.session, segments=receipt.segments, size=receipt.size, digest=receipt.digest
    )


def _recordings(call: Call) -> Recordings:
    recordings = call.service.shared.recordings
    if recordings is None:
        raise Problem("recording.none")
    return recordings


async def _playable(call: Call, start: float | None, end: float | None) -> Playable:
    await call.service.registry.row(call.session)
    if start is not None and start >= (math.inf if end is None else end):
        raise Problem("request.invalid", where="`from` must lie before `to`")
    try:
        return await _recordings(call).playable(call.session, start, end)
    except LookupError:
        raise Problem("recording.none") from None
    except FileNotFoundError:
        raise Problem("recording.none") from None
    except SealBroken:
        raise Problem("recording.damaged") from None
    except OSError as error:
        raise Problem("storage.failed") from error


async def _audit(call: Call, playable: Playable, allowed: MediaLink | None) -> None:
    if allowed:
        if not _recordings(call).first_read(allowed.id):
            return
        row = await call.service.registry.row(call.session)
        await call.service.desk.note(call.request, call.principal, "playRecording", session=row)
    via: Literal["link", "token"] = "link" if allowed else "token"
    start, end = round(playable.start, 3), round(playable.end, 3)
    await call.service.registry.note(
        call.session, RecordingRead(by=_role(call), via=via, start=start, end=end)
    )


def _role(call: Call) -> Literal["hr", "operator"]:
    return "operator" if call.principal.role == "operator" else "hr"


async def _send(
    call: Call, playable: Playable, response: web.StreamResponse, start: int, end: int
) -> web.StreamResponse:
    """Piece by piece: neither the file nor the range is ever held whole."""
    recordings = _recordings(call)
    try:
        first = await asyncio.to_thread(recordings.read, playable, start, min(end, start + PIECE))
    except SealBroken:
        raise Problem("recording.damaged") from None
    except OSError as error:
        raise Problem("storage.failed") from error
    await response.prepare(call.request)
    try:
        await response.write(first)
        at = start + len(first)
        while at < end:
            piece = await asyncio.to_thread(recordings.read, playable, at, min(end, at + PIECE))
            await response.write(piece)
            at += len(piece)
        await response.write_eof()
    except ConnectionError:
        pass  # a player that seeks lets go of the range it was reading
    return response
