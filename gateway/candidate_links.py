"""The candidate's side of an invitation: it is opened, then begun on one device and on no other.

An in-app browser may be bound that cannot use the camera. Until the first question the bound device may hand
over to another browser; a link that is merely forwarded stays refused.
"""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime

from aiohttp import web

from gateway import cookies
from gateway.invitation_links import HAND_OVER, bind_device, is_bound_device, new_device
from gateway.invitation_models import ClaimedInvitation, HandOver, OpenedInvitation, OpenInvitation
from gateway.inviting import Inviting
from gateway.operations import Call
from gateway.problems import Problem
from interviews.invitations import TRANSITIONS, Invitation, InvitationState, change, move, with_extra_time
from interviews.state import SessionState
from storage.errors import InvitationChanged, InvitationMissing

CANDIDATE = "candidate"
TRIES = 4  # against others who change the invitation at the same moment


async def opened(call: Call) -> OpenedInvitation:
    """Asked for by the page's script, so a link preview that only fetches the page opens nothing."""
    asked: OpenInvitation = call.body
    inviting = call.service.shared.inviting
    for _ in range(TRIES):
        invitation = await _invitation(call, asked)
        if "opened" not in TRANSITIONS[invitation.state] or invitation.opened_at is not None:
            break  # opened before
        try:
            invitation = await _moved(inviting, invitation, "opened", asked.device)
            break
        except InvitationChanged:
            continue
    design, invitee = invitation.design, invitation.invitee
    questions = with_extra_time(design.questions, invitee.extra_time)
    return OpenedInvitation(
        job_title=design.job_title,
        language=invitee.language,
        expires_at=invitation.expires_at,
        questions=len(questions),
        duration_s=sum(question.think_s + question.answer_s for question in questions),
        here=is_bound_device(call.request, invitation),
    )


async def claim(call: Call) -> web.Response:
    """Binds the invitation to the device that asks first, or is handed it; that one may ask again.

    Raises Problem invitation.bound on every other device, and what `_invitation` raises.
    """
    asked: OpenInvitation = call.body
    inviting = call.service.shared.inviting
    secret: str | None = None
    for _ in range(TRIES):
        invitation = await _invitation(call, asked)
        if is_bound_device(call.request, invitation):
            break
        try:
            if invitation.device is not None:
                given, invitation = await _handed_over(inviting, invitation, asked.device)
                secret = given
                break
            if invitation.state != "opened":
                invitation = await _moved(inviting, invitation, "opened", asked.device)
            given, kept = new_device()
            invitation = await _moved(inviting, invitation, "bound", asked.device, device=kept)
            secret = given
            break
        except InvitationChanged:
            continue  # another device may have been faster: then the next look refuses this one
    else:
        raise Problem("invitation.changed")
    token, expires = call.service.tokens.issue(invitation.session, "candidate", call.service.token_lifetime)
    claimed = ClaimedInvitation(
        session=invitation.session, token=token, language=invitation.invitee.language, expires_at=expires
    )
    response = web.Response(text=claimed.model_dump_json(), content_type="application/json")
    if secret is not None:
        origin = call.service.shared.settings.public_url or call.origin
        bind_device(response, invitation, secret, secure=origin.startswith("https:"))
    return response


async def hand_over(call: Call) -> HandOver:
    """Raises Problem invitation.bound where this device is not the one, invitation.begun after the first
    question, and what `_invitation` raises."""
    asked: OpenInvitation = call.body
    invitation = await _invitation(call, asked)
    if not is_bound_device(call.request, invitation):
        raise Problem("invitation.bound")
    await _check_waiting(call, invitation)
    expires = datetime.now(UTC) + HAND_OVER
    return HandOver(token=call.service.shared.inviting.links.hand_over(invitation), expires_at=expires)


async def _invitation(call: Call, asked: OpenInvitation) -> Invitation:
    """The one that the link is of, if it is still good on this device, or on this one from now on.

    Raises what `_good` does, and Problem invitation.wait after many refusals of the link at one address, all
    that were never made here being one: who shares the address with somebody that guesses opens their own as
    before.
    """
    desk, links = call.service.desk, call.service.shared.inviting.links
    given: tuple[str, str] | None = None
    refusal: Problem | InvitationMissing
    try:
        given = links.read(asked.token)
    except Problem as error:
        refusal = error
    name = f"link {given[0] if given else ''} {cookies.address(call.request, desk.settings)}"
    wait = await desk.addresses.blocked_s(name)
    if wait > 0:
        raise Problem("invitation.wait", headers={"Retry-After": str(math.ceil(wait))})
    if given is not None:
        try:
            return await _good(call, *given, asked.hand_over)
        except (Problem, InvitationMissing) as error:
            refusal = error
    await desk.addresses.take(name)
    raise refusal


async def _good(call: Call, id_: str, nonce: str, hand_over: str) -> Invitation:
    """Raises Problem invitation.link, .revoked, .bound, .hand-over, .begun, .finished, .expired."""
    inviting = call.service.shared.inviting
    invitation = await inviting.invitations.get(id_)
    if invitation.nonce != nonce:
        raise Problem("invitation.link")
    if invitation.state == "revoked":
        raise Problem("invitation.revoked")
    here = is_bound_device(call.request, invitation)
    if invitation.device is not None and not here:
        if not hand_over:
            raise Problem("invitation.bound")
        if not inviting.links.hands_over(hand_over, invitation):
            raise Problem("invitation.hand-over")
        await _check_waiting(call, invitation)
    if invitation.state == "finished" and not here:
        raise Problem("invitation.finished")
    if invitation.state == "expired" or (
        datetime.now(UTC) >= invitation.expires_at and not (here and await _begun(call, invitation))
    ):
        raise Problem("invitation.expired")
    return invitation


async def _begun(call: Call, invitation: Invitation) -> bool:
    """Who has begun in time may end, whatever the clock says."""
    return (await call.service.shared.sessions.get(invitation.session)).state != "created"


async def _check_waiting(call: Call, invitation: Invitation) -> None:
    """Raises Problem invitation.begun once the first question was asked; StorageError."""
    events = await call.service.shared.events.read_all(invitation.session)
    state = await asyncio.to_thread(SessionState.of, events)
    if state.over or state.current_question is not None:
        raise Problem("invitation.begun")


async def _handed_over(inviting: Inviting, invitation: Invitation, detail: str) -> tuple[str, Invitation]:
    """The new device's secret. Raises InvitationChanged: of two that ask at once one has it."""
    given, kept = new_device()
    handed, entry = change(invitation, "handed-over", datetime.now(UTC), CANDIDATE, detail, device=kept)
    await inviting.invitations.save(handed, entry)
    return given, handed


async def _moved(
    inviting: Inviting, invitation: Invitation, to: InvitationState, detail: str, device: str | None = None
) -> Invitation:
    moved, entry = move(invitation, to, datetime.now(UTC), CANDIDATE, detail)
    if device is not None:
        moved = moved.model_copy(update={"device": device})
    await inviting.invitations.save(moved, entry)
    return moved
