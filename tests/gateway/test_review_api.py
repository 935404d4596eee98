"""People's ratings and comments over HTTP: who may, what is kept, and that the machine's scores stay."""

from __future__ import annotations

from tests.gateway.conftest import API_TOKEN, Running, Start
from tests.gateway.desk_visitor import hire, set_up, visitor
from tests.gateway.test_weights_api import DIMENSIONS, _over, _put, _session


async def _bytes(running: Running, session: str) -> str:
    url = f"{running.server.url}/api/v1/sessions/{session}/report"
    async with running.http.get(url, headers={"Authorization": f"Bearer {API_TOKEN}"}) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_a_rating_stands_beside_the_machines(start: Start) -> None:
    running = await start()
    session = await _session(running, DIMENSIONS)
    path = f"/api/v1/sessions/{session}"
    body = {"level": 4, "reason": "清楚"}
    status, refused, _ = await running.call("PUT", f"{path}/ratings/service", body)
    assert (status, refused["code"]) == (409, "session.not-ended")
    await _over(running, session)
    _, before, _ = await running.call("GET", f"{path}/scores")
    status, found, _ = await running.call("PUT", f"{path}/ratings/service", body)
    assert status == 200, found
    service, teamwork = found["dimensions"]
    assert (service["machine"], service["human"], service["difference"]) == (70.0, 70.0, 0.0)
    assert teamwork["ratings"] == []
    status, found, _ = await running.call(
        "PUT", f"{path}/ratings/service", {"score": 90, "reason": "再听一遍"}
    )
    assert [(one["score"], one["current"]) for one in found["dimensions"][0]["ratings"]] == [
        (70.0, False),
        (90.0, True),
    ]
    assert found["dimensions"][0]["difference"] == 20.0
    _, after, _ = await running.call("GET", f"{path}/scores")
    assert after == before

    for odd in ({"level": 4, "score": 60, "reason": "x"}, {"reason": "x"}, {"level": 6, "reason": "x"}):
        status, refused, _ = await running.call("PUT", f"{path}/ratings/service", odd)
        assert (status, refused["code"]) == (422, "request.invalid"), odd
    status, _, _ = await running.call("PUT", f"{path}/ratings/service", {"level": 4, "reason": " "})
    assert status == 422
    status, refused, _ = await running.call("PUT", f"{path}/ratings/courage", body)
    assert (status, refused["code"]) == (404, "dimension.unknown")
    events = [event.data.type for event in await running.log(session)]
    assert events.count("rating.given") == 2


async def test_a_hiring_manager_comments_and_only_they_change_it(start: Start) -> None:
    running = await start()
    await set_up(running)
    await hire(running, "manager@example.com", "hiring-manager")
    await hire(running, "other@example.com", "recruiting-manager")
    await hire(running, "recruiter@example.com", "recruiter")
    session = await _session(running, DIMENSIONS)
    await _over(running, session)
    path = f"/api/v1/sessions/{session}"
    async with visitor(running) as manager, visitor(running) as other, visitor(running) as recruiter:
        await manager.sign_in("manager@example.com")
        await other.sign_in("other@example.com")
        await recruiter.sign_in("recruiter@example.com")
        status, found = await manager.call("POST", f"{path}/comments", {"text": "建议安排线下复试"})
        assert status == 201, found
        [comment] = found["comments"]
        assert (comment["text"], comment["by"]) == ("建议安排线下复试", "manager")
        one = f"{path}/comments/{comment['id']}"
        status, refused = await other.call("PUT", one, {"text": "no"})
        assert (status, refused["code"]) == (403, "token.forbidden")
        for method, to, body in (
            ("POST", f"{path}/comments", {"text": "x"}),
            ("PUT", f"{path}/ratings/service", {"level": 1, "reason": "x"}),
            ("DELETE", one, None),
        ):
            status, refused = await recruiter.call(method, to, body)
            assert (status, refused["code"]) == (403, "token.forbidden"), to
        status, found = await manager.call("PUT", one, {"text": "建议复试，问团队合作"})
        assert [old["text"] for old in found["comments"][0]["versions"]] == ["建议安排线下复试"]
        status, found = await other.call("PUT", f"{path}/ratings/service", {"level": 2, "reason": "y"})
        assert found["dimensions"][0]["ratings"][0]["by"] == "other"
        status, report = await manager.call("GET", f"{path}/report")
        assert report["reviewed"] == found
        status, found = await manager.call("DELETE", one)
        assert (found["comments"][0]["text"], found["comments"][0]["deleted_by"]) == ("", "manager")
        status, refused = await manager.call("PUT", one, {"text": "again"})
        assert (status, refused["code"]) == (404, "comment.unknown")
    trail = await running.call("GET", "/api/v1/audit?limit=200")
    actions = {entry["action"] for entry in trail[1]["entries"]}
    assert {"addComment", "editComment", "deleteComment", "rateDimension"} <= actions


async def test_the_candidate_sees_none_of_it(start: Start) -> None:
    running = await start()
    made = await running.create(language="zh", questions=None, dimensions=DIMENSIONS)
    await _over(running, made["id"])
    path = f"/api/v1/sessions/{made['id']}"
    await running.call("POST", f"{path}/comments", {"text": "nicht geeignet"})
    await running.call("PUT", f"{path}/ratings/service", {"level": 1, "reason": "sehr schwach"})
    token = made["candidate_token"]
    _, page, _ = await running.call("GET", f"{path}/events", token=token)
    assert not {"rating.given", "comment.added"} & {one["data"]["type"] for one in page["events"]}
    assert "sehr schwach" not in str(page)
    status, _, _ = await running.call("POST", f"{path}/comments", {"text": "x"}, token=token)
    assert status == 403


async def test_the_same_log_gives_the_same_bytes_after_a_restart_too(start: Start) -> None:
    running = await start()
    session = await _session(running, DIMENSIONS)
    await _over(running, session)
    await running.call("PUT", f"/api/v1/sessions/{session}/ratings/service", {"level": 4, "reason": "a"})
    await running.call("POST", f"/api/v1/sessions/{session}/comments", {"text": "b"})
    first = await _bytes(running, session)
    assert await _bytes(running, session) == first
    await running.server.stop()
    again = await start()
    assert await _bytes(again, session) == first
    await _put(again, session)
    changed = await _bytes(again, session)
    assert changed != first
    _, report, _ = await again.call("GET", f"/api/v1/sessions/{session}/report")
    assert [one["overall"] for one in report["scores"]["history"]] == [60.0, 66.0]
