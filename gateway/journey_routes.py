"""Operations on the candidate's journey, and commands to the running interview."""

from __future__ import annotations

from gateway import commands, journey_api
from gateway.command_models import CommandBody
from gateway.journey_models import (
    ConsentAsked,
    ConsentBack,
    DecisionAsked,
    DevicesFound,
    JourneyView,
    ReviewAsked,
    SurveySent,
)
from gateway.operations import Body, Operation, Reply
from gateway.route_parts import ONE, SESSION, json_of
from interviews.events import Event

RECORDED: dict[int, tuple[Reply, ...]] = json_of(Event, "The event that was recorded")
KEPT = (*ONE, "storage.full")


def _json(model: type) -> Body:
    return Body("application/json", model)


JOURNEY_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        f"{SESSION}/commands",
        "commandSession",
        "Pause, resume, extend, interject, annotate; start, finish or retry an answer; next, end",
        "read",
        commands.command,
        RECORDED,
        body=_json(CommandBody),
        problems=(
            *KEPT,
            "session.ended",
            "session.not-started",
            "session.last-question",
            "session.no-question",
            "session.paused",
            "session.not-paused",
            "session.no-practice",
            "command.stale",
            "command.id-taken",
            "answer.phase",
            "answer.no-retries",
            "annotation.unknown",
        ),
        tag="journey",
        needs="sessions.command",
    ),
    Operation(
        "GET",
        f"{SESSION}/journey",
        "getJourney",
        "Where the candidate is on the way from the invitation to the decision",
        "read",
        journey_api.view,
        json_of(JourneyView),
        problems=ONE,
        tag="journey",
        needs="sessions.read",
        audits=True,
    ),
    Operation(
        "POST",
        f"{SESSION}/opened",
        "noteOpened",
        "The candidate's page was opened",
        "candidate",
        journey_api.opened,
        RECORDED,
        problems=(*KEPT, "session.ended"),
        tag="journey",
    ),
    Operation(
        "POST",
        f"{SESSION}/consent",
        "giveConsent",
        "What the candidate agrees to: recording, faces, scoring by AI, each by itself",
        "candidate",
        journey_api.consent,
        RECORDED,
        body=_json(ConsentAsked),
        problems=(*KEPT, "session.ended"),
        tag="journey",
    ),
    Operation(
        "POST",
        f"{SESSION}/consent/withdraw",
        "withdrawConsent",
        "Take consent back, at any time; what it allowed to keep is deleted",
        "candidate",
        journey_api.withdraw,
        RECORDED,
        body=_json(ConsentBack),
        problems=KEPT,
        tag="journey",
    ),
    Operation(
        "POST",
        f"{SESSION}/device-check",
        "noteDeviceCheck",
        "What the check of microphone, camera and connection found",
        "candidate",
        journey_api.devices,
        RECORDED,
        body=_json(DevicesFound),
        problems=(*KEPT, "session.ended"),
        tag="journey",
    ),
    Operation(
        "POST",
        f"{SESSION}/survey",
        "answerSurvey",
        "How the candidate found the interview",
        "candidate",
        journey_api.survey,
        RECORDED,
        body=_json(SurveySent),
        problems=(*KEPT, "session.no-survey"),
        tag="journey",
    ),
    Operation(
        "POST",
        f"{SESSION}/review",
        "askForReview",
        "The candidate asks that a person look at the result",
        "candidate",
        journey_api.review,
        RECORDED,
        body=_json(ReviewAsked),
        problems=KEPT,
        tag="journey",
    ),
    Operation(
        "POST",
        f"{SESSION}/decision",
        "decideSession",
        "What a person decided on the candidate, and why",
        "hr",
        journey_api.decide,
        RECORDED,
        body=_json(DecisionAsked),
        problems=(*KEPT, "session.not-ended"),
        tag="journey",
        needs="results.decide",
        audits=True,
    ),
)
