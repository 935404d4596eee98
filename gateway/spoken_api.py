"""Guidance and questions read aloud, over HTTP. Where there is no file, the candidate's browser reads it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web
from pydantic import BaseModel, Field

from gateway.operations import Call, Operation, Reply
from gateway.problems import Problem
from gateway.ranges import asked_range, unchanged
from gateway.route_parts import ONE, SESSION, json_of
from gateway.spoken import LANGUAGES, Standing
from interviews.events import Language
from interviews.guidance import guidance, spoken_guidance
from interviews.plan import Question
from interviews.state import SessionState
from media.speech_file import CONTENT_TYPES, Container

SPEECH = {"ETag": "Of the file", "Accept-Ranges": "bytes"}
Handler = Callable[[Call], Awaitable[web.StreamResponse]]
REFUSALS: dict[Standing, tuple[str, dict[str, str]]] = {
    "waiting": ("speech.not-ready", {"Retry-After": "3"}),
    "none": ("speech.none", {}),
    "unavailable": ("speech.unavailable", {"Retry-After": "60"}),
}


class Guidance(BaseModel):
    lines: dict[Language, tuple[str, ...]] = Field(description="what is told before the first question")


class SpeechQuery(BaseModel):
    language: Language | None = Field(default=None, description="default: the interview's")
    format: Container | None = Field(
        default=None, description="ogg: Opus; mp4: AAC; default: by Accept, Opus where it leaves the choice"
    )


async def speech(call: Call) -> web.StreamResponse:
    """The file, or the bytes of it that Range asks for: 200, 206, 304 or 416."""
    query: SpeechQuery = call.query
    questions, language = await _questions(call)
    asked = call.request.match_info["question"]
    question = next((one for one in questions if one.id == asked), None)
    shown = query.language or language
    return await _file(call, question.text.get(shown, "") if question else "", shown)


async def guidance_speech(call: Call) -> web.StreamResponse:
    """As `speech`, of all the lines of the guidance."""
    query: SpeechQuery = call.query
    questions, language = await _questions(call)
    shown = query.language or language
    return await _file(call, spoken_guidance(questions, shown), shown)


async def guidance_lines(call: Call) -> Guidance:
    """Asked for by the candidate's page as it opens: what will be read aloud is rendered from then on."""
    questions, _ = await _questions(call)
    spoken = call.service.shared.spoken
    if spoken is not None:
        spoken.want_texts({language: spoken_guidance(questions, language) for language in LANGUAGES})
    return Guidance(lines={language: guidance(questions, language) for language in LANGUAGES})


async def _file(call: Call, text: str, language: Language) -> web.StreamResponse:
    """Raises Problem: speech.none, speech.not-ready, speech.unavailable, storage.failed."""
    query: SpeechQuery = call.query
    spoken = call.service.shared.spoken
    if spoken is None or not text:
        raise Problem("speech.none")
    kind = query.format or preferred(call.request.headers.get("Accept", "*/*"))
    try:
        file = await spoken.ready(text, language, kind)
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


async def _questions(call: Call) -> tuple[Sequence[Question], Language]:
    """And the interview's language. Raises Problem session.unknown; StorageError."""
    registry = call.service.registry
    row = await registry.row(call.session)
    live = registry.resident(row.id)
    first = live.state if live else None
    if first is None:  # the first event says what is asked
        first = SessionState.of(await call.service.shared.events.read(row.id, limit=1))
    return first.created.questions if first.created else (), row.language


def _speaks(path: str, name: str, summary: str, handler: Handler) -> Operation:
    return Operation(
        "GET",
        f"{SESSION}/{path}",
        name,
        f"{summary}; byte ranges are served",
        "read",
        handler,
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
    )


SPOKEN_OPERATIONS: tuple[Operation, ...] = (
    _speaks("questions/{question}/speech", "speakQuestion", "A question read aloud", speech),
    _speaks("guidance/speech", "speakGuidance", "The guidance read aloud", guidance_speech),
    Operation(
        "GET",
        f"{SESSION}/guidance",
        "getGuidance",
        "What the candidate is told before the first question, in both languages",
        "read",
        guidance_lines,
        json_of(Guidance),
        problems=ONE,
        needs="sessions.read",
    ),
)
