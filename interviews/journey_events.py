"""The way of a candidate before and after the questions, as events: consent, devices, practice, decision."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from interviews.live_events import Commanded, Text, Who
from interviews.payload import Payload

Consented = Literal["recording", "face", "scoring"]
Rating = Annotated[int, Field(ge=1, le=5)]


class CandidateOpened(Payload):
    """The candidate's page was opened, by whoever holds the link."""

    type: Literal["candidate.opened"] = "candidate.opened"


class ConsentGiven(Payload):
    """What the candidate said to each of the three, separately (PIPL 14, 29). False: refused, and the
    alternative holds: nothing is recorded; a person checks the identity; people alone judge the answers.

    `notice`: version of the privacy notice that was shown, in `language`.
    """

    type: Literal["consent.given"] = "consent.given"
    recording: bool
    face: bool
    scoring: bool
    language: Literal["en", "zh"]
    notice: Annotated[str, Field(max_length=40)]


class ConsentWithdrawn(Payload):
    """Taken back, as easily as given (PIPL 15)."""

    type: Literal["consent.withdrawn"] = "consent.withdrawn"
    what: tuple[Consented, ...] = Field(min_length=1, max_length=3)


class DeviceChecked(Payload):
    """What the candidate's page found. `rtt_ms` and `loss` of the connection; None: not measured."""

    type: Literal["device.checked"] = "device.checked"
    microphone: Literal["ok", "silent", "denied", "missing"]
    camera: Literal["ok", "black", "denied", "missing"]
    rtt_ms: float | None = Field(default=None, ge=0, le=60_000)
    loss: float | None = Field(default=None, ge=0, le=1)


class PracticeStarted(Commanded):
    """A question to practise with: what is said to it answers nothing."""

    type: Literal["practice.started"] = "practice.started"


class PracticeEnded(Commanded):
    type: Literal["practice.ended"] = "practice.ended"


class SurveyAnswered(Payload):
    """How the candidate found the interview: 1 (bad) to 5 (good) by topic, and in words."""

    type: Literal["survey.answered"] = "survey.answered"
    ratings: dict[Annotated[str, Field(max_length=40)], Rating] = Field(max_length=12)
    text: Text = ""


class DecisionMade(Payload):
    """A person's decision, with the reason for it (GDPR 22): no score ever decides. The last one holds."""

    type: Literal["decision.made"] = "decision.made"
    decision: Literal["passed", "failed", "pending"]
    reason: Text
    by: Who


class HumanReviewRequested(Payload):
    """The candidate asks that a person look at the result (PIPL 24)."""

    type: Literal["human-review.requested"] = "human-review.requested"
    reason: Text = ""


JourneyPayload = (
    CandidateOpened
    | ConsentGiven
    | ConsentWithdrawn
    | DeviceChecked
    | PracticeStarted
    | PracticeEnded
    | SurveyAnswered
    | DecisionMade
    | HumanReviewRequested
)
# Everything that the candidate said. The decision comes as a notice that a person sends.
CANDIDATE_JOURNEY = frozenset(
    {
        "candidate.opened",
        "consent.given",
        "consent.withdrawn",
        "device.checked",
        "practice.started",
        "practice.ended",
        "survey.answered",
        "human-review.requested",
    }
)
