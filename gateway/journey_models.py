"""What the candidate's journey takes and gives over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.command_models import Situation
from interviews.events import EndReason, Language
from interviews.journey import Journey, Stage
from interviews.journey_events import Consented, ConsentGiven, DecisionMade, DeviceChecked, SurveyAnswered

Topic = Literal["ease", "clarity", "fairness", "technical", "overall"]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class Taken(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class ConsentAsked(Taken):
    """All three are asked separately, and none has a default. `notice`: version of what was read."""

    recording: bool
    face: bool
    scoring: bool
    language: Language
    notice: str = Field(min_length=1, max_length=40)


class ConsentBack(Taken):
    what: list[Consented] = Field(min_length=1, max_length=3)


class DevicesFound(Taken):
    microphone: Literal["ok", "silent", "denied", "missing"]
    camera: Literal["ok", "black", "denied", "missing"]
    rtt_ms: float | None = Field(default=None, ge=0, le=60_000)
    loss: float | None = Field(default=None, ge=0, le=1)


class SurveySent(Taken):
    """1 (bad) to 5 (good) by topic; what is left out was not answered."""

    ratings: dict[Topic, Annotated[int, Field(ge=1, le=5)]] = Field(default={}, max_length=5)
    text: Reason = ""


class ReviewAsked(Taken):
    reason: Reason = ""


class DecisionAsked(Taken):
    """Only a person decides, and says why."""

    decision: Literal["passed", "failed", "pending"]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class JourneyView(BaseModel):
    """Where a candidate is on the way. `reached`: media time at which each stage was, seconds."""

    stage: Stage
    reached: dict[Stage, float]
    consent: ConsentGiven | None
    withdrawn: list[Consented]
    identity: Literal["verified", "human", "face"] = Field(
        description="face, human: how it is to be verified"
    )
    devices: DeviceChecked | None
    survey: SurveyAnswered | None
    decision: DecisionMade | None = Field(description="not told to the candidate here")
    ended: EndReason | None = Field(
        description="grace-expired, server-stopped: cut off; `reached` tells whether a question was asked"
    )
    review_open: bool = Field(description="the candidate asked that a person look; no decision since")
    situation: Situation

    @classmethod
    def of(cls, journey: Journey, stands: Situation, *, candidate: bool) -> JourneyView:
        situation = stands.shown(candidate=candidate)
        reached = {s: t for s, t in journey.reached.items() if not (candidate and s == "decided")}
        return cls(
            stage=situation.stage,
            reached=reached,
            consent=journey.consent,
            withdrawn=sorted(journey.withdrawn),
            identity=journey.identity,
            devices=journey.devices,
            survey=journey.survey,
            decision=None if candidate else journey.decision,
            ended=journey.ended,
            review_open=journey.review_open,
            situation=situation,
        )
