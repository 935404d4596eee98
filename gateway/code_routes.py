"""Operations on the code that a candidate writes."""

from __future__ import annotations

from gateway import code_api
from gateway.code_models import CodeSent, CodeTried, CodeTry, CodeView
from gateway.operations import Body, Operation
from gateway.route_parts import ONE, SESSION, json_of
from interviews.events import Event

_SENT = Body("application/json", CodeSent, max_bytes=512 * 1024, strict=True)
_NOW = (
    *ONE,
    "storage.full",
    "session.ended",
    "session.not-started",
    "session.no-question",
    "session.paused",
    "command.stale",
    "command.id-taken",
    "answer.phase",
    "code.no-task",
    "code.language",
    "code.too-large",
    "code.too-often",
)

CODE_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        f"{SESSION}/code",
        "getCode",
        "The code that was written, and which languages are run here",
        "read",
        code_api.view,
        json_of(CodeView),
        problems=ONE,
        tag="code",
        needs="sessions.watch",
        audits=True,
    ),
    Operation(
        "POST",
        f"{SESSION}/code",
        "saveCode",
        "Keep the code as it stands, while its question is being answered",
        "candidate",
        code_api.save,
        json_of(Event, "The event that was recorded"),
        body=_SENT,
        problems=_NOW,
        tag="code",
    ),
    Operation(
        "POST",
        f"{SESSION}/code/run",
        "runCode",
        "Run the code with the visible cases; answered when it has run",
        "candidate",
        code_api.run,
        json_of(Event, "The event that was recorded"),
        body=_SENT,
        problems=(*_NOW, "code.running", "code.busy", "code.spent"),
        tag="code",
    ),
    Operation(
        "POST",
        f"{SESSION}/code/submit",
        "submitCode",
        "Submit the code; the last submission counts",
        "candidate",
        code_api.submit,
        json_of(Event, "The event that was recorded"),
        body=_SENT,
        problems=(*_NOW, "code.empty"),
        tag="code",
    ),
    Operation(
        "POST",
        "/api/v1/code/try",
        "tryCode",
        "Try a solution with every case of a task; nothing is kept",
        "operator",
        code_api.try_out,
        json_of(CodeTried),
        body=Body("application/json", CodeTry, max_bytes=512 * 1024, strict=True),
        problems=("code.language", "code.too-large", "code.busy"),
        tag="code",
        needs="jobs.write",
    ),
)
