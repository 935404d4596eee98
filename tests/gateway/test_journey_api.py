"""Consent, devices, survey, review and decision over HTTP, and what they change."""

from __future__ import annotations

import pytest

from bench.clip import EncodedClip
from tests.gateway.conftest import Json, Running

AGREED: Json = {"recording": True, "face": True, "scoring": True, "language": "zh", "notice": "2026-01"}


async def post(running: Running, session: Json, path: str, body: Json | None, *, hr: bool = False) -> Json:
    token = {} if hr else {"token": session["candidate_token"]}
    status, event, _ = await running.call("POST", f"/api/v1/sessions/{session['id']}/{path}", body, **token)
    assert status == 200, event
    return dict(event["data"])


async def journey(running: Running, session: Json, *, candidate: bool = False) -> Json:
    token = {"token": session["candidate_token"]} if candidate else {}
    status, view, _ = await running.call("GET", f"/api/v1/sessions/{session['id']}/journey", **token)
    assert status == 200, view
    return dict(view)


async def test_the_way_to_a_decision(running: Running, clip: EncodedClip) -> None:
    session = await running.create()
    id_ = session["id"]
    assert (await journey(running, session))["stage"] == "invited"
    assert await post(running, session, "opened", None) == {"type": "candidate.opened"}
    assert (await post(running, session, "consent", AGREED))["notice"] == "2026-01"
    found = {"microphone": "ok", "camera": "ok", "rtt_ms": 24.5, "loss": 0.0}
    assert (await post(running, session, "device-check", found))["rtt_ms"] == 24.5
    view = await journey(running, session, candidate=True)
    assert (view["stage"], view["identity"]) == ("device-checked", "face")

    decision = {"decision": "passed", "reason": "clear and concrete"}
    status, problem, _ = await running.call("POST", f"/api/v1/sessions/{id_}/decision", decision)
    assert (status, problem["code"]) == (409, "session.not-ended")
    async with running.peer(session, clip) as peer:
        await peer.connect()
        await running.until(id_, "transcript.final")
        assert (await journey(running, session))["stage"] == "in-progress"
        await peer.end()
    await running.until(id_, "result.ready")
    await post(running, session, "survey", {"ratings": {"fairness": 5, "ease": 4}, "text": "还不错"})
    await post(running, session, "review", {"reason": "the line was bad"})
    assert (await journey(running, session))["review_open"] is True
    assert (await post(running, session, "decision", decision, hr=True))["by"] == "operator"
    seen, own = await journey(running, session), await journey(running, session, candidate=True)
    assert (seen["stage"], seen["decision"]["decision"], seen["review_open"]) == ("decided", "passed", False)
    assert (own["stage"], own["decision"]) == ("scored", None)
    assert "decided" not in own["reached"]
    assert own["survey"]["ratings"] == {"fairness": 5, "ease": 4}

    await post(running, session, "review", {"reason": "still not agreed"})
    _, open_, _ = await running.call("GET", f"/api/v1/sessions/{id_}/report")
    assert open_["review_requested"] is True
    anew = {"decision": "pending", "reason": "listened again: another talk"}
    await post(running, session, "decision", anew, hr=True)
    _, report, _ = await running.call("GET", f"/api/v1/sessions/{id_}/report")
    assert [one["decision"] for one in report["decisions"]] == ["passed", "pending"]
    assert (report["decision"], report["review_requested"]) == (report["decisions"][-1], False)
    asked = [(one["reason"], one["answered_at"]) for one in report["reviews"]]
    at = [one["at"] for one in report["decisions"]]
    assert asked == [("the line was bad", at[0]), ("still not agreed", at[1])]
    assert [one["answered_at"] for one in open_["reviews"]] == [at[0], None]
    assert report["survey"]["text"] == "还不错"


async def test_what_is_sent_as_the_log_closes_is_kept(running: Running) -> None:
    session = await running.create()
    live = running.server.service.registry.resident(session["id"])
    assert live
    await live.end("candidate", rate=False)
    await live._recorder.close()
    await post(running, session, "survey", {"ratings": {"fairness": 5}, "text": ""})
    await post(running, session, "review", {"reason": "the line was bad"})
    assert (await post(running, session, "decision", {"decision": "pending", "reason": "wait"}, hr=True))[
        "by"
    ]
    note = {"command": "annotate", "id": "late", "text": "calm throughout", "tags": []}
    status, noted, _ = await running.call("POST", f"/api/v1/sessions/{session['id']}/commands", note)
    assert (status, noted["data"]["text"]) == (200, "calm throughout")
    kinds = [event.data.type for event in await running.log(session["id"])]
    assert kinds[-4:] == ["survey.answered", "human-review.requested", "decision.made", "annotation.added"]


