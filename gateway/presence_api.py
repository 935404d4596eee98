"""Liveness checks over HTTP, asked by the candidate's page. How they go comes as events."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.operations import Body, Call, Operation, Reply
from gateway.presence import Presence

LIVENESS = "/api/v1/sessions/{id}/liveness"
Label = Annotated[str, StringConstraints(max_length=200)]
PROBLEMS = ("session.unknown", "storage.failed", "session.ended", "session.not-started")


class ChallengeStarted(BaseModel):
    """`challenge.prompted` follows once the face was seen for about half a second."""

    attempt: int = Field(ge=1)
    attempts_left: int = Field(ge=0, description="after this one")


class FlashAsked(BaseModel):
    """`decline`: the candidate does not want it; it is noted so, and nothing flashes."""

    model_config = ConfigDict(extra="forbid")

    decline: bool = False


class Devices(BaseModel):
    """Labels as `navigator.mediaDevices` gives them after permission."""

    model_config = ConfigDict(extra="forbid")

    camera: Label | None = None
    microphone: Label | None = None


async def _presence(call: Call, *, seen: bool = True) -> Presence:
    session = await call.service.registry.running(call.session)
    return session.presence(seen=seen)


async def start_challenge(call: Call) -> ChallengeStarted:
    presence = await _presence(call)
    return ChallengeStarted(attempt=presence.start_challenge(), attempts_left=presence.attempts_left)


async def start_flash(call: Call) -> web.Response:
    presence = await _presence(call)
    asked: FlashAsked = call.body
    if asked.decline:
        presence.decline_flash()
    else:
        presence.start_flash()
    return web.Response(status=204)


async def note_devices(call: Call) -> web.Response:
    devices: Devices = call.body
    (await _presence(call, seen=False)).note_devices(devices.camera, devices.microphone)
    return web.Response(status=204)


async def ask_for_human(call: Call) -> web.Response:
    (await _presence(call)).ask_for_human()
    return web.Response(status=204)


PRESENCE_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        f"{LIVENESS}/challenge",
        "startChallenge",
        "Ask for blinks and turns of the head, in an order drawn by chance",
        "candidate",
        start_challenge,
        {202: (Reply("Started; prompts come as events", ChallengeStarted),)},
        problems=(*PROBLEMS, "liveness.running", "liveness.spent"),
        tag="liveness",
    ),
    Operation(
        "POST",
        f"{LIVENESS}/flash",
        "startFlash",
        "Light the face with colours in an order drawn by chance, or decline that",
        "candidate",
        start_flash,
        {204: (Reply("Taken; the colours come as an event", None, None),)},
        body=Body("application/json", FlashAsked),
        problems=(*PROBLEMS, "liveness.running", "liveness.spent"),
        tag="liveness",
    ),
    Operation(
        "POST",
        f"{LIVENESS}/devices",
        "noteDevices",
        "Note what camera and microphone are called",
        "candidate",
        note_devices,
        {204: (Reply("Noted", None, None),)},
        body=Body("application/json", Devices),
        problems=PROBLEMS,
        tag="liveness",
    ),
    Operation(
        "POST",
        f"{LIVENESS}/human",
        "askForHumanCheck",
        "Ask that a person check instead",
        "candidate",
        ask_for_human,
        {204: (Reply("Noted", None, None),)},
        problems=PROBLEMS,
        tag="liveness",
    ),
)
