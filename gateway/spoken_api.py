"""A question read aloud, over HTTP. Where it is not to be had, the candidate's browser reads it itself."""

from __future__ import annotations

from aiohttp import web
from pydantic import BaseModel, Field

from gateway.operations import Call, Operation, Reply
from gateway.problems import Problem
from gateway.ranges import asked_range, unchanged
from gateway.route_parts import ONE, SESSION
from gateway.spoken import Standing
from interviews.events import Language
from interviews.plan import Question
from interviews.state import SessionState
from media.speech_file import CONTENT_TYPES, Container

SPEECH = {"ETag": "Of the file", "Accept-Ranges": "bytes"}
REFUSALS: dict[Standing, tuple[str, dict[str, str]]] = {
    "waiting": ("speech.not-ready", {"Retry-After": "3"}),
    "none": ("speech.none", {}),
    "unavailable": ("speech.unavailable", {"Retry-After": "60"}),
}


class SpeechQuery(BaseModel):
    language: Language | None = Field(default=None, description="default: the interview's")
    format: Container | None = Field(
        default=None, description="ogg: Opus; mp4: AAC; default: by Accept, Opus where it leaves the choice"
    )


async def speech(call: Call) -> web.StreamResponse:
    """The file, or the bytes of it that Range asks for: 200, 206, 304 or 416."""
    query: SpeechQuery = call.query
    spoken = call.service.shared.spoken
    question, language = await _question(call)
    text = question.text.get(query.language or language, "")
    if spoken is None or not text:
        raise Problem("speech.none")
    kind = query.format or preferred(call.request.headers.get("Accept", "*/*"))
    try:
        file = await spoken.ready(text, query.language or language, kind)
    except OSError as error:
        raise Problem("storage.failed") from error
    if isinstance(file, str):
        code, told = REFUSALS[file]
        raise Problem(code, headers=told)
    headers = {
        "ETag": file.etag,
        "Accept-Ranges": "bytes",
        # Read aloud anew, by another voice say, it has another tag; within an hour that does not matter.
        "Cache-Control": "private, max-age=3600",
        "Vary": "Accept, Authorization, Cookie",
    }
    if unchanged(call.request, file.etag):
        return web.Response(status=304, headers=headers)
    span = asked_range(call.request, file.etag, len(file.data))
    if span:
        headers["Content-Range"] = f"bytes {span[0]}-{span[1] - 1}/{len(file.data)}"
    return web.Response(
        status=206 if span else 200,
        body=file.data[slice(*span)] if span else file.data,
        headers=headers,
        content_type=CONTENT_TYPES[kind],
    )


def preferred(accept: str) -> Container:
    """Opus, unless Accept names AAC and leaves Opus out: Safari before 18.4 does not play Ogg."""
    named = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    if CONTENT_TYPES["mp4"] in named and CONTENT_TYPES["ogg"] not in named:
        return "mp4"
    return "ogg"


async def _question(call: Call) -> tuple[Question, Language]:
    """And the interview's language. Raises Problem session.unknown, speech.none; StorageError."""
    registry = call.service.registry
    row = await registry.row(call.session)
    live = registry.resident(row.id)
    first = live.state if live else None
    if first is None:  # the first event says what is asked
        first = SessionState.of(await call.service.shared.events.read(row.id, limit=1))
    asked = call.request.match_info["question"]
    found = [one for one in (first.created.questions if first.created else ()) if one.id == asked]
    if not found:
        raise Problem("speech.none")
    return found[0], row.language


SPOKEN_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        f"{SESSION}/questions/{{question}}/speech",
        "speakQuestion",
        "A question read aloud; byte ranges are served",
        "read",
        speech,
        {
            200: tuple(Reply("The file", None, kind, SPEECH) for kind in CONTENT_TYPES.values()),
            206: tuple(Reply("A range of it", None, kind, SPEECH) for kind in CONTENT_TYPES.values()),
            304: (Reply("Not changed", None, None),),
        },
        query=SpeechQuery,
        headers={
            "Range": "One range of bytes",
            "If-Range": "ETag of the file that the range is of",
            "If-None-Match": "ETag of the file already known",
        },
        problems=(*ONE, "speech.none", "speech.not-ready", "speech.unavailable", "recording.range"),
        needs="sessions.read",
    ),
)
