"""What a session asks."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Question(BaseModel):
    """One question as the candidate sees it, and what a good answer would hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    text: dict[str, str] = Field(description="by language: en, zh; at least one of them")
    key_points: tuple[str, ...] = Field(default=(), max_length=12)
    answer_s: float = Field(default=120.0, gt=0, le=3600, description="time to answer, seconds")
