"""A mail server on loopback that keeps what it takes."""

from __future__ import annotations

import asyncio
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP


class Mailbox:
    """Answers each RCPT from `answers`, as long as there are any; keeps what it takes."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.encrypted: list[bool] = []

    async def handle_RCPT(self, _: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.answers and not (answer := self.answers.pop(0)).startswith("250"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients += envelope.rcpt_tos
        self.encrypted.append(session.ssl is not None)
        return "250 OK"

    async def serve(self, **options: Any) -> tuple[asyncio.Server, int]:
        """On the running loop; the server, to be closed, and its port."""

        def connected() -> SMTP:
            return SMTP(self, hostname="localhost", loop=loop, **options)

        loop = asyncio.get_running_loop()
        server = await loop.create_server(connected, "127.0.0.1", 0)
        return server, int(server.sockets[0].getsockname()[1])
