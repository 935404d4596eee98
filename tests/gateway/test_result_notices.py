"""Candidates are told what was decided: what they would read, who may send it, what became of it."""

from __future__ import annotations

import asyncio

import pytest

from integrations.smtp import SmtpSettings
from tests.gateway.conftest import Json, Running, Start
from tests.gateway.desk_visitor import hire, set_up, visitor
from tests.gateway.test_invitations import NEVER, ONE, invite, post, settle, state, until
from tests.mail import Mailbox

MIXED = {"subject": "[Job]", "text": "[Name]: [score]"}


async def finished(running: Running) -> Json:
    """An invitation whose interview has ended, with the candidate's token."""
    [made] = await invite(running)
    claimed = await post(running, "/claim", made["link"])
    path = f"/api/v1/sessions/{made['session']}"
    assert (await running.call("POST", f"{path}/end", token=claimed["token"]))[0] == 200
    async with asyncio.timeout(10):
        while await state(running, made) != "finished":
            await asyncio.sleep(0.05)
            await settle(running)
    return {**made, "candidate_token": claimed["token"]}


async def found(running: Running, made: Json) -> Json:
    status, view, _ = await running.call("GET", f"/api/v1/sessions/{made['session']}/invitation")
    assert status == 200, view
    return dict(view)


def told(mailbox: Mailbox) -> list[str]:
    """The texts of the mails about an outcome; the invitation itself may have been overtaken by the end."""
    bodies = [mail.get_body(("plain",)) for mail in mailbox.mails]
    texts = [body.get_content() for body in bodies if body is not None]
    return [text for text in texts if "/i/" not in text]


async def test_the_candidate_reads_what_was_shown_before(start: Start) -> None:
    mailbox = Mailbox()
    server, port = await mailbox.serve()
    smtp = SmtpSettings(host="127.0.0.1", port=port, security="plain", sender="hr@viva.example")
    running = await start(notices={"smtp": smtp, "every_s": 0.05})
    made = await finished(running)
    view = await found(running, made)
    assert (view["invitation"]["id"], view["told"]) == (made["id"], [])
    body = {"outcome": "passed"}
    status, shown, _ = await running.call("POST", f"{ONE}/{made['id']}/result/preview", body)
    assert (status, shown["tells_score"]) == (200, False)
    assert "李雷" in shown["notice"]["text"]
    assert told(mailbox) == [], "a preview sends nothing"
    assert (await running.call("POST", f"{ONE}/{made['id']}/result", body))[0] == 200
    await until(lambda: len(told(mailbox)) == 1)
    assert told(mailbox)[0].split() == shown["notice"]["text"].split()
    for _ in range(200):
        if (await found(running, made))["told"][0]["state"] == "sent":
            break
        await asyncio.sleep(0.05)
    await running.call("POST", f"{ONE}/{made['id']}/result", {"outcome": "failed"})
    sent = (await found(running, made))["told"]
    assert [(one["kind"], one["by"]) for one in sent] == [("passed", "operator"), ("failed", "operator")]
    assert sent[0]["state"] == "sent"
    server.close()


async def test_a_score_is_told_where_the_template_says_so(start: Start) -> None:
    running = await start(notices=NEVER)
    made = await finished(running)
    assert (await running.call("PUT", "/api/v1/notices/passed/zh", MIXED))[0] == 200
    path = f"{ONE}/{made['id']}/result"
    _, shown, _ = await running.call("POST", f"{path}/preview", {"outcome": "passed"})
    assert (shown["tells_score"], shown["notice"]["text"]) == (True, "李雷: –")
    _, shown, _ = await running.call("POST", f"{path}/preview", {"outcome": "passed", "score": "82"})
    assert shown["notice"]["text"] == "李雷: 82"
    status, refused, _ = await running.call("POST", path, {"outcome": "passed"})
    assert (status, refused["code"]) == (422, "request.invalid")
    assert (await running.call("POST", path, {"outcome": "passed", "score": "82"}))[0] == 200
    [sent] = (await found(running, made))["told"]
    assert (sent["kind"], sent["state"]) == ("passed", "no-channel")


async def test_who_came_by_no_invitation_is_told_elsewhere(running: Running) -> None:
    session = await running.create()
    view = await found(running, {"session": session["id"]})
    assert view == {"invitation": None, "told": []}
    status, refused, _ = await running.call("GET", "/api/v1/sessions/nobody/invitation")
    assert (status, refused["code"]) == (404, "session.unknown")


@pytest.mark.parametrize(
    ("role", "status"), [("recruiter", 403), ("hiring-manager", 403), ("recruiting-manager", 200)]
)
async def test_only_who_decides_tells(start: Start, role: str, status: int) -> None:
    running = await start(notices=NEVER)
    await set_up(running)
    await hire(running, "one@example.com", role)
    made = await finished(running)
    async with visitor(running) as one:
        await one.sign_in("one@example.com")
        seen = [
            await one.call("GET", f"/api/v1/sessions/{made['session']}/invitation"),
            await one.call("POST", f"{ONE}/{made['id']}/result/preview", {"outcome": "failed"}),
            await one.call("POST", f"{ONE}/{made['id']}/result", {"outcome": "failed"}),
        ]
    assert [code for code, _ in seen] == [status] * 3
    sent = (await found(running, made))["told"]
    assert [one["by"] for one in sent] == (["one"] if status == 200 else [])
