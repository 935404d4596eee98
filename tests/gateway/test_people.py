"""Branches apart from each other, roles over HTTP, and the trail that every read leaves."""

from __future__ import annotations

import csv
import io
import json
from typing import get_args

import pytest
from sqlalchemy import text

from interviews.events import Policy
from tests.gateway.conftest import Json, Running, Start
from tests.gateway.desk_visitor import Visitor, hire, open_branch, set_up, visitor

SESSION = "/api/v1/sessions"
MAKE = {"candidate": "Li Lei", "language": "en"}
READS = ("", "/events", "/transcript", "/scores", "/report")
RESULTS = ("/transcript", "/scores", "/report")


async def _organised(running: Running) -> None:
    """head > east > shanghai, head > west, with somebody in each role."""
    await set_up(running)
    await open_branch(running, "east")
    await open_branch(running, "west")
    await open_branch(running, "shanghai", "east")
    await hire(running, "east-recruiter@example.com", "recruiter", "east")
    await hire(running, "east-second@example.com", "recruiter", "east")
    await hire(running, "east-manager@example.com", "recruiting-manager", "east")
    await hire(running, "east-boss@example.com", "hiring-manager", "east")
    await hire(running, "east-admin@example.com", "administrator", "east")
    await hire(running, "west-manager@example.com", "recruiting-manager", "west")
    await hire(running, "shanghai-recruiter@example.com", "recruiter", "shanghai")


async def _made_by(running: Running, who: str) -> Json:
    async with visitor(running) as maker:
        await maker.sign_in(f"{who}@example.com")
        status, made = await maker.call("POST", SESSION, MAKE)
        assert status == 201, made
        assert made["hr_url"].endswith(f"/hr#s={made['id']}")  # no token: it would be nobody's
        return dict(made)


async def _statuses(guest: Visitor, id_: str, reads: tuple[str, ...]) -> set[int]:
    return {(await guest.call("GET", f"{SESSION}/{id_}{read}"))[0] for read in reads}


async def _listed(guest: Visitor) -> set[str]:
    status, said = await guest.call("GET", SESSION)
    assert status == 200, said
    return {one["id"] for one in said["sessions"]}


async def test_a_person_reaches_their_branch_and_what_is_below(running: Running) -> None:
    await _organised(running)
    east = (await _made_by(running, "east-recruiter"))["id"]
    shanghai = (await _made_by(running, "shanghai-recruiter"))["id"]
    head = (await running.create())["id"]
    expected = {
        "chief": {east, shanghai, head},
        "east-manager": {east, shanghai},
        "west-manager": set(),
        "shanghai-recruiter": {shanghai},
    }
    for who, reached in expected.items():
        async with visitor(running) as guest:
            await guest.sign_in(f"{who}@example.com")
            assert await _listed(guest) == reached, who
            for id_ in (east, shanghai, head):
                assert await _statuses(guest, id_, READS) == {200 if id_ in reached else 403}, who
                status, said = await guest.call("POST", f"{SESSION}/{id_}/viewers")
                assert status == (201 if id_ in reached else 403), said
            assert (await guest.call("GET", f"{SESSION}/none"))[0] == 404


async def test_a_recruiter_reads_results_of_their_own_interviews_alone(running: Running) -> None:
    await _organised(running)
    made = (await _made_by(running, "east-recruiter"))["id"]
    for who, status in {
        "east-recruiter": 200,
        "east-second": 403,
        "east-boss": 200,
        "east-manager": 200,
    }.items():
        async with visitor(running) as guest:
            await guest.sign_in(f"{who}@example.com")
            assert await _statuses(guest, made, RESULTS) == {status}, who
            assert (await guest.call("GET", f"{SESSION}/{made}"))[0] == 200


