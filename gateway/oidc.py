"""Signing in by the organisation's identity provider: OpenID Connect Core 1.0, the authorisation code flow
with PKCE (RFC 7636).

What must come back unchanged (state, nonce, verifier) travels in a sealed cookie, so that any gateway can
take the answer. The provider says who somebody is; what they may do is their account's here.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import json
import secrets
import time
from typing import Any

import httpx
import jwt
import structlog
from aiohttp import web
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from gateway import cookies
from gateway.desk import Desk, fingerprint
from gateway.operations import Call
from gateway.people_models import CallbackQuery
from gateway.people_settings import OidcSettings
from gateway.problems import Problem
from gateway.signin import begin
from storage.people import normal
from storage.sealing import WrongKey

COOKIE = "viva-provider"
GOOD_FOR_S = 600
CONTEXT = "sign-in at the provider"
ALGORITHMS = ["RS256", "ES256", "PS256"]
BACK = "/api/v1/signin/provider/back"
log = structlog.get_logger("viva.oidc")


async def leave(call: Call) -> web.Response:
    """To the provider. Raises Problem signin.provider-none, signin.provider."""
    desk, settings = _configured(call)
    cookies.check_transport(call.request, desk.settings)
    found = await _discovered(settings)
    kept = {
        "state": secrets.token_urlsafe(24),
        "nonce": secrets.token_urlsafe(24),
        "verifier": secrets.token_urlsafe(48),
        "until": time.time() + GOOD_FOR_S,
    }
    async with _client(call, desk, settings) as client:
        url, _ = client.create_authorization_url(
            found["authorization_endpoint"],
            state=kept["state"],
            nonce=kept["nonce"],
            code_verifier=kept["verifier"],
        )
    response = web.Response(status=303, headers={"Location": url})
    sealed = base64.urlsafe_b64encode(desk.key.seal(json.dumps(kept).encode(), CONTEXT)).decode()
    cookies.put(response, desk.settings, sealed, GOOD_FOR_S, COOKIE)
    return response


async def back(call: Call) -> web.Response:
    """From the provider, to the pages: signed in, or to the sign-in page with what went wrong."""
    desk, settings = _configured(call)
    query: CallbackQuery = call.query
    kept = _kept(call, desk)
    given = (query.state or "").encode()
    if kept is None or query.code is None or not hmac.compare_digest(given, str(kept["state"]).encode()):
        return _to("/signin#problem=signin.provider", desk)
    try:
        email = await _email(call, desk, settings, query.code, kept)
    except Problem as problem:
        return _to(f"/signin#problem={problem.code}", desk)
    row = await desk.people.by_email(email) if email else None
    if row is None or row.disabled:
        subject = ("address", fingerprint(normal(email or "")))
        await desk.note(call.request, None, "signInByProvider", subject=subject, outcome="refused")
        return _to("/signin#problem=people.unknown", desk)
    answer = await begin(call, row, complete=not row.totp)
    response = _to("/signin#totp" if row.totp else "/hr", desk)
    for name, morsel in answer.cookies.items():
        response.cookies[name] = morsel
    return response


async def _email(
    call: Call, desk: Desk, settings: OidcSettings, code: str, kept: dict[str, Any]
) -> str | None:
    """The verified address that the provider vouches for; None where it vouches for none. Raises Problem."""
    found = await _discovered(settings)
    try:
        async with _client(call, desk, settings) as client:
            token = await client.fetch_token(
                found["token_endpoint"], code=code, code_verifier=kept["verifier"]
            )
        keys = await _json(settings, found["jwks_uri"])
        claims = await asyncio.to_thread(_checked, settings, str(token.get("id_token", "")), keys)
    except (httpx.HTTPError, AuthlibBaseError, jwt.PyJWTError, KeyError, ValueError) as error:
        log.warning("the provider's answer was refused", error=repr(error))
        raise Problem("signin.provider") from error
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), str(kept["nonce"]).encode()):
        log.warning("the provider's answer was refused", error="nonce")
        raise Problem("signin.provider")
    email = claims.get("email")
    return email if isinstance(email, str) and claims.get("email_verified") is True else None


def _checked(settings: OidcSettings, token: str, keys: dict[str, Any]) -> dict[str, Any]:
    """Claims of an ID token (OpenID Connect Core 1.0 section 3.1.3.7). Raises jwt.PyJWTError."""
    header = jwt.get_unverified_header(token)
    known = jwt.PyJWKSet.from_dict(keys).keys
    key = next((one for one in known if one.key_id == header.get("kid")), None)
    if key is None:
        raise jwt.InvalidKeyError("no such key")
    return jwt.decode(
        token,
        key.key,
        algorithms=ALGORITHMS,
        audience=settings.client_id,
        issuer=settings.issuer,
        leeway=60,
        options={"require": ["exp", "iat", "iss", "aud", "sub"]},
    )


async def _discovered(settings: OidcSettings) -> dict[str, Any]:
    """OpenID Connect Discovery 1.0. Raises Problem signin.provider."""
    try:
        found = await _json(settings, f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found["issuer"] != settings.issuer:
            raise ValueError("another issuer")
        if not all(
            isinstance(found[k], str) for k in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        ):
            raise ValueError("no endpoints")
    except (httpx.HTTPError, KeyError, ValueError) as error:
        log.warning("the provider cannot be discovered", error=repr(error))
        raise Problem("signin.provider") from error
    return found


async def _json(settings: OidcSettings, url: str) -> dict[str, Any]:
    async with httpx.AsyncClient(timeout=settings.timeout_s) as client:
        answer = (await client.get(url)).raise_for_status().json()
    if not isinstance(answer, dict):
        raise ValueError("not an object")
    return answer


def _client(call: Call, desk: Desk, settings: OidcSettings) -> AsyncOAuth2Client:
    origin = (desk.settings.public_url or call.origin).rstrip("/")
    return AsyncOAuth2Client(
        settings.client_id,
        settings.client_secret.get_secret_value(),
        scope="openid email",
        redirect_uri=origin + BACK,
        code_challenge_method="S256",
        timeout=settings.timeout_s,
    )


def _configured(call: Call) -> tuple[Desk, OidcSettings]:
    desk = call.service.desk
    if desk.settings.people.oidc is None:
        raise Problem("signin.provider-none")
    return desk, desk.settings.people.oidc


def _kept(call: Call, desk: Desk) -> dict[str, Any] | None:
    sealed = call.request.cookies.get(cookies.name(desk.settings, COOKIE), "")
    try:
        plain = desk.key.open(base64.urlsafe_b64decode(sealed), CONTEXT, desk.key.id)
    except (WrongKey, binascii.Error, ValueError):
        return None
    kept: dict[str, Any] = json.loads(plain)
    return kept if kept["until"] > time.time() else None


def _to(place: str, desk: Desk) -> web.Response:
    response = web.Response(status=303, headers={"Location": place})
    cookies.drop(response, desk.settings, COOKIE)
    return response
