"""The recording, as events: consent, state, who played it, what was deleted."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from interviews.payload import Payload


class RecordingConsent(Payload):
    """What the candidate said to being recorded, each time it changes; asked where recording is wanted."""

    type: Literal["recording.consent"] = "recording.consent"
    given: bool


class RecordingState(Payload):
    """Whether sound and picture are being kept. Without consent nothing is."""

    type: Literal["recording.state"] = "recording.state"
    state: Literal["recording", "stopped"]
    reason: Literal[
        "started", "resumed", "no-consent", "withdrawn", "disk-full", "storage-failed", "finished", "deleted"
    ]


class RecordingRead(Payload):
    """Somebody was given sound and picture from `start` to `end`, seconds on the media clock."""

    type: Literal["recording.read"] = "recording.read"
    by: Literal["hr", "operator"]
    via: Literal["token", "link"]
    start: float
    end: float


class RecordingDeleted(Payload):
    """The receipt of a deletion. `digest`: SHA-256 over the index as it was, which names every file's."""

    type: Literal["recording.deleted"] = "recording.deleted"
    reason: Literal["request", "retention"]
    segments: int
    size: int = Field(description="bytes on disk")
    digest: str
