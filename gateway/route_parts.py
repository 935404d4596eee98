"""What the tables of operations share: paths, groups of problems, replies."""

from __future__ import annotations

from gateway.operations import Reply

STORAGE = ("storage.failed",)
ONE = ("session.unknown", "gateway.moving", *STORAGE)
SESSION = "/api/v1/sessions/{id}"
RECORDING = f"{SESSION}/recording"
PLAYED = {
    "ETag": "Of the file",
    "X-Media-Start": "Media time of the file's zero, seconds",
    "X-Media-End": "Media time of its end, seconds",
}
RESOURCE = "/whip/{id}/{resource}"
VIEWER = "/whep/{id}/{resource}"
OFFER = (
    "offer.malformed",
    "offer.no-media",
    "offer.no-common-codec",
    "offer.no-ice",
    "offer.no-dtls",
    "offer.unsupported",
)
FACE = ("identity.by-human", "identity.unavailable", "inference.starting")
ICE = ("ice.malformed", "ice.restart-unsupported", "ingest.closed")


def json_of(model: type, description: str = "OK", status: int = 200) -> dict[int, tuple[Reply, ...]]:
    return {status: (Reply(description, model),)}
