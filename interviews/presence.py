"""Events of the liveness checks that ask something of the candidate, and of the account of all cues.

They advise a person: nothing here is scored, refuses or ends anything (docs/liveness.md).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from interviews.payload import Payload

Step = Literal["blink", "turn-left", "turn-right"]
CueOutcome = Literal["suspicious", "clear", "insufficient"]
Share = Annotated[float, Field(ge=0, le=1)]
Support = Annotated[float, Field(ge=-1, le=1)]


class ChallengePrompted(Payload):
    """Do `step` now: number `index` of `steps`, from 1, of this `attempt`, from 1.

    Left and right are the candidate's own.
    """

    type: Literal["challenge.prompted"] = "challenge.prompted"
    attempt: int = Field(ge=1)
    step: Step
    index: int = Field(ge=1)
    steps: int = Field(ge=1)


class ChallengeEnded(Payload):
    """`expired`: nothing came in time. With no attempts left a check by a person is offered."""

    type: Literal["challenge.ended"] = "challenge.ended"
    attempt: int = Field(ge=1)
    outcome: Literal["passed", "failed", "expired"]
    reason: str = Field(description="empty when passed; as in media.presentation.challenge")
    steps_done: int = Field(ge=0)
    steps: int = Field(ge=1)
    attempts_left: int = Field(ge=0)


class FlashPrompted(Payload):
    """Fill the screen with `colours`, sRGB 0..1, each for `step_s`, the first at media time `starts`."""

    type: Literal["flash.prompted"] = "flash.prompted"
    colours: tuple[tuple[Share, Share, Share], ...]
    starts: float
    step_s: float = Field(gt=0, description="at least a third of a second (WCAG 2.3.1)")


class FlashEnded(Payload):
    """`confidence`: share of other orders of the same colours that fit the face worse.

    `declined`: the candidate did not want it, which says nothing.
    """

    type: Literal["flash.ended"] = "flash.ended"
    outcome: Literal["passed", "failed", "insufficient", "declined"]
    reason: str = ""
    confidence: Share = 0.0
    correlation: float = Field(0.0, ge=-1, le=1)
    lag_s: float = 0.0
    response: float = Field(0.0, description="log ratio of colour channels for full colour")


class DevicesNoted(Payload):
    """What the page says the devices are called; `virtual_camera`: the name is that of a known one.

    A note: many people use one honestly. None: the page reported no name.
    """

    type: Literal["devices.noted"] = "devices.noted"
    camera: str | None
    microphone: str | None
    virtual_camera: bool | None


class InjectionObserved(Payload):
    """One cue of injected video came to another outcome; cues as in `media.presentation.injection`."""

    type: Literal["injection.observed"] = "injection.observed"
    cue: str
    value: float | None
    threshold: float
    outcome: CueOutcome
    detail: str = ""


class HumanCheckRequested(Payload):
    """The candidate asks that a person look instead."""

    type: Literal["human-check.requested"] = "human-check.requested"


class WeighedCue(Payload):
    """One line of the account. `support` -1 (attack) to 1 (bona fide); None: nothing known.

    `weight` 0: a note that is shown and does not count.
    """

    name: str
    value: float | None
    threshold: float | None
    outcome: CueOutcome
    weight: float = Field(ge=0)
    support: Support | None
    detail: str = ""


class LivenessConcluded(Payload):
    """All cues so far as one account: `score` -1..1 is the weighted mean of what is known, `certainty` the
    share of the weight that is known. Advises a person, decides nothing; noted when a cue changes."""

    type: Literal["liveness.concluded"] = "liveness.concluded"
    score: float = Field(ge=-1, le=1)
    certainty: Share
    cues: tuple[WeighedCue, ...]


PresencePayload = (
    ChallengePrompted
    | ChallengeEnded
    | FlashPrompted
    | FlashEnded
    | DevicesNoted
    | InjectionObserved
    | HumanCheckRequested
    | LivenessConcluded
)
# What the candidate's page needs to prompt; what the colours showed is told to people alone.
CANDIDATE_PRESENCE = frozenset({"challenge.prompted", "challenge.ended", "flash.prompted"})
