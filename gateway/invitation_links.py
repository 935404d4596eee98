"""The link of an invitation, and the device that it is bound to.

The link carries the invitation's id and nonce, signed by itsdangerous with the server's secret and a salt
of its own. What it is still good for, the database says. A device proves itself by a random secret in an
HttpOnly cookie, of which only the SHA-256 is kept. The bound device can hand over to another browser before
the first question, by a token for that alone.
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

SALT, HAND_OVER_SALT = "viva-invitation", "viva-hand-over"
HAND_OVER = timedelta(minutes=15)
COOKIE_PATH = "/api/v1/invitations"
COOKIE_S = 366 * 24 * 3600


class InvitationLinks:
    """`longest`: no link is good for longer, whatever the database says."""

    def __init__(self, secret: str, longest: timedelta) -> None:
        signing = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        self._serializer = URLSafeTimedSerializer(secret, salt=SALT, signer_kwargs=signing)
        self._handing = URLSafeTimedSerializer(secret, salt=HAND_OVER_SALT, signer_kwargs=signing)
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

    def hand_over(self, invitation: Invitation) -> str:
        """Lets one other device take the place of the one that is bound now. It names that one, so it is void
        as soon as another is bound: once used it is used up."""
        return str(self._handing.dumps([invitation.id, digest(invitation.device or "")]))

    def hands_over(self, token: str, invitation: Invitation) -> bool:
        """Whether it was made for the device that is bound now, at most `HAND_OVER` ago."""
        try:
            found = self._handing.loads(token, max_age=int(HAND_OVER.total_seconds()))
        except (BadData, UnicodeError, ValueError):
            return False
        return bool(invitation.device) and found == [invitation.id, digest(invitation.device or "")]


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