async def test_a_hiring_manager_sees_progress_and_results_but_neither_watches_nor_commands(
    running: Running,
) -> None:
    await _organised(running)
    made = (await _made_by(running, "east-recruiter"))["id"]
    async with visitor(running) as boss:
        await boss.sign_in("east-boss@example.com")
        assert (await boss.call("GET", f"{SESSION}/{made}/events"))[0] == 403
        for what in ("next", "end", "viewers"):
            assert (await boss.call("POST", f"{SESSION}/{made}/{what}"))[0] == 403
        assert (await boss.call("POST", SESSION, MAKE))[0] == 403
        assert (await boss.call("GET", "/api/v1/people"))[0] == 403
        assert (await boss.call("GET", "/api/v1/audit"))[0] == 403
        assert (await boss.call("GET", "/api/v1/server"))[0] == 403
        assert (await boss.call("POST", f"/whip/{made}"))[0] == 403


async def test_an_administrator_keeps_the_people_of_their_branch_alone(running: Running) -> None:
    await _organised(running)
    _, everybody, _ = await running.call("GET", "/api/v1/people")
    ids = {one["email"]: one["id"] for one in everybody["people"]}
    async with visitor(running) as admin:
        await admin.sign_in("east-admin@example.com")
        _, own = await admin.call("GET", "/api/v1/people")
        assert {one["branch"] for one in own["people"]} == {"east", "shanghai"}
        _, branches = await admin.call("GET", "/api/v1/branches")
        assert {one["id"] for one in branches["branches"]} == {"east", "shanghai"}
        body = {"email": "n@example.com", "name": "N", "role": "recruiter", "branch": "west"}
        assert (await admin.call("POST", "/api/v1/people", body))[0] == 403
        assert (await admin.call("POST", "/api/v1/people", {**body, "branch": "shanghai"}))[0] == 201
        west, east = ids["west-manager@example.com"], ids["east-boss@example.com"]
        assert (await admin.call("PATCH", f"/api/v1/people/{west}", {"name": "X"}))[0] == 403
        assert (await admin.call("PATCH", f"/api/v1/people/{east}", {"branch": "west"}))[0] == 403
        assert (await admin.call("PATCH", f"/api/v1/people/{east}", {"name": "X"}))[1]["name"] == "X"
        move = {"name": {"en": "East"}, "parent": "west"}
        assert (await admin.call("PATCH", "/api/v1/branches/east", move))[0] == 403


async def _actions(running: Running, **filters: str) -> list[tuple[str, str | None, str]]:
    _, page, _ = await running.call("GET", "/api/v1/audit", params=filters)
    return [(one["action"], one["person"], one["outcome"]) for one in page["entries"]]


async def test_every_read_leaves_one_line(running: Running) -> None:
    await set_up(running)
    made = await running.create()
    id_, path = made["id"], f"{SESSION}/{made['id']}"
    async with visitor(running) as chief:
        me = (await chief.sign_in())["person"]["id"]
        for read in READS:
            await chief.call("GET", f"{path}{read}")
        await chief.call("GET", f"{path}/recording")
        await chief.call("POST", f"/whep/{id_}")
        async with chief.http.ws_connect(
            f"{running.server.url}{path}/ws", origin=running.server.url
        ) as socket:
            await socket.receive(timeout=5)
        expected = ["watchEvents", "getRecording", "getReport", "getScores", "getTranscript"]
        expected += ["readEvents", "getSession"]
        assert await _actions(running, session=id_) == [(one, me, "done") for one in expected]
        await running.call("GET", f"{path}/report")
        await running.call("GET", f"{path}/report", token=made["hr_url"].split("&t=")[1])
        await running.call("GET", path, token=made["candidate_token"])  # the candidate's own
        assert (await _actions(running, session=id_))[:3] == [
            ("getReport", None, "done"),
            ("getReport", None, "done"),
            ("watchEvents", me, "done"),
        ]
        _, page = await chief.call("GET", "/api/v1/audit?limit=1")
        assert page["entries"][0]["role"] == "hr"


