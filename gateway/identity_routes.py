"""Operations on who the candidate is."""

from __future__ import annotations

from gateway import identity_api
from gateway.api_models import IdentityDecision, IdentityErased, IdentityOutcome, PhotoQuery, PhotoTaken
from gateway.operations import Body, Operation
from gateway.route_parts import FACE, ONE, SESSION, json_of
from interviews.events import Event
from models.identity.upload import MAX_BYTES

IDENTITY_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        f"{SESSION}/identity/photo",
        "enrolPhoto",
        "The ID photo to compare the live face with; the picture itself is not kept",
        "candidate",
        identity_api.photo,
        json_of(PhotoTaken, "The photo will do"),
        query=PhotoQuery,
        body=Body("image/jpeg", max_bytes=MAX_BYTES, also=("image/png", "image/webp"), binary=True),
        headers={"Viva-Consent": "`true`: the candidate agrees to face verification, separately"},
        problems=(
            *ONE,
            *FACE,
            "session.ended",
            "identity.consent",
            "identity.photo-refused",
            "inference.full",
            "storage.full",
        ),
        tag="identity",
    ),
    Operation(
        "POST",
        f"{SESSION}/identity/verify",
        "verifyIdentity",
        "Compare the live face with the photo, now",
        "read",
        identity_api.verify,
        json_of(IdentityOutcome, "What was found; recorded as identity.verified"),
        problems=(
            *ONE,
            *FACE,
            "session.ended",
            "session.not-started",
            "identity.not-enrolled",
            "identity.busy",
            "identity.attempts",
            "identity.key",
        ),
        tag="identity",
        needs="sessions.command",
        audits=True,
    ),
    Operation(
        "POST",
        f"{SESSION}/identity/human",
        "askForHumanCheck",
        "A person shall check the identity instead; always possible, needs no face",
        "candidate",
        identity_api.human,
        json_of(Event, "The event that was recorded"),
        problems=ONE,
        tag="identity",
    ),
    Operation(
        "POST",
        f"{SESSION}/identity/decision",
        "decideIdentity",
        "What a person decided after looking, and why; outweighs any comparison",
        "hr",
        identity_api.decide,
        json_of(Event, "The event that was recorded"),
        body=Body("application/json", IdentityDecision),
        problems=ONE,
        tag="identity",
        needs="sessions.command",
        audits=True,
    ),
    Operation(
        "DELETE",
        f"{SESSION}/identity",
        "withdrawIdentity",
        "Withdraw: erase the face reference",
        "read",
        identity_api.withdraw,
        json_of(IdentityErased, "What was erased"),
        problems=ONE,
        tag="identity",
        needs="sessions.command",
        audits=True,
    ),
)
