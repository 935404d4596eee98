"""The cookie of a sign-in, and whether a request was made by this site's own page.

Where the site is reached over TLS the cookie is `__Host-viva` (RFC 6265bis section 4.1.3.2): Secure, for this
host alone. Without TLS, which only loopback may do, browsers would not keep such a cookie.
"""

from __future__ import annotations

import hmac
import ipaddress
from urllib.parse import urlsplit

from aiohttp import web

from gateway.problems import Problem
from gateway.settings import Settings

CSRF = "X-CSRF-Token"
SAFE = ("GET", "HEAD", "OPTIONS")


def is_secure(settings: Settings) -> bool:
    return settings.tls is not None or (settings.public_url or "").startswith("https://")


def name(settings: Settings, what: str = "viva") -> str:
    return f"__Host-{what}" if is_secure(settings) else what


def put(
    response: web.StreamResponse, settings: Settings, value: str, max_age_s: float, what: str = "viva"
) -> None:
    response.set_cookie(
        name(settings, what),
        value,
        max_age=int(max_age_s),
        path="/",
        secure=is_secure(settings),
        httponly=True,
        samesite="Lax",
    )


def drop(response: web.StreamResponse, settings: Settings, what: str = "viva") -> None:
    put(response, settings, "", 0, what)


def check_origin(request: web.Request, settings: Settings) -> None:
    """Raises Problem signin.csrf where a page of another site made the request.

    Sec-Fetch-Site where the browser says it, else Origin; who sends neither is no browser of today, and has
    no cookie that another site could use.
    """
    fetched = request.headers.get("Sec-Fetch-Site")
    if fetched is not None and fetched not in ("same-origin", "none"):
        raise Problem("signin.csrf")
    origin = request.headers.get("Origin")
    own = {request.host, urlsplit(settings.public_url or "").netloc} - {""}
    if origin is not None and urlsplit(origin).netloc not in own:
        raise Problem("signin.csrf")


def check_csrf(request: web.Request, settings: Settings, expected: str) -> None:
    """What changes something, and a WebSocket, must come from a page of this site. Raises Problem."""
    if "Upgrade" in request.headers:
        if "Origin" not in request.headers:
            raise Problem("signin.csrf")
        check_origin(request, settings)  # a page cannot set headers on a WebSocket
    elif request.method not in SAFE:
        check_origin(request, settings)
        given = request.headers.get(CSRF, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, expected.encode()):
            raise Problem("signin.csrf")


def address(request: web.Request, settings: Settings) -> str:
    """Where the request came from, as far as those who passed it on are to be believed."""
    remote = request.remote or ""
    if remote in settings.people.trusted_proxies:
        named = request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
        return named or remote
    return remote


def check_transport(request: web.Request, settings: Settings) -> None:
    """Passwords and cookies travel over TLS, or do not leave the machine. Raises Problem signin.insecure."""
    if is_secure(settings):
        return
    try:
        if ipaddress.ip_address(request.remote or "").is_loopback:
            return
    except ValueError:
        pass
    raise Problem("signin.insecure")
