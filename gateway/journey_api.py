"""The candidate's journey over HTTP: consent, devices, survey, review; and the decision of a person."""

from __future__ import annotations

import asyncio
import contextlib

from gateway import identity_api, recording_api
from gateway.branches import actor
from gateway.command_models import situation
from gateway.journey_models import (
    ConsentAsked,
    ConsentBack,
    DecisionAsked,
    DevicesFound,
    JourneyView,
    ReviewAsked,
    SurveySent,
)
from gateway.operations import Call
from gateway.problems import Problem
from interviews.events import Event, Payload
from interviews.journey_events import (
    CandidateOpened,
    ConsentGiven,
    ConsentWithdrawn,
    DecisionMade,
    DeviceChecked,
    HumanReviewRequested,
    SurveyAnswered,
)
from interviews.state import SessionState


async def view(call: Call) -> JourneyView:
    state, media_time = await _state(call)
    return JourneyView.of(state.journey, situation(state, media_time), candidate=call.is_candidate)


async def opened(call: Call) -> Event:
    return await _running(call, CandidateOpened())


async def consent(call: Call) -> Event:
    """What is refused takes effect at once; what is agreed to lets the next steps be asked for."""
    asked: ConsentAsked = call.body
    event = await _running(call, ConsentGiven(**asked.model_dump()))
    await _respect(call, {what for what in ("recording", "face") if not getattr(asked, what)})
    return event


async def withdraw(call: Call) -> Event:
    """Possible at any time, long after the interview too. What it allowed to keep is deleted."""
    asked: ConsentBack = call.body
    what = tuple(dict.fromkeys(asked.what))
    event = await _note(call, ConsentWithdrawn(what=what))
    await _respect(call, set(what))
    return event


async def devices(call: Call) -> Event:
    asked: DevicesFound = call.body
    return await _running(call, DeviceChecked(**asked.model_dump()))


async def survey(call: Call) -> Event:
    """Raises Problem session.no-survey."""
    asked: SurveySent = call.body
    state, _ = await _state(call)
    if state.created is not None and not state.created.survey:
        raise Problem("session.no-survey")
    ratings = {str(topic): rating for topic, rating in asked.ratings.items()}
    return await _note(call, SurveyAnswered(ratings=ratings, text=asked.text))


async def review(call: Call) -> Event:
    asked: ReviewAsked = call.body
    return await _note(call, HumanReviewRequested(reason=asked.reason))


async def decide(call: Call) -> Event:
    """Raises Problem session.not-ended. May be decided anew: the last one holds, all stay in the log."""
    asked: DecisionAsked = call.body
    state, _ = await _state(call)
    if not state.over:
        raise Problem("session.not-ended")
    return await _note(call, DecisionMade(decision=asked.decision, reason=asked.reason, by=actor(call)))


async def _state(call: Call) -> tuple[SessionState, float]:
    """The fold, and where its clock stands. Raises Problem session.unknown, gateway.moving."""
    live = await call.service.registry.find(call.session)
    if live is not None and not live.finished:
        return live.state, live.media_time
    events = await call.service.shared.events.read_all(call.session)
    state = await asyncio.to_thread(SessionState.of, events)
    return state, state.media_time


async def _running(call: Call, payload: Payload) -> Event:
    return await (await call.service.registry.running(call.session)).record(payload)


async def _note(call: Call, payload: Payload) -> Event:
    """By the session's own writer while it has one."""
    return await call.service.registry.tell(call.session, payload)


async def _respect(call: Call, refused: set[str]) -> None:
    """The candidate does not agree (any more): stop, and delete what there is of it."""
    live = call.service.registry.resident(call.session)
    if "recording" in refused:
        if live:
            await live.recording.consent(False)
        with contextlib.suppress(Problem):  # nothing was recorded: who agrees after all still can be
            await recording_api.index(call)
            await recording_api.delete(call)
    if "face" in refused:
        if live:
            live.without_affect()
        await identity_api.withdraw(call)
