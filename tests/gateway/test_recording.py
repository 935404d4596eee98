"""Recording and playback over HTTP: real WebRTC, real muxing, a real folder, fake inference."""

from __future__ import annotations

import asyncio
import errno
import io
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from bench.clip import EncodedClip
from gateway.retention import delete_expired
from interviews.events import RecordingConsent, RecordingRead, RecordingState, TranscriptFinal
from storage import segments
from tests.gateway.conftest import API_TOKEN, Json, Running, Start
from tests.media.conftest import best_correlation

pytestmark = pytest.mark.realtime

RECORD = {"params": {"record": "yes"}}


async def recorded(running: Running, clip: EncodedClip, **more: Any) -> Json:
    """A session whose candidate agreed, sent the clip, and left."""
    session = await running.create(record=True, **more)
    session["whip_url"] += "?record=yes"
    async with running.peer(session, clip) as peer:
        await peer.connect()
        await peer.finished()
        await peer.end()
    await running.until(session["id"], "result.ready")
    return session


async def fetch(running: Running, url: str, token: str | None = API_TOKEN, **headers: str) -> Any:
    """(status, body, headers)."""
    if token:
        headers["Authorization"] = f"Bearer {token}"
    async with running.http.get(running.server.url + url, headers=headers) as answer:
        return answer.status, await answer.read(), answer.headers


def sound_of(file: bytes) -> NDArray[np.int16]:
    """16 kHz mono; sample n is at n / 16000 of the file."""
    resampler = av.AudioResampler("s16", "mono", 16_000)
    pieces: list[NDArray[np.int16]] = []
    with av.open(io.BytesIO(file), "r") as container:
        for frame in container.decode(audio=0):
            pieces += [np.asarray(one.to_ndarray()[0], np.int16) for one in resampler.resample(frame)]
    return np.concatenate(pieces)


def states(log: list[Any]) -> list[tuple[str, str]]:
    return [(e.data.state, e.data.reason) for e in log if isinstance(e.data, RecordingState)]


async def test_what_was_said_lies_in_the_recording_where_the_transcript_says(
    running: Running, clip: EncodedClip
) -> None:
    session = await recorded(running, clip)
    id_ = session["id"]
    log = await running.log(id_)
    assert states(log) == [("recording", "started"), ("stopped", "finished")]
    assert [e.data.given for e in log if isinstance(e.data, RecordingConsent)] == [True]

    status, index, _ = await running.call("GET", f"/api/v1/sessions/{id_}/recording")
    assert status == 200
    assert index["end"] - index["start"] > 5.0
    assert {(one["video"], one["audio"]) for one in index["segments"]} == {("VP8", "opus")}

    status, file, headers = await fetch(running, f"/api/v1/sessions/{id_}/recording/media")
    assert (status, headers["Content-Type"]) == (200, "video/webm")
    begins = float(headers["X-Media-Start"])
    wave = sound_of(file)
    finals = [e.data for e in log if isinstance(e.data, TranscriptFinal)]
    assert finals
    for final in finals:
        pieces = running.inference.speech.sound[id_, final.utterance].pieces
        heard = np.concatenate(pieces)
        match, lag = best_correlation(heard, wave.astype(np.float64))
        assert match > 0.9
        # The fake's first word begins with the utterance's first sample.
        assert lag / 16_000 + begins == pytest.approx(final.words[0].start, abs=0.05)


async def test_without_consent_nothing_is_recorded_and_the_log_says_so(
    running: Running, hum: EncodedClip
) -> None:
    session = await running.create(record=True)
    async with running.peer(session, hum) as peer:
        await peer.connect()
        await peer.finished()
        await peer.end()
    log = await running.until(session["id"], "result.ready")
    assert states(log) == [("stopped", "no-consent")]
    status, problem, _ = await running.call("GET", f"/api/v1/sessions/{session['id']}/recording")
    assert (status, problem["code"]) == (404, "recording.none")
    assert not (running.server.settings.data / "recordings" / session["id"]).exists()


async def test_consent_alone_does_not_record_what_nobody_asked_for(
    running: Running, hum: EncodedClip
) -> None:
    session = await running.create()
    session["whip_url"] += "?record=yes"
    async with running.peer(session, hum) as peer:
        await peer.connect()
        await peer.finished()
        await peer.end()
    log = await running.until(session["id"], "result.ready")
    assert not [e for e in log if e.data.type.startswith("recording.")]


