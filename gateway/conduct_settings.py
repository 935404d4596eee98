"""Settings of conducting an interview."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ConductSettings(BaseModel):
    """Times are seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pause_grace_s: float = Field(
        default=3600.0, ge=0, description="for the candidate to come back while the interview is paused"
    )
