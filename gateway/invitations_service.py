"""Making and changing invitations, as HR asks for it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from gateway.inviting import Inviting
from gateway.problems import Problem
from interviews.dimensions import ByLanguage
from interviews.events import Language, Policy, SessionCreated
from interviews.import_rows import GoodRow, Imported
from interviews.import_rows import error as row_error
from interviews.invitations import (
    UNBINDINGS,
    UNREAD,
    Entry,
    InterviewDesign,
    Invitation,
    TransitionRefused,
    change,
    due_for_reminder,
    move,
    resumed,
    with_extra_time,
)
from interviews.notices import NoticeKind, tells_score
from interviews.plan import Question
from interviews.questions import default_questions
from interviews.rubric import RubricDimension
from storage.errors import InvitationChanged
from storage.invitations import NewInvitation
from storage.outbox_rows import OutboxItem, new_item

KEPT = ("branch", "job", "plan", "plan_version", "invitee", "design")  # of one that is made again
NO_CHANNEL = "none"  # there is no e-mail address: HR copies the link


class Order(NamedTuple):
    """What is to be made for each invitee."""

    job: str
    branch: str
    plan: str | None
    plan_version: int | None
    questions: tuple[Question, ...] | None
    job_title: ByLanguage | None
    policy: Policy
    record: bool
    expires_at: datetime | None
    send: bool
    origin: str
    actor: str
    created_by: str | None = None  # the person's id


async def make(inviting: Inviting, order: Order, rows: Sequence[GoodRow]) -> list[Invitation]:
    """Raises Problem invitation.plan, plan.invalid, session.language or request.invalid; then nothing was
    made."""
    now = datetime.now(UTC)
    expires = order.expires_at or now + timedelta(days=inviting.settings.expires_days)
    _check_expiry(inviting, expires, now, now)
    designs: dict[Language, tuple[InterviewDesign, int | None]] = {}
    for language in {row.invitee.language for row in rows}:
        designs[language] = await _design(inviting, order, language)
    made = []
    for row in rows:
        design, version = designs[row.invitee.language]
        invitation = Invitation(
            id=secrets.token_hex(10),
            branch=order.branch,
            job=order.job,
            plan=order.plan,
            plan_version=version,
            session=secrets.token_hex(10),
            invitee=row.invitee,
            design=design,
            nonce=secrets.token_hex(12),
            created_at=now,
            expires_at=expires,
        )
        notice = _notice(invitation, "invite", order.origin, now) if order.send else None
        entry = Entry(at=now, actor=order.actor, act="made", state="draft")
        made.append(NewInvitation(invitation, entry, _session(invitation), notice, order.created_by))
    await inviting.invitations.create(made)
    return [new.invitation for new in made]


async def held(inviting: Inviting, order: Order, found: Imported) -> Imported:
    """Those in whose language the plan can be held; of the others their rows tell it.

    Raises Problem invitation.plan, plan.invalid, session.language (of questions given with the order).
    """
    lacking: set[Language] = set()
    for language in {row.invitee.language for row in found.rows}:
        try:
            await _design(inviting, order, language)
        except Problem as problem:
            if problem.code != "session.language" or order.plan is None:
                raise
            lacking.add(language)
    rows = [row for row in found.rows if row.invitee.language not in lacking]
    refused = [row.row for row in found.rows if row.invitee.language in lacking]
    errors = [*found.errors, *(row_error(row, "language", "language.plan") for row in refused)]
    return Imported(rows, sorted(errors, key=lambda one: one.row))


async def resend(
    inviting: Inviting, invitation: Invitation, origin: str, actor: str, *, new_link: bool
) -> Invitation:
    """Raises Problem where the link is of no use any more or has been used; InvitationChanged."""
    now = datetime.now(UTC)
    if invitation.over(now) or invitation.state == "bound":
        raise Problem("invitation.state")
    nonce = secrets.token_hex(12) if new_link else invitation.nonce
    act = "new-link" if new_link else "resent"
    changed, entry = change(invitation, act, now, actor, nonce=nonce)
    await inviting.invitations.save(changed, entry, _notice(changed, "invite", origin, now))
    return changed


async def remind(inviting: Inviting, job: str, after: timedelta, origin: str, actor: str) -> list[str]:
    """Who was reminded. Two who ask at the same time remind each once."""
    now, reminded = datetime.now(UTC), []
    last: str | None = None
    while page := await inviting.invitations.page(job, UNREAD, limit=200, after=last):
        last = page[-1].id
        for invitation in page:
            if not due_for_reminder(invitation, now, after):
                continue
            changed, entry = change(invitation, "reminded", now, actor, reminded_at=now)
            try:
                await inviting.invitations.save(changed, entry, _notice(changed, "reminder", origin, now))
            except InvitationChanged:
                continue  # opened or reminded at this moment
            reminded.append(invitation.id)
    return reminded


async def again(
    inviting: Inviting, invitation: Invitation, origin: str, actor: str, created_by: str | None
) -> Invitation:
    """Another one for the same person, as the one that was cut off was designed; once for each.

    The caller knows that it was cut off. Raises Problem invitation.state; InvitationChanged.
    """
    done = await inviting.invitations.entries(invitation.id)
    if invitation.state != "finished" or any(entry.act == "again" for entry in done):
        raise Problem("invitation.state")
    now = datetime.now(UTC)
    made = Invitation(
        id=secrets.token_hex(10),
        session=secrets.token_hex(10),
        nonce=secrets.token_hex(12),
        created_at=now,
        expires_at=now + timedelta(days=inviting.settings.expires_days),
        **{name: getattr(invitation, name) for name in KEPT},
    )
    changed, entry = change(invitation, "again", now, actor, made.id)
    first = Entry(at=now, actor=actor, act="made", state="draft", detail=f"again: {invitation.id}")
    notice = _notice(made, "invite", origin, now)
    new = NewInvitation(made, first, _session(made), notice, created_by)
    await inviting.invitations.again(changed, entry, new)
    return made


async def tell_result(
    inviting: Inviting, invitation: Invitation, kind: NoticeKind, score: str | None, origin: str, actor: str
) -> Invitation:
    """Raises Problem invitation.state unless the interview is finished; InvitationChanged."""
    if invitation.state != "finished":
        raise Problem("invitation.state")
    template, _ = await inviting.templates.get(invitation.branch, kind, invitation.invitee.language)
    if score is None and tells_score(template):
        raise Problem("request.invalid", where="score: the template tells it")
    now = datetime.now(UTC)
    changed, entry = change(invitation, "result", now, actor, kind)
    await inviting.invitations.save(changed, entry, _notice(changed, kind, origin, now, score))
    return changed


async def unbind(inviting: Inviting, invitation: Invitation, actor: str) -> Invitation:
    """Another device may begin. Raises Problem invitation.state, invitation.unbound; InvitationChanged."""
    if invitation.state != "bound":
        raise Problem("invitation.state")
    if invitation.unbound >= UNBINDINGS:
        raise Problem("invitation.unbound")
    moved, entry = move(invitation, "opened", datetime.now(UTC), actor, "unbound")
    changed = moved.model_copy(update={"device": None, "unbound": invitation.unbound + 1})
    await inviting.invitations.save(changed, entry.model_copy(update={"act": "unbound"}))
    return changed


async def revoke(inviting: Inviting, invitation: Invitation, actor: str) -> tuple[Invitation, bool]:
    """And whether its session, not begun, was ended with it. Raises Problem invitation.state."""
    try:
        changed, entry = move(invitation, "revoked", datetime.now(UTC), actor)
    except TransitionRefused:
        raise Problem("invitation.state") from None
    return changed, await inviting.invitations.end_session(changed, entry)


async def extend(inviting: Inviting, invitation: Invitation, expires: datetime, actor: str) -> Invitation:
    """Until `expires`; an expired one goes on where it was. Raises Problem invitation.state."""
    now = datetime.now(UTC)
    if invitation.state in ("finished", "revoked"):
        raise Problem("invitation.state")
    _check_expiry(inviting, expires, now, invitation.created_at)
    state = resumed(invitation) if invitation.state == "expired" else invitation.state
    detail = expires.astimezone(UTC).isoformat(timespec="minutes")
    changed, entry = change(invitation, "extended", now, actor, detail, expires_at=expires, state=state)
    await inviting.invitations.save(changed, entry)
    return changed


async def give_extra_time(
    inviting: Inviting, invitation: Invitation, factor: float, actor: str
) -> Invitation:
    """A session's questions never change, so another session takes its place. Raises Problem
    invitation.begun, invitation.state; InvitationChanged."""
    now = datetime.now(UTC)
    if invitation.over(now):
        raise Problem("invitation.state")
    if invitation.state == "bound":
        raise Problem("invitation.begun")
    invitee = invitation.invitee.model_copy(update={"extra_time": factor})
    marks = {"invitee": invitee, "session": secrets.token_hex(10)}
    changed, entry = change(invitation, "extra-time", now, actor, f"{factor:g}", **marks)
    done = await inviting.invitations.replace_session(changed, entry, invitation.session, _session(changed))
    if not done:
        raise Problem("invitation.begun")
    return changed


def _session(invitation: Invitation) -> SessionCreated:
    design, invitee = invitation.design, invitation.invitee
    return SessionCreated(
        candidate=invitee.name,
        language=invitee.language,
        spoken=invitee.language,
        policy=design.policy,
        questions=with_extra_time(design.questions, invitee.extra_time),
        dimensions=design.dimensions,
        record=design.record,
        practice=design.practice,
        survey=design.survey,
    )


async def _design(inviting: Inviting, order: Order, language: Language) -> tuple[InterviewDesign, int | None]:
    title = order.job_title or {"zh": order.job, "en": order.job}
    questions, record, version = order.questions, order.record, order.plan_version
    dimensions: tuple[RubricDimension, ...] = ()
    practice = survey = True
    if order.plan is not None:
        designed = await inviting.plans.get(order.plan, version) if inviting.plans else None
        if designed is None:
            raise Problem("invitation.plan", where=order.plan)
        try:
            questions = designed.questions(language)
        except ValueError as error:
            raise Problem("session.language", where=order.plan) from error
        record, version = designed.record, designed.version
        title, dimensions = order.job_title or designed.job_title, designed.dimensions
        practice, survey = designed.practice, designed.survey
    questions = questions or default_questions(language)
    if not all(question.text.get(language, "").strip() for question in questions):
        raise Problem("session.language")
    design = InterviewDesign(
        job_title=title,
        questions=questions,
        dimensions=dimensions,
        policy=order.policy,
        record=record,
        practice=practice,
        survey=survey,
    )
    return design, version


def _notice(
    invitation: Invitation, kind: NoticeKind, origin: str, at: datetime, score: str | None = None
) -> OutboxItem:
    channel = "email" if invitation.invitee.email else NO_CHANNEL
    return new_item(invitation.id, kind, channel, origin, at, score)


def _check_expiry(inviting: Inviting, expires: datetime, now: datetime, made: datetime) -> None:
    if not now < expires <= made + timedelta(days=inviting.settings.longest_days):
        raise Problem("request.invalid", where="expires_at: in the future, within notices.longest_days")