async def test_ranges_links_and_who_may_read(running: Running, clip: EncodedClip) -> None:
    session = await recorded(running, clip)
    id_ = session["id"]
    path = f"/api/v1/sessions/{id_}/recording"
    media = f"{path}/media?from=3.4&to=5"
    status, whole, headers = await fetch(running, media)
    assert status == 200
    assert float(headers["X-Media-Start"]) <= 3.4 < float(headers["X-Media-Start"]) + 1.1
    with av.open(io.BytesIO(whole), "r") as container:
        first = next(container.decode(video=0))
        assert (first.width, first.height, first.time) == (640, 480, 0.0)
    etag, size = headers["ETag"], len(whole)

    for asked, (start, end) in {
        "bytes=0-99": (0, 100),
        "bytes=70000-": (70_000, size),
        "bytes=-500": (size - 500, size),
        f"bytes=100-{size + 50}": (100, size),
    }.items():
        status, body, headers = await fetch(running, media, Range=asked)
        assert status == 206
        assert body == whole[start:end]
        assert headers["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
    status, body, _ = await fetch(running, media, Range="bytes=0-9", **{"If-Range": '"another"'})
    assert (status, body) == (200, whole)
    status, body, _ = await fetch(running, media, Range="bytes=0-9", **{"If-Range": etag})
    assert (status, body) == (206, whole[:10])
    status, _, headers = await fetch(running, media, Range=f"bytes={size}-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{size}")
    assert (await fetch(running, media, **{"If-None-Match": etag}))[0] == 304
    assert (await fetch(running, f"{path}/media?from=900"))[0] == 404
    assert (await fetch(running, f"{path}/media?from=5&to=4"))[0] == 422

    assert (await fetch(running, media, token=None))[0] == 401
    assert (await fetch(running, media, token=session["candidate_token"]))[0] == 403
    before = len([e for e in await running.log(id_) if isinstance(e.data, RecordingRead)])
    status, link, _ = await running.call("GET", f"{path}/link?from=3.4&to=5")
    assert status == 200
    for _ in range(3):
        status, body, _ = await fetch(running, link["url"], token=None)
        assert (status, body) == (200, whole)
    reads = [e.data for e in await running.log(id_) if isinstance(e.data, RecordingRead)]
    assert len(reads) == before + 1
    assert (reads[-1].by, reads[-1].via) == ("operator", "link")
    other = await running.create()
    moved = link["url"].replace(id_, other["id"])
    assert (await fetch(running, moved, token=None))[0] == 403
    assert (await fetch(running, link["url"][:-3], token=None))[0] == 401

    kept = running.server.settings.data
    for file in [*(kept / "recordings").rglob("*.webm"), *(kept / "playback").rglob("*.webm")]:
        assert file.read_bytes().startswith(b"VIVASEG1")
        assert file.stat().st_mode & 0o777 == 0o600

    status, receipt, _ = await running.call("DELETE", path)
    assert status == 200
    assert receipt["segments"] >= 1
    assert (await running.call("DELETE", path))[0] == 404
    assert (await fetch(running, link["url"], token=None))[0] == 404
    assert (await running.log(id_))[-1].data.type == "recording.deleted"
    assert not [*kept.rglob("*.webm")]


async def test_a_full_disk_stops_the_recording_and_not_the_interview(
    running: Running, clip: EncodedClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = segments.SegmentStore.put
    full = True

    def refuse(self: segments.SegmentStore, session: str, name: str, data: bytes) -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        put(self, session, name, data)

    monkeypatch.setattr(segments.SegmentStore, "put", refuse)
    session = await running.create(record=True)
    id_ = session["id"]
    session["whip_url"] += "?record=yes"
    async with running.peer(session, clip) as peer:
        await peer.connect()
        log = await running.until(id_, "alarm", timeout_s=20)
        assert states(log) == [("recording", "started"), ("stopped", "disk-full")]
        _, text, _ = await running.call("GET", "/metrics")
        assert 'viva_recordings{state="stopped"} 1.0' in text
        assert 'viva_recording_stops_total{reason="disk-full"} 1.0' in text
        await running.until(id_, "transcript.final")
        full = False
        log = await running.until(id_, "recording.state", count=3)
        assert states(log)[-1] == ("recording", "resumed")
        await peer.end()
    await running.until(id_, "result.ready")
    _, index, _ = await running.call("GET", f"/api/v1/sessions/{id_}/recording")
    assert index["start"] < 1.0  # the segment that was refused was kept and written after all


async def test_what_is_too_old_goes_by_itself(start: Start, hum: EncodedClip) -> None:
    running: Running = await start(retention_days=1e-9)
    session = await recorded(running, hum)
    shared = running.server.service.shared
    await asyncio.sleep(0.01)
    assert await delete_expired(running.server.service.registry, shared) == 1
    log = await running.until(session["id"], "recording.deleted")
    assert log[-1].data.reason == "retention"  # type: ignore[union-attr]
    assert await delete_expired(running.server.service.registry, shared) == 0


async def test_another_key_cannot_read(start: Start, hum: EncodedClip, tmp_path: Path) -> None:
    first: Running = await start(media_key="00" * 32)
    session = await recorded(first, hum)
    await first.server.stop()
    second: Running = await start(media_key="11" * 32)
    path = f"/api/v1/sessions/{session['id']}/recording/media"
    status, problem, _ = await second.call("GET", path)
    assert (status, problem["code"]) == (500, "recording.damaged")
