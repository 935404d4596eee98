"""ICE servers from configuration alone, with TURN credentials that run out.

Credentials as coturn's `use-auth-secret` expects them (draft-uberti-behave-turn-rest-00): the user name is
the expiry in Unix seconds and a label, the password its HMAC-SHA1 under the shared secret, base64.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Sequence

from pydantic import BaseModel, Field


class IceServer(BaseModel):
    """One entry of RTCConfiguration.iceServers."""

    urls: list[str]
    username: str | None = Field(default=None, description="TURN only")
    credential: str | None = None


def credentials(secret: str, label: str, ttl_s: float) -> tuple[str, str]:
    """User name and password valid for `ttl_s` seconds from now."""
    username = f"{int(time.time() + ttl_s)}:{label}"
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return username, base64.b64encode(digest).decode()


def ice_servers(
    stun: Sequence[str], turn: Sequence[str], secret: str | None, label: str, ttl_s: float
) -> list[IceServer]:
    servers = [IceServer(urls=list(stun))] if stun else []
    if turn and secret:
        username, password = credentials(secret, label, ttl_s)
        servers.append(IceServer(urls=list(turn), username=username, credential=password))
    return servers


def link_headers(servers: Sequence[IceServer]) -> list[str]:
    """RFC 9725 section 4.6: one Link field per server address."""
    fields = []
    for server in servers:
        for url in server.urls:
            field = f'<{url}>; rel="ice-server"'
            if server.username and server.credential:
                field += (
                    f'; username="{server.username}"; credential="{server.credential}"; '
                    'credential-type="password"'
                )
            fields.append(field)
    return fields
