"""Telling candidates how it went, over HTTP: what was told, what would be, and sending it."""

from __future__ import annotations

from gateway import invitations_service as service
from gateway.branches import actor
from gateway.invitation_models import (
    InvitationView,
    NoticeView,
    ResultPreview,
    ResultTold,
    SessionInvitation,
    TellResult,
)
from gateway.invitations_api import invitation_of, inviting_of, origin_of, views_of
from gateway.operations import Call
from gateway.outbox_task import values
from interviews.notices import render, tells_score

UNKNOWN = "–"  # in a preview, where the score was not given yet


async def of_session(call: Call) -> SessionInvitation:
    """The invitation that the interview came from, and what its candidate was told."""
    await call.service.registry.row(call.session)
    inviting = inviting_of(call)
    invitation = await inviting.invitations.of_session(call.session)
    if invitation is None:
        return SessionInvitation(invitation=None, told=[])
    entries = await inviting.invitations.entries(invitation.id)
    by = {entry.at: entry.actor for entry in entries if entry.act == "result"}
    channels = set(inviting.notifiers)
    told = [
        ResultTold(
            **NoticeView.of(item, channels).model_dump(), by=by.get(item.created_at, ""), at=item.created_at
        )
        for item in await inviting.outbox.results(invitation.id)
    ]
    return SessionInvitation(invitation=(await views_of(call, [invitation]))[0], told=told)


async def preview(call: Call) -> ResultPreview:
    """As this candidate would read it now; nothing is kept or sent."""
    asked: TellResult = call.body
    invitation, inviting = await invitation_of(call), inviting_of(call)
    template, _ = await inviting.templates.get(invitation.branch, asked.outcome, invitation.invitee.language)
    given = values(inviting, invitation, origin_of(call), asked.score or UNKNOWN)
    return ResultPreview(notice=render(template, given), tells_score=tells_score(template))


async def tell(call: Call) -> InvitationView:
    asked: TellResult = call.body
    invitation = await service.tell_result(
        inviting_of(call), await invitation_of(call), asked.outcome, asked.score, origin_of(call), actor(call)
    )
    return (await views_of(call, [invitation]))[0]
