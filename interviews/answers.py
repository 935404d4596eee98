"""How good an answer is: measures, each with the words it rests on."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Evidence(BaseModel):
    """The words a score came from, and where they are in the recording (seconds on the media clock)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quote: str
    start: float
    end: float
    note: str = ""


class Measure(BaseModel):
    """One measure of one answer, 0–100. `value` is None exactly when `insufficient` says why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(
        description="relevance, coverage, coherence, lexical_richness, structure or specificity; "
        "or dimension: and an id"
    )
    value: float | None = Field(ge=0, le=100)
    insufficient: str | None = None
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = Field(default=(), description="notes, as of evidence, for which there is none")
    detail: dict[str, float] = Field(default_factory=dict, description="the raw figures behind the value")


class Flag(BaseModel):
    """Something a person should look at before they trust the score. It carries no weight of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(
        description="off-topic, to-the-rater, repeats-question, recites-rubric, read-aloud, rated-by-fallback"
    )
    evidence: tuple[Evidence, ...] = ()
    detail: dict[str, float] = Field(default_factory=dict)


class AnswerRating(BaseModel):
    """All measures of one answer, with the versions that produced them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    measures: tuple[Measure, ...]
    flags: tuple[Flag, ...] = ()
    tokens: int
    model: str
    rubric: str
