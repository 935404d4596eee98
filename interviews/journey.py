"""The way of one candidate from the invitation to the decision: a fold over the log.

It stands beside `interviews.state`, which tells whether media flows. A session made without an invitation
(by a script, say) skips the stages that it does not have; none is ever gone back to, but for a pause and a
lost connection. Nothing here raises, whatever the log holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from interviews.events import (
    EndReason,
    Event,
    IdentityHuman,
    IdentityVerified,
    QuestionStarted,
    ResultReady,
    SessionConnected,
    SessionCreated,
    SessionDisconnected,
    SessionEnded,
)
from interviews.journey_events import (
    CandidateOpened,
    Consented,
    ConsentGiven,
    ConsentWithdrawn,
    DecisionMade,
    DeviceChecked,
    HumanReviewRequested,
    SurveyAnswered,
)
from interviews.live_events import SessionPaused, SessionResumed

Stage = Literal[
    "invited",
    "opened",
    "consented",
    "verified",
    "device-checked",
    "in-progress",
    "paused",
    "disconnected",
    "finished",
    "scored",
    "decided",
]
PREPARING: tuple[Stage, ...] = ("invited", "opened", "consented", "verified", "device-checked")
RUNNING: frozenset[Stage] = frozenset({"in-progress", "paused", "disconnected"})
_AFTER: dict[Stage, frozenset[Stage]] = {
    before: frozenset({*PREPARING[PREPARING.index(before) + 1 :], *RUNNING, "finished"})
    for before in PREPARING
}
TRANSITIONS: dict[Stage, frozenset[Stage]] = {
    **_AFTER,
    **{stage: (RUNNING - {stage}) | {"finished"} for stage in RUNNING},
    "finished": frozenset({"scored", "decided"}),  # where scoring was refused people decide without
    "scored": frozenset({"decided"}),
    "decided": frozenset(),
}


@dataclass(slots=True)
class Journey:
    """`reached`: when each stage was first reached, seconds on the media clock, 0 before media came.

    `paused` and `connected` hold by themselves: who is both away and paused is shown as disconnected.
    """

    stage: Stage = "invited"
    reached: dict[Stage, float] = field(default_factory=dict)
    consent: ConsentGiven | None = None
    withdrawn: set[Consented] = field(default_factory=set)
    by_human: bool = False  # a person was asked to check the identity
    verified: bool = False
    devices: DeviceChecked | None = None
    connected: bool = False
    paused: bool = False
    survey: SurveyAnswered | None = None
    decisions: list[Event] = field(default_factory=list)  # the last one holds
    reviews: list[Event] = field(default_factory=list)  # that the candidate asked for
    ended: EndReason | None = None
    review_open: bool = False  # asked for, and no decision since
    _created: bool = False

    def apply(self, event: Event) -> None:
        data = event.data
        match data:
            case SessionCreated() if not self._created:
                self._created = True
                self.reached["invited"] = event.media_time
            case CandidateOpened():
                self._move("opened", event)
            case ConsentGiven():
                self.consent = data
                self.withdrawn.clear()
                self._move("consented", event)
            case ConsentWithdrawn(what=what):
                self.withdrawn.update(what)
            case IdentityVerified(outcome="match") | IdentityHuman(decision="confirmed"):
                self.verified = True
                self._move("verified", event)
            case IdentityHuman(decision=decision):
                self.by_human = True
                self.verified = self.verified and decision == "requested"
            case DeviceChecked():
                self.devices = data
                self._move("device-checked", event)
            case SessionConnected():
                self.connected = True
            case SessionDisconnected():
                self.connected = False
            case SessionPaused():
                self.paused = True
            case SessionResumed():
                self.paused = False
            case QuestionStarted() if self.stage in PREPARING:
                self._move("in-progress", event)
            case SessionEnded(reason=reason):
                self.ended = self.ended or reason
                self._move("finished", event)
            case ResultReady():
                self._move("scored", event)
            case SurveyAnswered():
                self.survey = data
            case HumanReviewRequested():
                self.reviews.append(event)
                self.review_open = True
            case DecisionMade() if self.stage in ("finished", "scored", "decided"):
                self.decisions.append(event)
                self.review_open = False
                self._move("decided", event)
        if self.stage in RUNNING:
            running: Stage = "paused" if self.paused else "in-progress"
            self._move(running if self.connected else "disconnected", event)

    def allows(self, what: Consented) -> bool:
        """Whether the candidate agrees to it. Where nobody asked on the page (a session made by a script)
        the question is put elsewhere, and this does not stand in the way."""
        return self.consent is None or (getattr(self.consent, what) is True and what not in self.withdrawn)

    @property
    def decision(self) -> DecisionMade | None:
        last = self.decisions[-1].data if self.decisions else None
        return last if isinstance(last, DecisionMade) else None

    @property
    def identity(self) -> Literal["verified", "human", "face"]:
        """Verified already, or the way that leads there; without consent to faces a person looks."""
        if self.verified:
            return "verified"
        return "human" if self.by_human or not self.allows("face") else "face"

    def _move(self, stage: Stage, event: Event) -> None:
        if stage in TRANSITIONS[self.stage]:
            self.stage = stage
            self.reached.setdefault(stage, event.media_time)
