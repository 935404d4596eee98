"""What a session is scored on, as its plan said when the session was made; and a person's change of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from interviews.dimensions import ByLanguage, Id, ListByLanguage
from interviews.live_events import Text, Who
from interviews.payload import Payload

TOTAL = 100.0  # percent
TOLERANCE = 0.01


class RubricDimension(BaseModel):
    """A dimension with its share of the overall score, percent; `anchors` as of `Dimension`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=Id)
    name: ByLanguage
    anchors: ListByLanguage = Field(default_factory=dict)
    weight: float = Field(ge=0, le=100)


class WeightsChanged(Payload):
    """The overall score is combined anew from the same answers. Version 1 is the plan's.

    `weights`: percent by id of dimension; what does not `fit` the session is passed over.
    """

    type: Literal["weights.changed"] = "weights.changed"
    version: int = Field(ge=2)
    weights: dict[str, float]
    reason: Text
    by: Who


def fits(weights: Mapping[str, float], dimensions: tuple[RubricDimension, ...]) -> bool:
    """Whether they name every dimension, none is negative, and they sum to 100 %."""
    named = bool(weights) and weights.keys() == {one.id for one in dimensions}
    return named and min(weights.values()) >= 0 and abs(sum(weights.values()) - TOTAL) <= TOLERANCE
