"""Commands to a running interview: over its WebSocket and over POST, with real media and real timers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bench.clip import EncodedClip
from interviews.clock import QuestionClock
from interviews.events import CANDIDATE_TYPES, Event
from tests.gateway.conftest import API_TOKEN, Json, Running, Start

QUESTIONS: list[Json] = [
    {"id": "why", "text": {"en": "Why?"}, "think_s": 60, "answer_s": 60, "retries": 1},
    {"id": "how", "text": {"en": "How?"}, "answer_s": 60},
]


class Page:
    """One side's socket: sends commands, keeps the events that come in between."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.events: list[Json] = []

    async def say(self, command: str, id_: str, **more: Any) -> Json:
        return await self.send(json.dumps({"command": command, "id": id_, **more}))

    async def send(self, text: str) -> Json:
        """The Ack or Nack."""
        await self.socket.send_str(text)
        return await self.reply()

    async def reply(self) -> Json:
        while True:
            message = dict(await self.socket.receive_json(timeout=5))
            if "ack" in message or "nack" in message:
                return message
            self.events.append(message)


@asynccontextmanager
async def page(running: Running, session: Json, token: str = API_TOKEN) -> AsyncIterator[Page]:
    url = f"{running.server.url}/api/v1/sessions/{session['id']}/ws"
    async with running.http.ws_connect(url, headers={"Authorization": f"Bearer {token}"}) as socket:
        yield Page(socket)


def kinds(log: list[Event]) -> list[str]:
    return [event.data.type for event in log]


def code(nack: Json) -> str:
    assert nack["problem"]["status"] >= 400
    assert nack["problem"]["messages"]["zh"]
    return str(nack["problem"]["code"])


async def test_an_interview_is_conducted_from_both_sides(running: Running, hum: EncodedClip) -> None:
    session = await running.create(questions=QUESTIONS)
    id_ = session["id"]
    async with (
        running.peer(session, hum) as peer,
        page(running, session) as hr,
        page(running, session, session["candidate_token"]) as candidate,
    ):
        early = await hr.say("pause", "p0")
        assert code(early) == "session.not-started"
        await peer.connect()
        await running.until(id_, "question.started")

        started = await candidate.say("start-answering", "c1", question="why")
        assert started["event"]["data"]["by"] == "candidate"
        paused = await hr.say("pause", "p1", reason="a phone rings")
        assert paused["event"]["data"]["reason"] == "a phone rings"
        refused = await hr.say("pause", "p2")
        assert code(refused) == "session.paused"
        assert (refused["nack"], refused["state"]["paused"], refused["state"]["running"]) == (
            "p2",
            True,
            False,
        )
        left = refused["state"]["remaining_s"]
        assert code(await candidate.say("next", "c2")) == "session.paused"
        await asyncio.sleep(0.3)
        again = await hr.say("pause", "p3")
        assert again["state"]["remaining_s"] == left, "it stands still"
        assert (await hr.say("resume", "r1"))["event"]["data"]["type"] == "session.resumed"

        assert (await hr.say("extend", "x1", seconds=30))["event"]["data"]["seconds"] == 30
        asked = await hr.say("interject", "i1", text="  Could you say more?  ")
        assert asked["event"]["data"]["text"] == "Could you say more?"
        noted = await hr.say("annotate", "a1", text="hesitates", tags=["probe"], media_time=0.5)
        annotation = noted["event"]["data"]["id"]
        edited = await hr.say("edit-annotation", "a2", annotation=annotation, text="thinks")
        assert (edited["event"]["data"]["text"], edited["event"]["data"]["tags"]) == ("thinks", ["probe"])
        assert "ack" in await hr.say("delete-annotation", "a3", annotation=annotation)
        assert code(await hr.say("edit-annotation", "a4", annotation=annotation)) == "annotation.unknown"

        assert "ack" in await candidate.say("retry", "c3", question="why")
        assert code(await candidate.say("retry", "c4", question="why")) == "answer.no-retries"
        finished = await candidate.say("finish-answer", "c5", question="why")
        assert finished["event"]["data"]["by"] == "candidate"
        assert code(await candidate.say("finish-answer", "c6", question="how")) == "command.stale"
        assert (await candidate.say("next", "c7"))["event"]["data"]["question"] == "how"
        assert (await hr.say("finish-answer", "f1"))["event"]["data"]["by"] == "hr"
        assert code(await hr.say("next", "n1")) == "session.last-question"
        assert (await candidate.say("end", "c8"))["event"]["data"]["reason"] == "candidate"
        seen = {event["data"]["type"]: event["data"] for event in candidate.events}
        assert set(seen) <= CANDIDATE_TYPES
        assert seen["session.paused"]["reason"] == ""
        assert seen["question.interjected"]["by"] == "hr"
    log = await running.until(id_, "result.ready")
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert kinds(log).count("session.paused") == 1

    # Long after the end people still annotate; the same command again is the same event.
    command = {"command": "annotate", "id": "late", "text": "worth a second round"}
    path = f"/api/v1/sessions/{id_}/commands"
    running.server.service.registry.tick()
    assert running.server.service.registry.resident(id_) is None
    status, event, _ = await running.call("POST", path, command)
    assert (status, event["seq"]) == (200, len(log) + 1)
    assert (await running.call("POST", path, command))[1] == event
    status, problem, _ = await running.call("POST", path, {"command": "pause", "id": "no"})
    assert (status, problem["code"]) == (409, "session.ended")


