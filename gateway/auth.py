"""Who may do what: signed tokens for one session each (JWT, HS256), and one API token with all rights.

Both secrets are made on first start and kept in files that only the server's user can read.
"""

from __future__ import annotations

import hmac
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import jwt

from gateway.problems import Problem
from interviews.roles import Role as PersonRole
from storage.signins import SignIn

Role = Literal["candidate", "hr", "viewer", "operator"]
ALGORITHM = "HS256"
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="viva"'}
INVALID = {"WWW-Authenticate": CHALLENGE["WWW-Authenticate"] + ', error="invalid_token"'}
MEDIA = "viva-media"  # audience of links: no such token opens anything else, and no other token plays


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signed in. `reach`: the ids of their branch and of all below it."""

    id: str
    name: str
    role: PersonRole
    branch: str
    reach: frozenset[str]


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever holds the token. `session` is None for the API token, which speaks for every session, and for a
    person, of whom `Operation` asks more.
    """

    role: Role
    session: str | None
    person: Person | None = None
    signin: SignIn | None = None

    def may_read(self, session: str) -> bool:
        return self.session is None or self.session == session


@dataclass(frozen=True, slots=True)
class MediaLink:
    """What a link to a recording allows: `start` to `end` in media time. `role`: who asked for it."""

    session: str
    role: Literal["hr", "operator"]
    start: float
    end: float
    id: str


def secret_file(path: Path) -> str:
    """The secret kept at `path`, made when missing; the file has mode 0600 from its first moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        value = secrets.token_urlsafe(32)
        file.write(value)
    return value


class Tokens:
    """Issues and checks bearer tokens."""

    def __init__(self, signing_secret: str, api_token: str) -> None:
        self._secret = signing_secret
        self._api_token = api_token.encode()

    def issue(
        self, session: str, role: Literal["candidate", "hr", "viewer"], lifetime: timedelta
    ) -> tuple[str, datetime]:
        """A token for one session and when it expires (whole seconds, UTC)."""
        expires = (datetime.now(UTC) + lifetime).replace(microsecond=0)
        claims = {"sub": session, "role": role, "exp": expires, "aud": "viva"}
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM), expires

    def issue_link(self, link: MediaLink, lifetime: timedelta) -> tuple[str, datetime]:
        """A token for an address that plays one range of one recording, and when it expires."""
        expires = (datetime.now(UTC) + lifetime).replace(microsecond=0)
        claims = {
            "sub": link.session,
            "role": link.role,
            "from": link.start,
            "to": link.end,
            "jti": link.id,
            "exp": expires,
            "aud": MEDIA,
        }
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM), expires

    def check_link(self, token: str) -> MediaLink:
        """Raises `Problem` with token.invalid or token.expired."""
        claims = self._claims(token, MEDIA)
        try:
            role: Literal["hr", "operator"] = "operator" if claims["role"] == "operator" else "hr"
            return MediaLink(
                str(claims["sub"]), role, float(claims["from"]), float(claims["to"]), str(claims["jti"])
            )
        except (KeyError, TypeError, ValueError):
            raise Problem("token.invalid") from None

    def check(self, token: str | None) -> Principal:
        """Raises `Problem` with token.missing, token.invalid or token.expired (all 401, with a challenge)."""
        if not token:
            raise Problem("token.missing", headers=CHALLENGE)
        if hmac.compare_digest(token.encode("utf-8", "surrogatepass"), self._api_token):
            return Principal("operator", None)
        claims = self._claims(token, "viva")
        role, session = claims.get("role"), claims["sub"]
        if role not in ("candidate", "hr", "viewer") or not isinstance(session, str):
            raise Problem("token.invalid", headers=INVALID)
        return Principal(role, session)

    def _claims(self, token: str, audience: str) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=audience,
                options={"require": ["exp", "sub", "aud"]},
            )
        except jwt.ExpiredSignatureError:
            raise Problem("token.expired", headers=INVALID) from None
        except (jwt.InvalidTokenError, ValueError):  # ValueError: text that cannot even be encoded
            raise Problem("token.invalid", headers=INVALID) from None


def bearer(header: str | None) -> str | None:
    """The token in an Authorization header; None when there is none or another scheme is used."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
