"""A mail server on a loop of its own: the only thing of the walk that no page shows."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from types import TracebackType

from integrations.smtp import SmtpSettings
from tests.mail import Mailbox

LINK = re.compile(r"http://127\.0\.0\.1:\d+/i/\S+")


class Postbox:
    """`with` it: `settings` are what a server sends through."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="postbox")

    def __enter__(self) -> Postbox:
        self._thread.start()
        serving = asyncio.run_coroutine_threadsafe(self.mailbox.serve(), self._loop)
        self._server, port = serving.result(10)
        self.settings = SmtpSettings(
            host="127.0.0.1", port=port, security="plain", sender="hr@viva.example", sender_name="Viva"
        )
        return self

    def link(self, address: str, timeout_s: float = 60.0) -> str:
        """The interview's link in the mail to that address, once it has come. Raises LookupError."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            for mail in self.mailbox.mails:
                body = mail.get_body(("plain",))
                if address in str(mail["To"]) and body and (found := LINK.search(body.get_content())):
                    return found.group()
            time.sleep(0.1)
        raise LookupError(f"no mail with a link to {address} among {self.mailbox.recipients}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        await self._server.wait_closed()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
