"""Who the candidate is, over HTTP: photo, comparison, a person's check instead, and taking it back."""

from __future__ import annotations

from gateway.api_models import (
    IdentityDecision,
    IdentityErased,
    IdentityOutcome,
    PhotoQuery,
    PhotoTaken,
)
from gateway.branches import actor
from gateway.identity_photo import explained
from gateway.operations import Call
from gateway.problems import Problem
from interviews.events import Event, IdentityHuman, IdentityWithdrawn, Payload

CONSENT = "Viva-Consent"


async def photo(call: Call) -> PhotoTaken:
    query: PhotoQuery = call.query
    session = await call.service.registry.running(call.session)
    consent = call.request.headers.get(CONSENT, "").strip().lower() == "true"
    enrolled = await session.identity.enrol(call.body, query.source, consent=consent)
    return PhotoTaken(card=enrolled.card, notes=explained(enrolled.quality), model=enrolled.model)


async def verify(call: Call) -> IdentityOutcome:
    session = await call.service.registry.running(call.session)
    found = await session.identity.verify()
    # With the figure a candidate could grope for a photo that passes.
    shown = not call.is_candidate
    return IdentityOutcome(
        outcome=found.outcome,
        reason=found.reason,
        frames=found.frames,
        model=found.model,
        similarity=found.similarity if shown else None,
        threshold=found.threshold if shown else None,
    )


async def human(call: Call) -> Event:
    return await _record(call, IdentityHuman(decision="requested", actor="candidate"))


async def decide(call: Call) -> Event:
    asked: IdentityDecision = call.body
    role, by = call.principal.role, actor(call)
    decided = IdentityHuman(decision=asked.decision, actor=role, reason=asked.reason, by=by)
    return await _record(call, decided)


async def withdraw(call: Call) -> IdentityErased:
    actor = call.principal.role
    if actor == "viewer":
        raise Problem("token.forbidden")
    session = await call.service.registry.find(call.session)
    if session is not None:
        erased = await session.identity.withdraw(actor)
    else:
        erased = await call.service.shared.references.erase(call.session)
        if erased:
            await _record(call, IdentityWithdrawn(actor=actor, deleted=("face-reference",)))
    return IdentityErased(deleted=["face-reference"] if erased else [])


async def _record(call: Call, payload: Payload) -> Event:
    """By the session's own writer while it has one; a person may also look at it long after."""
    return await call.service.registry.tell(call.session, payload)
