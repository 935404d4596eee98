"""A copy of what is stored of a candidate, for the candidate: what their own link may read (PIPL 45)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from aiohttp import web
from pydantic import BaseModel, Field

from gateway import journey_api, sessions_api
from gateway.api_models import SessionView
from gateway.events_api import seen_by
from gateway.journey_models import JourneyView
from gateway.operations import Call, Operation, Reply
from gateway.route_parts import ONE, SESSION
from interviews.events import Event


class OwnData(BaseModel):
    """Ratings and recordings are not in it: they are told and given by people."""

    made_at: datetime
    session: SessionView
    journey: JourneyView
    events: list[Event] = Field(description="what was said, agreed to and done, in order")


async def own_data(call: Call) -> web.Response:
    """Raises Problem session.unknown; StorageError."""
    session, journey = await sessions_api.get(call), await journey_api.view(call)
    events = await call.service.shared.events.read_all(call.session)
    made = await asyncio.to_thread(_made, call, session, journey, events)
    name = f'attachment; filename="interview-{call.session}.json"'
    return web.Response(
        body=made,
        content_type="application/json",
        headers={"Content-Disposition": name, "Cache-Control": "no-store"},
    )


def _made(call: Call, session: SessionView, journey: JourneyView, events: list[Event]) -> bytes:
    """An hour's log is some ten thousand events: made in a thread."""
    seen = [shown for event in events if (shown := seen_by(call, event))]
    data = OwnData(made_at=datetime.now(UTC), session=session, journey=journey, events=seen)
    return data.model_dump_json(indent=1).encode()


OWN_DATA_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        f"{SESSION}/own-data",
        "getOwnData",
        "A copy of what is stored of the candidate, for the candidate",
        "candidate",
        own_data,
        {200: (Reply("A file", OwnData, headers={"Content-Disposition": "The file's name"}),)},
        problems=ONE,
        tag="journey",
    ),
)
