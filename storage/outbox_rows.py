"""One notice to be sent, as the outbox keeps it."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from interviews.notices import NoticeKind
from storage.tables_invitations import outbox

OutboxState = Literal["queued", "sending", "sent", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """`attempts` counts claims. `origin`: of the link. `score`: as the notice of a result says it.

    `claimed_until`: a claim not ended by then is taken for lost, and the notice is sent by whoever claims it.
    """

    id: str
    invitation: str
    kind: NoticeKind
    channel: str
    origin: str
    created_at: datetime
    due_at: datetime
    score: str | None = None
    state: OutboxState = "queued"
    attempts: int = 0
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    reference: str | None = None
    error: str = ""
    sent_at: datetime | None = None


def new_item(
    invitation: str, kind: NoticeKind, channel: str, origin: str, at: datetime, score: str | None = None
) -> OutboxItem:
    return OutboxItem(secrets.token_hex(12), invitation, kind, channel, origin, at, at, score)


async def write_item(connection: AsyncConnection, item: OutboxItem) -> None:
    """Within the transaction of what it tells about."""
    await connection.execute(insert(outbox), asdict(item))