async def test_time_runs_out_by_itself(running: Running, hum: EncodedClip) -> None:
    questions = [{**QUESTIONS[0], "think_s": 0.6, "answer_s": 0.8}]
    session = await running.create(questions=questions)
    async with running.peer(session, hum) as peer:
        await peer.connect()
        log = await running.until(session["id"], "answer.finished")
    [asked, begun, over] = [
        event
        for event in log
        if event.data.type in ("question.started", "answering.started", "answer.finished")
    ]
    assert begun.data.model_dump() == {"type": "answering.started", "question": "why", "by": "timeout"}
    assert over.data.model_dump() == {"type": "answer.finished", "question": "why", "by": "timeout"}
    assert begun.media_time - asked.media_time == pytest.approx(0.6, abs=0.002)
    assert over.media_time - begun.media_time == pytest.approx(0.8, abs=0.002)
    assert (over.at - asked.at).total_seconds() == pytest.approx(1.4, abs=0.5)


async def test_a_pause_keeps_the_time_and_the_session(start: Start, hum: EncodedClip) -> None:
    running: Running = await start(grace_s=0.2)
    session = await running.create(questions=[{**QUESTIONS[1], "answer_s": 2.0}])
    id_ = session["id"]
    async with running.peer(session, hum) as peer:
        await peer.connect()
        await running.until(id_, "question.started")
        status, _, _ = await running.call(
            "POST", f"/api/v1/sessions/{id_}/commands", {"command": "pause", "id": "p"}
        )
        assert status == 200
    await running.until(id_, "session.disconnected")
    await asyncio.sleep(1.2)  # past the grace, and past the answer's time
    assert {"answer.finished", "session.ended"}.isdisjoint(kinds(await running.log(id_)))
    async with running.peer(session, hum) as peer:
        await peer.connect()
        await running.until(id_, "session.connected", 2)
        await running.call("POST", f"/api/v1/sessions/{id_}/commands", {"command": "resume", "id": "r"})
        log = await running.until(id_, "answer.finished")
    clock, running_s, last = QuestionClock(), 0.0, 0.0
    for event in log:
        running_s += max(0.0, event.media_time - last) if clock.running else 0.0
        last = max(last, event.media_time)
        clock.apply(event)
    assert running_s == pytest.approx(2.0, abs=0.01)


async def test_a_restart_keeps_what_is_left(start: Start, hum: EncodedClip) -> None:
    first: Running = await start(grace_s=30)
    session = await first.create(questions=QUESTIONS)
    id_ = session["id"]
    async with first.peer(session, hum) as peer, page(first, session) as hr:
        await peer.connect()
        await first.until(id_, "question.started")
        ack = await hr.say("extend", "x1", seconds=40)
    live = first.server.service.registry.resident(id_)
    assert live is not None
    await first.until(id_, "session.disconnected")
    left = live.state.clock.remaining(live.media_time)
    live.taken = True  # as when the process dies: nothing more is written
    await live.let_go()
    first.server.service.registry._sessions.pop(id_)
    status, view, _ = await first.call("GET", f"/api/v1/sessions/{id_}/journey")
    stands = view["situation"]
    assert (status, view["stage"], stands["phase"], stands["running"]) == (
        200,
        "disconnected",
        "thinking",
        False,
    )
    assert stands["remaining_s"] == pytest.approx(left, abs=0.01)
    async with page(first, session) as hr:
        assert await hr.say("extend", "x1", seconds=40) == ack, "known from the log"
        assert (await hr.say("interject", "i1", text="Are you there?"))["ack"] == "i1"