async def test_an_invitation_is_read_by_name_and_a_list_now_and_then(start: Start) -> None:
    running: Running = await start(people={"audit_lists_s": 3600})
    await set_up(running)
    job = {"id": "sales", "title": {"en": "Sales"}}
    assert (await running.call("POST", "/api/v1/jobs", job))[0] == 201
    path = "/api/v1/jobs/sales/invitations"
    one = {"name": "Li Lei", "email": "li@example.com"}
    _, made, _ = await running.call("POST", path, {"invitees": [one]})
    id_ = made["made"][0]["id"]
    async with visitor(running) as chief:
        me = (await chief.sign_in())["person"]["id"]
        before = len(await _actions(running, person=me))
        for _ in range(3):
            for read in (SESSION, f"{SESSION}?state=live", path):
                assert (await chief.call("GET", read))[0] == 200
        for read in ("", "", "/link"):
            assert (await chief.call("GET", f"/api/v1/invitations/{id_}{read}"))[0] == 200
        expected = ["getInvitationLink", "getInvitation", "getInvitation", "listInvitations", "listSessions"]
        noted = await _actions(running, person=me)
        assert noted[: len(noted) - before] == [(one, me, "done") for one in expected]
        _, page, _ = await running.call("GET", "/api/v1/audit?action=getInvitationLink")
        assert (page["entries"][0]["subject_kind"], page["entries"][0]["subject"]) == ("invitation", id_)
    await running.call("GET", SESSION)  # somebody else's look is another
    assert (await _actions(running))[0] == ("listSessions", None, "done")
    running.server.service.desk.polls.clear()
    async with running.server.service.desk.audit._database.write() as connection:
        await connection.execute(text("ALTER TABLE audit RENAME TO gone"))
    for read in (SESSION, path, f"/api/v1/invitations/{id_}/link"):
        assert (await running.call("GET", read))[1]["code"] == "audit.failed"


async def test_a_refused_read_is_on_the_trail(running: Running) -> None:
    await _organised(running)
    made = (await _made_by(running, "east-recruiter"))["id"]
    async with visitor(running) as other:
        me = (await other.sign_in("west-manager@example.com"))["person"]["id"]
        await other.call("GET", f"{SESSION}/{made}/report")
        assert (await _actions(running))[0] == ("getReport", me, "refused")


@pytest.mark.parametrize("read", READS)
async def test_what_cannot_be_audited_is_not_given(running: Running, read: str) -> None:
    made = await running.create()
    async with running.server.service.desk.audit._database.write() as connection:
        await connection.execute(text("ALTER TABLE audit RENAME TO gone"))
    status, said, answer = await running.call("GET", f"{SESSION}/{made['id']}{read}")
    assert (status, said["code"]) == (503, "audit.failed")
    assert answer.headers["Retry-After"]
    status, _, _ = await running.call("GET", f"{SESSION}/{made['id']}", token=made["candidate_token"])
    assert status == 200  # an interview goes on


async def test_the_trail_is_taken_out_and_checked(running: Running) -> None:
    await set_up(running)
    await open_branch(running, "east")
    async with visitor(running) as chief:
        await chief.sign_in()
        status, lines = await chief.call("GET", "/api/v1/audit/export?format=jsonl")
        rows = [json.loads(line) for line in lines.splitlines()]
        assert rows[0]["action"] == "exportAudit"
        assert {"setUp", "signIn", "addBranch"} <= {row["action"] for row in rows}
        status, table = await chief.call("GET", "/api/v1/audit/export?format=csv")
        assert "attachment" in chief.answer.headers["Content-Disposition"]
        assert list(csv.DictReader(io.StringIO(table)))[1]["hash"] == rows[0]["hash"]
        assert (await chief.call("GET", "/api/v1/audit/verify"))[1] == {"whole": True, "broken_at": None}
        async with running.server.service.desk.audit._database.write() as connection:
            await connection.execute(text("UPDATE audit SET outcome = 'x' WHERE seq = 2"))
        status, said = await chief.call("GET", "/api/v1/audit/verify")
        assert (status, said) == (200, {"whole": False, "broken_at": 2})


