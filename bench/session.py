"""One candidate's whole interview on a running server: create, stream, listen, end, collect the result."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from bench.clip import EncodedClip
from bench.core.error_rates import Language
from bench.peer import Peer
from bench.server import Json, Received, Server, ServerError

TAIL_S = 1.0  # of silence after the clip, so that its last words end as they would in a pause
LINK_S = 8.0  # at most, until the server has told what it heard of the whole clip
RESULTS = ("transcript", "scores", "report")


@dataclass(slots=True)
class CandidateRun:
    """What one candidate sent and everything that came back."""

    number: int
    session: str = ""
    started_at: float | None = None  # time.time() when the first packet left: zero of the media clock
    sound_sent_ms: float = 0.0
    received: list[Received] = field(default_factory=list)
    results: dict[str, Json] = field(default_factory=dict)
    ended_at: float | None = None
    result_at: float | None = None
    error: str | None = None
    link_told: asyncio.Event = field(default_factory=asyncio.Event)

    def of(self, kind: str) -> list[Received]:
        return [one for one in self.received if one.type == kind]

    def finals(self) -> list[Json]:
        """Final texts in the order they were spoken."""
        return sorted(
            (one.event["data"] for one in self.of("transcript.final")), key=lambda d: d["utterance"]
        )

    @property
    def language(self) -> Language:
        """What most of the words were recognised as."""
        heard = Counter[Language]()
        for final in self.finals():
            heard[final["language"]] += len(final["words"])
        return heard.most_common(1)[0][0] if heard else "en"

    def text(self) -> str:
        joiner = "" if self.language == "zh" else " "
        return joiner.join(final["text"].strip() for final in self.finals() if final["text"].strip())


async def sit_silently(run: CandidateRun) -> None:
    """What a candidate does between the last word and hanging up: long enough to learn what was heard."""
    await asyncio.sleep(TAIL_S)
    run.link_told.clear()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(run.link_told.wait(), LINK_S)


async def run_candidate(
    server: Server,
    clip: EncodedClip,
    run: CandidateRun,
    *,
    spoken: str,
    language: str = "en",
    listen: Callable[[CandidateRun, Received], None] = lambda run, received: None,
    on_connected: Callable[[CandidateRun], None] = lambda run: None,
    linger: Callable[[CandidateRun], Awaitable[None]] = sit_silently,
    result_s: float = 60.0,
    results: Sequence[str] = RESULTS,
    trickle: bool = False,
    **session: Any,
) -> None:
    """Fills `run` as things happen. Raises ServerError when the server refuses or no result comes."""
    created = await server.create_session(f"Candidate {run.number}", language, spoken=spoken, **session)
    run.session = str(created["id"])
    ready = asyncio.Event()

    async def read() -> None:
        async for one in server.events(run.session):
            run.received.append(one)
            listen(run, one)
            if one.type == "link.measured" and one.event["data"]["sound_heard_ms"] >= run.sound_sent_ms:
                run.link_told.set()  # what was measured before the last word came may be told late
            if one.type == "result.ready":
                run.result_at = one.at
                ready.set()

    reader = asyncio.create_task(read(), name=f"events of candidate {run.number}")
    whip_url = urljoin(server.url + "/", created["whip_url"])
    try:
        async with Peer(server.http, whip_url, created["candidate_token"], clip, trickle=trickle) as peer:
            await peer.connect()
            on_connected(run)
            try:
                await _whichever_first(peer.finished(), reader)
                run.sound_sent_ms = peer.sound_sent_ms
                await linger(run)
                run.ended_at = time.time()
                await peer.end()
            finally:
                run.started_at, run.sound_sent_ms = peer.pace.started_at, peer.sound_sent_ms
        try:
            await asyncio.wait_for(_whichever_first(ready.wait(), reader), result_s)
        except TimeoutError:
            raise ServerError(f"no result within {result_s:.0f} s of the end") from None
        for name in results:
            run.results[name] = await server.get(f"/api/v1/sessions/{run.session}/{name}")
    finally:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)


async def _whichever_first(wanted: Any, reader: asyncio.Task[None]) -> None:
    """Waits for `wanted`, but not beyond a failure of the reader of events."""
    task = asyncio.ensure_future(wanted)
    try:
        await asyncio.wait({task, reader}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done() and (error := reader.exception()):
            raise error
    finally:
        if not task.done():
            task.cancel()