async def test_what_makes_no_sense_is_answered_and_costs_nobody_the_socket(running: Running) -> None:
    session = await running.create()
    async with page(running, session) as hr:
        for text, expected, id_ in [
            ("", "request.malformed", None),
            ("{", "request.malformed", None),
            ("[" * 5000, "request.malformed", None),
            ("17", "request.invalid", None),
            ('{"command": "fly", "id": "a"}', "request.invalid", "a"),
            ('{"command": "pause"}', "request.invalid", None),
            ('{"command": "pause", "id": 7}', "request.invalid", None),
            ('{"command": "pause", "id": "b", "more": 1}', "request.invalid", "b"),
            ('{"command": "extend", "id": "c", "seconds": NaN}', "request.invalid", "c"),
            ('{"command": "extend", "id": "d", "seconds": -5}', "request.invalid", "d"),
            ('{"command": "interject", "id": "e", "text": "   "}', "request.invalid", "e"),
            ('{"command": "resume", "id": "f"}', "session.not-started", "f"),
        ]:
            refused = await hr.send(text)
            assert (code(refused), refused["nack"]) == (expected, id_), text
            assert refused["state"]["stage"] == "invited"
        await hr.socket.send_bytes(b"\xff\xfe")
        assert code(await hr.reply()) == "request.malformed"
        long = {"command": "annotate", "id": "g", "text": "说" * 2000}
        assert (await hr.send(json.dumps(long)))["ack"] == "g"


async def test_each_side_does_what_is_its_own(running: Running, hum: EncodedClip) -> None:
    session = await running.create(questions=QUESTIONS)
    async with (
        running.peer(session, hum) as peer,
        page(running, session) as hr,
        page(running, session, session["candidate_token"]) as candidate,
    ):
        await peer.connect()
        await running.until(session["id"], "question.started")
        for command, more in [
            ("pause", {}),
            ("extend", {"seconds": 60}),
            ("interject", {"text": "Why?"}),
            ("annotate", {"text": "good"}),
        ]:
            assert code(await candidate.say(command, f"c-{command}", **more)) == "token.forbidden"
        assert code(await hr.say("start-answering", "h1")) == "token.forbidden"
        assert code(await hr.say("retry", "h2")) == "token.forbidden"
        assert "ack" in await candidate.say("page-hidden", "c1", hidden_s=2.5)
        assert code(await candidate.say("start-practice", "c2")) == "command.stale"
    live = running.server.service
    viewer, _ = live.tokens.issue(session["id"], "viewer", live.token_lifetime)
    path = f"/api/v1/sessions/{session['id']}/commands"
    status, problem, _ = await running.call("POST", path, {"command": "next", "id": "v"}, token=viewer)
    assert (status, problem["code"]) == (403, "token.forbidden")


async def test_twice_the_same_is_done_once_and_a_page_behind_is_told(
    running: Running, hum: EncodedClip
) -> None:
    session = await running.create(questions=[{**q, "think_s": 60} for q in QUESTIONS])
    id_ = session["id"]
    async with running.peer(session, hum) as peer, page(running, session) as hr:
        await peer.connect()
        log = await running.until(id_, "question.started")
        known = log[-1].seq
        once, twice = await asyncio.gather(
            *(
                running.call(
                    "POST", f"/api/v1/sessions/{id_}/commands", {"command": "next", "id": "n", "after": known}
                )
                for _ in range(2)
            )
        )
        assert once[:2] == twice[:2]
        assert once[1]["data"]["question"] == "how"
        stale = await hr.say("extend", "x", seconds=10, after=known)
        assert (code(stale), stale["state"]["question"]) == ("command.stale", "how")
        assert "ack" in await hr.say("extend", "y", seconds=10, after=stale["state"]["seq"])
        assert code(await hr.say("pause", "y")) == "command.id-taken"
        # Two people press the same button at once: one is told that it is done already.
        pressed = [
            hr.say("pause", "two-a"),
            running.call("POST", f"/api/v1/sessions/{id_}/commands", {"command": "pause", "id": "two-b"}),
        ]
        await asyncio.gather(*pressed)
        assert kinds(await running.log(id_)).count("session.paused") == 1
        await hr.say("end", "e1")
    assert kinds(await running.until(id_, "result.ready")).count("session.ended") == 1


async def test_the_log_names_who_asked_and_ended_but_not_to_the_candidate(
    running: Running, hum: EncodedClip
) -> None:
    session = await running.create(questions=QUESTIONS)
    async with running.peer(session, hum) as peer, page(running, session) as hr:
        await peer.connect()
        await running.until(session["id"], "question.started")
        assert (await hr.say("next", "n1"))["event"]["data"]["by"] == "operator"
        assert (await hr.say("end", "e1"))["event"]["data"]["by"] == "operator"
    await running.until(session["id"], "result.ready")
    token = session["candidate_token"]
    _, seen, _ = await running.call("GET", f"/api/v1/sessions/{session['id']}/events?limit=1000", token=token)
    told = [one["data"] for one in seen["events"]]
    asked = [one.get("by") for one in told if one["type"] == "question.started"]
    assert asked == [None, "hr"]  # the first one came with the media
    assert [one["by"] for one in told if one["type"] == "session.ended"] == ["hr"]
