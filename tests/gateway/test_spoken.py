"""Questions read aloud: the queue, its process, and the file over HTTP."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import pytest

from gateway.spoken import Spoken
from gateway.spoken_api import preferred
from gateway.spoken_settings import SpokenSettings
from gateway.spoken_worker import KINDS, Order, work
from interviews.plan import Question
from models.speaking.speech import Language, Sound, SpeechError
from models.store import WeightsMissing
from storage.spoken import SpokenFile, SpokenFiles
from tests.gateway.conftest import API_TOKEN, Json, Running, Start

TONE = (8000 * np.sin(np.arange(24_000) * 2 * np.pi * 220 / 24_000)).astype(np.int16)


class Tones:
    """A voice without words. `says`: what it was given; `raises` instead of a sound."""

    def __init__(self, raises: Exception | None = None) -> None:
        self.says: list[tuple[str, str]] = []
        self.raises = raises

    def speak(self, text: str, language: Language) -> Sound:
        self.says.append((text, language))
        if self.raises:
            raise self.raises
        return Sound(TONE, 24_000)


def seconds(data: bytes) -> float:
    with av.open(io.BytesIO(data)) as file:
        return sum(frame.samples for frame in file.decode(audio=0)) / 48_000


async def fetch(running: Running, path: str, token: str | None, **headers: str) -> tuple[int, bytes, Any]:
    if token:
        headers["Authorization"] = f"Bearer {token}"
    async with running.http.get(running.server.url + path, headers=headers) as answer:
        return answer.status, await answer.read(), answer.headers


async def settled(spoken: Spoken, text: str) -> SpokenFile | str:
    """What became of a text that was waited for."""
    for _ in range(600):
        found = await spoken.ready(text, "en", "ogg")
        if found != "waiting":
            return found
        await asyncio.sleep(0.1)
    return "waiting"


def put(running: Running, text: str, language: Language = "en") -> None:
    """Renders with a fake voice, as the process does with a real one."""
    files = SpokenFiles(running.server.settings.data / "spoken")
    assert work(Order(text=text, language=language), files, Tones(), 10**9).state == "rendered"


@pytest.fixture
async def held(start: Start, monkeypatch: pytest.MonkeyPatch) -> Running:
    """A server whose queue fills and is never worked through."""

    async def never(self: Spoken) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Spoken, "_next", never)
    running = await start(spoken=SpokenSettings())
    assert isinstance(running, Running)
    return running


def path(session: Json, question: str = "why", query: str = "") -> str:
    return f"/api/v1/sessions/{session['id']}/questions/{question}/speech{query}"


QUESTION = {"id": "why", "text": {"en": "Why this job?", "zh": "为什么选择这份工作？"}}


async def test_a_question_that_is_ready_plays_whole_and_by_ranges(held: Running) -> None:
    session = await held.create(questions=[QUESTION])
    token = session["candidate_token"]
    status, body, headers = await fetch(held, path(session), token)
    assert status == 503
    assert b"speech.not-ready" in body
    assert int(headers["Retry-After"]) > 0
    put(held, "Why this job?")

    status, whole, headers = await fetch(held, path(session), token)
    assert (status, headers["Content-Type"]) == (200, "audio/ogg")
    assert headers["Cache-Control"].startswith("private")
    assert seconds(whole) == pytest.approx(1.0, abs=0.05)
    etag = headers["ETag"]
    status, body, headers = await fetch(held, path(session), token, Range="bytes=10-99")
    assert (status, body) == (206, whole[10:100])
    assert headers["Content-Range"] == f"bytes 10-99/{len(whole)}"
    assert (await fetch(held, path(session), token, Range=f"bytes={len(whole)}-"))[0] == 416
    status, body, headers = await fetch(held, path(session), token, **{"If-None-Match": etag})
    assert (status, body, headers["ETag"]) == (304, b"", etag)
    assert (await fetch(held, path(session), API_TOKEN))[1] == whole

    for asked in (("?format=mp4", {}), ("", {"Accept": "audio/mp4, audio/mpeg"})):
        status, body, headers = await fetch(held, path(session, query=asked[0]), token, **asked[1])
        assert (status, headers["Content-Type"]) == (200, "audio/mp4")
        assert seconds(body) == pytest.approx(1.0, abs=0.1)


async def test_each_language_is_a_file_of_its_own(held: Running) -> None:
    session = await held.create(questions=[QUESTION], language="zh")
    put(held, "为什么选择这份工作？", "zh")
    token = session["candidate_token"]
    assert (await fetch(held, path(session), token))[0] == 200
    assert (await fetch(held, path(session, query="?language=zh"), token))[0] == 200
    assert (await fetch(held, path(session, query="?language=en"), token))[0] == 503
    assert (await fetch(held, path(session, query="?language=fr"), token))[0] == 422


async def test_who_may_listen_and_what_there_is_not(held: Running) -> None:
    session = await held.create(questions=[{"id": "why", "text": {"en": "Why this job?"}}])
    other = await held.create()
    put(held, "Why this job?")
    assert (await fetch(held, path(session), None))[0] == 401
    assert (await fetch(held, path(session), other["candidate_token"]))[0] == 403
    token = session["candidate_token"]
    for missing in (path(session, "another"), path(session, query="?language=zh")):
        status, body, _ = await fetch(held, missing, token)
        assert status == 404
        assert b"speech.none" in body
    assert (await fetch(held, path({"id": "0" * 20}), API_TOKEN))[0] == 404


async def test_a_server_that_does_not_read_aloud_says_so(running: Running) -> None:
    session = await running.create(questions=[QUESTION])
    status, body, _ = await fetch(running, path(session), session["candidate_token"])
    assert status == 404
    assert b"speech.none" in body
    assert not (running.server.settings.data / "spoken").exists()


async def test_the_guidance_is_told_in_both_languages_and_read_aloud(held: Running) -> None:
    session = await held.create(questions=[QUESTION])
    token = session["candidate_token"]
    where = f"/api/v1/sessions/{session['id']}/guidance"
    status, told, _ = await held.call("GET", where, token=token)
    assert status == 200
    english = told["lines"]["en"]
    assert english[0] == "1 structured question, which you answer right away, 2 minutes to answer each."
    assert told["lines"]["zh"][0] == "1 道结构化问题，看到题目后直接作答，每题作答 2 分钟。"
    spoken = held.server.service.shared.spoken
    assert spoken is not None
    # The page has been opened: it comes before the questions.
    assert {order.text for order in spoken.waiting[:2]} == {" ".join(english), "".join(told["lines"]["zh"])}
    speech = f"{where}/speech?language=en"
    status, body, _ = await fetch(held, speech, token)
    assert (status, b"speech.not-ready" in body) == (503, True)
    put(held, " ".join(english))
    status, whole, headers = await fetch(held, speech, token)
    assert (status, headers["Content-Type"]) == (200, "audio/ogg")
    assert seconds(whole) == pytest.approx(1.0, abs=0.05)
    assert (await fetch(held, speech, token, Range="bytes=10-99"))[0] == 206
    other = await held.create()
    assert (await fetch(held, speech, other["candidate_token"]))[0] == 403


async def test_sessions_and_plans_queue_their_questions_in_both_languages(held: Running) -> None:
    spoken = held.server.service.shared.spoken
    assert spoken is not None
    await held.create(questions=[QUESTION])
    await held.create(questions=[QUESTION])  # the same texts wait once
    waiting = [(order.text, order.language) for order in spoken.waiting]
    assert waiting == [("为什么选择这份工作？", "zh"), ("Why this job?", "en")]
    _, plans, _ = await held.call("GET", "/api/v1/starter-plans")
    plan = {**plans["plans"][0], "id": "our-own", "version": 1}
    status, answer, _ = await held.call("POST", "/api/v1/plans", {"branch": "head", "plan": plan})
    assert status == 201, answer
    added = [order.language for order in spoken.waiting][2:]
    assert added.count("zh") == added.count("en") > 2


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "ogg"),
        ("audio/ogg, audio/mp4;q=0.5", "ogg"),
        ("audio/mp4", "mp4"),
        ("audio/mp4;q=1, */*;q=0.1", "mp4"),
        ("text/html", "ogg"),
    ],
)
def test_format_by_accept(accept: str, kind: str) -> None:
    assert preferred(accept) == kind


def test_nothing_is_rendered_twice(tmp_path: Path) -> None:
    files, voice, order = SpokenFiles(tmp_path), Tones(), Order(text="Hello", language="en")
    assert [work(order, files, voice, 10**9).state for _ in range(2)] == ["rendered", "kept"]
    assert voice.says == [("Hello", "en")]
    assert files.has(order.key, KINDS)
    with files.turn() as mine:
        assert mine
        assert work(Order(text="Another", language="en"), files, voice, 10**9).state == "busy"
    assert len(voice.says) == 1


@pytest.mark.parametrize(
    ("raises", "state"),
    [
        (SpeechError("nothing to say"), "unspeakable"),
        (WeightsMissing("fetch them"), "unavailable"),
        (RuntimeError("broken"), "failed"),
    ],
)
def test_failures_are_answers(tmp_path: Path, raises: Exception, state: str) -> None:
    files = SpokenFiles(tmp_path)
    order = Order(text="Hello", language="en")
    done = work(order, files, Tones(raises), 10**9)
    assert (done.state, str(raises) in done.reason) == (state, True)
    assert not files.has(order.key, KINDS)
    assert work(Order(text="x" * 1201, language="en"), files, Tones(), 10**9).state == "unspeakable"


async def test_without_weights_the_page_is_told(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real process, which finds no weights."""
    running: Running = await start(spoken=SpokenSettings())
    monkeypatch.setenv("VIVA_HOME", str(tmp_path / "empty"))
    session = await running.create(questions=[{"id": "why", "text": {"en": "Why this job?"}}])
    async with asyncio.timeout(60):
        while True:
            status, body, headers = await fetch(running, path(session), API_TOKEN)
            if b"speech.not-ready" not in body:
                break
            await asyncio.sleep(0.1)
    assert (status, headers["Retry-After"]) == (503, "60")
    assert b"speech.unavailable" in body


async def test_the_process_reads_aloud_and_ends_when_idle(tmp_path: Path) -> None:
    """With the real voice."""
    text, began = "Tell us about yourself.", len(psutil.Process().children())
    spoken = Spoken(tmp_path, SpokenSettings(idle_s=0.2))
    task = asyncio.create_task(spoken.run())
    spoken.want([Question(id="a", text={"en": text})])
    try:
        file = await settled(spoken, text)
        assert isinstance(file, SpokenFile)
        assert 0.8 < seconds(file.data) < 4.0
        for _ in range(100):
            if len(psutil.Process().children()) == began:
                break
            await asyncio.sleep(0.1)
        assert len(psutil.Process().children()) == began
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_process_that_dies_costs_one_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    spoken = Spoken(tmp_path, SpokenSettings())
    task = asyncio.create_task(spoken.run())
    try:
        assert await settled(spoken, "Hello") == "unavailable"
        assert spoken.waiting == ()
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
