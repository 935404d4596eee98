"""A job that is to be filled, and what its description asks for."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from interviews.dimensions import ByLanguage, Id


class Found(BaseModel):
    """A phrase of the description that led to a dimension: `text` is description[start:end]."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    start: int = Field(ge=0)
    end: int = Field(gt=0)
    score: float = Field(ge=0, le=1)


class Recommendation(BaseModel):
    """A dimension for a job, the phrases that say so, the best first, and a weight in whole percent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dimension: str
    weight: int = Field(ge=0, le=100)
    found: tuple[Found, ...]


class Job(BaseModel):
    """`description`: the JD as plain text, offsets of `Found` count its characters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=Id)
    branch: str = Field(pattern=Id)
    title: ByLanguage
    description: str = Field(default="", max_length=50_000)
    role: str = Field(default="", max_length=40, description="as in the bank: sales, engineer, …")
