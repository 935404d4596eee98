"""What the HTTP API of invitations takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from interviews.dimensions import ByLanguage, Id
from interviews.events import Language, Policy
from interviews.import_rows import GoodRow, RowError
from interviews.invitations import Entry, Invitation, InvitationState, Invitee
from interviews.notices import Notice, NoticeKind, Template
from interviews.plan import Question
from storage.outbox_rows import OutboxItem

Short = Annotated[str, StringConstraints(max_length=300)]
HEAD = "head"


class _Taken(BaseModel):
    model_config = ConfigDict(extra="forbid")


class InviteeGiven(_Taken):
    """As a row of the spreadsheet, and checked like one: what is wrong comes back as `errors`."""

    name: Short
    email: Short = ""
    phone: Short = Field(default="", description="mainland China, or + and the country code")
    external_id: Short = ""
    language: Language = "zh"
    extra_time: float = Field(
        default=1.0, strict=True, ge=1, le=3, description="factor on thinking and answering times"
    )


class CreateInvitations(_Taken):
    """`plan` by id, or `questions` as they are; with neither the general questions are asked."""

    invitees: list[InviteeGiven] = Field(min_length=1, max_length=2000)
    plan: str | None = Field(default=None, pattern=Id)
    plan_version: int | None = Field(default=None, strict=True, ge=1, description="default: the newest")
    questions: list[Question] | None = Field(default=None, min_length=1, max_length=50)
    job_title: ByLanguage | None = Field(default=None, description="default: the plan's; without one the id")
    policy: Policy | None = Field(default=None, description="default: the server's own")
    record: bool = Field(default=False, description="of a plan: as the plan says")
    branch: str = Field(default=HEAD, pattern=Id)
    expires_at: AwareDatetime | None = Field(default=None, description="default: after notices.expires_days")
    send: bool = Field(default=True, description="send the notice at once")

    @model_validator(mode="after")
    def _one_source(self) -> CreateInvitations:
        if self.plan is not None and self.questions is not None:
            raise ValueError("plan or questions, not both")
        ids = [question.id for question in self.questions or ()]
        if len(set(ids)) != len(ids):
            raise ValueError("two questions have the same id")
        return self


class ImportQuery(_Taken):
    dry: bool = Field(default=False, description="only read and check")
    plan: str | None = Field(default=None, pattern=Id)
    plan_version: int | None = Field(default=None, ge=1)
    job_title: Short | None = Field(default=None, min_length=1)
    branch: str = Field(default=HEAD, pattern=Id)
    send: bool = True


class InvitationsQuery(_Taken):
    state: InvitationState | None = None
    limit: int = Field(default=50, ge=1, le=200)
    after: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,64}$", description="the last one seen")


class NoticeView(BaseModel):
    """`no-channel`: it waits, since nothing is set up that could carry it; the link can be copied."""

    kind: NoticeKind
    state: Literal["queued", "no-channel", "sending", "sent", "failed", "cancelled"]
    attempts: int
    error: str
    sent_at: datetime | None

    @classmethod
    def of(cls, item: OutboxItem, channels: set[str]) -> NoticeView:
        waits = item.state == "queued" and item.channel not in channels
        return cls(
            kind=item.kind,
            state="no-channel" if waits else item.state,
            attempts=item.attempts,
            error=item.error,
            sent_at=item.sent_at,
        )


class ResultTold(NoticeView):
    """What the candidate was told of the outcome, by whom, and what became of the notice."""

    by: str
    at: datetime


class InvitationView(BaseModel):
    """`opened_at` is the read state: a person opened the page; null: not read yet."""

    id: str
    job: str
    branch: str
    plan: str | None
    plan_version: int | None
    session: str
    invitee: Invitee
    state: InvitationState
    created_at: datetime
    expires_at: datetime
    sent_at: datetime | None
    opened_at: datetime | None
    reminded_at: datetime | None
    unbound: int
    notice: NoticeView | None

    @classmethod
    def of(cls, invitation: Invitation, item: OutboxItem | None, channels: set[str]) -> InvitationView:
        notice = NoticeView.of(item, channels) if item else None
        shown = invitation.model_dump(exclude={"design", "nonce", "device", "revision", "invitee"})
        return cls(**shown, invitee=invitation.invitee, notice=notice)


class InvitationWithLink(InvitationView):
    link: str = Field(description="for this one candidate; give it to nobody else")


class InvitationDetail(InvitationView):
    history: list[Entry]
    again: bool = Field(description="the interview was cut off: the same person may be invited again, once")


class SessionInvitation(BaseModel):
    """`invitation` null: the interview came from none, and nobody can be told from here."""

    invitation: InvitationView | None
    told: list[ResultTold] = Field(description="the oldest first")


class InvitationList(BaseModel):
    invitations: list[InvitationView]


class MadeInvitations(BaseModel):
    """`errors`: rows that were left out. The n-th of a JSON list is row n + 1, as under a header."""

    made: list[InvitationWithLink]
    errors: list[RowError]


class ImportedInvitations(MadeInvitations):
    dry: bool
    rows: list[GoodRow] = Field(description="what could be read; sent nothing if dry")


class Resend(_Taken):
    new_link: bool = Field(default=False, description="earlier links stop working")


class RemindUnopened(_Taken):
    hours: float = Field(
        strict=True, ge=1, le=720, description="sent or reminded so long ago, and not opened"
    )


class Reminded(BaseModel):
    reminded: list[str] = Field(description="ids")


class PatchInvitation(_Taken):
    extra_time: float | None = Field(
        default=None, strict=True, ge=1, le=3, description="before the interview begins"
    )
    expires_at: AwareDatetime | None = None


class TellResult(_Taken):
    outcome: Literal["passed", "failed", "pending"]
    score: str | None = Field(
        default=None, max_length=20, description="where the template has [得分] / [Score]"
    )


class ResultPreview(BaseModel):
    """`tells_score`: the template has [得分] / [Score], so that a score is needed to send it."""

    notice: Notice
    tells_score: bool


class TemplateQuery(_Taken):
    branch: str = Field(default=HEAD, pattern=Id)


class TemplateGiven(_Taken):
    subject: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=10_000)


class TemplateView(BaseModel):
    template: Template
    own: bool = Field(description="written by somebody here; else the default")


class OpenInvitation(_Taken):
    token: str = Field(min_length=1, max_length=500, description="the last part of the link")
    device: Short = Field(default="", description="what kind of device it is, for the history")
    hand_over: str = Field(default="", max_length=500, description="from the device that is bound")


class OpenedInvitation(BaseModel):
    """What a candidate sees before the interview is bound to the device. `here`: it is, to this one."""

    job_title: ByLanguage
    language: Language
    expires_at: datetime
    questions: int
    duration_s: float
    here: bool


class HandOver(BaseModel):
    """Lets one other browser begin in place of this one."""

    token: str = Field(description="`hand_over` of openInvitation and claimInvitation, there; once")
    expires_at: datetime


class ClaimedInvitation(BaseModel):
    """What the candidate's page needs: the session and its token."""

    session: str
    token: str
    language: Language
    expires_at: datetime = Field(description="of the token; claim again for another")
