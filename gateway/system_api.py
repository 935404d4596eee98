"""About the server itself: configuration for pages, the operator's view, health, metrics."""

from __future__ import annotations

from aiohttp import web

from gateway.api_models import (
    ClientConfig,
    Health,
    MemoryView,
    ProcessMemory,
    ServerView,
    SessionCount,
    WindowQuery,
)
from gateway.branches import policies_for
from gateway.metrics import CONTENT_TYPE
from gateway.operations import Call, whole_organisation


async def config(call: Call) -> ClientConfig:
    label = call.principal.session or call.principal.role
    return ClientConfig(
        ice_servers=call.service.ice_servers(label),
        languages=["zh", "en"],
        version=call.service.version,
        retention_days=call.service.shared.settings.retention_days,
        policies=[] if call.is_candidate else await policies_for(call),
    )


async def server(call: Call) -> ServerView:
    whole_organisation(call)
    query: WindowQuery = call.query
    service, shared = call.service, call.service.shared
    processes = await service.memory.now()
    inference = shared.inference
    return ServerView(
        ready=shared.refusal() is None and not service.stopping,
        version=service.version,
        deployments=service.deployments(),
        models={**inference.models()} if inference else {},
        sessions=SessionCount(live=service.registry.live(), capacity=shared.capacity),
        loop_lag_ms=service.lag.over(query.window_s),
        memory=MemoryView(
            pss_mb=round(sum(p.pss_mb for p in processes), 1),
            processes=[ProcessMemory(name=p.name, pss_mb=p.pss_mb) for p in processes],
        ),
        captions_interval_s=service.captions_interval_s(),
        sound_lost_ms=round(1000 * shared.metrics.total("viva_sound_lost_seconds_total"), 1),
        dropped=service.dropped(),
    )


async def health(call: Call) -> Health:
    return Health(status="ok")


async def ready(call: Call) -> Health:
    if call.service.stopping:
        raise call.service.shared.later("server.stopping")
    if call.service.shared.membership.draining:
        raise call.service.shared.later("gateway.draining")
    refusal = call.service.shared.refusal()
    if refusal:
        raise refusal
    return Health(status="ready")


async def metrics(call: Call) -> web.Response:
    service = call.service
    service.shared.metrics.gateway.labels(service.shared.owner).set(1)
    service.shared.metrics.caption_interval.set(service.captions_interval_s())
    for name, state in service.deployments().items():
        service.shared.metrics.deployment_ready.labels(name).set(state == "ready")
    response = web.Response(body=service.shared.metrics.text())
    response.headers["Content-Type"] = CONTENT_TYPE
    return response
