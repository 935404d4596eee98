"""What candidates are scored on: dimensions, each with behaviour described at five levels (BARS)."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Id = r"^[a-z0-9][a-z0-9-]{0,39}$"
ByLanguage = dict[Literal["zh", "en"], str]
ListByLanguage = dict[Literal["zh", "en"], tuple[str, ...]]


class Dimension(BaseModel):
    """`anchors`: five behaviours by language, the poorest first. `keywords`: what a job's text says of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=Id)
    name: ByLanguage
    about: ByLanguage
    anchors: ListByLanguage
    keywords: ListByLanguage = Field(default_factory=dict)
