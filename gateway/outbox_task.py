"""Sends what waits in the outbox, and closes invitations whose time or interview is over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from gateway.inviting import Inviting
from integrations.notifier import NotifierError, OutgoingMessage
from interviews.invitations import TRANSITIONS, Entry, Invitation, InvitationState, TransitionRefused, move
from interviews.notices import RESULTS, NoticeIncomplete, Variable, render
from storage.errors import InvitationChanged, StorageError
from storage.outbox_rows import OutboxItem

log = structlog.get_logger("viva.outbox")
TRIES = 5  # to write down that a notice was sent: if that fails it will be sent again


class OutboxTask:
    """`gateway` names this process in its claims. Several may run on one database."""

    def __init__(self, inviting: Inviting, gateway: str) -> None:
        self._inviting = inviting
        self._gateway = gateway

    async def run(self) -> None:
        """Until cancelled. What fails is logged and tried again."""
        while True:
            try:
                await self.settle()
                await self.send_due()
            except StorageError as error:
                log.error("the outbox cannot be read", error=str(error))
            except Exception:
                log.exception("the outbox stumbled")
            await asyncio.sleep(self._inviting.settings.every_s)

    async def send_due(self) -> int:
        """How many notices were sent. Raises StorageError."""
        count = 0
        channels = list(self._inviting.notifiers)
        for item in await self._inviting.outbox.due(datetime.now(UTC), channels) if channels else ():
            until = datetime.now(UTC) + timedelta(seconds=self._inviting.settings.lease_s)
            claimed = await self._inviting.outbox.claim(item, self._gateway, until)
            if claimed is not None:
                count += await self._send(claimed)
        return count

    async def settle(self) -> None:
        """Expired invitations and those whose interview has ended are marked so. Raises StorageError."""
        now = datetime.now(UTC)
        for invitation, ended in await self._inviting.invitations.unsettled(now):
            to: InvitationState = "finished" if ended else "expired"
            try:
                await self._inviting.invitations.save(*move(invitation, to, now, "system"))
            except InvitationChanged:
                continue  # somebody was faster; the next look decides anew
            except TransitionRefused:
                log.exception("invitation not settled", invitation=invitation.id)  # the others still are

    async def _send(self, item: OutboxItem) -> bool:
        inviting = self._inviting
        invitation = await inviting.invitations.get(item.invitation)
        if item.kind not in RESULTS and invitation.over(datetime.now(UTC)):
            await inviting.outbox.cancelled(item, "the invitation is over")
            return False
        if item.kind == "reminder" and invitation.opened_at is not None:
            await inviting.outbox.cancelled(item, "opened meanwhile")
            return False
        try:
            message = await self._message(item, invitation)
            [receipt] = await inviting.notifiers[item.channel].send([message])
        except (NotifierError, NoticeIncomplete) as error:
            await self._failed(item, error)
            return False
        if receipt.state == "failed":
            await self._failed(item, NotifierError(receipt.error, receipt.kind or "permanent"))
            return False
        log.info("notice sent", kind=item.kind, invitation=item.invitation, attempt=item.attempts)
        return await self._written(
            lambda change: inviting.outbox.sent(item, receipt.reference, receipt.at, change),
            item,
            "delivered" if receipt.state == "delivered" else "sent",
        )

    async def _failed(self, item: OutboxItem, error: NotifierError | NoticeIncomplete) -> None:
        inviting, settings = self._inviting, self._inviting.settings
        permanent = not isinstance(error, NotifierError) or error.kind == "permanent"
        log.warning("notice not sent", kind=item.kind, invitation=item.invitation, error=str(error))
        if not permanent and item.attempts < settings.attempts:
            wait = min(settings.backoff_max_s, settings.backoff_s * 2 ** (item.attempts - 1))
            await inviting.outbox.again(item, str(error), datetime.now(UTC) + timedelta(seconds=wait))
            return
        bounced = isinstance(error, NotifierError) and error.bounced
        await self._written(
            lambda change: inviting.outbox.failed(item, str(error), change),
            item,
            "bounced" if bounced else None,
        )

    async def _written(
        self,
        write: Callable[[tuple[Invitation, Entry] | None], Awaitable[bool]],
        item: OutboxItem,
        to: InvitationState | None,
    ) -> bool:
        """With what it means for the invitation, as that is by now: it may be opened at the same moment."""
        for attempt in range(TRIES):
            try:
                invitation = await self._inviting.invitations.get(item.invitation)
                change = None
                if to is not None and to in TRANSITIONS[invitation.state] and item.kind not in RESULTS:
                    change = move(invitation, to, datetime.now(UTC), "system", item.kind)
                return await write(change)
            except InvitationChanged:
                continue
            except StorageError:
                if attempt == TRIES - 1:
                    raise
                await asyncio.sleep(0.2 * 2**attempt)
        return await write(None)

    async def _message(self, item: OutboxItem, invitation: Invitation) -> OutgoingMessage:
        """Raises NoticeIncomplete; NotifierError where the channel cannot reach this person."""
        invitee = invitation.invitee
        if item.channel != "email" or not invitee.email:
            raise NotifierError(f"no address for {item.channel}", "permanent")
        template, _ = await self._inviting.templates.get(invitation.branch, item.kind, invitee.language)
        notice = render(template, values(self._inviting, invitation, item.origin, item.score))
        return OutgoingMessage(id=item.id, to=invitee.email, to_name=invitee.name, notice=notice)


def values(inviting: Inviting, invitation: Invitation, origin: str, score: str | None) -> dict[Variable, str]:
    """What the variables of a notice stand for. Times in the zone of the settings, with its offset."""
    zone = ZoneInfo(inviting.settings.timezone)
    begin, end = (at.astimezone(zone) for at in (invitation.created_at, invitation.expires_at))
    offset = f"UTC{end:%z}"[:-2] + ":" + f"{end:%z}"[-2:]
    title = invitation.design.job_title
    seconds = sum(q.think_s + q.answer_s for q in invitation.design.questions) * invitation.invitee.extra_time
    found: dict[Variable, str] = {
        "job": title.get(invitation.invitee.language) or next(iter(title.values())),
        "link": inviting.links.link(invitation, origin),
        "name": invitation.invitee.name,
        "time": f"{begin:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M} ({offset})",
        "deadline": f"{end:%Y-%m-%d %H:%M} ({offset})",
        "duration": str(max(1, round(seconds / 60))),
    }
    return found if score is None else {**found, "score": score}
