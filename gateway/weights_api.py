"""Weights of the dimensions changed after the end: scores follow from the log, old versions stay."""

from __future__ import annotations

import asyncio
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.branches import actor
from gateway.operations import Call
from gateway.problems import Problem
from interviews.rubric import WeightsChanged, fits
from interviews.scoring import Scores
from interviews.state import SessionState


class WeightsAsked(BaseModel):
    """`version`: the one that was shown when they were chosen."""

    model_config = ConfigDict(extra="forbid")

    weights: dict[str, float] = Field(description="percent by id of dimension, summing to 100", max_length=40)
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    version: int = Field(ge=1)


async def change_weights(call: Call) -> Scores:
    """The scores by the new weights. Raises Problem session.not-ended, weights.none, .invalid, .stale."""
    asked: WeightsAsked = call.body
    shared = call.service.shared
    async with call.service.reweighing:  # nobody's change may come between the look and the writing
        await call.service.registry.row(call.session)
        events = await shared.events.read_all(call.session)
        state = await asyncio.to_thread(SessionState.of, events)
        if not state.over:
            raise Problem("session.not-ended")
        rubric = state.created.dimensions if state.created else ()
        if not rubric:
            raise Problem("weights.none")
        newest = 1 + len(state.weights)
        if asked.version != newest:
            raise Problem("weights.stale", where=f"version {newest}")
        if not fits(asked.weights, rubric):
            raise Problem("weights.invalid")
        changed = WeightsChanged(
            version=newest + 1, weights=asked.weights, reason=asked.reason, by=actor(call)
        )
        event = await call.service.registry.tell(call.session, changed)
    return await asyncio.to_thread(Scores.of, [*events, event])
