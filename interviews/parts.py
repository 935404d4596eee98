"""What results are built from: immutable records, quotes of the transcript, intervals."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from interviews.wording import Message


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Quote(Part):
    """Evidence: words of the transcript and where they are in the recording, seconds on the media clock."""

    quote: str
    start: float
    end: float
    note: Message


class Interval(Part):
    """95 %."""

    low: float
    high: float
