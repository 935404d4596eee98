"""From a job's interviews and a spreadsheet to correlations, weights and selection rates."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import openpyxl
import pytest

from integrations.spreadsheets import XLSX, write_table
from interviews.answers import AnswerRating, Measure
from interviews.events import (
    AnswerScored,
    Payload,
    QuestionStarted,
    ResultReady,
    SessionConnected,
    SessionEnded,
    TranscriptFinal,
    Word,
)
from interviews.journey_events import DecisionMade
from tests.gateway.conftest import Json, Running, Start
from tests.gateway.desk_visitor import hire, set_up, visitor

JOB = "/api/v1/jobs/sales"
N = 40
QUESTIONS = [
    {"id": id_, "text": {"zh": id_, "en": id_}, "dimensions": dimensions}
    for id_, dimensions in (("one", ["service"]), ("two", ["teamwork"]), ("three", ["teamwork", "service"]))
]
LATER: dict[str, Any] = {"notices": {"every_s": 3600}}


def interview(scores: tuple[float, float, float], passed: bool | None) -> list[tuple[float, Payload]]:
    told: list[tuple[float, Payload]] = [(0.0, SessionConnected())]
    for n, (question, value) in enumerate(zip(("one", "two", "three"), scores, strict=True)):
        at = 10.0 * n + 1
        words = (Word(text="好", start=at + 1, end=at + 2, probability=0.9),)
        final = TranscriptFinal(
            utterance=n, text="好", language="zh", start=at + 1, end=at + 2, words=words, model="m@1"
        )
        measure = Measure(name="relevance", value=value)
        rating = AnswerRating(measures=(measure,), tokens=80, model="m@1", rubric="r-1")
        told += [(at, QuestionStarted(question=question)), (at + 2, final)]
        told.append((40.0, AnswerScored(question=question, rating=rating)))
    told += [(40.0, SessionEnded(reason="hr")), (41.0, ResultReady(overall=None))]
    if passed is not None:
        decision = DecisionMade(decision="passed" if passed else "failed", reason="面试", by="HR")
        told.append((42.0, decision))
    return told


async def candidates(running: Running, n: int = N, *, branch: str = "head") -> list[Json]:
    """Interviewed; of those with even numbers ("f") fewer passed. The last has not begun."""
    rng = np.random.default_rng(1)
    invitees = [
        {"name": f"候选人 {i}", "external_id": f"A-{i}", "email": f"a{i}@example.com"} for i in range(n)
    ]
    body = {"invitees": invitees, "questions": QUESTIONS, "branch": branch}
    status, made, _ = await running.call("POST", f"{JOB}/invitations", body)
    assert status == 201, made
    found = sorted(made["made"], key=lambda one: int(one["invitee"]["external_id"].split("-")[1]))
    for i, one in enumerate(found[:-1]):
        values = tuple(float(v) for v in rng.uniform(20, 95, 3).round(1))
        log = interview((values[0], values[1], values[2]), i % 4 != 0 if i % 2 == 0 else True)
        await running.server.service.shared.events.append(one["session"], log)
    return found


async def scores_of(running: Running, one: Json) -> float:
    _, scores, _ = await running.call("GET", f"/api/v1/sessions/{one['session']}/scores")
    return float(scores["overall"])


async def post(running: Running, path: str, table: bytes, kind: str = "text/csv") -> tuple[int, Any]:
    status, answer, _ = await running.call("POST", JOB + path, data=table, headers={"Content-Type": kind})
    return status, answer


async def test_scores_go_together_with_what_they_made(start: Start) -> None:
    running = await start(**LATER)
    made = await candidates(running)
    rows = [[f"A-{i}", 2 * await scores_of(running, one) + 1, "fm"[i % 2]] for i, one in enumerate(made[:-1])]
    rows += [["A-39", 3, "m"], ["nobody", 3, "f"], ["a0@example.com", 3, "f"]]
    table = write_table(["编号 / external id", "绩效", "性别"], rows)
    status, found = await post(running, "/validity", table, XLSX)
    assert status == 200, found
    assert [(e["row"], e["code"]) for e in found["errors"]] == [
        (41, "not-scored"),
        (42, "reference.unknown"),
        (43, "reference.double"),
    ]
    assert found["names"]["teamwork"]["zh"]
    assert (found["plan"], found["weights"]) == (None, {})
    result = found["result"]
    assert (result["scored"], result["matched"]) == (39, 39)
    [criterion] = result["criteria"]
    by = {one["predictor"]: one for one in criterion["relations"]}
    assert set(by) == {"overall", "service", "teamwork"}
    assert by["overall"]["correlation"]["pearson"] == pytest.approx(1.0, abs=1e-6)
    assert by["overall"]["correlation"]["n_unrestricted"] == 39
    assert 0.4 < by["teamwork"]["correlation"]["pearson"] < 1
    proposal = criterion["proposal"]
    assert sum(one["proposed"] for one in proposal["weights"]) == 100
    assert [one["today"] for one in proposal["weights"]] == [50, 50]
    assert proposal["r_groups"] < 0.5 < proposal["r_proposed"]

    marks = ("性别".encode(), "绩效".encode())  # groups and figures leave no trace
    held = [path.read_bytes() for path in running.server.service.shared.settings.data.rglob("*.db*")]
    assert len(held) > 0
    assert b"A-39" in b"".join(held)
    assert not any(mark in file for mark in marks for file in held)


async def test_too_few_show_nothing(start: Start) -> None:
    running = await start(**LATER)
    await candidates(running, 12)
    table = "id,kpi\n" + "".join(f"A-{i},{i}\n" for i in range(11))
    status, found = await post(running, "/validity", table.encode())
    assert status == 200
    [criterion] = found["result"]["criteria"]
    assert {one["refused"]["code"] for one in criterion["relations"]} == {"few-pairs"}
    assert criterion["proposal_refused"]["code"] == "few-for-weights"
    _, none = await post(running, "/validity", b"id,sex\nA-1,f\n")
    assert [e["code"] for e in none["errors"]] == ["performance.none"]
    assert none["result"]["criteria"] == []
    status, refused = await post(running, "/validity", b"PK\x03\x04broken", XLSX)
    assert (status, refused["code"]) == (422, "import.unreadable")


async def test_selection_by_decision_by_score_and_by_median(start: Start) -> None:
    running = await start(**LATER)
    made = await candidates(running)
    table = ("id,sex,race\n" + "".join(f"A-{i},{'fm'[i % 2]},{'xy'[i // 20]}\n" for i in range(N))).encode()
    status, found = await post(running, "/adverse-impact", table)
    assert status == 200, found
    assert [(e["row"], e["code"]) for e in found["errors"]] == [(N + 1, "not-decided")]
    assert (found["by"], found["candidates"], found["selected"]) == ("decision", 39, 29)
    assert [table["column"] for table in found["tables"]] == ["sex", "race", "sex × race"]
    women, men = found["tables"][0]["groups"]
    assert (women["group"], women["n"], women["selected"], women["finding"]) == ("f", 20, 10, "adverse")
    assert (men["rate"], men["finding"]) == (1.0, "reference")
    assert women["ratio"] == pytest.approx(0.5)
    assert women["fisher_p"] < 0.01

    overall = [await scores_of(running, one) for one in made[:-1]]
    (
        _,
        cut,
    ) = await post(running, "/adverse-impact?by=cut-off&cut_off=55", table)
    assert cut["selected"] == sum(score >= 55 for score in overall)
    _, middle = await post(running, "/adverse-impact?by=median", table)
    assert middle["selected"] == sum(score > middle["cut_off"] for score in overall) == 19
    status, _ = await post(running, "/adverse-impact?by=cut-off&cut_off=nan", table)
    assert status == 422


async def test_both_as_spreadsheets(start: Start) -> None:
    running = await start(**LATER)
    await candidates(running)
    table = ("id,kpi,sex\n" + "".join(f"A-{i},{i},{'fm'[i % 2]}\n" for i in range(N))).encode()
    for path, sheet, header in (
        ("/validity", "relations", "Pearson r"),
        ("/adverse-impact", "impact", "Fisher p"),
    ):
        headers = {"Authorization": "Bearer operator-token-for-tests", "Content-Type": "text/csv"}
        url = f"{running.server.url}{JOB}{path}?format=xlsx"
        async with running.http.post(url, data=table, headers=headers) as answer:
            assert (answer.status, answer.content_type) == (200, XLSX)
            book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
        rows = [*book[sheet].iter_rows(values_only=True)]
        assert header in rows[0]
        assert len(rows) >= 3
        assert book["rows"].max_row == 2  # the one who has not begun


async def test_it_is_for_those_who_decide_and_on_the_audit_trail(start: Start) -> None:
    running = await start(**LATER)
    await set_up(running)
    status, made, _ = await running.call("POST", "/api/v1/jobs", {"id": "sales", "title": {"zh": "销售"}})
    assert status == 201, made
    await candidates(running, 8)
    table = b"id,sex\n" + b"".join(f"A-{i},f\n".encode() for i in range(7))
    roles = {"recruiter": 403, "hiring-manager": 403, "recruiting-manager": 200}
    for role, expected in roles.items():
        await hire(running, f"{role}@example.com", role)
        async with visitor(running) as one:
            await one.sign_in(f"{role}@example.com")
            headers = {"X-CSRF-Token": one.csrf, "Origin": running.server.url, "Content-Type": "text/csv"}
            headers["Sec-Fetch-Site"] = "same-origin"
            url = f"{running.server.url}{JOB}/adverse-impact"
            async with one.http.post(url, data=table, headers=headers) as answer:
                assert answer.status == expected, role
                said = await answer.json()
    assert said["candidates"] == 7
    assert said["tables"][0]["refused"] == "few-groups"
    _, trail, _ = await running.call("GET", "/api/v1/audit?action=analyseAdverseImpact")
    assert [(e["role"], e["outcome"], e["subject_kind"], e["subject"]) for e in trail["entries"]] == [
        ("recruiting-manager", "done", "job", "sales"),
        ("hiring-manager", "refused", "job", "sales"),
        ("recruiter", "refused", "job", "sales"),
    ]


async def test_candidates_side_by_side_and_each_recruiter_their_own(start: Start) -> None:
    running = await start(**LATER)
    await set_up(running)
    await running.call("POST", "/api/v1/jobs", {"id": "sales", "title": {"zh": "销售"}})
    await candidates(running, 8)
    status, found, _ = await running.call("GET", f"{JOB}/comparison")
    assert status == 200, found
    people = found["result"]["candidates"]
    overall = [one["overall"]["value"] for one in people]
    assert overall == sorted(overall, reverse=True)
    assert (len(people), found["result"]["unfinished"]) == (7, 1)
    first = people[0]
    assert (
        first["overall"]["interval"]["low"] < first["overall"]["value"] < first["overall"]["interval"]["high"]
    )
    assert set(first["dimensions"]) == {"service", "teamwork"}
    headers = {"Authorization": "Bearer operator-token-for-tests"}
    async with running.http.get(
        f"{running.server.url}{JOB}/comparison?format=xlsx", headers=headers
    ) as answer:
        book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
    assert [row[0] for row in book["candidates"].iter_rows(min_row=2, values_only=True)] == [
        one["candidate"] for one in people
    ]
    for role, seen in (("recruiter", 0), ("hiring-manager", 7)):
        await hire(running, f"{role}@example.com", role)
        async with visitor(running) as one:
            await one.sign_in(f"{role}@example.com")
            status, shown = await one.call("GET", f"{JOB}/comparison")
            assert (status, len(shown["result"]["candidates"])) == (200, seen)
