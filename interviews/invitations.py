"""Invitations: who is asked to which interview, and how far the invitation has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from interviews.dimensions import ByLanguage, Id
from interviews.events import Language, Policy
from interviews.plan import Question
from interviews.rubric import RubricDimension

InvitationState = Literal[
    "draft",  # made, its notice not sent yet
    "sent",  # the mail server or messaging suite took the notice
    "delivered",  # it says that it has arrived
    "opened",  # read: the page was opened by a person
    "bound",  # one device has begun; the link is good on no other
    "finished",  # the interview has ended
    "expired",
    "revoked",
    "bounced",  # there is no such address
]

TRANSITIONS: dict[InvitationState, frozenset[InvitationState]] = {
    # finished, and never opened: HR ended the interview before it began
    "draft": frozenset({"sent", "opened", "bounced", "finished", "expired", "revoked"}),
    "sent": frozenset({"delivered", "opened", "bounced", "finished", "expired", "revoked"}),
    "delivered": frozenset({"opened", "bounced", "finished", "expired", "revoked"}),
    "bounced": frozenset({"sent", "opened", "finished", "expired", "revoked"}),
    "opened": frozenset({"bound", "finished", "expired", "revoked"}),
    "bound": frozenset(
        {"opened", "finished", "expired", "revoked"}
    ),  # opened: HR freed it for another device
    "expired": frozenset({"draft", "sent", "opened", "bound", "revoked"}),  # HR gave it more time
    "finished": frozenset(),
    "revoked": frozenset(),
}
UNREAD: frozenset[InvitationState] = frozenset({"sent", "delivered"})
CLOSED: frozenset[InvitationState] = frozenset({"finished", "expired", "revoked"})
UNBINDINGS = 1  # a second change of device needs a new invitation
LONGEST_THINK_S, LONGEST_ANSWER_S = 1800.0, 3600.0  # what a question allows (interviews.plan)


class TransitionRefused(Exception):
    """An invitation in its state cannot become what was asked for."""


class Invitee(BaseModel):
    """Whom to invite. `extra_time`: factor on thinking and answering times, an accommodation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, description="E.164: +8613800138000")
    external_id: str | None = Field(default=None, max_length=100, description="in the HR system")
    language: Language = "zh"
    extra_time: float = Field(default=1.0, ge=1, le=3)

    @model_validator(mode="after")
    def _reachable(self) -> Invitee:
        if not (self.email or self.phone):
            raise ValueError("an e-mail address or a phone number is needed")
        return self


class InterviewDesign(BaseModel):
    """What the invitation leads to, before anybody's extra time; kept so that it can be scaled anew."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    job_title: ByLanguage
    questions: tuple[Question, ...] = Field(min_length=1, max_length=50)
    dimensions: tuple[RubricDimension, ...] = ()
    policy: Policy
    record: bool = False
    practice: bool = True
    survey: bool = True


class Invitation(BaseModel):
    """`device`: SHA-256 of the bound device's secret. `revision` rises by one with each change."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    branch: str = Field(pattern=Id)
    job: str = Field(pattern=Id)
    plan: str | None = None
    plan_version: int | None = None
    session: str
    invitee: Invitee
    design: InterviewDesign
    state: InvitationState = "draft"
    nonce: str
    device: str | None = None
    unbound: int = 0
    created_at: datetime
    expires_at: datetime
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    reminded_at: datetime | None = None
    revision: int = 0

    def over(self, now: datetime) -> bool:
        """No longer to be used at `now`, whether that was noticed already or not."""
        return self.state in CLOSED or now >= self.expires_at


class Entry(BaseModel):
    """One thing done to an invitation: when, by whom (a role or person, `candidate`, `system`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: datetime
    actor: str
    # A state, or made, reminded, unbound, handed-over, extended, extra-time, new-link or again.
    act: str
    state: InvitationState
    detail: str = ""


def move(
    invitation: Invitation, to: InvitationState, at: datetime, actor: str, detail: str = ""
) -> tuple[Invitation, Entry]:
    """The invitation in its next state and the entry that says so. Raises TransitionRefused."""
    if to not in TRANSITIONS[invitation.state]:
        raise TransitionRefused(f"{invitation.state} cannot become {to}")
    marks: dict[str, object] = {"state": to}
    if to == "sent":
        marks["sent_at"] = at
    if to == "opened" and invitation.opened_at is None:
        marks["opened_at"] = at
    return change(invitation, to, at, actor, detail, **marks)


def change(
    invitation: Invitation, act: str, at: datetime, actor: str, detail: str = "", **marks: object
) -> tuple[Invitation, Entry]:
    """The invitation with `marks` set, and the entry of `act`."""
    changed = invitation.model_copy(update={**marks, "revision": invitation.revision + 1})
    return changed, Entry(at=at, actor=actor, act=act, state=changed.state, detail=detail)


def resumed(invitation: Invitation) -> InvitationState:
    """Where an expired invitation goes on once it has more time."""
    if invitation.device is not None:
        return "bound"
    if invitation.opened_at is not None:
        return "opened"
    return "sent" if invitation.sent_at is not None else "draft"


def due_for_reminder(invitation: Invitation, now: datetime, after: timedelta) -> bool:
    """Sent at least `after` ago, not opened, not reminded within `after`, and still good."""
    if invitation.state not in UNREAD or invitation.over(now):
        return False
    last = invitation.reminded_at or invitation.sent_at
    return last is not None and now - last >= after


def with_extra_time(questions: Sequence[Question], factor: float) -> tuple[Question, ...]:
    """Thinking and answering times multiplied, up to the longest that a question allows."""
    return tuple(
        question.model_copy(
            update={
                "think_s": min(LONGEST_THINK_S, question.think_s * factor),
                "answer_s": min(LONGEST_ANSWER_S, question.answer_s * factor),
            }
        )
        for question in questions
    )
