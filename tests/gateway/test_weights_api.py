"""Weights changed over HTTP: checked, logged with who and why, and never lost."""

from __future__ import annotations

from typing import Any

from tests.gateway.conftest import Running, Start
from tests.gateway.test_validity_api import QUESTIONS, interview

DIMENSIONS = [
    {"id": id_, "name": {"zh": id_, "en": id_}, "weight": weight}
    for id_, weight in (("service", 50), ("teamwork", 50))
]


async def _session(running: Running, dimensions: list[dict[str, Any]]) -> str:
    body = {"candidate": "Li", "language": "zh", "questions": QUESTIONS, "dimensions": dimensions}
    status, made, _ = await running.call("POST", "/api/v1/sessions", body)
    assert status == 201, made
    return str(made["id"])


async def _over(running: Running, session: str) -> None:
    shared = running.server.service.shared
    running.server.service.registry._sessions.pop(session)  # as after a restart: the log alone is left
    await shared.events.append(session, interview((80.0, 40.0, 60.0), None))


async def _put(running: Running, session: str, **more: Any) -> tuple[int, Any]:
    body = {"weights": {"service": 80, "teamwork": 20}, "reason": "客户服务岗", "version": 1, **more}
    status, answer, _ = await running.call("PUT", f"/api/v1/sessions/{session}/weights", body)
    return status, answer


async def test_weights_are_changed_with_their_history(start: Start) -> None:
    running = await start()
    session = await _session(running, DIMENSIONS)
    status, refused = await _put(running, session)
    assert (status, refused["code"]) == (409, "session.not-ended")
    await _over(running, session)
    status, scores = await _put(running, session)
    assert status == 200, scores
    assert [one["overall"] for one in scores["history"]] == [60.0, 66.0]
    assert (scores["overall"], scores["history"][1]["reason"]) == (66.0, "客户服务岗")
    _, report, _ = await running.call("GET", f"/api/v1/sessions/{session}/report")
    assert (report["overall"], report["scores"]["history"]) == (66.0, scores["history"])

    status, refused = await _put(running, session)
    assert (status, refused["code"]) == (409, "weights.stale")
    odd = {"service": 80, "teamwork": 30}
    status, refused = await _put(running, session, version=2, weights=odd)
    assert (status, refused["code"]) == (422, "weights.invalid")
    status, refused = await _put(running, session, version=2, reason=" ")
    assert status == 422


async def test_without_dimensions_there_is_nothing_to_weigh(start: Start) -> None:
    running = await start()
    session = await _session(running, [])
    await _over(running, session)
    status, refused = await _put(running, session)
    assert (status, refused["code"]) == (409, "weights.none")
    body = {"candidate": "Li", "language": "zh", "questions": QUESTIONS, "dimensions": DIMENSIONS[:1]}
    status, refused, _ = await running.call("POST", "/api/v1/sessions", body)
    assert status == 422


async def test_the_candidate_sees_nothing_of_the_rubric(start: Start) -> None:
    running = await start()
    body = {"candidate": "Li", "language": "zh", "questions": QUESTIONS, "dimensions": DIMENSIONS}
    _, made, _ = await running.call("POST", "/api/v1/sessions", body)
    path, token = f"/api/v1/sessions/{made['id']}", made["candidate_token"]
    _, view, _ = await running.call("GET", path, token=token)
    _, page, _ = await running.call("GET", f"{path}/events", token=token)
    [created] = [one["data"] for one in page["events"] if one["data"]["type"] == "session.created"]
    assert created["dimensions"] == []
    for question in [*view["questions"], *created["questions"]]:
        assert (question["key_points"], question["anchors"], question["dimensions"]) == ([], [], [])
