"""The base of every event's payload."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Payload(BaseModel):
    """What one kind of event carries."""

    model_config = ConfigDict(frozen=True, extra="forbid")
