"""The base of every event's payload."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Who = Annotated[str, StringConstraints(max_length=100)]


class Payload(BaseModel):
    """What one kind of event carries."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Acted(Payload):
    """What somebody did, or what came by itself. `by`: who; None: nobody, or it was not kept yet."""

    by: Who | None = Field(default=None, exclude_if=lambda by: by is None)