async def test_the_policy_of_a_region_holds_below_it_and_no_person_chooses_another(running: Running) -> None:
    await _organised(running)
    change = {"name": {"en": "East"}, "policy": "EU"}
    status, said, _ = await running.call("PATCH", "/api/v1/branches/east", change)
    assert status == 200, said
    for who, policy in (("shanghai-recruiter", "EU"), ("west-manager", "CN")):
        made = await _made_by(running, who)
        status, view, _ = await running.call("GET", f"{SESSION}/{made['id']}")
        assert (status, view["policy"]) == (200, policy), who
    async with visitor(running) as guest:
        await guest.sign_in("shanghai-recruiter@example.com")
        assert (await guest.call("GET", "/api/v1/config"))[1]["policies"] == ["EU"]
        status, said = await guest.call("POST", SESSION, {**MAKE, "policy": "CN"})
        assert (status, said["code"]) == (409, "branch.policy")
        status, said = await guest.call("POST", SESSION, {**MAKE, "policy": "EU"})
        assert status == 201, said
    async with visitor(running) as guest:
        await guest.sign_in("west-manager@example.com")
        policies = (await guest.call("GET", "/api/v1/config"))[1]["policies"]
        assert (policies[0], sorted(policies)) == ("CN", sorted(get_args(Policy)))
    _, config, _ = await running.call("GET", "/api/v1/config", token=said["candidate_token"])
    assert config["policies"] == []


async def test_the_server_is_seen_and_drained_from_the_head_branch_alone(running: Running) -> None:
    await _organised(running)
    seen = {"chief": 200, "east-admin": 403, "east-manager": 403}
    for who, expected in seen.items():
        async with visitor(running) as guest:
            await guest.sign_in(f"{who}@example.com")
            assert (await guest.call("GET", "/api/v1/server"))[0] == expected, who
            assert (await guest.call("GET", "/api/v1/gateways"))[0] == expected, who
    _, listed, _ = await running.call("GET", "/api/v1/gateways")
    drain = f"/api/v1/gateways/{listed['gateways'][0]['id']}/drain"
    async with visitor(running) as guest:
        await guest.sign_in("east-admin@example.com")
        assert (await guest.call("POST", drain))[0] == 403
    async with visitor(running) as guest:
        await guest.sign_in("chief@example.com")
        assert (await guest.call("POST", drain))[0] == 202
        status, trail = await guest.call("GET", "/api/v1/audit?action=drainGateway")
        assert (status, len(trail["entries"])) == (200, 1)


async def test_an_interview_is_given_to_another_branch(running: Running) -> None:
    await _organised(running)
    id_ = (await _made_by(running, "shanghai-recruiter"))["id"]
    move = f"{SESSION}/{id_}/branch"
    refused = (("east-manager", "west"), ("west-manager", "west"), ("east-recruiter", "east"))
    for who, where in refused:  # out of reach, not theirs, no right
        async with visitor(running) as guest:
            await guest.sign_in(f"{who}@example.com")
            assert (await guest.call("POST", move, {"branch": where}))[0] == 403, who
    async with visitor(running) as guest:
        await guest.sign_in("chief@example.com")
        assert (await guest.call("POST", move, {"branch": "north"}))[0] == 403
        status, said = await guest.call("POST", move, {"branch": "west"})
        assert (status, said["branch"]) == (200, "west"), said
        _, trail = await guest.call("GET", "/api/v1/audit?action=moveSession")
        assert [one["branch"] for one in trail["entries"] if one["outcome"] == "done"][:2] == [
            "west",
            "shanghai",
        ]
    reached = {"west-manager": True, "east-manager": False, "shanghai-recruiter": False}
    for who, has_it in reached.items():
        async with visitor(running) as guest:
            await guest.sign_in(f"{who}@example.com")
            assert (id_ in await _listed(guest)) == has_it, who
    _, own, _ = await running.call("POST", move, {"branch": "north"})
    assert own["code"] == "branch.unknown"
