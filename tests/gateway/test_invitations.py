"""Invitations from the import to the interview, against a real server and a real mail server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bench.clip import EncodedClip
from gateway.outbox_task import OutboxTask
from integrations.notifier import NotifierError, OutgoingMessage, Receipt
from integrations.smtp import SmtpSettings
from integrations.spreadsheets import XLSX, write_table
from interviews.events import EndReason
from storage.database import Database
from storage.outbox import Outbox
from tests.gateway.conftest import Json, Running, Start
from tests.mail import Mailbox

JOBS = "/api/v1/jobs/sales/invitations"
ONE = "/api/v1/invitations"
LI = {"name": "李雷", "email": "li@example.com"}
NEVER = {"every_s": 3600}


async def invite(running: Running, *invitees: Json, **more: Any) -> list[Json]:
    body = {"invitees": list(invitees or (LI,)), "job_title": {"zh": "销售", "en": "Sales"}, **more}
    status, made, _ = await running.call("POST", JOBS, body)
    assert status == 201, made
    return list(made["made"])


async def post(
    running: Running, path: str, link: str, jar: aiohttp.ClientSession | None = None, status: int = 200
) -> Any:
    """As the candidate's page does, without a bearer token."""
    body = {"token": link.rpartition("/i/")[2], "device": "test"}
    async with (jar or running.http).post(running.server.url + ONE + path, json=body) as answer:
        text = await answer.json()
        assert answer.status == status, text
        return text if status == 200 else text["code"]


def jar() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


async def state(running: Running, made: Json) -> str:
    status, view, _ = await running.call("GET", f"{ONE}/{made['id']}")
    assert status == 200
    return str(view["state"])


async def settle(running: Running) -> None:
    await OutboxTask(running.server.service.shared.inviting, "test").settle()


