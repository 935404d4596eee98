"""Against real mail servers on loopback (aiosmtpd)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from pydantic import SecretStr

from gateway import tls
from integrations.notifier import NotifierError, OutgoingMessage
from integrations.smtp import SmtpNotifier, SmtpSettings
from interviews.notices import Notice
from tests.mail import Mailbox

NOTICE = Notice(subject="面试邀请：销售", text="您好\nhttps://v.example/i/x", html="<p>您好</p>")
MESSAGE = OutgoingMessage(id="m1", to="li@example.com", to_name="李雷", notice=NOTICE)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


Serve = Callable[..., Awaitable[int]]


@pytest.fixture
async def serve(mailbox: Mailbox) -> AsyncIterator[Serve]:
    running: list[asyncio.Server] = []

    async def start(**options: Any) -> int:
        server, port = await mailbox.serve(**options)
        running.append(server)
        return port

    yield start
    for server in running:
        server.close()


def notifier(port: int, **more: Any) -> SmtpNotifier:
    given = {"security": "plain", "timeout_s": 3, "deadline_s": 10, "wait_s": 0.01, **more}
    return SmtpNotifier(
        SmtpSettings(host="127.0.0.1", port=port, sender="hr@viva.example", sender_name="招聘", **given)
    )


async def test_a_mail_arrives_whole(serve: Serve, mailbox: Mailbox) -> None:
    [receipt] = await notifier(await serve()).send([MESSAGE])
    [mail] = mailbox.mails
    assert (receipt.state, receipt.reference) == ("sent", "<m1@viva.example>")
    assert mail["Message-ID"] == receipt.reference
    assert (mail["Subject"], mail["To"], mail["From"]) == (
        "面试邀请：销售",
        "李雷 <li@example.com>",
        "招聘 <hr@viva.example>",
    )
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == NOTICE.text.splitlines()
    assert html.get_content().strip() == NOTICE.html


async def test_starttls_with_a_name_and_password(serve: Serve, mailbox: Mailbox, tmp_path: Path) -> None:
    certificate, key = tls.self_signed(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    def authenticate(_: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"hr", b"secret"))

    port = await serve(
        tls_context=context, require_starttls=True, authenticator=authenticate, auth_required=True
    )
    more = {"security": "starttls", "username": "hr", "ca_file": str(certificate)}
    await notifier(port, password=SecretStr("secret"), **more).send([MESSAGE])
    assert mailbox.encrypted == [True]
    with pytest.raises(NotifierError) as refused:
        await notifier(port, password=SecretStr("wrong"), attempts=1, **more).send([MESSAGE])
    assert refused.value.kind == "temporary"  # somebody will correct the setting
    with pytest.raises(NotifierError, match="certificate"):
        await notifier(port, security="starttls", attempts=1).send([MESSAGE])
    assert len(mailbox.mails) == 1


async def test_only_what_passes_is_tried_again(serve: Serve, mailbox: Mailbox) -> None:
    mailbox.answers = ["451 busy", "450 busy", "250 OK"]
    port = await serve()
    await notifier(port).send([MESSAGE])
    assert len(mailbox.mails) == 1
    mailbox.answers = ["550 no such user", "250 OK"]
    with pytest.raises(NotifierError) as refused:
        await notifier(port).send([MESSAGE])
    assert (refused.value.kind, refused.value.bounced) == ("permanent", True)
    assert mailbox.answers == ["250 OK"]
    mailbox.answers = ["452 full"] * 9
    with pytest.raises(NotifierError) as refused:
        await notifier(port, attempts=2).send([MESSAGE])
    assert (refused.value.kind, len(mailbox.answers)) == ("temporary", 7)
    assert len(mailbox.mails) == 1


async def test_nobody_there_is_temporary() -> None:
    with pytest.raises(NotifierError) as refused:
        await notifier(1, attempts=1).send([MESSAGE])
    assert refused.value.kind == "temporary"


async def test_headers_cannot_be_smuggled_in(serve: Serve, mailbox: Mailbox) -> None:
    notice = NOTICE.model_copy(update={"subject": "a\r\nBcc: evil@example.com\r\n\r\nbody"})
    named = MESSAGE.model_copy(update={"notice": notice, "to_name": "x\r\nBcc: evil@example.com"})
    port = await serve()
    await notifier(port).send([named])
    [mail] = mailbox.mails
    assert mail["Bcc"] is None
    assert mailbox.recipients == ["li@example.com"]
    for to in ("li@example.com\r\nRCPT TO:<evil@example.com>", "a@b.example, evil@example.com", "nobody"):
        with pytest.raises(NotifierError) as refused:
            await notifier(port).send([MESSAGE.model_copy(update={"to": to})])
        assert refused.value.kind == "permanent"
    assert len(mailbox.mails) == 1
