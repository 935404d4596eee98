"""One interface for all that carries notices: e-mail, and messaging suites.

A suite may take many recipients at once and tell only later who got and read it: `send` then answers
`queued` with a reference, and `receipts` is asked. One that cannot tell says None, "unknown".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from interviews.notices import Notice

ReceiptState = Literal["queued", "sent", "delivered", "failed"]
FaultKind = Literal["temporary", "permanent"]


class OutgoingMessage(BaseModel):
    """`id`: the same for each attempt, so that a receiver can tell a repetition. `to`: as the channel
    addresses people: an e-mail address, a user id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    to: str = Field(min_length=1, max_length=254)
    to_name: str = ""
    notice: Notice


@dataclass(frozen=True, slots=True)
class Receipt:
    """`reference`: how the channel names it (Message-ID, task id). `read`: None where it cannot be told."""

    state: ReceiptState
    reference: str
    at: datetime
    read: bool | None = None
    error: str = ""
    kind: FaultKind | None = None


class NotifierError(Exception):
    """It was not sent. `kind` temporary: may be tried again later. `bounced`: there is no such recipient."""

    def __init__(self, message: str, kind: FaultKind, *, bounced: bool = False) -> None:
        super().__init__(message)
        self.kind: FaultKind = kind
        self.bounced = bounced


class Notifier(Protocol):
    """`channel`: its name in the outbox. `batch`: recipients per call; `polls`: whether receipts can be
    asked for."""

    channel: str
    batch: int
    polls: bool

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Receipt]:
        """One receipt each, in their order, failures of single ones among them. Raises NotifierError where
        nothing was sent at all. Bounded in time."""

    async def receipts(self, references: Sequence[str]) -> list[Receipt]:
        """What has become of messages sent before. Raises NotifierError; empty where it cannot be asked."""
