"""The candidate's page tells how the link is on its side; how it is on ours, media knows."""

from __future__ import annotations

import time

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from gateway.operations import Body, Call, Operation, Reply
from interviews.link_events import Limit, LinkReported

EVERY_S = 2.0  # what comes more often is not kept, nor what comes after the end


class LinkReport(BaseModel):
    """Figures of `RTCPeerConnection.getStats` over the last interval; see the event `link.reported`."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    rtt_ms: float | None = Field(default=None, ge=0, le=60_000)
    loss: float | None = Field(default=None, ge=0, le=1)
    jitter_ms: float | None = Field(default=None, ge=0, le=60_000)
    kbps: float | None = Field(default=None, ge=0, le=1e6)
    fps: float | None = Field(default=None, ge=0, le=1000)
    limited: Limit | None = Field(default=None, description="why the picture is less than wanted")


async def report_link(call: Call) -> web.Response:
    session = await call.service.registry.find(call.session)
    if session is None or session.over:  # the page learns of it a moment later than we do
        return web.Response(status=204)
    report: LinkReport = call.body
    now = time.monotonic()
    if now - session.link_reported_at >= EVERY_S:
        session.link_reported_at = now
        call.service.shared.metrics.link("page", report.loss, report.rtt_ms, report.jitter_ms)
        await session.record(LinkReported(**report.model_dump()))
    return web.Response(status=204)


LINK_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/api/v1/sessions/{id}/link",
        "reportLink",
        "Tell how the link is on the candidate's side",
        "candidate",
        report_link,
        {204: (Reply("Noted, unless it came too soon after the last one or after the end", None, None),)},
        body=Body("application/json", LinkReport),
        problems=("session.unknown", "storage.failed"),
    ),
)
