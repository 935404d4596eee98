"""WHEP (draft-ietf-wish-whep): those who may watch a session see and hear its candidate live."""

from __future__ import annotations

import secrets

from aiohttp import web

from gateway.api_models import TalkbackView, TalkbackWish, ViewerLink, ViewQuery
from gateway.branches import actor
from gateway.operations import Call
from gateway.turn import link_headers
from gateway.whip import SDP


async def view(call: Call) -> web.Response:
    """POST an offer that receives: 201 with the answer, the resource's Location, its ETag and ICE servers."""
    wish: ViewQuery = call.query
    session = await call.service.registry.running(call.session)
    etag = f'"{secrets.token_hex(8)}"'
    resource, answer = await session.watching.view(call.body, etag, wish.layers, actor(call))
    response = web.Response(
        status=201,
        text=answer,
        content_type=SDP,
        headers={"Location": f"/whep/{session.id}/{resource}", "ETag": etag},
    )
    for link in link_headers(call.service.ice_servers(session.id)):
        response.headers.add("Link", link)
    return response


async def trickle(call: Call) -> web.Response:
    """PATCH more candidates (RFC 8840). ICE restarts are refused with 422."""
    session = await call.service.registry.running(call.session)
    await session.watching.trickle(_resource(call), call.request.headers.get("If-Match"), call.body)
    return web.Response(status=204)


async def leave(call: Call) -> web.Response:
    """DELETE the resource: the viewer stops watching. With the session every viewer has left already."""
    session = await call.service.registry.find(call.session)
    if session is not None and not session.over:
        await session.watching.leave(_resource(call))
    return web.Response(status=200)


async def talkback(call: Call) -> TalkbackView:
    """Open or close the viewer's microphone to the candidate; one interviewer at a time."""
    session = await call.service.registry.running(call.session)
    wish: TalkbackWish = call.body
    return TalkbackView(open=session.watching.talk(_resource(call), wish.open))


async def link(call: Call) -> ViewerLink:
    """A token with which one may watch this session and do nothing else."""
    await call.service.registry.row(call.session)
    token, expires = call.service.tokens.issue(call.session, "viewer", call.service.token_lifetime)
    origin = call.service.shared.settings.public_url or call.origin
    return ViewerLink(whep_url=f"{origin.rstrip('/')}/whep/{call.session}", token=token, expires_at=expires)


def _resource(call: Call) -> str:
    return call.request.match_info["resource"]
