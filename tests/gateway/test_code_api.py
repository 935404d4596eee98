"""The candidate's code over HTTP, beside real media: saved, run, submitted, and what ends with the answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bench.clip import EncodedClip
from gateway.code_runner.messages import Able, Outcome, Program
from gateway.code_runner.runner import Busy
from gateway.code_settings import CodeSettings
from interviews.coding import same_output
from interviews.coding_events import CaseResult
from tests.gateway.conftest import Json, Running, Start
from tests.gateway.sandboxed import SETTINGS, need

QUESTIONS: list[Json] = [
    {
        "id": "square",
        "kind": "coding",
        "text": {"en": "Square it."},
        "answer_s": 300,
        "retries": 1,
        "task": {
            "languages": ["python", "cpp"],
            "cases": [
                {"stdin": "2", "expected": "4", "visible": True},
                {"stdin": "hidden-31", "expected": "hidden-961", "weight": 3},
            ],
        },
    },
    {"id": "why", "text": {"en": "Why?"}, "answer_s": 60},
]
RIGHT = "n = input()\nprint(4 if n == '2' else 'hidden-961')\n"
OFF = CodeSettings(enabled=False, save_every_s=0.01, run_every_s=0.0, save_bytes_s=1e9)


async def send(
    running: Running, session: Json, what: str, id_: str, source: str, **more: Any
) -> tuple[int, Any]:
    body = {"id": id_, "question": "square", "language": "python", "source": source, **more}
    path = f"/api/v1/sessions/{session['id']}/code{what}"
    status, answer, _ = await running.call("POST", path, body, token=session["candidate_token"])
    return status, answer


def problem(answer: tuple[int, Any]) -> str:
    status, body = answer
    assert status >= 400, body
    assert body["messages"]["zh"]
    assert body["messages"]["en"]
    return str(body["code"])


async def command(running: Running, session: Json, name: str, **more: Any) -> None:
    body = {"command": name, "id": f"test-{name}", **more}
    status, answer, _ = await running.call("POST", f"/api/v1/sessions/{session['id']}/commands", body)
    assert status == 200, answer


async def test_code_is_saved_run_submitted_and_checked(start: Start, hum: EncodedClip) -> None:
    running: Running = await start(code=SETTINGS)
    await need(running.server.service.shared.code, "python")
    session = await running.create(questions=QUESTIONS)
    id_ = session["id"]
    assert problem(await send(running, session, "", "s0", "x")) == "session.not-started"
    async with running.peer(session, hum) as peer:
        await peer.connect()
        await running.until(id_, "question.started")
        status, saved = await send(running, session, "", "s1", "print(1)")
        assert (status, saved["data"]["source"]) == (200, "print(1)")
        assert (await send(running, session, "", "s1", "print(2)"))[1]["seq"] == saved["seq"]

        first, again = await asyncio.gather(
            send(running, session, "/run", "r1", RIGHT), send(running, session, "/run", "r1", RIGHT)
        )
        assert first == again
        ran = first[1]["data"]
        assert (ran["outcome"], [(r["case"], r["verdict"]) for r in ran["results"]]) == (
            "ran",
            [(0, "passed")],
        )
        assert (await send(running, session, "/run", "r1", "print()"))[1]["seq"] == first[1]["seq"]
        status, handed = await send(running, session, "/submit", "h1", "print(4)")
        assert (status, handed["data"]["automatic"]) == (200, False)
        await send(running, session, "", "s2", RIGHT)

        # Going on submits what was saved last, and only then are all cases run.
        assert "code.checked" not in {event.data.type for event in await running.log(id_)}
        await command(running, session, "next")
        log = await running.until(id_, "code.checked", timeout_s=60)
    kinds = [event.data.type for event in log if event.data.type.startswith("code.")]
    assert kinds == [
        "code.saved",
        "code.saved",
        "code.ran",
        "code.submitted",
        "code.saved",
        "code.submitted",
        "code.checked",
    ]
    last = log[-1].data.model_dump()
    submitted = [event for event in log if event.data.type == "code.submitted"][-1]
    assert (submitted.data.model_dump()["source"], submitted.data.model_dump()["automatic"]) == (RIGHT, True)
    assert (last["submitted"], [r["verdict"] for r in last["results"]]) == (submitted.seq, ["passed"] * 2)

    # Nothing of hidden cases reaches the candidate, on any way.
    token = session["candidate_token"]
    for path in ("", "/events", "/code", "/journey"):
        status, seen, _ = await running.call("GET", f"/api/v1/sessions/{id_}{path}", token=token)
        assert status == 200
        assert "hidden-31" not in str(seen)
        assert "code.checked" not in str(seen)
    _, view, _ = await running.call("GET", f"/api/v1/sessions/{id_}", token=token)
    assert view["questions"][0]["task"]["hidden_cases"] == 1
    status, kept, _ = await running.call("GET", f"/api/v1/sessions/{id_}/code")
    assert kept["questions"][0]["sources"] == {"python": RIGHT}
    assert kept["languages"]["python"] == "runs"

    await running.call("POST", f"/api/v1/sessions/{id_}/end")
    await running.until(id_, "result.ready")
    _, report, _ = await running.call("GET", f"/api/v1/sessions/{id_}/report")
    assert report["scores"]["answers"][0]["score"] == 100.0
    assert [case["passed"] for case in report["programs"][0]["cases"]] == [True, True]


async def test_code_is_refused_when_its_question_does_not_run(start: Start, hum: EncodedClip) -> None:
    running: Running = await start(code=OFF)
    session = await running.create(questions=QUESTIONS)
    async with running.peer(session, hum) as peer:
        await peer.connect()
        await running.until(session["id"], "question.started")
        assert problem(await send(running, session, "", "a", "x", question="why")) == "command.stale"
        assert problem(await send(running, session, "", "b", "x", language="java")) == "code.language"
        assert problem(await send(running, session, "", "c", "好" * 30_000)) == "code.too-large"
        assert problem(await send(running, session, "", "d", "x" * 70_000)) == "request.invalid"
        assert problem(await send(running, session, "", "e", "nul \0")) == "request.invalid"
        assert problem(await send(running, session, "/submit", "f", "  \n")) == "code.empty"
        path = f"/api/v1/sessions/{session['id']}/code"
        body = {"id": "g", "question": "square", "language": "python", "source": "x"}
        for token in (None, running.server.api_token):
            assert (await running.call("POST", path, body, token=token))[0] in (401, 403)
        other = await running.create(questions=QUESTIONS)
        assert (await running.call("POST", path, body, token=other["candidate_token"]))[0] == 403

        assert (await send(running, session, "", "h", "x"))[0] == 200
        assert problem(await send(running, session, "/run", "h", "x")) == "command.id-taken"
        await command(running, session, "pause")
        assert problem(await send(running, session, "", "i", "y")) == "session.paused"
        await command(running, session, "resume")
        await command(running, session, "finish-answer")
        assert problem(await send(running, session, "", "j", "y")) == "answer.phase"
        log = await running.until(session["id"], "code.checked")
        [checked] = [event.data for event in log if event.data.type == "code.checked"]
        assert checked.model_dump()["outcome"] == "no-sandbox"
    await running.call("POST", f"/api/v1/sessions/{session['id']}/end")
    await running.until(session["id"], "result.ready")
    assert problem(await send(running, session, "", "k", "y")) == "session.ended"
    _, scores, _ = await running.call("GET", f"/api/v1/sessions/{session['id']}/scores")
    assert scores["answers"][0]["insufficient"]["code"] == "code-not-run"


async def test_snapshots_and_runs_have_a_pace(start: Start, hum: EncodedClip) -> None:
    pace = CodeSettings(enabled=False, save_every_s=30, run_every_s=30)
    running: Running = await start(code=pace)
    session = await running.create(questions=QUESTIONS)
    async with running.peer(session, hum) as peer:
        await peer.connect()
        await running.until(session["id"], "question.started")
        assert (await send(running, session, "", "a", "x"))[0] == 200
        refused = await send(running, session, "", "b", "y")
        assert (refused[0], problem(refused)) == (429, "code.too-often")
        status, ran = await send(running, session, "/run", "c", "y")  # a run saves what it runs
        assert (status, ran["data"]["outcome"]) == (200, "no-sandbox")
        assert problem(await send(running, session, "/run", "d", "z")) == "code.too-often"
        assert len([e for e in await running.log(session["id"]) if e.data.type == "code.saved"]) == 2


async def test_without_consent_to_scoring_nothing_is_checked(start: Start, hum: EncodedClip) -> None:
    running: Running = await start(code=OFF)
    session = await running.create(questions=QUESTIONS)
    agreed = {"recording": False, "face": False, "scoring": False, "language": "en", "notice": "1"}
    path = f"/api/v1/sessions/{session['id']}"
    await running.call("POST", f"{path}/consent", agreed, token=session["candidate_token"])
    async with running.peer(session, hum) as peer:
        await peer.connect()
        await running.until(session["id"], "question.started")
        await send(running, session, "", "a", "print(1)")
        await running.call("POST", f"{path}/end")
        log = await running.until(session["id"], "result.ready")
    kinds = {event.data.type for event in log}
    assert "code.submitted" in kinds
    assert "code.checked" not in kinds
    _, report, _ = await running.call("GET", f"{path}/report")
    assert report["programs"][0]["source"] == "print(1)"
    assert report["scores"]["answers"][0]["insufficient"]["code"] == "scoring-refused"


class Slow:
    """A runner that a test lets go; what it judges is true for the programs of this file."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.busy = False

    def warm(self, languages: object) -> None:
        pass

    def known(self, language: object) -> Able:
        return Able(version="slow 1")

    async def run(self, program: Program, *, waits: bool = False) -> Outcome:
        if self.busy and not waits:
            raise Busy
        await self.go.wait()
        results = tuple(
            CaseResult(case=n, verdict="passed" if same_output(program.source, case.expected) else "wrong")
            for n, case in program.cases
        )
        return Outcome(outcome="ran", results=results)

    async def close(self) -> None:
        pass