async def test_the_candidate_takes_a_copy_of_what_is_stored_and_sees_no_more_by_it(
    running: Running, clip: EncodedClip
) -> None:
    session = await running.create()
    id_ = session["id"]
    await post(running, session, "consent", AGREED)
    async with running.peer(session, clip) as peer:
        await peer.connect()
        await running.until(id_, "transcript.final")
        await peer.end()
    await running.until(id_, "result.ready")
    own: Json = {"token": session["candidate_token"]}
    status, copy, answer = await running.call("GET", f"/api/v1/sessions/{id_}/own-data", **own)
    assert status == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="interview-{id_}.json"'
    _, view, _ = await running.call("GET", f"/api/v1/sessions/{id_}", **own)
    _, page, _ = await running.call("GET", f"/api/v1/sessions/{id_}/events?limit=1000", **own)
    assert copy["events"] == page["events"]
    assert copy["session"] == {**view, "at": copy["session"]["at"]}
    assert copy["journey"]["consent"]["notice"] == "2026-01"
    kinds = {event["data"]["type"] for event in copy["events"]}
    assert {"consent.given", "transcript.final", "session.ended"} <= kinds
    assert not kinds & {"answer.scored", "result.ready", "liveness.observed", "face.measured"}
    assert all(not question["key_points"] for question in copy["session"]["questions"])
    status, _, _ = await running.call("GET", f"/api/v1/sessions/{id_}/own-data")
    assert status == 403  # it is nobody else's


async def test_who_refuses_is_neither_scored_nor_compared_nor_observed(
    running: Running, clip: EncodedClip
) -> None:
    session = await running.create(record=True)
    id_ = session["id"]
    refused = {**AGREED, "recording": False, "face": False, "scoring": False}
    await post(running, session, "consent", refused)
    assert (await journey(running, session))["identity"] == "human"
    status, problem, _ = await running.call(
        "POST",
        f"/api/v1/sessions/{id_}/identity/photo",
        token=session["candidate_token"],
        data=b"photo",
        headers={"Content-Type": "image/jpeg", "Viva-Consent": "true"},
    )
    assert (status, problem["code"]) == (403, "identity.consent")
    async with running.peer(session, clip) as peer:
        await peer.connect()
        await peer.finished()
        await running.until(id_, "transcript.final")
        await peer.end()
    log = await running.until(id_, "result.ready")
    kinds = {event.data.type for event in log}
    assert {"answer.scored", "affect.observed", "identity.enrolled"}.isdisjoint(kinds)
    assert running.inference.rated == []
    assert running.inference.affect_calls == 0
    states = [event.data for event in log if event.data.type == "recording.state"]
    assert [state.reason for state in states] == ["no-consent"]
    _, scores, _ = await running.call("GET", f"/api/v1/sessions/{id_}/scores")
    assert (scores["overall"], scores["insufficient"]["code"]) == (None, "scoring-refused")
    _, transcript, _ = await running.call("GET", f"/api/v1/sessions/{id_}/transcript")
    assert transcript["questions"][0]["utterances"], "people read what was said"


async def test_consent_taken_back_after_the_end_deletes_the_recording(
    running: Running, clip: EncodedClip
) -> None:
    session = await running.create(record=True)
    id_ = session["id"]
    await post(running, session, "consent", {**AGREED, "recording": False})
    await post(running, session, "consent", AGREED)  # having read again what it is for
    async with running.peer(session, clip) as peer:
        await peer.connect()
        await peer.finished()
        await running.until(id_, "transcript.final")
        await peer.end()
    await running.until(id_, "result.ready")
    _, scores, _ = await running.call("GET", f"/api/v1/sessions/{id_}/scores")
    assert scores["overall"] == 80.0
    status, _, _ = await running.call("GET", f"/api/v1/sessions/{id_}/recording")
    assert status == 200
    await post(running, session, "consent/withdraw", {"what": ["recording", "scoring"]})
    status, problem, _ = await running.call("GET", f"/api/v1/sessions/{id_}/recording")
    assert (status, problem["code"]) == (404, "recording.none")
    _, scores, _ = await running.call("GET", f"/api/v1/sessions/{id_}/scores")
    assert scores["insufficient"]["code"] == "scoring-refused"
    log = await running.log(id_)
    assert {"consent.withdrawn", "recording.deleted"} <= {event.data.type for event in log}


async def test_affect_stops_when_faces_are_no_longer_agreed_to(running: Running, clip: EncodedClip) -> None:
    session = await running.create()
    id_ = session["id"]
    await post(running, session, "consent", AGREED)
    async with running.peer(session, clip) as peer:
        await peer.connect()
        await running.until(id_, "affect.observed")
        await post(running, session, "consent/withdraw", {"what": ["face"]})
        calls = running.inference.affect_calls
        await running.until(id_, "face.measured", 4)
        assert running.inference.affect_calls <= calls + 1, "one may have been under way"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("consent", {**AGREED, "scoring": None}),
        ("consent", {key: value for key, value in AGREED.items() if key != "face"}),
        ("consent/withdraw", {"what": []}),
        ("survey", {"ratings": {"fairness": 6}}),
        ("survey", {"ratings": {"the weather": 3}}),
        ("device-check", {"microphone": "ok"}),
    ],
)
async def test_what_is_incomplete_is_refused(running: Running, path: str, body: Json) -> None:
    session = await running.create()
    status, problem, _ = await running.call(
        "POST", f"/api/v1/sessions/{session['id']}/{path}", body, token=session["candidate_token"]
    )
    assert (status, problem["code"]) == (422, "request.invalid")


async def test_only_the_candidate_consents_and_only_the_company_decides(running: Running) -> None:
    session = await running.create()
    base = f"/api/v1/sessions/{session['id']}"
    status, problem, _ = await running.call("POST", f"{base}/consent", AGREED)
    assert (status, problem["code"]) == (403, "token.forbidden")
    decision = {"decision": "failed", "reason": "no"}
    status, problem, _ = await running.call(
        "POST", f"{base}/decision", decision, token=session["candidate_token"]
    )
    assert (status, problem["code"]) == (403, "token.forbidden")
