"""E-mail over SMTP (RFC 5321) with TLS from the first byte or by STARTTLS (RFC 3207)."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from typing import Literal

import aiosmtplib
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_exponential

from integrations.notifier import NotifierError, OutgoingMessage, Receipt

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
# 5yz says that the address is at fault (RFC 5321 section 4.2.3); others blame the message or us.
_NO_SUCH_ADDRESS = frozenset({550, 551, 553})


class SmtpSettings(BaseModel):
    """`timeout_s` holds for each step, `deadline_s` for all attempts at one message together."""

    model_config = ConfigDict(extra="forbid")

    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "plain"] = "starttls"
    ca_file: str | None = Field(default=None, description="certificates to trust besides the system's")
    username: str | None = None
    password: SecretStr | None = None
    sender: str = Field(min_length=3, description="address that notices come from")
    sender_name: str = ""
    timeout_s: float = Field(default=15.0, gt=0)
    attempts: int = Field(default=3, ge=1, le=10)
    wait_s: float = Field(default=1.0, ge=0, description="before the second attempt; doubles")
    deadline_s: float = Field(default=60.0, gt=0)


class SmtpNotifier:
    """Sends one message per connection. Only temporary errors are tried again."""

    channel = "email"
    batch = 1
    polls = False  # SMTP does not tell; a bounce mail goes to the sender's mailbox

    def __init__(self, settings: SmtpSettings) -> None:
        """Raises OSError or ssl.SSLError where `ca_file` cannot be read, ValueError for a bad sender."""
        self._settings = settings
        self._sender = _address(settings.sender, settings.sender_name)
        self._tls = ssl.create_default_context() if settings.security != "plain" else None
        if self._tls and settings.ca_file:
            self._tls.load_verify_locations(settings.ca_file)

    async def send(self, messages: Sequence[OutgoingMessage]) -> list[Receipt]:
        receipts = []
        for message in messages:
            receipts.append(await self._one(message))
        return receipts

    async def receipts(self, references: Sequence[str]) -> list[Receipt]:
        return []

    async def _one(self, message: OutgoingMessage) -> Receipt:
        mail = self.compose(message)
        settings = self._settings
        retrying = AsyncRetrying(
            retry=retry_if_exception(
                lambda error: isinstance(error, NotifierError) and error.kind == "temporary"
            ),
            stop=stop_after_attempt(settings.attempts),
            wait=wait_exponential(multiplier=settings.wait_s, max=20),
            reraise=True,
        )
        try:
            async with asyncio.timeout(settings.deadline_s):
                await retrying(self._attempt, mail, message.to)
        except TimeoutError as error:
            raise NotifierError("the mail server did not answer in time", "temporary") from error
        return Receipt("sent", str(mail["Message-ID"]), datetime.now(UTC))

    def compose(self, message: OutgoingMessage) -> EmailMessage:
        """The mail as it is sent. Raises NotifierError, permanent, for what is no address."""
        mail = EmailMessage(policy=SMTP_POLICY)
        try:
            mail["From"] = self._sender
            mail["To"] = _address(message.to, message.to_name)
        except ValueError as error:
            raise NotifierError("this is not an e-mail address", "permanent", bounced=True) from error
        mail["Subject"] = _CONTROL.sub(" ", message.notice.subject)
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = f"<{message.id}@{self._sender.domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
        mail.set_content(message.notice.text)
        mail.add_alternative(message.notice.html, subtype="html")
        return mail

    async def _attempt(self, mail: EmailMessage, to: str) -> None:
        settings = self._settings
        password = settings.password.get_secret_value() if settings.password else None
        try:
            await aiosmtplib.send(
                mail,
                sender=self._sender.addr_spec,
                recipients=[to],
                hostname=settings.host,
                port=settings.port,
                username=settings.username,
                password=password,
                use_tls=settings.security == "tls",
                start_tls=settings.security == "starttls",
                tls_context=self._tls,
                timeout=settings.timeout_s,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            code = error.recipients[0].code if error.recipients else 550
            raise _refused(code) from error
        except aiosmtplib.SMTPAuthenticationError as error:
            raise NotifierError("the mail server refused our name or password", "temporary") from error
        except aiosmtplib.SMTPResponseException as error:
            raise _refused(error.code, recipient=False) from error
        except ssl.SSLError as error:
            raise NotifierError("the mail server's certificate is not trusted", "temporary") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise NotifierError(f"no mail server: {type(error).__name__}", "temporary") from error
        except ValueError as error:  # a header or address that cannot be sent
            raise NotifierError("this mail cannot be sent", "permanent") from error


def _refused(code: int, *, recipient: bool = True) -> NotifierError:
    """4yz passes, 5yz does not (RFC 5321 section 4.2.1)."""
    kind: Literal["temporary", "permanent"] = "permanent" if code >= 500 else "temporary"
    bounced = recipient and code in _NO_SUCH_ADDRESS
    return NotifierError(f"the mail server answered {code}", kind, bounced=bounced)


def _address(address: str, name: str) -> Address:
    """Raises ValueError where line breaks or a second address would be smuggled in."""
    if _CONTROL.search(address) or address.count("@") != 1:
        raise ValueError("not one address")
    return Address(display_name=_CONTROL.sub(" ", name).strip(), addr_spec=address)