async def test_what_a_stop_cut_short_is_checked_after_it(start: Start, hum: EncodedClip) -> None:
    running: Running = await start(code=OFF, stop_s=0.2)
    slow: Any = Slow()
    running.server.service.shared.code = slow
    session = await running.create(questions=QUESTIONS)
    async with running.peer(session, hum) as peer:
        await peer.connect()
        await running.until(session["id"], "question.started")
        await send(running, session, "", "a", "4")
        slow.busy = True
        slow.go.clear()
        assert problem(await send(running, session, "/run", "r", "4")) == "code.busy"
        await running.call("POST", f"/api/v1/sessions/{session['id']}/end")
        await running.until(session["id"], "code.submitted")
    await running.server.stop()
    again: Running = await start(code=OFF)
    log = await again.until(session["id"], "result.ready")
    assert [event.data.type for event in log].count("code.submitted") == 1
    assert [event.data.type for event in log].count("code.checked") == 1


async def test_a_solution_can_be_tried_by_who_writes_the_task(start: Start) -> None:
    running: Running = await start(code=SETTINGS)
    await need(running.server.service.shared.code, "python")
    body = {"task": QUESTIONS[0]["task"], "language": "python", "source": RIGHT}
    status, tried, _ = await running.call("POST", "/api/v1/code/try", body)
    assert (status, [one["verdict"] for one in tried["results"]]) == (200, ["passed", "passed"])
    status, _, _ = await running.call("POST", "/api/v1/code/try", {**body, "language": "java"})
    assert status == 422
    session = await running.create(questions=QUESTIONS)
    status, _, _ = await running.call("POST", "/api/v1/code/try", body, token=session["candidate_token"])
    assert status == 403


@pytest.mark.parametrize("kind", ["structured", "coding"])
async def test_a_task_belongs_to_a_coding_question(running: Running, kind: str) -> None:
    asked = {**QUESTIONS[0], "kind": kind}
    status, _, _ = await running.call(
        "POST", "/api/v1/sessions", {"candidate": "Li Lei", "language": "en", "questions": [asked]}
    )
    assert status == (201 if kind == "coding" else 422)
