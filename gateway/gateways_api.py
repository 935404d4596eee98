"""The gateway processes of this database, and how one of them is asked to leave."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web
from pydantic import BaseModel, Field

from gateway.operations import Call, Operation, Reply, whole_organisation
from gateway.route_parts import STORAGE, json_of

GATEWAYS = "/api/v1/gateways"


class GatewayView(BaseModel):
    id: str
    url: str = Field(description="where the other gateways reach it; `/metrics` there is its own")
    started_at: datetime
    heartbeat_at: datetime
    draining: bool = Field(description="takes no new sessions and leaves when its own have ended")
    here: bool = Field(description="answered this request")


class GatewayList(BaseModel):
    gateways: list[GatewayView]


async def list_gateways(call: Call) -> GatewayList:
    whole_organisation(call)
    membership = call.service.shared.membership
    rows = await membership.table.living()
    return GatewayList(
        gateways=[
            GatewayView(
                id=row.id,
                url=row.url,
                started_at=row.started_at,
                heartbeat_at=row.heartbeat_at,
                draining=row.draining,
                here=row.id == membership.id,
            )
            for row in rows
        ]
    )


async def drain(call: Call) -> web.Response:
    whole_organisation(call)
    desk, gateway = call.service.desk, call.service.shared.membership.id
    await desk.note(call.request, call.principal, "drainGateway", subject=("gateway", gateway))
    call.service.drain()
    return web.Response(status=202)


GATEWAY_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        GATEWAYS,
        "listGateways",
        "The living gateways, the longest running first",
        "operator",
        list_gateways,
        json_of(GatewayList),
        problems=STORAGE,
        tag="server",
        needs="server.manage",
    ),
    Operation(
        "POST",
        f"{GATEWAYS}/{{gateway}}/drain",
        "drainGateway",
        "Let a gateway end its sessions, take no new ones, and leave",
        "operator",
        drain,
        {202: (Reply("It drains", None, None),)},
        problems=("gateway.unknown", "gateway.moving", "audit.failed", *STORAGE),
        tag="server",
        needs="server.manage",
    ),
)
