"""The link of an invitation, and the device that it is bound to.

The link carries the invitation's id and nonce, signed by itsdangerous with the server's secret and a salt
of its own. What it is still good for, the database says. A device proves itself by a random secret in an
HttpOnly cookie, of which only the SHA-256 is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from aiohttp import web
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from gateway.problems import Problem
from interviews.invitations import Invitation

SALT = "viva-invitation"
COOKIE_PATH = "/api/v1/invitations"
COOKIE_S = 366 * 24 * 3600


class InvitationLinks:
    """`longest`: no link is good for longer, whatever the database says."""

    def __init__(self, secret: str, longest: timedelta) -> None:
        self._serializer = URLSafeTimedSerializer(
            secret, salt=SALT, signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        )
        self._longest = longest

    def link(self, invitation: Invitation, origin: str) -> str:
        token = self._serializer.dumps([invitation.id, invitation.nonce])
        return f"{origin.rstrip('/')}/i/{token}"

    def read(self, token: str) -> tuple[str, str]:
        """Id and nonce. Raises Problem invitation.link or invitation.expired."""
        try:
            found = self._serializer.loads(token, max_age=int(self._longest.total_seconds()))
        except SignatureExpired:
            raise Problem("invitation.expired") from None
        except (BadData, UnicodeError, ValueError):
            raise Problem("invitation.link") from None
        if not (isinstance(found, list) and len(found) == 2 and all(isinstance(x, str) for x in found)):
            raise Problem("invitation.link")
        return found[0], found[1]


def new_device() -> tuple[str, str]:
    """The secret for the cookie and what is kept of it."""
    secret = secrets.token_urlsafe(32)
    return secret, digest(secret)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_bound_device(request: web.Request, invitation: Invitation) -> bool:
    given = request.cookies.get(_cookie(invitation))
    return bool(given and invitation.device and hmac.compare_digest(digest(given), invitation.device))


def bind_device(response: web.Response, invitation: Invitation, secret: str, *, secure: bool) -> None:
    response.set_cookie(
        _cookie(invitation),
        secret,
        path=COOKIE_PATH,
        max_age=COOKIE_S,
        httponly=True,
        secure=secure,
        samesite="Strict",
    )


def _cookie(invitation: Invitation) -> str:
    return f"viva-device-{invitation.id}"
