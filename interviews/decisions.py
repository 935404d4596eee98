"""What people decided on a result, and the reviews by a person that the candidate asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from interviews.journey import Journey
from interviews.journey_events import DecisionMade, HumanReviewRequested
from interviews.parts import Part


class Decided(Part):
    """What a person decided on the result, with the reason; the last decision holds."""

    decision: Literal["passed", "failed", "pending"]
    reason: str
    by: str
    at: datetime


class ReviewAsked(Part):
    reason: str
    at: datetime
    answered_at: datetime | None = Field(description="of the first decision after it; null while it is open")


def decisions(journey: Journey) -> tuple[Decided, ...]:
    """In the order in which they were made."""
    made = ((event.data, event.at) for event in journey.decisions)
    return tuple(
        Decided(decision=data.decision, reason=data.reason, by=data.by, at=at)
        for data, at in made
        if isinstance(data, DecisionMade)
    )


def reviews(journey: Journey) -> tuple[ReviewAsked, ...]:
    """In the order in which they were asked for."""
    return tuple(
        ReviewAsked(
            reason=asked.data.reason,
            at=asked.at,
            answered_at=next((made.at for made in journey.decisions if made.seq > asked.seq), None),
        )
        for asked in journey.reviews
        if isinstance(asked.data, HumanReviewRequested)
    )
