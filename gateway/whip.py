"""WHIP (RFC 9725): a candidate's browser, or any WHIP client, publishes sound and picture into a session."""

from __future__ import annotations

import hmac

from aiohttp import web

from gateway.api_models import PublishQuery
from gateway.operations import Call
from gateway.problems import Problem
from gateway.publisher import Publisher
from gateway.turn import link_headers

SDP = "application/sdp"
SDPFRAG = "application/trickle-ice-sdpfrag"
RESTART = ("*", '"*"')  # RFC 9725 section 4.3.2 says the one and shows the other
MAX_SDP = 64 * 1024
MAX_SDPFRAG = 16 * 1024


async def publish(call: Call) -> web.Response:
    """POST an offer: 201 with the answer, the resource's Location, its ETag and the ICE servers to use."""
    session = await call.service.registry.running(call.session)
    query: PublishQuery = call.query
    publication = await session.publish(
        call.body, ask_at_once=query.first_question == "at-once", record=query.record == "yes"
    )
    response = web.Response(
        status=201,
        text=publication.answer,
        content_type=SDP,
        headers={"Location": f"/whip/{session.id}/{publication.resource}", "ETag": publication.etag},
    )
    for link in link_headers(call.service.ice_servers(session.id)):
        response.headers.add("Link", link)
    return response


async def trickle(call: Call) -> web.Response:
    """PATCH more candidates (RFC 8840), or new credentials: an ICE restart (RFC 9725 section 4.3)."""
    session = await call.service.registry.running(call.session)
    publisher, wanted = _named(call, session.publisher), call.request.headers.get("If-Match")
    if wanted is not None and wanted.strip() in RESTART:
        etag, answer = await publisher.restart(call.request.match_info["resource"], call.body)
        return web.Response(status=200, text=answer, content_type=SDPFRAG, headers={"ETag": etag})
    await publisher.trickle(wanted, call.body)
    return web.Response(status=204)


async def hang_up(call: Call) -> web.Response:
    """DELETE the resource: the candidate is done, the session ends."""
    session = await call.service.registry.running(call.session)
    _named(call, session.publisher)
    await session.end("candidate", by="candidate")
    return web.Response(status=200)


async def options(call: Call) -> web.Response:
    return web.Response(status=204, headers={"Accept-Post": SDP, "Allow": "POST, OPTIONS"})


async def resource_options(call: Call) -> web.Response:
    return web.Response(status=204, headers={"Accept-Patch": SDPFRAG, "Allow": "PATCH, DELETE, OPTIONS"})


def _named(call: Call, publisher: Publisher) -> Publisher:
    publication = publisher.publication
    named = call.request.match_info["resource"].encode()
    if publication is None or not hmac.compare_digest(publication.resource.encode(), named):
        raise Problem("whip.resource-unknown")
    return publisher
