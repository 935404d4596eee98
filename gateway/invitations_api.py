"""Invitations over HTTP, as HR asks for them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from datetime import timedelta

from aiohttp import web

from gateway import invitations_service as service
from gateway.branches import actor, policy_for, within
from gateway.invitation_models import (
    CreateInvitations,
    ImportedInvitations,
    ImportQuery,
    InvitationDetail,
    InvitationList,
    InvitationsQuery,
    InvitationView,
    InvitationWithLink,
    InviteeGiven,
    MadeInvitations,
    PatchInvitation,
    Reminded,
    RemindUnopened,
    Resend,
)
from gateway.inviting import Inviting
from gateway.job_api import row_of
from gateway.operations import Call
from gateway.problems import Messages, Problem, Reason
from integrations.spreadsheets import MAX_ROWS, XLSX, Fault, SpreadsheetError, read_table, write_table
from interviews.events import CUT_OFF, SessionEnded
from interviews.import_rows import Imported, read_rows
from interviews.invitations import Invitation, Invitee

UNREADABLE: dict[Fault, tuple[str, str]] = {
    "too-large": ("文件超过 5 MB。", "The file is larger than 5 MB."),
    "too-many-rows": (f"超过 {MAX_ROWS} 行。", f"There are more than {MAX_ROWS} rows."),
    "malformed": ("不是有效的 xlsx 或 csv 文件。", "This is no valid xlsx or csv file."),
    "bomb": ("文件解压后过大。", "The file is too large once it is unpacked."),
    "encoding": ("文字编码无法识别，请存为 UTF-8。", "The encoding is not known: save it as UTF-8."),
}
HEADER = (
    "姓名 / name",
    "邮箱 / email",
    "手机 / phone",
    "语言 / language",
    "编号 / external id",
    "加时 / extra time",
)


async def create(call: Call) -> MadeInvitations:
    asked: CreateInvitations = call.body
    job = await job_of(call)
    found = await _checked(call, job, [*_table(asked.invitees)])
    title = asked.job_title or None
    order = service.Order(
        job=job,
        branch=asked.branch,
        plan=asked.plan,
        plan_version=asked.plan_version,
        questions=tuple(asked.questions) if asked.questions else None,
        job_title=title,
        policy=await policy_for(call, asked.branch, asked.policy),
        record=asked.record,
        expires_at=asked.expires_at,
        send=asked.send,
        origin=origin_of(call),
        actor=actor(call),
        created_by=call.person.id if call.person else None,
    )
    found = await service.held(inviting_of(call), order, found)
    made = await service.make(inviting_of(call), order, found.rows)
    _read_aloud(call, made)
    return MadeInvitations(made=await _with_links(call, made), errors=found.errors)


async def import_sheet(call: Call) -> ImportedInvitations:
    query: ImportQuery = call.query
    job = await job_of(call)
    try:
        table = await asyncio.to_thread(read_table, call.body)
    except SpreadsheetError as error:
        zh, en = UNREADABLE[error.fault]
        reason = Reason(code=error.fault, messages=Messages(zh=zh, en=en))
        raise Problem("import.unreadable", reasons=[reason]) from error
    found = await _checked(call, job, table)
    order = service.Order(
        job=job,
        branch=query.branch,
        plan=query.plan,
        plan_version=query.plan_version,
        questions=None,
        job_title={"zh": query.job_title, "en": query.job_title} if query.job_title else None,
        policy=await policy_for(call, query.branch, None),
        record=False,
        expires_at=None,
        send=query.send,
        origin=origin_of(call),
        actor=actor(call),
        created_by=call.person.id if call.person else None,
    )
    found = await service.held(inviting_of(call), order, found)
    made: list[Invitation] = []
    if not query.dry and found.rows:
        made = await service.make(inviting_of(call), order, found.rows)
        _read_aloud(call, made)
    return ImportedInvitations(
        dry=query.dry, rows=found.rows, errors=found.errors, made=await _with_links(call, made)
    )


async def sheet(_: Call) -> web.Response:
    """An empty table to fill in, with one example."""
    example = ("示例 Example", "example@example.com", "13800138000", "中文", "A-001", "1")
    body = await asyncio.to_thread(write_table, HEADER, [example], "candidates")
    headers = {"Content-Disposition": 'attachment; filename="candidates.xlsx"'}
    return web.Response(body=body, content_type=XLSX, headers=headers)


async def page(call: Call) -> InvitationList:
    query: InvitationsQuery = call.query
    states = {query.state} if query.state else None
    found = await inviting_of(call).invitations.page(
        await job_of(call), states, limit=query.limit, after=query.after
    )
    return InvitationList(invitations=await views_of(call, found))


async def get(call: Call) -> InvitationDetail:
    invitation = await invitation_of(call)
    [view] = await views_of(call, [invitation])
    history = await inviting_of(call).invitations.entries(invitation.id)
    again = not any(entry.act == "again" for entry in history) and await _cut_off(call, invitation)
    return InvitationDetail(**view.model_dump(), history=history, again=again)


async def link(call: Call) -> InvitationWithLink:
    """For HR to hand on by other ways."""
    return (await _with_links(call, [await invitation_of(call)]))[0]


async def resend(call: Call) -> InvitationWithLink:
    asked: Resend = call.body
    invitation = await service.resend(
        inviting_of(call), await invitation_of(call), origin_of(call), actor(call), new_link=asked.new_link
    )
    return (await _with_links(call, [invitation]))[0]


async def again(call: Call) -> InvitationWithLink:
    """Raises Problem invitation.state where the interview was not cut off; InvitationChanged."""
    invitation = await invitation_of(call)
    if not await _cut_off(call, invitation):
        raise Problem("invitation.state")
    person = call.person.id if call.person else None
    made = await service.again(inviting_of(call), invitation, origin_of(call), actor(call), person)
    return (await _with_links(call, [made]))[0]


async def remind(call: Call) -> Reminded:
    asked: RemindUnopened = call.body
    after = timedelta(hours=asked.hours)
    found = await service.remind(inviting_of(call), await job_of(call), after, origin_of(call), actor(call))
    return Reminded(reminded=found)


async def unbind(call: Call) -> InvitationView:
    invitation = await service.unbind(inviting_of(call), await invitation_of(call), actor(call))
    return (await views_of(call, [invitation]))[0]


async def revoke(call: Call) -> InvitationView:
    """Its interview ends too; one that another gateway has at this moment is to be ended there."""
    await call.service.registry.give_up((await invitation_of(call)).session)
    invitation, ended = await service.revoke(inviting_of(call), await invitation_of(call), actor(call))
    if not ended:
        with contextlib.suppress(Problem):  # it has ended already, or another gateway has it
            await (await call.service.registry.running(invitation.session)).end("hr", by=actor(call))
    return (await views_of(call, [invitation]))[0]


async def patch(call: Call) -> InvitationView:
    asked: PatchInvitation = call.body
    invitation = await invitation_of(call)
    if asked.expires_at is not None:
        invitation = await service.extend(inviting_of(call), invitation, asked.expires_at, actor(call))
    if asked.extra_time is not None and asked.extra_time != invitation.invitee.extra_time:
        await call.service.registry.give_up(invitation.session)  # whoever looks at a session gets it
        invitation = await service.give_extra_time(
            inviting_of(call), invitation, asked.extra_time, actor(call)
        )
    return (await views_of(call, [invitation]))[0]


def _read_aloud(call: Call, made: Sequence[Invitation]) -> None:
    """All of one language have the same questions."""
    designs = {invitation.invitee.language: invitation.design for invitation in made}
    for design in designs.values():
        call.service.shared.read_aloud(design.questions)


async def _checked(call: Call, job: str, table: Sequence[Sequence[str]]) -> Imported:
    invited: list[Invitee] = await inviting_of(call).invitations.invited(job)
    return await asyncio.to_thread(read_rows, table, invited)


def _table(invitees: Iterable[InviteeGiven]) -> Iterable[Sequence[str]]:
    """As a spreadsheet, so that one place says what is right."""
    yield ("name", "email", "phone", "language", "external id", "extra time")
    for each in invitees:
        yield (each.name, each.email, each.phone, each.language, each.external_id, str(each.extra_time))


async def views_of(call: Call, invitations: Sequence[Invitation]) -> list[InvitationView]:
    inviting = inviting_of(call)
    items = await inviting.outbox.latest([invitation.id for invitation in invitations])
    return [InvitationView.of(each, items.get(each.id), set(inviting.notifiers)) for each in invitations]


async def _with_links(call: Call, invitations: Sequence[Invitation]) -> list[InvitationWithLink]:
    views = await views_of(call, invitations)
    links = (inviting_of(call).links.link(each, origin_of(call)) for each in invitations)
    return [
        InvitationWithLink(**view.model_dump(), link=made) for view, made in zip(views, links, strict=True)
    ]


async def _cut_off(call: Call, invitation: Invitation) -> bool:
    """Whether the interview ended and nobody ended it: the candidate was away for too long, say."""
    if invitation.state != "finished":
        return False
    events = await call.service.shared.events.read_all(invitation.session)
    return any(isinstance(one.data, SessionEnded) and one.data.reason in CUT_OFF for one in events)


async def invitation_of(call: Call) -> Invitation:
    invitation = await inviting_of(call).invitations.get(call.request.match_info["invitation"])
    within(call, invitation.branch)
    return invitation


def inviting_of(call: Call) -> Inviting:
    return call.service.shared.inviting


async def job_of(call: Call) -> str:
    """A person invites to jobs that are designed here, within reach; a token to any that it names."""
    if call.person is not None:
        return (await row_of(call)).job.id
    job = call.request.match_info["job"]
    if len(job) > 40:
        raise Problem("request.not-found")
    return job


def origin_of(call: Call) -> str:
    return call.service.shared.settings.public_url or call.origin