async def until(true: Callable[[], bool], timeout_s: float = 60.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_one_device_begins_and_no_other(running: Running) -> None:
    [made] = await invite(running)
    assert (made["state"], made["notice"]["state"]) == ("draft", "no-channel")
    async with running.http.get(made["link"]) as page:  # a link preview reads nothing
        assert (page.status, page.content_type) == (200, "text/html")
    assert await state(running, made) == "draft"
    async with jar() as phone, jar() as friend:
        opened = await post(running, "/open", made["link"], phone)
        assert (opened["job_title"]["zh"], opened["questions"], opened["here"]) == ("销售", 3, False)
        assert await state(running, made) == "opened"
        claimed = await post(running, "/claim", made["link"], phone)
        status, view, _ = await running.call(
            "GET", f"/api/v1/sessions/{claimed['session']}", token=claimed["token"]
        )
        assert (status, view["candidate"], claimed["session"]) == (200, "李雷", made["session"])
        [cookie] = list(phone.cookie_jar)
        assert cookie["httponly"]
        assert cookie["samesite"] == "Strict"
        assert await post(running, "/claim", made["link"], friend, 403) == "invitation.bound"
        assert await post(running, "/open", made["link"], friend, 403) == "invitation.bound"
        assert (await post(running, "/open", made["link"], phone))["here"] is True
        await post(running, "/claim", made["link"], phone)

        status, freed, _ = await running.call("POST", f"{ONE}/{made['id']}/unbind")
        assert (status, freed["state"], freed["unbound"]) == (200, "opened", 1)
        await post(running, "/claim", made["link"], friend)
        assert await post(running, "/claim", made["link"], phone, 403) == "invitation.bound"
        status, refused, _ = await running.call("POST", f"{ONE}/{made['id']}/unbind")
        assert (status, refused["code"]) == (409, "invitation.unbound")
    _, view, _ = await running.call("GET", f"{ONE}/{made['id']}")
    assert [(e["act"], e["actor"]) for e in view["history"]] == [
        ("made", "operator"),
        ("opened", "candidate"),
        ("bound", "candidate"),
        ("unbound", "operator"),
        ("bound", "candidate"),
    ]


async def handing(running: Running, link: str, http: aiohttp.ClientSession, path: str, from_: str) -> Any:
    """Status and answer of the page in another browser."""
    body = {"token": link.rpartition("/i/")[2], "device": "another browser", "hand_over": from_}
    async with http.post(f"{running.server.url}{ONE}/{path}", json=body) as answer:
        return answer.status, await answer.json()


async def test_the_bound_browser_hands_over_once_and_a_forwarded_link_stays_refused(running: Running) -> None:
    [made] = await invite(running)
    link = made["link"]
    async with jar() as app, jar() as browser, jar() as friend:
        assert await post(running, "/hand-over", link, app, 403) == "invitation.bound"  # not bound yet
        claimed = await post(running, "/claim", link, app)
        assert await post(running, "/hand-over", link, friend, 403) == "invitation.bound"
        given = (await post(running, "/hand-over", link, app))["token"]
        for path in ("open", "claim", "hand-over"):  # without what was handed over, or with something else
            assert (await handing(running, link, friend, path, ""))[1]["code"] == "invitation.bound"
            status, refused = await handing(running, link, friend, path, "x" + given)
            assert (status, refused["code"]) == (410, "invitation.hand-over")
        status, opened = await handing(running, link, browser, "open", given)
        assert (status, opened["here"]) == (200, False)
        answers = await asyncio.gather(
            handing(running, link, browser, "claim", given), handing(running, link, friend, "claim", given)
        )
        assert sorted(status for status, _ in answers) in ([200, 410], [200, 403])
        there = browser if answers[0][0] == 200 else friend
        again = await post(running, "/claim", link, there)
        assert again["session"] == claimed["session"]
        # Used up: neither a third browser nor the first one comes in by it.
        for http in (app, friend if there is browser else browser):
            status, refused = await handing(running, link, http, "claim", given)
            assert (status, refused["code"]) == (410, "invitation.hand-over")
        assert await post(running, "/claim", link, app, 403) == "invitation.bound"
    _, detail, _ = await running.call("GET", f"{ONE}/{made['id']}")
    handed = [one for one in detail["history"] if one["act"] == "handed-over"]
    assert [(one["actor"], one["state"], one["detail"]) for one in handed] == [
        ("candidate", "bound", "another browser")
    ]
    assert detail["unbound"] == 0


async def test_nothing_is_handed_over_late_or_for_another_invitation(
    running: Running, clip: EncodedClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await invite(running, LI, {"name": "韩梅梅", "email": "han@example.com"})
    async with jar() as app, jar() as other:
        claimed = await post(running, "/claim", first["link"], app)
        await post(running, "/claim", second["link"], app)
        given = (await post(running, "/hand-over", first["link"], app))["token"]
        status, refused = await handing(running, second["link"], other, "claim", given)
        assert (status, refused["code"]) == (410, "invitation.hand-over")
        with monkeypatch.context() as late:
            late.setattr("gateway.invitation_links.HAND_OVER", timedelta(seconds=-1))
            status, refused = await handing(running, first["link"], other, "claim", given)
        assert (status, refused["code"]) == (410, "invitation.hand-over")

        session = {"id": claimed["session"], "candidate_token": claimed["token"]}
        session["whip_url"] = f"{running.server.url}/whip/{claimed['session']}"
        async with running.peer(session, clip) as peer:
            await peer.connect()
            await running.until(claimed["session"], "question.started")
            assert await post(running, "/hand-over", first["link"], app, 409) == "invitation.begun"
            status, refused = await handing(running, first["link"], other, "claim", given)
            assert (status, refused["code"]) == (409, "invitation.begun")
            await post(running, "/claim", first["link"], app)  # where it has begun it can be come back to


async def test_of_many_devices_at_once_one_is_bound(running: Running) -> None:
    [made] = await invite(running)
    jars = [jar() for _ in range(6)]
    body = {"token": made["link"].rpartition("/i/")[2]}

    async def claim(http: aiohttp.ClientSession) -> int:
        async with http.post(f"{running.server.url}{ONE}/claim", json=body) as answer:
            return answer.status

    assert sorted(await asyncio.gather(*map(claim, jars))) == [200] + [403] * 5
    for http in jars:
        await http.close()


async def test_tampered_expired_and_revoked_links(start: Start) -> None:
    running = await start(notices=NEVER)
    first, second = await invite(running, LI, {"name": "韩", "phone": "13800138000"})
    link: str = first["link"]
    for bad in (link[:-2] + ("A" if link[-2] != "A" else "B") + link[-1], link + "x", "/i/x", "/i/a.b.c"):
        assert await post(running, "/open", bad, status=404) == "invitation.link"
    assert await post(running, "/open", "/i/" + "é" * 9, status=404) == "invitation.link"

    inviting = running.server.service.shared.inviting
    held = await inviting.invitations.get(first["id"])
    past = held.model_copy(update={"expires_at": datetime.now(UTC) - timedelta(seconds=1), "revision": 1})
    [entry] = await inviting.invitations.entries(held.id)
    await inviting.invitations.save(past, entry)
    assert await post(running, "/claim", link, status=410) == "invitation.expired"
    await settle(running)
    assert await state(running, first) == "expired"
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    status, view, _ = await running.call("PATCH", f"{ONE}/{first['id']}", {"expires_at": later})
    assert (status, view["state"]) == (200, "draft")
    await post(running, "/open", link)

    status, renewed, _ = await running.call("POST", f"{ONE}/{first['id']}/resend", {"new_link": True})
    assert status == 200
    assert await post(running, "/open", link, status=404) == "invitation.link"
    claimed = await post(running, "/claim", renewed["link"])
    status, view, _ = await running.call("POST", f"{ONE}/{first['id']}/revoke")
    assert (status, view["state"]) == (200, "revoked")
    assert await post(running, "/claim", renewed["link"], status=410) == "invitation.revoked"
    _, session, _ = await running.call("GET", f"/api/v1/sessions/{claimed['session']}")
    assert session["state"] in ("ended", "scored")

    past_all = (datetime.now(UTC) + timedelta(days=400)).isoformat()
    for body in ({"expires_at": past_all}, {"expires_at": "2020-01-01T00:00:00Z"}):
        assert (await running.call("PATCH", f"{ONE}/{second['id']}", body))[0] == 422
    assert (await running.call("GET", f"{ONE}/nobody"))[0] == 404


async def test_a_link_that_is_refused_again_and_again_must_wait(start: Start) -> None:
    people = {"free_attempts_address": 2, "first_wait_s": 30.0}
    running: Running = await start(people=people)
    revoked, good = await invite(running, LI, {"name": "Han", "email": "han@example.com"})
    await running.call("POST", f"{ONE}/{revoked['id']}/revoke")
    for path, link, status in (("/open", revoked["link"], 410), ("/claim", "/i/never-made-here", 404)):
        for _ in range(3):
            await post(running, path, link, status=status)
        body = {"token": link.rpartition("/i/")[2]}
        for either in ("/open", "/claim"):
            status, said, answer = await running.call("POST", ONE + either, body, token=None)
            assert (status, said["code"]) == (429, "invitation.wait")
            assert 0 < int(answer.headers["Retry-After"]) <= 30
            assert said["messages"]["zh"] != said["messages"]["en"]
    async with jar() as phone:  # others at the same address are not in each other's way
        await post(running, "/open", good["link"], phone)
        await post(running, "/claim", good["link"], phone)


async def test_extra_time_multiplies_until_it_is_too_late(running: Running) -> None:
    [made] = await invite(running, {**LI, "extra_time": 1.5})
    _, view, _ = await running.call("GET", f"/api/v1/sessions/{made['session']}")
    assert view["questions"][0]["answer_s"] == 180
    status, patched, _ = await running.call("PATCH", f"{ONE}/{made['id']}", {"extra_time": 2})
    assert status == 200
    assert patched["session"] != made["session"]
    _, view, _ = await running.call("GET", f"/api/v1/sessions/{patched['session']}")
    assert view["questions"][0]["answer_s"] == 240
    _, before, _ = await running.call("GET", f"/api/v1/sessions/{made['session']}")
    assert before["state"] in ("ended", "scored")
    await post(running, "/claim", made["link"])
    status, refused, _ = await running.call("PATCH", f"{ONE}/{made['id']}", {"extra_time": 1})
    assert (status, refused["code"]) == (409, "invitation.begun")


async def test_the_end_of_the_interview_is_the_end_of_the_invitation(running: Running) -> None:
    [made] = await invite(running)
    claimed = await post(running, "/claim", made["link"])
    body = {"outcome": "passed", "score": "82"}
    assert (await running.call("POST", f"{ONE}/{made['id']}/result", body))[0] == 409
    status, _, _ = await running.call(
        "POST", f"/api/v1/sessions/{made['session']}/end", token=claimed["token"]
    )
    assert status == 200
    async with asyncio.timeout(10):  # the table of sessions follows the log
        while await state(running, made) != "finished":
            await asyncio.sleep(0.05)
            await settle(running)
    status, view, _ = await running.call("POST", f"{ONE}/{made['id']}/result", body)
    assert (status, view["notice"]["kind"]) == (200, "passed")


async def test_an_interview_that_hr_ends_before_it_is_opened_ends_its_invitation(running: Running) -> None:
    [made] = await invite(running)
    assert (await running.call("POST", f"/api/v1/sessions/{made['session']}/end"))[0] == 200
    async with asyncio.timeout(10):
        while await state(running, made) != "finished":
            await asyncio.sleep(0.05)
            await settle(running)
    status, body, _ = await running.call(
        "POST", "/api/v1/invitations/open", {"token": made["link"].rpartition("/i/")[2]}, token=None
    )
    assert (status, body["code"]) == (410, "invitation.finished")


async def test_who_was_cut_off_is_invited_again_once(running: Running) -> None:
    """Away for too long, the device check never finished: nobody ended it. The first invitation stays."""
    first, ended = await invite(running, LI, {"name": "Han", "email": "han@example.com"})
    registry = running.server.service.registry
    ends: tuple[tuple[Json, EndReason], ...] = ((first, "grace-expired"), (ended, "candidate"))
    for made, reason in ends:
        await post(running, "/claim", made["link"])
        await (await registry.running(made["session"])).end(reason)
    await settle(running)
    status, refused, _ = await running.call("POST", f"{ONE}/{ended['id']}/again")
    assert (status, refused["code"]) == (409, "invitation.state")
    _, view, _ = await running.call("GET", f"{ONE}/{first['id']}")
    assert (view["state"], view["again"]) == ("finished", True)
    asked = {"invitees": [LI]}
    _, none, _ = await running.call("POST", JOBS, asked)
    assert [error["code"] for error in none["errors"]] == ["double.existing"]

    answers = await asyncio.gather(*(running.call("POST", f"{ONE}/{first['id']}/again") for _ in range(2)))
    assert sorted(status for status, _, _ in answers) == [201, 409]
    [again] = [body for status, body, _ in answers if status == 201]
    assert (again["state"], again["invitee"], again["job"]) == ("draft", view["invitee"], "sales")
    assert again["session"] != first["session"]
    opened = await post(running, "/open", again["link"])
    assert (opened["job_title"]["en"], opened["questions"]) == ("Sales", 3)
    _, view, _ = await running.call("GET", f"{ONE}/{first['id']}")
    assert (view["again"], view["history"][-1]["act"], view["history"][-1]["detail"]) == (
        False,
        "again",
        again["id"],
    )
    _, view, _ = await running.call("GET", f"{ONE}/{again['id']}")
    assert (view["again"], view["history"][0]["detail"]) == (False, f"again: {first['id']}")
    # The new one counts from now on: withdrawn, it does not keep the person out.
    _, none, _ = await running.call("POST", JOBS, asked)
    assert [error["code"] for error in none["errors"]] == ["double.existing"]
    await running.call("POST", f"{ONE}/{again['id']}/revoke")
    assert (await running.call("POST", JOBS, asked))[1]["errors"] == []


async def test_a_spreadsheet_is_checked_then_sent(running: Running) -> None:
    sheet = write_table(["姓名", "邮箱"], [["李雷", "li@example.com"], ["韩", "none"]])
    more: Json = {"data": sheet, "headers": {"Content-Type": XLSX}}
    status, dry, _ = await running.call("POST", f"{JOBS}/import?dry=true", **more)
    assert status == 200, dry
    assert ([r["row"] for r in dry["rows"]], dry["made"]) == ([2], [])
    assert [(e["row"], e["column"], e["code"]) for e in dry["errors"]] == [(3, "email", "email.invalid")]
    assert (await running.call("GET", JOBS))[1]["invitations"] == []
    _, done, _ = await running.call("POST", f"{JOBS}/import", **more)
    assert [made["invitee"]["name"] for made in done["made"]] == ["李雷"]
    _, again, _ = await running.call("POST", f"{JOBS}/import", **more)
    assert [e["code"] for e in again["errors"]] == ["double.existing", "email.invalid"]
    _, found, _ = await running.call("GET", f"{JOBS}?state=draft")
    assert len(found["invitations"]) == 1
    assert "link" not in found["invitations"][0]
    csv = {"data": b"PK\x03\x04 nonsense", "headers": {"Content-Type": "text/csv"}}
    status, refused, _ = await running.call("POST", f"{JOBS}/import", **csv)
    assert (status, refused["code"], refused["reasons"][0]["code"]) == (
        422,
        "import.unreadable",
        "malformed",
    )
    async with running.http.get(
        f"{running.server.url}/api/v1/invitation-sheet",
        headers={"Authorization": "Bearer operator-token-for-tests"},
    ) as answer:
        empty = await answer.read()
    more = {"data": empty, "headers": {"Content-Type": XLSX}}
    _, dry, _ = await running.call("POST", f"{JOBS}/import?dry=true", **more)
    assert (len(dry["rows"]), dry["errors"]) == (1, [])


async def test_templates_are_checked_when_they_are_saved(running: Running) -> None:
    path = "/api/v1/notices/invite/en"
    _, view, _ = await running.call("GET", path)
    assert view["own"] is False
    status, refused, _ = await running.call("PUT", path, {"subject": "x", "text": "[Phone]"})
    assert status == 422
    assert [each["code"] for each in refused["reasons"]] == ["variable.unknown", "link.missing"]
    mine = {"subject": "[Job]!", "text": "[Name]: [Link]"}
    assert (await running.call("PUT", path, mine))[0] == 200
    assert (await running.call("GET", path))[1]["template"]["subject"] == "[Job]!"
    _, notice, _ = await running.call("POST", f"{path}/preview", mine)
    assert notice["subject"] == "Sales representative!"
    assert (await running.call("GET", "/api/v1/notices/invite/fr"))[0] == 404


async def test_mail_goes_out_and_the_unread_are_reminded_once(start: Start) -> None:
    mailbox = Mailbox()
    server, port = await mailbox.serve()
    smtp = SmtpSettings(host="127.0.0.1", port=port, security="plain", sender="hr@viva.example")
    running = await start(notices={"smtp": smtp, "every_s": 0.05}, public_url="https://viva.example")
    [made] = await invite(running)
    await until(lambda: len(mailbox.mails) == 1)
    inviting = running.server.service.shared.inviting
    for _ in range(100):
        if await state(running, made) == "sent":
            break
        await asyncio.sleep(0.05)
    assert await state(running, made) == "sent"
    [mail] = mailbox.mails
    body = mail.get_body(("plain",))
    assert body is not None
    # Signed when it was sent: the second of that is part of it.
    assert made["link"].rpartition("/")[2].partition(".")[0] in body.get_content()
    assert made["link"].startswith("https://viva.example/i/")
    assert mail["Subject"] == "面试邀请：销售"
    assert (await running.call("POST", f"{JOBS}/remind", {"hours": 1}))[1]["reminded"] == []
    held = await inviting.invitations.get(made["id"])
    early = held.model_copy(
        update={"sent_at": datetime.now(UTC) - timedelta(hours=2), "revision": held.revision + 1}
    )
    await inviting.invitations.save(early, (await inviting.invitations.entries(held.id))[-1])
    asks = [running.call("POST", f"{JOBS}/remind", {"hours": 1}) for _ in range(4)]
    told = [answer["reminded"] for _, answer, _ in await asyncio.gather(*asks)]
    assert sorted(told) == [[], [], [], [made["id"]]]
    await until(lambda: len(mailbox.mails) == 2)
    await asyncio.sleep(0.3)
    assert len(mailbox.mails) == 2
    assert mailbox.mails[0]["Message-ID"] != mailbox.mails[1]["Message-ID"]
    server.close()


class Counting:
    """A channel that counts, and fails as told."""

    channel, batch, polls = "email", 1, False

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.faults: list[NotifierError] = []

    async def send(self, messages: Any) -> list[Receipt]:
        await asyncio.sleep(0.01)
        if self.faults:
            raise self.faults.pop(0)
        self.sent += [message.id for message in messages if isinstance(message, OutgoingMessage)]
        return [Receipt("sent", message.id, datetime.now(UTC)) for message in messages]

    async def receipts(self, references: Any) -> list[Receipt]:
        return []


async def test_two_gateways_and_a_crash_send_each_notice_once(start: Start) -> None:
    running = await start(notices=NEVER)
    people = [{"name": f"n{n}", "email": f"n{n}@example.com"} for n in range(12)]
    await invite(running, *people)
    inviting = running.server.service.shared.inviting
    channel = Counting()
    inviting.notifiers = {"email": channel}
    tasks = [OutboxTask(inviting, f"g{n}") for n in range(3)]
    # A gateway that died after its claim: nothing happens until the claim is over, then somebody else sends.
    now = datetime.now(UTC)
    lost = (await inviting.outbox.due(now, ["email"]))[0]
    dead = await inviting.outbox.claim(lost, "dead", now + timedelta(seconds=0.5))
    assert dead is not None
    counts = await asyncio.gather(*(task.send_due() for task in tasks))
    assert (sum(counts), len(set(channel.sent))) == (11, 11)
    await asyncio.sleep(0.6)
    await asyncio.gather(*(task.send_due() for task in tasks))
    assert sorted(channel.sent) == sorted(set(channel.sent))
    assert len(channel.sent) == 12
    assert not await inviting.outbox.sent(dead, "late", datetime.now(UTC))
    await asyncio.gather(*(task.send_due() for task in tasks))
    assert len(channel.sent) == 12


async def test_the_outbox_outlives_the_process(start: Start, tmp_path: Path) -> None:
    running = await start(notices=NEVER)
    [made] = await invite(running)
    await running.server.stop()
    database = await Database.open(f"sqlite:///{tmp_path}/data/viva.db")
    [item] = await Outbox(database).due(datetime.now(UTC), ["email"])
    assert (item.invitation, item.kind, item.attempts) == (made["id"], "invite", 0)
    await database.close()


@pytest.mark.parametrize(("bounced", "ends"), [(True, "bounced"), (False, "draft")])
async def test_what_fails_waits_longer_each_time_or_is_given_up(
    start: Start, bounced: bool, ends: str
) -> None:
    running = await start(notices={**NEVER, "backoff_s": 100})
    [made] = await invite(running)
    inviting = running.server.service.shared.inviting
    channel = Counting()
    inviting.notifiers = {"email": channel}
    channel.faults = [NotifierError("busy", "temporary"), NotifierError("no", "permanent", bounced=bounced)]
    task = OutboxTask(inviting, "g")
    assert await task.send_due() == 0
    assert await inviting.outbox.due(datetime.now(UTC) + timedelta(seconds=90), ["email"]) == []
    [item] = await inviting.outbox.due(datetime.now(UTC) + timedelta(seconds=110), ["email"])
    assert (item.attempts, item.error) == (1, "busy")
    claimed = await inviting.outbox.claim(item, "g", datetime.now(UTC))
    assert claimed is not None
    await asyncio.sleep(0.01)
    await task.send_due()  # the claim above is over
    _, view, _ = await running.call("GET", f"{ONE}/{made['id']}")
    assert (view["state"], view["notice"]["state"], view["notice"]["error"]) == (ends, "failed", "no")
    assert channel.sent == []


async def test_a_notice_of_a_revoked_invitation_is_cancelled(start: Start) -> None:
    running = await start(notices=NEVER)
    [made] = await invite(running)
    await running.call("POST", f"{ONE}/{made['id']}/revoke")
    inviting = running.server.service.shared.inviting
    channel = Counting()
    inviting.notifiers = {"email": channel}
    assert await OutboxTask(inviting, "g").send_due() == 0
    assert channel.sent == []
    assert (await running.call("GET", f"{ONE}/{made['id']}"))[1]["notice"]["state"] == "cancelled"
