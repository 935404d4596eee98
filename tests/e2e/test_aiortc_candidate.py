"""Whole interviews with real candidates over WebRTC, the real weights, and everything that can be wrong."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
import psutil
import pytest

from bench import passage
from bench.clip import EncodedClip
from bench.core.error_rates import error_rate
from bench.server import Server
from bench.session import CandidateRun, run_candidate
from inference.settings import InferenceSettings
from tests.e2e import scenes
from tests.e2e.threaded import ThreadedServer

pytestmark = pytest.mark.realtime

# 20 s of the passage: what is said until then.
SAID = passage.TEXT.partition("it was the winter")[0]
QUESTIONS = [passage.QUESTION.model_dump(mode="json")]


@pytest.fixture(scope="module")
def server(serving: InferenceSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadedServer]:
    with ThreadedServer(serving, tmp_path_factory.mktemp("data"), grace_s=2.0) as threaded:
        yield threaded


def interview(server: ThreadedServer, *clips: EncodedClip, **options: Any) -> list[CandidateRun]:
    """One candidate per clip, all at once."""

    async def all_of_them() -> list[CandidateRun]:
        runs = [CandidateRun(number) for number in range(1, len(clips) + 1)]
        async with aiohttp.ClientSession() as http:
            api = Server(http, server.url, server.token)
            given = {"spoken": "en", "questions": QUESTIONS, **options}
            async with asyncio.TaskGroup() as group:
                for run, clip in zip(runs, clips, strict=True):
                    group.create_task(run_candidate(api, clip, run, **given))
        return runs

    return asyncio.run(all_of_them())


def kinds(run: CandidateRun) -> set[str]:
    return {one.type for one in run.received}


def states(run: CandidateRun, kind: str) -> list[str]:
    return [one.event["data"]["state"] for one in run.of(kind)]


def logged(run: CandidateRun) -> list[dict[str, Any]]:
    return [one.event for one in run.received if one.event["seq"]]


def before(run: CandidateRun, *order: str) -> bool:
    """The first of each kind came in this order."""
    first = [next(i for i, one in enumerate(run.received) if one.type == kind) for kind in order]
    return first == sorted(first)


# --- one good interview ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def good(server: ThreadedServer) -> CandidateRun:
    (run,) = interview(server, scenes.speaking(22.0), trickle=True)
    return run


def test_words_are_heard(good: CandidateRun) -> None:
    heard = error_rate(SAID, good.text()[: len(SAID) + 20], "en")
    assert heard.rate < 0.15
    assert good.of("transcript.partial")


def test_word_times_lie_where_the_words_were_spoken(good: CandidateRun) -> None:
    words = [word for final in good.finals() for word in final["words"]]
    starts = [word["start"] for word in words]
    assert starts == sorted(starts)
    best = next(word for word in words if "best" in word["text"].lower())
    worst = next(word for word in words if "worst" in word["text"].lower())
    assert best["start"] == pytest.approx(1.7, abs=0.3)
    assert worst["start"] == pytest.approx(3.4, abs=0.3)
    assert all(0 <= word["start"] <= word["end"] <= 24 for word in words)


def test_one_face_is_found_measured_and_judged(good: CandidateRun) -> None:
    assert states(good, "face.state")[-1] == "one"
    faces = [one.event["data"] for one in good.of("face.measured")]
    assert len(faces) >= 12
    for face in faces:
        x, y, width, height = face["box"]
        assert 0.25 < x + width / 2 < 0.7
        assert 0.2 < y + height / 2 < 0.7
        assert abs(face["yaw"]) < 20
        assert face["eyes_open"] > 0.4
    liveness = good.of("liveness.observed")[-1].event["data"]
    assert liveness["frames"] > 5
    assert liveness["model"].startswith("fr-liveness") or "@" in liveness["model"]
    assert good.of("affect.observed")[-1].event["data"]["valence"] == "positive"  # she smiles


def test_events_come_in_order_without_holes(good: CandidateRun) -> None:
    assert [event["seq"] for event in logged(good)] == list(range(1, len(logged(good)) + 1))
    assert before(
        good,
        "session.created",
        "session.connected",
        "question.started",
        "utterance.started",
        "transcript.partial",
        "transcript.final",
        "session.ended",
        "answer.scored",
        "result.ready",
    )
    assert good.received[-1].type == "result.ready"


def test_events_carry_the_media_time_at_which_they_were_true(good: CandidateRun) -> None:
    assert good.started_at is not None
    for one in good.received:
        if one.type in ("face.measured", "sound.level", "picture.state", "utterance.started"):
            wall = one.at - good.started_at
            assert wall - 3.0 < one.event["media_time"] < wall + 0.5


def test_no_sound_is_lost(good: CandidateRun) -> None:
    link = good.of("link.measured")[-1].event["data"]
    assert link["sound_lost_ms"] == 0
    assert link["sound_heard_ms"] >= good.sound_sent_ms


def test_result_rests_on_the_words_heard(good: CandidateRun) -> None:
    scores, report = good.results["scores"], good.results["report"]
    assert scores["overall"] == good.of("result.ready")[0].event["data"]["overall"]
    assert scores["overall"] is not None
    (answer,) = scores["answers"]
    relevance = next(m for m in answer["measures"] if m["name"] == "relevance")
    assert relevance["value"] is not None
    assert relevance["weight"] > 0
    transcript = good.text().lower()
    for quote in relevance["evidence"]:
        assert quote["quote"].lower().strip(" .,") in transcript
        assert 0 <= quote["start"] < quote["end"] <= 24
    assert sum(m["weight"] for m in answer["measures"]) == pytest.approx(1, abs=0.01)
    assert report["overall"] == scores["overall"]
    assert report["observed"]["weight"] == 0


# --- what can be wrong -----------------------------------------------------------------------------------

SCENES: dict[str, Callable[[], EncodedClip]] = {
    "audio only": lambda: scenes.speaking().only(video=False),
    "video only": lambda: scenes.speaking().only(audio=False),
    "silent microphone": scenes.silent_microphone,
    "black picture": scenes.black_picture,
    "two people": scenes.two_people,
    "nobody": scenes.nobody,
}


@pytest.fixture(scope="module")
def wrong(server: ThreadedServer) -> dict[str, CandidateRun]:
    """Every scene, three at a time."""
    names = list(SCENES)
    runs: list[CandidateRun] = []
    for few in (names[:3], names[3:]):
        runs += interview(server, *(SCENES[name]() for name in few))
    return dict(zip(names, runs, strict=True))


def test_audio_only_is_an_interview(wrong: dict[str, CandidateRun]) -> None:
    run = wrong["audio only"]
    assert "best of times" in run.text().lower()
    assert states(run, "picture.state") == ["missing"]
    assert not kinds(run) & {"face.measured", "liveness.observed", "affect.observed"}
    assert run.results["scores"]["state"] == "scored"


def test_video_only_is_measured_and_not_scored(wrong: dict[str, CandidateRun]) -> None:
    run = wrong["video only"]
    assert states(run, "sound.state") == ["missing"]
    assert "face.measured" in kinds(run)
    assert not kinds(run) & {"transcript.partial", "transcript.final", "utterance.started"}
    assert run.results["scores"]["overall"] is None
    assert run.results["scores"]["answers"][0]["insufficient"]["code"] == "no-answer"


def test_a_silent_microphone_is_told_and_yields_no_words(wrong: dict[str, CandidateRun]) -> None:
    run = wrong["silent microphone"]
    assert "silent" in states(run, "sound.state")
    assert "transcript.final" not in kinds(run)
    assert run.results["scores"]["overall"] is None


def test_a_black_picture_is_told_and_the_words_still_count(wrong: dict[str, CandidateRun]) -> None:
    run = wrong["black picture"]
    assert "black" in states(run, "picture.state")
    assert "face.measured" not in kinds(run)
    assert "best of times" in run.text().lower()


def test_two_people_are_told(wrong: dict[str, CandidateRun]) -> None:
    run = wrong["two people"]
    assert "several" in states(run, "face.state")
    assert max(one.event["data"]["faces"] for one in run.of("face.state")) == 2
    codes = {fact["what"]["code"] for fact in run.results["report"]["integrity"]}
    assert "several-people" in codes


def test_nobody_in_the_picture_is_told(wrong: dict[str, CandidateRun]) -> None:
    run = wrong["nobody"]
    assert "none" in states(run, "face.state")
    assert "face.measured" not in kinds(run)


def test_four_at_once_lose_no_sound_and_hear_the_same_words(server: ThreadedServer) -> None:
    runs = interview(server, *[scenes.speaking(12.0)] * 4)
    said = passage.TEXT.partition("it was the epoch of incredulity")[0]
    for run in runs:
        link = run.of("link.measured")[-1].event["data"]
        assert link["sound_lost_ms"] == 0
        assert link["sound_heard_ms"] >= run.sound_sent_ms
        assert error_rate(said, run.text()[: len(said) + 20], "en").rate < 0.2
        assert run.results["scores"]["state"] == "scored"


# --- losses ----------------------------------------------------------------------------------------------


def test_a_candidate_who_is_gone_without_goodbye_keeps_what_was_said(server: ThreadedServer) -> None:
    """The browser is killed: no DELETE, no RTCP BYE. After the grace time the session ends by itself."""
    command = [sys.executable, "-m", "bench", "candidate", "--url", server.url, "--token", server.token]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as candidate:
        assert candidate.stdout
        for line in candidate.stdout:
            event = json.loads(line).get("event", {})
            if event.get("data", {}).get("type") == "transcript.final":
                session, words = event["session"], event["data"]["text"]
                break
        candidate.send_signal(signal.SIGKILL)

    async def rest() -> list[dict[str, Any]]:
        async with aiohttp.ClientSession() as http:
            api = Server(http, server.url, server.token)
            return [one.event async for one in api.events(session)]

    events = asyncio.run(asyncio.wait_for(rest(), 60))
    by_type = {event["data"]["type"]: event for event in events}
    assert by_type["session.disconnected"]["data"]["reason"] in ("no-media", "ice-failed")
    assert by_type["session.ended"]["data"]["reason"] == "grace-expired"
    assert words in [e["data"]["text"] for e in events if e["data"]["type"] == "transcript.final"]
    seqs = [event["seq"] for event in events if event["seq"]]
    assert seqs == list(range(1, len(seqs) + 1))


def crash(deployment: str) -> None:
    """The worker process of a deployment dies with a call in its hands: it is held until one has come."""
    mine = psutil.Process().children(recursive=True)
    title = f"ray::ServeReplica:{deployment}:"
    (replica,) = [process for process in mine if "".join(process.cmdline()).startswith(title)]
    replica.suspend()
    time.sleep(1.0)
    replica.kill()


def liveness_after_gap(run: CandidateRun) -> bool:
    recovered = run.of("inference.gap")[-1].event["media_time"]
    return any(one.event["media_time"] > recovered for one in run.of("liveness.observed"))


def test_a_deployment_that_dies_leaves_a_marked_gap_and_no_other_trace(server: ThreadedServer) -> None:
    killed, back = False, asyncio.Event()

    def listen(run: CandidateRun, one: Any) -> None:
        nonlocal killed
        if one.type == "liveness.observed":
            if not killed:
                threading.Thread(target=crash, args=["Liveness"]).start()
            elif len(run.of("inference.gap")) == 2 and liveness_after_gap(run):
                back.set()
            killed = True

    async def stay_until_it_is_back(run: CandidateRun) -> None:
        await asyncio.wait_for(back.wait(), 60)

    (run,) = interview(server, scenes.speaking(22.0), listen=listen, linger=stay_until_it_is_back)
    assert killed
    gaps = [one.event["data"] for one in run.of("inference.gap")]
    assert [(gap["deployment"], gap["state"]) for gap in gaps] == [
        ("Liveness", "lost"),
        ("Liveness", "recovered"),
    ]
    assert gaps[1]["gap_s"] > 0
    assert error_rate(SAID, run.text()[: len(SAID) + 20], "en").rate < 0.15  # the words went on
    assert liveness_after_gap(run)
    assert run.results["scores"]["overall"] is not None
    codes = {fact["what"]["code"] for fact in run.results["report"]["integrity"]}
    assert "inference-gap" in codes
