"""Around every request: its id, its log line, problems instead of exceptions, headers that guard pages."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from gateway.operations import SERVICE
from gateway.problems import Problem, locale_of
from gateway.proxy import REQUEST_ID
from storage.errors import InvitationChanged, InvitationMissing, SessionMissing, StorageError, StorageFull

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
EXPOSED = "Location, ETag, Link, X-Request-ID, Retry-After, Content-Range, X-Media-Start, X-Media-End"
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_FROM_HTTP = {
    404: "request.not-found",
    405: "request.method",
    413: "request.too-large",
    415: "request.media-type",
}

log = structlog.get_logger("viva.http")


@web.middleware
async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost. The log holds the route and the status, never a query, a header or a token."""
    given = request.headers.get("X-Request-ID", "")
    request[REQUEST_ID] = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
    began = time.perf_counter()
    response = await handler(request)
    took = time.perf_counter() - began
    resource = request.match_info.route.resource
    operation = resource.canonical if resource else "unknown"
    metrics = request.app[SERVICE].shared.metrics
    metrics.requests.labels(f"{request.method} {operation}", str(response.status)).observe(took)
    log.debug(
        "request",
        id=request[REQUEST_ID],
        method=request.method,
        route=operation,
        session=request.match_info.get("id"),
        status=response.status,
        ms=round(1000 * took, 1),
    )
    return response


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever is raised becomes an RFC 9457 problem; the unforeseen is logged and told as server.error."""
    try:
        return await handler(request)
    except Problem as problem:
        return _answer(request, problem)
    except StorageFull:
        return _answer(request, Problem("storage.full"))
    except SessionMissing:
        return _answer(request, Problem("session.unknown"))
    except InvitationMissing:
        return _answer(request, Problem("invitation.unknown"))
    except InvitationChanged:
        return _answer(request, Problem("invitation.changed"))
    except StorageError as error:
        log.error("storage failed", id=request[REQUEST_ID], error=str(error))
        return _answer(request, Problem("storage.failed", headers={"Retry-After": "5"}))
    except web.HTTPException as error:
        if error.status < 400:
            raise
        headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        code = _FROM_HTTP.get(error.status, "request.failed")
        return _answer(request, Problem(code, status=error.status, headers=headers))
    except ConnectionError:
        raise  # the client went away
    except Exception:
        log.exception("request failed", id=request[REQUEST_ID], path=request.path)
        return _answer(request, Problem("server.error"))


@web.middleware
async def cors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Off unless origins are configured; a preflight of one of those is answered here."""
    allowed = request.app[SERVICE].shared.settings.cors_origins
    origin = request.headers.get("Origin")
    if not origin or origin not in allowed:
        return await handler(request)
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response: web.StreamResponse = web.Response(status=204)
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = (
            "Authorization, Content-Type, If-Match, Last-Event-ID, Range, If-Range, Viva-Consent"
        )
        response.headers["Access-Control-Max-Age"] = "600"
        return response
    return await handler(request)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """On every response, streams included, just before its head is sent."""
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if REQUEST_ID in request:
        response.headers["X-Request-ID"] = request[REQUEST_ID]
    if request.secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    origin = request.headers.get("Origin")
    if origin and origin in request.app[SERVICE].shared.settings.cors_origins:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        response.headers["Vary"] = "Origin"


def _answer(request: web.Request, problem: Problem) -> web.Response:
    locale = locale_of(request.headers.get("Accept-Language", ""))
    return web.Response(
        status=problem.status,
        text=problem.document(locale).model_dump_json(),
        content_type="application/problem+json",
        headers={**problem.headers, "Content-Language": "zh-CN" if locale == "zh" else "en"},
    )
