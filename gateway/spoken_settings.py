"""Settings of questions that are read aloud."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class SpokenSettings(BaseModel):
    """Off: candidates' browsers read the questions with voices of their own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    max_mb: float = Field(
        500.0, gt=0, description="of sound files under `data`; the longest unheard go first"
    )
    idle_s: float = Field(60.0, ge=0, description="without work, then the voices' 0.9 GB are given back")
    patience_s: float = Field(600.0, gt=0, description="for one question, then its rendering is given up")
