"""Designing interviews over HTTP: from a job's file to a plan that several people edit."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from typing import Any

import pytest

from gateway.design_rules import PLAIN
from gateway.designed_plans import DesignedPlans
from gateway.problems import Messages, Reason
from interviews.bank import BankQuestion
from interviews.design import Plan
from interviews.dimensions import Dimension
from tests.gateway.conftest import Running
from tests.integrations.test_documents import pdf, word

JD = "在线客服\n岗位职责：\n1、负责客户服务；\n2、与客户沟通。"
ANCHORS = {"zh": list("一二三四五"), "en": list("abcde")}
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def dimension(id_: str, word: str) -> dict[str, Any]:
    text = {"zh": word, "en": id_}
    return {"id": id_, "name": text, "about": text, "anchors": ANCHORS, "keywords": {"zh": [word]}}


def question(id_: str, *dimensions: str, **more: Any) -> dict[str, Any]:
    text = {"zh": f"请讲一次{id_}的经历。", "en": f"Tell me about {id_}."}
    return {"id": id_, "text": text, "dimensions": dimensions, "anchors": ANCHORS, **more}


def plan(**more: Any) -> dict[str, Any]:
    step = {
        "id": "main",
        "kind": "structured",
        "title": {"zh": "问题", "en": "Questions"},
        "limit_s": 600,
        "questions": ["refund"],
    }
    weights = {"service": 60, "communication": 40}
    return {
        "id": "support",
        "title": {"zh": "客服", "en": "Support"},
        "steps": [step],
        "weights": weights,
        **more,
    }


@pytest.fixture
async def designed(running: Running) -> Running:
    """A server with a job, two dimensions and a question, and nothing that the product brings."""
    shared = running.server.service.shared
    shared.designs = replace(shared.designs, rules=PLAIN)
    for path, body in (
        ("jobs", {"id": "j1", "title": {"zh": "客服"}, "role": "customer-service"}),
        ("dimensions", dimension("service", "客户服务")),
        ("dimensions", dimension("communication", "沟通")),
        (
            "questions",
            question(
                "refund",
                "service",
                "communication",
                key_points={"zh": ["道歉"], "en": ["an apology"]},
                think_s=30,
                answer_s=90,
            ),
        ),
    ):
        status, made, _ = await running.call("POST", f"/api/v1/{path}", body)
        assert status == 201, made
    return running


async def send(running: Running, data: bytes, type_: str, job: str = "j1") -> tuple[int, Any]:
    path = f"/api/v1/jobs/{job}/description"
    status, body, _ = await running.call("POST", path, data=io.BytesIO(data), headers={"Content-Type": type_})
    return status, body


async def test_a_job_lives_and_is_closed(designed: Running) -> None:
    status, made, _ = await designed.call(
        "POST", "/api/v1/jobs", {"title": {"en": "Nurse"}, "branch": "east"}
    )
    assert status == 201
    id_ = made["job"]["id"]
    status, changed, _ = await designed.call("PATCH", f"/api/v1/jobs/{id_}", {"description": "Wards"})
    assert (changed["job"]["description"], changed["job"]["title"], changed["by"]) == (
        "Wards",
        {"en": "Nurse"},
        "operator",
    )
    _, listed, _ = await designed.call("GET", "/api/v1/jobs?branch=east")
    assert [one["job"]["id"] for one in listed["jobs"]] == [id_]
    assert (await designed.call("DELETE", f"/api/v1/jobs/{id_}"))[1]["closed"] is True
    assert (await designed.call("GET", "/api/v1/jobs?branch=east"))[1] == {"jobs": []}
    assert len((await designed.call("GET", "/api/v1/jobs?branch=east&closed=true"))[1]["jobs"]) == 1
    status, refused, _ = await designed.call("POST", "/api/v1/jobs", {"id": "j1", "title": {"en": "x"}})
    assert (status, refused["code"]) == (409, "design.taken")
    for method, path in (
        ("GET", "none"),
        ("PATCH", "none"),
        ("DELETE", "none"),
        ("POST", "none/recommendations"),
    ):
        body = {} if method == "PATCH" else None
        status, refused, _ = await designed.call(method, f"/api/v1/jobs/{path}", body)
        assert (status, refused["code"]) == (404, "design.unknown")


async def test_nobody_designs_without_the_right(designed: Running) -> None:
    session = await designed.create()
    for token, status in ((None, 401), (session["candidate_token"], 403)):
        assert (await designed.call("GET", "/api/v1/jobs", token=token))[0] == status
        assert (await designed.call("POST", "/api/v1/plan-check", {"plan": plan()}, token=token))[0] == status


@pytest.mark.parametrize(
    ("data", "type_", "text"),
    [
        (JD.encode(), "text/plain", JD),
        (pdf(), "application/pdf", "Data analyst"),
        (word(table=False), WORD, None),
    ],
    ids=["text", "pdf", "docx"],
)
async def test_a_file_becomes_the_description(
    designed: Running, data: bytes, type_: str, text: str | None
) -> None:
    status, body = await send(designed, data, type_)
    assert (status, body) == (200, {"text": text or "数据分析师\nThe end"})
    assert (await designed.call("GET", "/api/v1/jobs/j1"))[1]["job"]["description"] == body["text"]


async def test_a_file_that_cannot_be_read_says_why(designed: Running) -> None:
    for data, code, status in (
        (pdf(password="secret"), "document.encrypted", 422),
        (pdf(""), "document.no-text", 422),
        (b"\x89PNG\r\n\x1a\n\x00", "document.unsupported", 415),
        (b"a" * 50_001, "document.too-large", 413),
        (b"a" * (5 * 1024 * 1024 + 1), "request.too-large", 413),
    ):
        got, body = await send(designed, data, "application/octet-stream")
        assert (got, body["code"]) == (status, code)
    assert (await designed.call("GET", "/api/v1/jobs/j1"))[1]["job"]["description"] == ""


async def test_recommendations_point_into_the_description(designed: Running) -> None:
    path = "/api/v1/jobs/j1/recommendations"
    status, refused, _ = await designed.call("POST", path)
    assert (status, refused["code"]) == (409, "job.no-description")
    await send(designed, JD.encode(), "text/plain")
    status, found, _ = await designed.call("POST", path)
    assert status == 200
    assert {one["dimension"]: one["found"][0]["text"] for one in found["dimensions"]} == {
        "service": "客户服务",
        "communication": "沟通",
    }
    for one in found["dimensions"]:
        for phrase in one["found"]:
            assert JD[phrase["start"] : phrase["end"]] == phrase["text"]
    [suggested] = found["questions"]
    assert (suggested["question"]["id"], suggested["why"]["text"]) == ("refund", "客户服务")
    [asked] = designed.inference.matched
    assert asked.questions[0].text == "请讲一次refund的经历。"
    assert (found["reason"], found["language"]) == ("", "zh")


async def test_no_recommendation_is_an_answer_and_a_lost_model_is_none(designed: Running) -> None:
    path = "/api/v1/jobs/j1/recommendations"
    await send(designed, "西红柿炒鸡蛋".encode(), "text/plain")
    _, found, _ = await designed.call("POST", path)
    assert (found["dimensions"], found["reason"]) == ([], "nothing-found")
    designed.inference.match_fails = True
    status, refused, answer = await designed.call("POST", path)
    assert (status, refused["code"]) == (503, "inference.matching")
    assert "Retry-After" in answer.headers


async def test_a_branch_changes_a_dimension_for_itself(designed: Running) -> None:
    changed = dimension("service", "服务")
    status, view, _ = await designed.call("PUT", "/api/v1/dimensions/service", changed)
    assert (status, view["source"]) == (200, "own")
    _, listed, _ = await designed.call("GET", "/api/v1/dimensions")
    names = {one["dimension"]["id"]: one["dimension"]["name"]["zh"] for one in listed["dimensions"]}
    assert names == {"service": "服务", "communication": "沟通"}
    assert (await designed.call("GET", "/api/v1/dimensions?branch=east"))[1] == {"dimensions": []}
    assert (await designed.call("PUT", "/api/v1/dimensions/other", changed))[1]["code"] == "request.invalid"
    assert (await designed.call("PUT", "/api/v1/dimensions/none", dimension("none", "x")))[0] == 404
    assert (await designed.call("POST", "/api/v1/dimensions", changed))[1]["code"] == "design.taken"


async def test_the_bank_is_searched_and_questions_retire(designed: Running) -> None:
    more = question("closing", "communication", roles=["sales"], kind="scenario")
    assert (await designed.call("POST", "/api/v1/questions", more))[0] == 201

    async def ids(query: str) -> list[str]:
        _, found, _ = await designed.call("GET", f"/api/v1/questions?{query}")
        return [one["question"]["id"] for one in found["questions"]]

    assert await ids("") == ["closing", "refund"]
    assert await ids("text=ABOUT%20ref") == await ids("dimension=service") == ["refund"]
    assert await ids("role=nurse") == ["refund"]
    assert await ids("role=sales&kind=scenario") == ["closing"]
    assert (await designed.call("POST", "/api/v1/questions/closing/retire"))[0] == 200
    assert await ids("") == ["refund"]
    assert (await designed.call("POST", "/api/v1/questions/closing/retire"))[0] == 404
    assert (await designed.call("POST", "/api/v1/questions", more))[1]["code"] == "design.taken"
    status, refused, _ = await designed.call("POST", "/api/v1/questions", question("x", "none"))
    assert (status, refused["code"]) == (422, "request.invalid")
    assert await ids("text=apology") == await ids("text=%E9%81%93%E6%AD%89%20Tell") == ["refund"]
    assert await ids("text=apology%20nowhere") == []


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"text": {"zh": " "}}, ["text"]),
        ({"dimensions": ["service", "none", "service"]}, ["dimensions.1", "dimensions.2"]),
        ({"dimensions": []}, ["dimensions"]),
        ({"anchors": {"zh": ["好", "坏"]}}, ["anchors.zh"]),
        ({"anchors": {"en": ["a", "b", "", "d", "e"]}, "text": {}}, ["text", "anchors.en"]),
        ({"key_points": {"en": [str(n) for n in range(13)]}}, ["key_points.en"]),
        ({"think_s": 1801, "answer_s": 0}, ["think_s", "answer_s"]),
    ],
)
async def test_a_question_that_cannot_be_asked_is_refused_field_by_field(
    designed: Running, change: dict[str, Any], paths: list[str]
) -> None:
    body = question("new", "service") | change
    status, refused, _ = await designed.call("POST", "/api/v1/questions", body)
    assert (status, refused["code"]) == (422, "request.invalid")
    assert [reason["path"] for reason in refused["reasons"]] == paths
    assert all(reason["messages"]["zh"] and reason["messages"]["en"] for reason in refused["reasons"])
    assert (await designed.call("GET", "/api/v1/questions?text=new"))[1] == {"questions": []}


async def test_a_plan_keeps_a_question_that_is_offered_no_more(designed: Running) -> None:
    assert (await designed.call("POST", "/api/v1/plans", {"plan": plan()}))[0] == 201
    _, view, _ = await designed.call("POST", "/api/v1/questions/refund/retire")
    assert view["retired"] is True
    assert (await designed.call("GET", "/api/v1/questions"))[1] == {"questions": []}
    _, all_, _ = await designed.call("GET", "/api/v1/questions?retired=true")
    assert [(one["question"]["id"], one["retired"]) for one in all_["questions"]] == [("refund", True)]
    assert (await designed.call("POST", "/api/v1/plan-check", {"plan": plan()}))[1] == {"problems": []}
    status, saved, _ = await designed.call("PUT", "/api/v1/plans/support", {"seen": 1, "plan": plan()})
    assert (status, saved["plan"]["version"]) == (200, 2)
    body = {"invitees": [{"name": "李雷", "phone": "13800138000"}], "plan": "support"}
    status, made, _ = await designed.call("POST", "/api/v1/jobs/j1/invitations", body)
    assert status == 201, made
    _, session, _ = await designed.call("GET", f"/api/v1/sessions/{made['made'][0]['session']}")
    assert [one["id"] for one in session["questions"]] == ["refund"]


async def test_a_plan_is_saved_in_versions_and_nobody_is_overwritten(designed: Running) -> None:
    status, made, _ = await designed.call("POST", "/api/v1/plans", {"plan": plan(version=9), "job": "j1"})
    assert (status, made["plan"]["version"]) == (201, 1)
    edits = [{"seen": 1, "plan": plan(practice=False)}, {"seen": 1, "plan": plan(survey=False)}]
    saves = await asyncio.gather(*(designed.call("PUT", "/api/v1/plans/support", edit) for edit in edits))
    assert sorted(status for status, _, _ in saves) == [200, 409]
    assert {body.get("code") for _, body, _ in saves} == {None, "plan.stale"}
    _, newest, _ = await designed.call("GET", "/api/v1/plans/support")
    assert (newest["plan"]["version"], newest["newest"], newest["job"]) == (2, 2, "j1")
    _, old, _ = await designed.call("GET", "/api/v1/plans/support?version=1")
    assert old["plan"]["practice"] is old["plan"]["survey"] is True
    _, versions, _ = await designed.call("GET", "/api/v1/plans/support/versions")
    assert [one["plan"]["version"] for one in versions["plans"]] == [2, 1]
    _, listed, _ = await designed.call("GET", "/api/v1/plans?job=j1")
    assert [one["plan"]["id"] for one in listed["plans"]] == ["support"]
    assert (await designed.call("GET", "/api/v1/plans/support?version=3"))[1]["code"] == "design.unknown"
    assert (await designed.call("POST", "/api/v1/plans", {"plan": plan()}))[1]["code"] == "design.taken"
    status, refused, _ = await designed.call("POST", "/api/v1/plans", {"plan": plan(id="p2"), "job": "no"})
    assert (status, refused["code"]) == (404, "design.unknown")
    other = {"seen": 2, "plan": plan(id="p3")}
    assert (await designed.call("PUT", "/api/v1/plans/support", other))[1]["code"] == "request.invalid"


@pytest.mark.parametrize(("practice", "survey"), [(False, True), (True, False)])
async def test_the_switches_of_a_plan_reach_the_session(
    designed: Running, practice: bool, survey: bool
) -> None:
    given = {"plan": plan(practice=practice, survey=survey)}
    assert (await designed.call("POST", "/api/v1/plans", given))[0] == 201
    body = {"invitees": [{"name": "李雷", "phone": "13800138000"}], "plan": "support"}
    status, made, _ = await designed.call("POST", "/api/v1/jobs/j1/invitations", body)
    assert status == 201, made
    [invited] = made["made"]
    link = {"token": invited["link"].rpartition("/i/")[2], "device": "test"}
    status, claimed, _ = await designed.call("POST", "/api/v1/invitations/claim", link, token=None)
    assert status == 200, claimed
    path, token = f"/api/v1/sessions/{claimed['session']}", claimed["token"]
    _, view, _ = await designed.call("GET", path, token=token)
    assert (view["practice"], view["survey"]) == (practice, survey)
    command = {"command": "start-practice", "id": "p1"}
    status, answer, _ = await designed.call("POST", f"{path}/commands", command, token=token)
    assert (status, answer.get("code")) == ((200, None) if practice else (409, "session.no-practice"))
    answered = {"ratings": {"overall": 5}}
    status, answer, _ = await designed.call("POST", f"{path}/survey", answered, token=token)
    assert (status, answer.get("code")) == ((200, None) if survey else (409, "session.no-survey"))


async def test_a_plan_that_does_not_hold_is_not_saved(designed: Running) -> None:
    """30 % and 40 % are no whole."""
    wrong = plan(weights={"service": 30, "communication": 40, "none": 0})
    _, checked, _ = await designed.call("POST", "/api/v1/plan-check", {"plan": wrong})
    assert [one["code"] for one in checked["problems"]] == ["plan.weights-sum", "plan.unknown-dimension"]
    assert "70" in checked["problems"][0]["messages"]["zh"]
    for path, body in (("plans", {"plan": wrong}), ("plan-preview", {"plan": wrong})):
        status, refused, _ = await designed.call("POST", f"/api/v1/{path}", body)
        assert (status, refused["code"], len(refused["reasons"])) == (422, "plan.invalid", 2)
    assert (await designed.call("POST", "/api/v1/plan-check", {"plan": plan()}))[1] == {"problems": []}
    assert (await designed.call("GET", "/api/v1/plans"))[1] == {"plans": []}


async def test_a_preview_is_what_the_candidate_sees(designed: Running) -> None:
    draft = {"plan": plan(), "language": "en"}
    status, seen, _ = await designed.call("POST", "/api/v1/plan-preview", draft)
    assert status == 200
    assert seen["duration_s"] == 120
    [asked] = seen["questions"]
    assert asked == {
        "id": "refund",
        "step": "main",
        "kind": "structured",
        "text": "Tell me about refund.",
        "think_s": 30,
        "answer_s": 90,
        "retries": 0,
    }


async def test_the_rules_bring_content_that_branches_build_on(designed: Running) -> None:
    known = Dimension.model_validate(dimension("composure", "抗压"))
    one = BankQuestion.model_validate(question("calm", "composure"))
    first = Plan.model_validate(plan(id="starter"))
    shared = designed.server.service.shared
    rules = replace(PLAIN, dimensions={"composure": known}, bank={"calm": one}, plans={"starter": first})
    shared.designs = replace(shared.designs, rules=rules)
    _, listed, _ = await designed.call("GET", "/api/v1/dimensions")
    sources = {view["dimension"]["id"]: view["source"] for view in listed["dimensions"]}
    assert sources == {"composure": "starter", "communication": "own", "service": "own"}
    assert (await designed.call("PUT", "/api/v1/dimensions/composure", dimension("composure", "冷静")))[
        0
    ] == 200
    assert (await designed.call("POST", "/api/v1/questions/calm/retire"))[1]["source"] == "starter"
    _, found, _ = await designed.call("GET", "/api/v1/questions")
    assert [view["question"]["id"] for view in found["questions"]] == ["refund"]
    _, elsewhere, _ = await designed.call("GET", "/api/v1/questions?branch=east")
    assert [view["question"]["id"] for view in elsewhere["questions"]] == ["calm"]
    _, starters, _ = await designed.call("GET", "/api/v1/starter-plans")
    assert [view["id"] for view in starters["plans"]] == ["starter"]


async def test_a_plan_invites_in_the_languages_it_is_written_in(designed: Running) -> None:
    only = {**question("chinese", "service", "communication"), "text": {"zh": "请讲一次经历。"}}
    assert (await designed.call("POST", "/api/v1/questions", only))[0] == 201
    steps = [{**plan()["steps"][0], "questions": ["chinese"]}]
    status, made, _ = await designed.call("POST", "/api/v1/plans", {"plan": plan(steps=steps), "job": "j1"})
    assert status == 201, made
    invitees = [
        {"name": "Li", "email": "li@example.com", "language": "zh"},
        {"name": "Ann", "email": "ann@example.com", "language": "en"},
    ]
    path, order = "/api/v1/jobs/j1/invitations", {"plan": "support", "invitees": invitees}
    status, made, _ = await designed.call("POST", path, order)
    assert status == 201, made
    assert [one["invitee"]["name"] for one in made["made"]] == ["Li"]
    [told] = made["errors"]
    assert (told["row"], told["column"], told["code"]) == (3, "language", "language.plan")
    assert "language" in told["message"]["en"]
    assert "语言" in told["message"]["zh"]
    sheet = "name,email,language\nBo,bo@example.com,zh\nEve,eve@example.com,en\n"
    for dry in ("true", "false"):
        status, found, _ = await designed.call(
            "POST",
            f"{path}/import?plan=support&dry={dry}",
            data=sheet.encode(),
            headers={"Content-Type": "text/csv"},
        )
        assert (status, len(found["rows"]), [one["row"] for one in found["errors"]]) == (200, 1, [3])
        assert len(found["made"]) == (dry == "false")


async def test_a_plan_asks_what_it_was_saved_with(designed: Running) -> None:
    assert (await designed.call("POST", "/api/v1/plans", {"plan": plan(), "job": "j1"}))[0] == 201
    assert (await designed.call("POST", "/api/v1/questions/refund/retire"))[0] == 200
    one = {"name": "Ann", "email": "ann@example.com", "language": "en"}
    path, order = "/api/v1/jobs/j1/invitations", {"plan": "support", "invitees": [one]}
    status, made, _ = await designed.call("POST", path, order)
    assert status == 201, made
    _, view, _ = await designed.call("GET", f"/api/v1/sessions/{made['made'][0]['session']}")
    assert [one["id"] for one in view["questions"]] == ["refund"]
    # What does not hold any more is told, both ways round.
    shared = designed.server.service.shared
    lacking = replace(PLAIN, problems=lambda *_: (Reason(code="plan.x", messages=Messages(zh="缺", en="x")),))
    shared.inviting.plans = DesignedPlans(replace(shared.designs, rules=lacking))
    order["invitees"] = [{**one, "email": "bo@example.com"}]
    status, refused, _ = await designed.call("POST", path, order)
    assert (status, refused["code"], refused["reasons"][0]["code"]) == (422, "plan.invalid", "plan.x")
