"""A whole interview over loopback: real WebRTC, real endpointing and face tracking, fake inference."""

from __future__ import annotations

import asyncio

from bench.clip import EncodedClip
from interviews.events import (
    AnswerScored,
    FaceMeasured,
    LivenessObserved,
    ResultReady,
    SessionConnected,
    SessionEnded,
    SpeechMeasured,
    TranscriptFinal,
)
from tests.gateway.conftest import Running


async def test_an_interview_from_the_link_to_the_result(running: Running, clip: EncodedClip) -> None:
    session = await running.create()
    id_ = session["id"]
    async with running.peer(session, clip) as peer:
        await peer.connect()
        await running.until(id_, "question.started")
        _, view, _ = await running.call("GET", f"/api/v1/sessions/{id_}")
        assert view["state"] == "live"
        assert view["connected"] is True
        assert view["current_question"] == "introduction"
        await peer.finished()
        await running.until(id_, "transcript.final")
        status, event, _ = await running.call("POST", f"/api/v1/sessions/{id_}/next")
        assert (status, event["data"]["question"]) == (200, "problem")
        await peer.end()
    log = await running.until(id_, "result.ready")

    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    kinds = [event.data.type for event in log]
    assert kinds[:3] == ["session.created", "session.connected", "question.started"]
    order = ["utterance.started", "transcript.final", "speech.measured", "session.ended"]
    assert [kinds.index(kind) for kind in order] == sorted(kinds.index(kind) for kind in order)
    assert kinds[-2:] == ["answer.scored", "result.ready"]  # the first answer may have been rated before
    assert {"face.measured", "affect.observed", "liveness.observed", "link.measured"} <= set(kinds)

    by = {type(event.data): event for event in log}
    assert isinstance(by[SessionConnected].data, SessionConnected)
    assert by[SessionConnected].data.gap_s == 0
    ended = next(event for event in log if isinstance(event.data, SessionEnded))
    assert ended.data.reason == "candidate"
    assert 5.0 < ended.media_time < 12.0
    for event in log:
        assert 0 <= event.media_time <= ended.media_time + 1.0
    for event in log:
        if isinstance(event.data, TranscriptFinal):
            assert event.data.start < event.data.end <= ended.media_time
            words = event.data.words
            assert words[0].start == event.data.start  # the fake's first word begins with the utterance
            assert all(event.data.start <= w.start <= w.end <= event.data.end for w in words)
    faces = [event.media_time for event in log if isinstance(event.data, FaceMeasured)]
    assert 3 <= len(faces) <= 9
    assert faces == sorted(faces)
    liveness = [event.data for event in log if isinstance(event.data, LivenessObserved)]
    assert liveness[0].decision == "undecided"
    # The candidate is a moved photograph: the frame scores are the fake's, its stillness is measured.
    assert liveness[-1].decision != "bona-fide"
    assert liveness[-1].ratios["stillness"] < 0
    measured = by[SpeechMeasured].data
    assert isinstance(measured, SpeechMeasured)
    assert -60 < measured.dbfs < 0

    scored = [event.data for event in log if isinstance(event.data, AnswerScored)]
    assert [answer.question for answer in scored] == ["introduction", "problem"]
    [relevance] = scored[0].rating.measures
    assert relevance.evidence[0].quote.startswith("word0")
    assert by[ResultReady].data == ResultReady(overall=80.0)

    for name in ("transcript", "scores", "report"):
        status, body, _ = await running.call("GET", f"/api/v1/sessions/{id_}/{name}")
        assert (status, body["state"]) == (200, "scored")
    _, view, _ = await running.call("GET", f"/api/v1/sessions/{id_}")
    assert view["state"] == "scored"
    assert running.inference.speech.closed == [id_]
    status, problem, _ = await running.call("POST", f"/api/v1/sessions/{id_}/next")
    assert (status, problem["code"]) == (409, "session.ended")


async def test_hr_ends_it_and_late_words_are_kept(running: Running, clip: EncodedClip) -> None:
    session = await running.create()
    id_ = session["id"]
    running.inference.speech.hold = True
    async with running.peer(session, clip) as peer:
        await peer.connect()
        await running.until(id_, "utterance.started")
        await asyncio.sleep(1.0)
        status, event, _ = await running.call("POST", f"/api/v1/sessions/{id_}/end")
        assert (status, event["data"]) == (200, {"type": "session.ended", "reason": "hr", "by": "operator"})
        status, problem, _ = await running.call("POST", f"/api/v1/sessions/{id_}/end")
        assert (status, problem["code"]) == (409, "session.ended")
        await asyncio.sleep(0.5)
        running.inference.speech.release()
    log = await running.until(id_, "result.ready")
    kinds = [event.data.type for event in log]
    assert kinds.index("session.ended") < kinds.index("transcript.final") < kinds.index("answer.scored")


async def test_affect_is_never_asked_where_the_policy_forbids_it(running: Running, clip: EncodedClip) -> None:
    session = await running.create(policy="EU")
    async with running.peer(session, clip) as peer:
        await peer.connect()
        log = await running.until(session["id"], "liveness.observed", 2)
    assert running.inference.affect_calls == 0
    assert "affect.observed" not in {event.data.type for event in log}


async def test_gaps_and_pace_are_told(running: Running, hum: EncodedClip) -> None:
    session = await running.create()
    async with running.peer(session, hum) as peer:
        await peer.connect()
        await running.until(session["id"], "session.connected")
        running.inference.speech.partial_interval_s = 3.0
        running.inference.on_gap("SpeechRecognition", "lost", 0.0)
        running.inference.on_gap("SpeechRecognition", "recovered", 8.25)
        log = await running.until(session["id"], "captions.paced")
        gaps = [event.data for event in log if event.data.type == "inference.gap"]
        assert [(gap.state, gap.gap_s) for gap in gaps] == [("lost", 0.0), ("recovered", 8.25)]
        running.inference.speech.partial_interval_s = 0.7
        log = await running.until(session["id"], "captions.paced", 2)
    paced = [event.data for event in log if event.data.type == "captions.paced"]
    assert [(p.interval_s, p.slower) for p in paced] == [(3.0, True), (0.7, False)]
