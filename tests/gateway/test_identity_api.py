"""Identity over HTTP, against a real server and real candidates: photos, comparisons, people, erasing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from bench.clip import EncodedClip
from gateway import identity as verifying
from interviews.events import (
    IdentityChecked,
    IdentityEnrolled,
    IdentityHuman,
    IdentityVerified,
    IdentityWithdrawn,
)
from models.identity.upload import MAX_BYTES
from storage.tables import face_references
from tests.gateway.conftest import Json, Running, Start
from tests.models.faces_fixtures import Rgb, placed, portrait
from tests.models.identity.scenes import scene

CONSENT = {"Viva-Consent": "true"}


def encoded(rgb: Rgb, kind: str = "JPEG") -> bytes:
    stream = BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(stream, kind)
    return stream.getvalue()


def head() -> Rgb:
    return placed((450, 450), (60, 60, 330))


async def send(
    running: Running, session: Json, data: bytes, *, query: str = "", **headers: str
) -> tuple[int, Any]:
    given = {"Content-Type": "image/jpeg", **CONSENT, **headers}
    path = f"/api/v1/sessions/{session['id']}/identity/photo{query}"
    status, body, _ = await running.call(
        "POST", path, token=session["candidate_token"], data=BytesIO(data), headers=given
    )
    return status, body


async def ask(
    running: Running, session: Json, what: str, body: Any = None, *, hr: bool = False
) -> tuple[int, Any]:
    method = "POST" if what else "DELETE"
    token = {} if hr else {"token": session["candidate_token"]}
    path = f"/api/v1/sessions/{session['id']}/identity{what and '/'}{what}"
    status, answer, _ = await running.call(method, path, body, **token)
    return status, answer


async def of(running: Running, session: Json, kind: type) -> list[Any]:
    return [event.data for event in await running.log(session["id"]) if isinstance(event.data, kind)]


async def stored(running: Running) -> list[Any]:
    database = running.server._database
    assert database
    async with database.read() as connection:
        return list(await connection.execute(select(face_references)))


# --- the photo -------------------------------------------------------------------------------------------


async def test_a_good_photo_is_taken_sealed_and_nothing_of_it_is_logged(running: Running) -> None:
    session = await running.create()
    running.inference.embeddings = [[3.0, 4.0]]
    status, body = await send(running, session, encoded(portrait()))
    assert status == 200, body
    assert (body["card"], body["model"]) == (False, "fake-faces@1")
    assert [note["code"] for note in body["notes"]] == ["inter_eye_distance"]  # 40 pixels: enough, not good
    [enrolled] = await of(running, session, IdentityEnrolled)
    weak = ("inter_eye_distance",)
    assert enrolled == IdentityEnrolled(source="photo", card=False, quality=weak, model="fake-faces@1")
    assert enrolled.consent
    [row] = await stored(running)
    assert np.array([0.6, 0.8], "<f4").tobytes() not in row.sealed
    assert "0.6" not in "".join(event.model_dump_json() for event in await running.log(session["id"]))
    key = running.server.settings.data / "face-key"
    assert key.stat().st_mode & 0o777 == 0o600


async def test_without_consent_nothing_happens_and_the_alternative_is_named(running: Running) -> None:
    session = await running.create()
    status, body = await send(running, session, encoded(portrait()), **{"Viva-Consent": "no"})
    assert (status, body["code"]) == (403, "identity.consent")
    assert "human check" in body["messages"]["en"]
    assert "人工" in body["messages"]["zh"]
    assert await of(running, session, IdentityEnrolled) == []
    assert await stored(running) == []


def _cut(rgb: Rgb) -> bytes:
    whole = encoded(rgb)
    return whole[: len(whole) // 2]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: _cut(portrait()), "truncated"),
        (lambda: b"not a picture at all", "unsupported_format"),
        (lambda: b"", "unsupported_format"),
        (lambda: encoded(placed((400, 400))), "no_face"),
        (lambda: encoded(placed((480, 640), (20, 60, 300), (330, 60, 300))), "several_faces"),
        (
            lambda: encoded(cv2.resize(head(), (150, 150), interpolation=cv2.INTER_AREA)),
            "inter_eye_distance",
        ),
        (lambda: encoded(cv2.GaussianBlur(head(), (0, 0), 3.5)), "out_of_focus"),
        (lambda: encoded(head() // 8), "under_exposure"),
        (lambda: encoded(head()[:, 190:]), "face_cut_off"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_bad_photo_is_refused_with_its_reasons_in_both_languages(
    running: Running, make: Callable[[], bytes], code: str
) -> None:
    session = await running.create()
    status, body = await send(running, session, make())
    assert (status, body["code"]) == (422, "identity.photo-refused")
    reason = next(reason for reason in body["reasons"] if reason["code"] == code)
    assert reason["messages"]["zh"]
    assert reason["messages"]["en"].endswith(".")
    assert await stored(running) == []


async def test_what_is_no_photo_by_size_or_type_is_not_even_read(running: Running) -> None:
    session = await running.create()
    status, body = await send(running, session, b"x" * (MAX_BYTES + 1))
    assert (status, body["code"]) == (413, "request.too-large")
    status, body = await send(running, session, b"text", **{"Content-Type": "text/plain"})
    assert (status, body["code"]) == (415, "request.media-type")
    # Far above what other requests may carry, and fine for a photo.
    noise = np.random.default_rng(0).integers(0, 255, (700, 700, 3), dtype=np.uint8)
    status, body = await send(running, session, encoded(noise, "PNG"), **{"Content-Type": "image/png"})
    assert (status, body["code"]) == (422, "identity.photo-refused")


async def test_the_face_on_a_card_is_taken_and_the_camera_must_show_one(running: Running) -> None:
    session = await running.create()
    shown = scene(portrait()[:386, 74:374], 3, shape=(900, 1600), turn=8, tilt=8, share=(0.6, 0.65)).rgb
    status, body = await send(running, session, encoded(shown), query="?source=camera")
    assert status == 200, body
    assert body["card"] is True
    status, body = await send(running, session, encoded(portrait()), query="?source=camera")
    assert (status, [reason["code"] for reason in body["reasons"]]) == (422, ["no_card"])
    [enrolled] = await of(running, session, IdentityEnrolled)
    assert (enrolled.source, enrolled.card) == ("camera", True)


# --- the comparison --------------------------------------------------------------------------------------


async def test_a_live_face_is_compared_and_then_looked_at_again(
    running: Running, clip: EncodedClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.identity_standing.CHECK_EVERY_S", 2.0)
    session = await running.create()
    assert (await send(running, session, encoded(portrait())))[0] == 200
    async with running.peer(session, clip.only(audio=False)) as peer:
        await peer.connect()
        await running.until(session["id"], "face.measured")
        running.inference.embeddings = [[1.0, 0.5 * n] for n in range(5)]
        status, body = await ask(running, session, "verify", hr=True)
        assert status == 200, body
        assert (body["outcome"], body["frames"], body["threshold"]) == ("match", 5, 0.35)
        mean = float(np.mean([1 / np.hypot(1, 0.5 * n) for n in range(5)]))
        assert body["similarity"] == pytest.approx(mean, abs=1e-3)
        running.inference.embeddings = [[-1.0, 0.0]] * 5
        status, body = await ask(running, session, "verify")
        assert (status, body["outcome"]) == (200, "no-match")
        assert body["similarity"] is None  # the candidate is not told how near it was
        assert body["threshold"] is None
        assert (await ask(running, session, "verify"))[1]["outcome"] == "match"
        await running.until(session["id"], "identity.checked", timeout_s=20)
    outcomes = [one.outcome for one in await of(running, session, IdentityVerified)]
    assert outcomes == ["match", "no-match", "match"]
    checked = await of(running, session, IdentityChecked)
    assert (checked[0].result, checked[0].state, checked[0].model) == ("same", "same", "fake-faces@1")


async def test_without_a_usable_face_nothing_is_claimed(
    running: Running, hum: EncodedClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "WITHIN_S", 0.5)
    session = await running.create()
    await send(running, session, encoded(portrait()))
    async with running.peer(session, hum) as peer:
        await peer.connect()
        await running.until(session["id"], "session.connected")
        both = await asyncio.gather(*(ask(running, session, "verify") for _ in range(2)))
        (_, body), (status, busy) = both
        assert (body["outcome"], body["reason"], body["frames"]) == ("insufficient", "no-face", 0)
        assert (status, busy["code"]) == (409, "identity.busy")
        monkeypatch.setattr(verifying, "ATTEMPTS", 1)
        status, body = await ask(running, session, "verify")
        assert (status, body["code"]) == (429, "identity.attempts")


async def test_a_comparison_needs_a_photo_and_a_candidate(running: Running) -> None:
    session = await running.create()
    assert (await ask(running, session, "verify"))[1]["code"] == "identity.not-enrolled"
    await send(running, session, encoded(portrait()))
    assert (await ask(running, session, "verify"))[1]["code"] == "session.not-started"


async def test_a_lost_model_is_said_and_leaves_nothing_behind(running: Running) -> None:
    session = await running.create()
    running.inference.embed_fails = True
    status, body = await send(running, session, encoded(portrait()))
    assert (status, body["code"]) == (503, "identity.unavailable")
    assert await stored(running) == []


async def test_another_key_is_told_apart_from_no_photo(
    start: Start, hum: EncodedClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "WITHIN_S", 0.2)
    first = await start(face_key="a" * 32, token_secret="t" * 40)
    session = await first.create()
    await send(first, session, encoded(portrait()))
    await first.server.stop()
    second = await start(face_key="b" * 32, token_secret="t" * 40)
    session["whip_url"] = f"{second.server.url}/whip/{session['id']}"
    async with second.peer(session, hum) as peer:
        await peer.connect()
        await second.until(session["id"], "session.connected")
        status, body = await ask(second, session, "verify")
        assert (status, body["code"]) == (503, "identity.key")
        assert (await ask(second, session, ""))[1] == {"deleted": ["face-reference"]}


# --- people, and taking it back --------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{"inference": {"identity": {"mode": "human"}}}, {"policy": "strict"}])
async def test_where_faces_are_off_a_person_can_always_be_asked(start: Start, settings: Json) -> None:
    running = await start(**settings)
    session = await running.create()
    status, body = await send(running, session, encoded(portrait()))
    assert (status, body["code"]) == (409, "identity.by-human")
    assert (await ask(running, session, "human"))[0] == 200
    _, view, _ = await running.call("GET", f"/api/v1/sessions/{session['id']}")
    assert view["identity"] == {"by_face": False, "status": "human", "enrolled": False}
    _, server, _ = await running.call("GET", "/api/v1/server")
    assert running.server.settings.inference.identity.mode == "human"
    assert "FaceIdentity" in server["deployments"]


@pytest.mark.parametrize(
    ("outcome", "asked", "expected"),
    [
        ("no-match", False, [("requested", "server", "no-match")]),
        ("insufficient", False, [("requested", "server", "insufficient")]),
        ("none", False, [("requested", "server", "none")]),
        ("match", False, []),
        ("no-match", True, [("requested", "candidate", "")]),
    ],
)
async def test_who_begins_without_a_match_is_let_in_and_a_person_is_asked_to_look(
    running: Running, clip: EncodedClip, outcome: str, asked: bool, expected: list[tuple[str, str, str]]
) -> None:
    session = await running.create()
    agreed = {"recording": False, "face": True, "scoring": True, "language": "zh", "notice": "2026-01"}
    path = f"/api/v1/sessions/{session['id']}"
    await running.call("POST", f"{path}/consent", agreed, token=session["candidate_token"])
    live = running.server.service.registry.resident(session["id"])
    assert live
    if outcome != "none":
        await live.record(IdentityEnrolled(source="photo", card=True, model="fake-faces@1"))
        found = {"outcome": outcome, "threshold": 0.35, "frames": 5, "model": "fake-faces@1"}
        await live.record(IdentityVerified.model_validate(found))
    if asked:
        await ask(running, session, "human")
    async with running.peer(session, clip) as peer:
        await peer.connect()
        await running.until(session["id"], "question.started")
        status, event, _ = await running.call("POST", f"{path}/next")
        assert (status, event["data"]["type"]) == (200, "question.started")  # nobody is kept out
        humans = await of(running, session, IdentityHuman)
        assert [(one.decision, one.actor, one.reason) for one in humans] == expected
        [view] = (await running.call("GET", "/api/v1/sessions"))[1]["sessions"]
        assert ("human-check" in view["concerns"]) is bool(expected)
        assert ("no-match" in view["concerns"]) is (outcome == "no-match")
        _, own, _ = await running.call("GET", path, token=session["candidate_token"])
        assert own["concerns"] == []


async def test_a_session_made_by_a_script_asks_for_nobody(running: Running, clip: EncodedClip) -> None:
    session = await running.create()
    async with running.peer(session, clip) as peer:
        await peer.connect()
        await running.until(session["id"], "question.started")
        await running.call("POST", f"/api/v1/sessions/{session['id']}/next")
    assert await of(running, session, IdentityHuman) == []


async def test_a_person_decides_with_a_reason(running: Running) -> None:
    session = await running.create()
    decision = {"decision": "confirmed", "reason": "compared the passport in a call"}
    assert (await ask(running, session, "decision", decision))[0] == 403
    assert (await ask(running, session, "decision", {**decision, "reason": " "}, hr=True))[0] == 422
    status, event = await ask(running, session, "decision", decision, hr=True)
    assert (status, event["data"]["actor"], event["data"]["by"]) == (200, "operator", "operator")
    # Also long after the interview, when its result is there.
    await running.call("POST", f"/api/v1/sessions/{session['id']}/end")
    await running.until(session["id"], "result.ready")
    await asyncio.sleep(1.2)  # until the session is let go
    status, _ = await ask(running, session, "decision", {**decision, "decision": "rejected"}, hr=True)
    assert status == 200
    decided = await of(running, session, IdentityHuman)
    assert [one.decision for one in decided] == ["confirmed", "rejected"]


async def test_a_person_may_decide_in_the_moment_the_log_closes(running: Running) -> None:
    session = await running.create()
    live = running.server.service.registry.resident(session["id"])
    assert live
    await live._recorder.close()
    decision = {"decision": "confirmed", "reason": "compared the passport in a call"}
    status, event = await ask(running, session, "decision", decision, hr=True)
    assert status == 200
    [kept] = [one for one in await running.log(session["id"]) if one.seq == event["seq"]]
    assert isinstance(kept.data, IdentityHuman)


@pytest.mark.parametrize(("meanwhile", "code"), [("end", "session.ended"), ("consent", "identity.consent")])
async def test_what_comes_while_a_photo_is_read_holds_for_it_too(
    running: Running, monkeypatch: pytest.MonkeyPatch, meanwhile: str, code: str
) -> None:
    session = await running.create()
    photos = running.server.service.shared.photos
    read = photos.read

    async def slowly(*given: Any) -> Any:
        path = f"/api/v1/sessions/{session['id']}"
        refused = {"recording": False, "face": False, "scoring": True, "language": "en", "notice": "2026-01"}
        if meanwhile == "end":
            await running.call("POST", f"{path}/end")
        else:
            await running.call("POST", f"{path}/consent", refused, token=session["candidate_token"])
        return await read(*given)

    monkeypatch.setattr(photos, "read", slowly)
    status, body = await send(running, session, encoded(portrait()))
    assert status >= 400
    assert body["code"] == code
    assert not [row for row in await stored(running) if row.sealed is not None]


async def test_withdrawing_erases_once_and_says_what(running: Running) -> None:
    session = await running.create()
    await send(running, session, encoded(portrait()))
    assert await ask(running, session, "") == (200, {"deleted": ["face-reference"]})
    assert await ask(running, session, "") == (200, {"deleted": []})
    assert [row.sealed for row in await stored(running)] == [None]
    [gone] = await of(running, session, IdentityWithdrawn)
    assert gone == IdentityWithdrawn(actor="candidate", deleted=("face-reference",))
    assert (await ask(running, session, "verify"))[1]["code"] == "identity.not-enrolled"


async def test_when_the_interview_is_over_nothing_is_kept(running: Running) -> None:
    session = await running.create()
    await send(running, session, encoded(portrait()))
    await running.call("POST", f"/api/v1/sessions/{session['id']}/end")
    await running.until(session["id"], "result.ready")
    [gone] = await of(running, session, IdentityWithdrawn)
    assert gone.actor == "retention"
    assert [row.sealed for row in await stored(running)] == [None]
    assert (await send(running, session, encoded(portrait())))[1]["code"] == "session.ended"


async def test_the_candidate_sees_what_they_did_and_no_figures(running: Running) -> None:
    session = await running.create()
    await send(running, session, encoded(portrait()))
    await ask(running, session, "human")
    _, page, _ = await running.call(
        "GET", f"/api/v1/sessions/{session['id']}/events", token=session["candidate_token"]
    )
    kinds = [event["data"]["type"] for event in page["events"]]
    assert kinds == ["session.created", "identity.enrolled", "identity.human"]
